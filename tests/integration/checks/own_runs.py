"""How each tool is run over a folder by its user, and what it finds then: a check of all files has to find it, too."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

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
}
"""How each tool is run over a folder by its user, and what it finds then: a check of all files has to find it, too."""

REPORTING = ("bandit", "pylint")
"""Those that write a report to stdout, and something else to stderr."""


def difference(project, answer, detector):
    """What a check found that the tool itself does not find over the folder, and the other way round."""
    command, read = OWN[detector]
    done = subprocess.run(
        [Path(sys.executable).with_name(command[0]), *command[1:]],
        cwd=project.root,
        env={**project.environ, "LC_ALL": "C.UTF-8", "NO_COLOR": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    said = done.stdout if detector in REPORTING else done.stdout + done.stderr
    own = {(path.removeprefix(f"{project.root}/"), line) for path, line in read(said)}
    if detector == "ruff-format":  # it formats code in Markdown too, which the detector does not give to it
        own = {(path, line) for path, line in own if not path.endswith(".md")}
    ours = {(one["path"], one["line"]) for one in answer.report["findings"] if one["detector"] == detector}
    if all(line == 0 for _, line in own):
        ours = {(path, 0) for path, _ in ours}
    return sorted(ours - own), sorted(own - ours), done.stderr[-500:]
