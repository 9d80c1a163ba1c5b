"""Time `pipeline-state check --all-files` on a real tree, beside `git status` and the tools themselves, in one run.

    python bench/corpus.py 'django==5.2.*' /tmp/django
    python bench/check.py /tmp/django

Works on a clone of the repository, configured with the built-in detectors and five tools. Times are medians of
interleaved rounds, wall time; the ratio to `git status` in the same round is what carries over to other machines.
Prints Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

DETECTORS = ("built-in", "ruff", "ruff-format", "flake8", "codespell", "bandit")
CONFIGURATION = """\
detectors = {detectors}

[detector.bandit]
exclude = ["tests/**"]  # as nobody runs it; and of one file there, bandit says that it cannot judge it
"""
# The rules that ruff shares with pycodestyle and pyflakes: what Django itself asks of its linter.
RUFF = 'line-length = 88\n[lint]\nselect = ["E", "F", "W"]\n'
FLAKE8 = "[flake8]\nmax-line-length = 88\nextend-ignore = E203\n"  # Django's own
CODESPELL = "[codespell]\nskip = *.po\n"  # words of other languages
TOOLS = {
    "ruff": ["ruff", "check", "--no-cache", "--quiet"],
    "ruff-format": ["ruff", "format", "--no-cache", "--check", "--quiet"],
    "flake8": ["flake8"],
    "codespell": ["codespell"],
    "bandit": ["bandit", "--quiet"],
}
"""The tools by themselves, by detector, each run on the edited file."""

EDITED = "django/apps/config.py"
SETTLED_S = 1.1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", type=Path, help="a committed repository, as corpus.py makes it")
    parser.add_argument("--rounds", type=int, default=21, help="rounds of the unchanged case (default: 21)")
    parser.add_argument("--edited", default=EDITED, help="the tracked Python file that is edited")
    parser.add_argument("--detectors", default=",".join(DETECTORS), help="which ones, with commas in between")
    parser.add_argument("--configuration", default="", help="more lines for the configuration")
    arguments = parser.parse_args()
    detectors = arguments.detectors.split(",")
    # Benchmarks of a program that was never compiled measure the compiler.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(prefix="pipeline-state-bench-") as scratch:
        clone = Path(scratch) / "clone"
        prepare(arguments.repository, clone, detectors, arguments.configuration)
        tools = {name: argv for name, argv in TOOLS.items() if name in detectors}
        print(table(clone, arguments.rounds, arguments.edited, tools))
    return 0


def prepare(repository: Path, clone: Path, detectors: Sequence[str], more: str = "") -> None:
    run(["git", "clone", "--quiet", "--no-hardlinks", str(repository), str(clone)], Path.cwd())
    (clone / "pipeline-state.toml").write_text(CONFIGURATION.format(detectors=list(detectors)) + more, encoding="utf-8")
    (clone / "ruff.toml").write_text(RUFF, encoding="utf-8")
    (clone / ".flake8").write_text(FLAKE8, encoding="utf-8")
    (clone / ".codespellrc").write_text(CODESPELL, encoding="utf-8")
    project = clone / "pyproject.toml"
    if not project.exists():  # wheels leave it out, and Home Assistant's own ruff.toml files extend it
        project.write_text("[tool.ruff]\n", encoding="utf-8")
    identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.invalid"]
    run(["git", "add", "pipeline-state.toml", "ruff.toml", "pyproject.toml"], clone)
    run(["git", *identity, "commit", "--quiet", "--no-verify", "--message", "Configure"], clone)
    run(["git", "status"], clone)
    time.sleep(SETTLED_S)


def table(clone: Path, rounds: int, edited: str, tools: Mapping[str, Sequence[str]]) -> str:
    files = len(run(["git", "ls-files", "-z"], clone).split(b"\0")) - 1
    cold_s, cold = timed(lambda: check(clone))
    time.sleep(SETTLED_S)
    warm = check(clone)  # leaves the snapshot behind that a check within the second of the checkout cannot
    if warm["findings"] != cold["findings"] or warm["summary"]["checked"] != 0:
        raise SystemExit(f"the unchanged tree was not recalled: {warm['summary']} after {cold['summary']}")
    status, unchanged, text = interleaved(
        [
            lambda: run(["git", "status"], clone),
            lambda: check(clone),
            lambda: run(command("--format", "text"), clone, {0, 1}),
        ],
        rounds,
    )
    edits = [edit(clone, edited, number, tools) for number in range(max(5, rounds // 3))]
    status_edited = statistics.median(edit_s for edit_s, _, _, _ in edits)
    check_edited = statistics.median(check_s for _, check_s, _, _ in edits)
    tool_edited = statistics.median(tool_s for _, _, tool_s, _ in edits)
    in_turn = ", one after another" if len(tools) > 1 else ""
    summary = cold["summary"]
    pairs = summary["checked"]
    judged = sorted({report["summary"]["checked"] for _, _, _, report in edits})
    rows = [
        ("`git status`, unchanged", status, 1.0, ""),
        ("cold: everything judged", cold_s, cold_s / status, f"{pairs} checked, 0 reused"),
        ("unchanged", text, text / status, f"0 checked, {pairs} reused, the same {summary['findings']} findings"),
        ("unchanged, `--format json`", unchanged, unchanged / status, "the same"),
        ("one file edited", check_edited, check_edited / status_edited, f"{', '.join(map(str, judged))} checked"),
        ("`git status`, one file edited", status_edited, 1.0, ""),
        (
            f"{', '.join(tools)} on that file{in_turn}",
            tool_edited,
            tool_edited / status_edited,
            "",
        ),
    ]
    beyond = (check_edited - status_edited - tool_edited) * 1000
    lines = [
        (
            f"{files} tracked files, {len(cold['detectors'])} detectors, {pairs} pairs of detector and file; "
            f"Python {sys.version.split()[0]}, {run(['git', '--version'], clone).decode().strip()}."
        ),
        "",
        "| case | median | of `git status` | pairs |",
        "|---|---:|---:|---|",
        *(f"| {case} | {seconds * 1000:.0f} ms | {ratio:.2f} | {said} |" for case, seconds, ratio, said in rows),
        f"| one file edited, beyond `git status` and the tools | {beyond:.0f} ms | | |",
    ]
    return "\n".join(lines)


def edit(
    clone: Path, edited: str, number: int, tools: Mapping[str, Sequence[str]]
) -> tuple[float, float, float, dict[str, object]]:
    """Edit the file, and time git status, the check, and the tools alone; the tree has come to rest before each."""
    time.sleep(SETTLED_S)
    check(clone)
    time.sleep(SETTLED_S)
    with (clone / edited).open("a", encoding="utf-8") as file:
        file.write(f"# edit {number}\n")
    status_s, _ = timed(lambda: run(["git", "status"], clone))
    tool_s, _ = timed(
        lambda: b"".join(run([tool(argv[0]), *argv[1:], edited], clone, {0, 1, 65}) for argv in tools.values())
    )
    check_s, report = timed(lambda: check(clone))
    return status_s, check_s, tool_s, report


def interleaved(cases: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    times: list[list[float]] = [[] for _ in cases]
    for _ in range(rounds):
        for seconds, case in zip(times, cases, strict=True):
            start = time.perf_counter()
            case()
            seconds.append(time.perf_counter() - start)
    return [statistics.median(seconds) for seconds in times]


def timed(case: Callable[[], dict[str, object] | bytes]) -> tuple[float, dict]:
    start = time.perf_counter()
    answer = case()
    return time.perf_counter() - start, answer


def check(clone: Path) -> dict:
    return json.loads(run(command("--format", "json"), clone, {0, 1}))


def command(*options: str) -> list[str]:
    program = shutil.which("pipeline-state", path=os.path.dirname(sys.executable))
    if program is None:
        raise SystemExit("install pipeline-state into the environment that runs this script")
    return [program, "check", "--all-files", *options]


def tool(name: str) -> str:
    program = shutil.which(name, path=os.path.dirname(sys.executable))
    if program is None:
        raise SystemExit(f"install {name} into the environment that runs this script")
    return program


def run(argv: Sequence[str], cwd: Path, allowed: set[int] | frozenset[int] = frozenset({0})) -> bytes:
    done = subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode not in allowed:
        raise SystemExit(f"{' '.join(argv)} exited with {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout


if __name__ == "__main__":
    raise SystemExit(main())
