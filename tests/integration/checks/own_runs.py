"""How each tool is run over a folder by its user, and what it finds then: a check of all files has to find it, too."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(sys.executable).parent

LINE = re.compile(r"^(?P<path>[^:\n]+):(?P<line>\d+)", re.MULTILINE)


def lines(said: str) -> set[tuple[str, int]]:
    return {(found["path"].removeprefix("./"), int(found["line"])) for found in LINE.finditer(said)}


def changed(pattern: str):
    """The files that a formatter names, each once."""
    return lambda said: {(path.removeprefix("./"), 0) for path in re.findall(pattern, said, re.MULTILINE)}


def results(said: str) -> set[tuple[str, int]]:
    return {(one["filename"].removeprefix("./"), one["line_number"]) for one in json.loads(said)["results"]}


def messages(said: str) -> set[tuple[str, int]]:
    return {(one["path"], one["line"]) for one in json.loads(said)["messages"]}


def of_each_file(said: str) -> set[tuple[str, int]]:
    return {(one["filePath"], message.get("line", 1)) for one in json.loads(said) for message in one["messages"]}


def diagnostics(said: str) -> set[tuple[str, int]]:
    return {(one["file"], one["range"]["start"]["line"] + 1) for one in json.loads(said)["generalDiagnostics"]}


def leaks(said: str) -> set[tuple[str, int]]:
    return {(one["File"], one["StartLine"]) for one in json.loads(said)}


def matches(said: str) -> set[tuple[str, int]]:
    return {(one["path"], one["start"]["line"]) for one in json.loads(said)["results"]}


def locations(said: str) -> set[tuple[str, int]]:
    return {(path, int(line)) for path, line in re.findall(r"^Location: +(.*):(\d+)$", said, re.MULTILINE)}


OWN = {
    "ruff": (("ruff", "check", "--no-cache", "--output-format=concise", "--quiet", "."), lines),
    "ruff-format": (("ruff", "format", "--no-cache", "--check", "."), changed(r"^ *--> (.*?):\d+:\d+$")),
    "flake8": (("flake8", "."), lines),
    "black": (("black", "--check", "."), changed(r"^would reformat (.*)$")),
    "isort": (("isort", "--check-only", "."), changed(r"^ERROR: (.*?) Imports are")),
    "codespell": (("codespell", "."), lines),
    "yamllint": (("yamllint", "--format=parsable", "."), lines),
    "bandit": (("bandit", "-q", "-r", ".", "--ini", ".bandit", "-f", "json"), results),
    "mypy": (("mypy", "--cache-dir=/dev/null", "--no-error-summary", "."), lines),
    "pylint": (("pylint", "--recursive=y", "--jobs=1", "--persistent=n", "--output-format=json2", "."), messages),
    "eslint": (("eslint", "--format=json", "."), of_each_file),
    "prettier": (
        ("prettier", "--check", "."),
        changed(r"^\[(?:warn|error)\] (?![ >])(.*?)(?:: \w*Error: .*|(?<!\.))$"),
    ),
    "markdownlint-cli2": (("markdownlint-cli2", "."), lines),
    "pyright": (("pyright", "--outputjson"), diagnostics),
    "gitleaks": (("gitleaks", "dir", "--no-banner", "--redact", "--report-format=json", "--report-path=-"), leaks),
    "detect-secrets": (("detect-secrets-hook", "--no-verify"), locations),
    "semgrep": (("semgrep", "scan", "--json", "--quiet", "--metrics=off", "--disable-version-check"), matches),
    "mdformat": (("mdformat", "--check", "."), changed(r'^Error:\s+File\s+"(.*)"\s+is\s+not\s+formatted\.$')),
}
"""How each tool is run over a folder by its user, and what it finds then: a check of all files has to find it, too."""

NPM = ("eslint", "prettier", "markdownlint-cli2", "pyright")
"""Those that npm installs."""

REPORTING = ("bandit", "pylint", "eslint", "pyright", "gitleaks", "semgrep")
"""Those that write a report to stdout, and something else to stderr."""

NAMED = ("detect-secrets",)
"""Those whose own documentation gives them the names of all files that Git tracks."""


def difference(project, answer, detector, arguments=(), programs=SCRIPTS):
    """What a check found that the tool itself does not find over the folder, and the other way round.

    `arguments` are what the project gives to the tool, `programs` the folder that the tool is in.
    """
    command, read = OWN[detector]
    names = project.git("ls-files", "-z").split("\0")[:-1] if detector in NAMED else ()
    done = subprocess.run(
        [programs / command[0], *command[1:], *arguments, *names],
        cwd=project.root,
        env={**project.environ, "LC_ALL": "C.UTF-8", "NO_COLOR": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert "Traceback (most recent call last)" not in done.stderr, done.stderr
    said = done.stdout if detector in REPORTING else done.stdout + done.stderr
    # What is found under a link is found where it leads to: a check judges that under its own name.
    root = project.root.resolve()
    own = {((root / path).resolve().relative_to(root).as_posix(), line) for path, line in read(said)}
    if detector == "ruff-format":  # it formats code in Markdown too, which the detector does not give to it
        own = {(path, line) for path, line in own if not path.endswith(".md")}
    ours = {(one["path"], one["line"]) for one in answer.report["findings"] if one["detector"] == detector}
    if all(line == 0 for _, line in own):
        ours = {(path, 0) for path, _ in ours}
    return sorted(ours - own), sorted(own - ours), done.stderr[-500:]
