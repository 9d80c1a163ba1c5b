"""Reads what isort says of each file: completely, or not at all."""

from __future__ import annotations

import re

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.findings import Problem
from pipeline_state.checks.parsers.words import last_words

MARK = "\x1e"
"""What stands around a message: the names in it may have line ends."""

_UNSORTED = Problem("unsorted", "isort would change the imports", severity="warning", category="format")

_MESSAGE = re.compile(rf"{MARK}(SUCCESS|ERROR) ([^{MARK}]*){MARK}\n")
_WARNING = re.compile(r"UserWarning: (.*?)(?=\n\S*:\d+: |\Z)", re.DOTALL)
_REASONS = (
    re.compile(r"(?P<reason>Encoding not supported) for (?P<name>.*)", re.DOTALL),
    re.compile(r"(?P<reason>Unable to parse file) (?P<name>.*) due to .*", re.DOTALL),
    re.compile(r"(?P<name>.*) was broken path, make sure it exists correctly", re.DOTALL),
)
_SKIPPED = re.compile(r"^Skipped (\d+) files$", re.MULTILINE)


def parse(output: Output) -> Report:
    """Read the messages of `--verbose`. What they leave out must be as many files as it counts as skipped."""
    stdout = output.stdout.decode("utf-8", "surrogateescape")
    stderr = output.stderr.decode("utf-8", "surrogateescape")
    good = {_file(text, " Everything Looks Good!") for _, text in _MESSAGE.findall(stdout)}
    bad = {_file(text, " Imports are incorrectly sorted and/or formatted.") for _, text in _MESSAGE.findall(stderr)}
    unprocessed = _unprocessed(_MESSAGE.sub("", stderr), output)
    skipped = sum(map(int, _SKIPPED.findall(_MESSAGE.sub("", stdout))))
    if len(good) + len(bad) + len(unprocessed) + skipped != len(output.names) or MARK in _MESSAGE.sub("", stderr):
        raise ReportError(f"its report is not whole: {last_words(output)}")
    if unprocessed and output.exit_code == 0:
        reason = next(iter(unprocessed.values()))
        raise ReportError(reason, tuple(name for name, said in unprocessed.items() if said == reason))
    return Report(dict.fromkeys(bad, (_UNSORTED,)), unprocessed, frozenset(good), others="excluded")


def _file(text: str, ending: str) -> str:
    if not text.endswith(ending):
        raise ReportError(f"not what isort says of a file: {text[:300]!r}")
    return text.removesuffix(ending)


def _unprocessed(stderr: str, output: Output) -> dict[str, str]:
    """Return the files that it warns it passed over."""
    found = {}
    for warning in _WARNING.findall(stderr):
        for pattern in _REASONS:
            said = pattern.fullmatch(warning.strip("\n"))
            if said is not None and said["name"] in output.names:
                found[said["name"]] = warning.strip("\n")
    return found
