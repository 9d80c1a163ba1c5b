"""Time `pipeline-state check`, pre-commit and prek over the same tools on one tree, and the caches of ruff and mypy.

    python bench/corpus.py 'django==5.2.*' /tmp/django
    pip install prek
    python bench/compare.py /tmp/django

All three run the same console scripts of this environment, as local hooks; pre-commit's own hooks for white space and
ends of files are left out, for they are no tools. Cold, unchanged, and with one file edited; wall time, medians of
interleaved rounds. Prints Markdown.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from check import EDITED, RUFF, interleaved, prepare, run, timed, tool

TOOLS = {
    "ruff": "ruff check --no-cache --force-exclude",
    "ruff-format": "ruff format --no-cache --force-exclude --check",
    "flake8": "flake8",
    "codespell": "codespell",
    "bandit": "bandit --quiet",
}
PROGRAMS = ("pipeline-state", "pre-commit", "prek")
FOUND = {0, 1, 65, 123}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", type=Path, help="a committed repository, as corpus.py makes it")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each case (default: 3)")
    parser.add_argument("--edited", default=EDITED, help="the tracked Python file that is edited")
    arguments = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(prefix="pipeline-state-bench-") as scratch:
        clone = Path(scratch) / "clone"
        prepare(arguments.repository, clone, list(TOOLS))
        (clone / ".pre-commit-config.yaml").write_text(hooks(), encoding="utf-8")
        run(["git", "add", "--all"], clone)
        print(table(clone, arguments.rounds, arguments.edited))
    return 0


def hooks() -> str:
    """Return a configuration of pre-commit whose hooks are the tools, where they are installed."""
    lines = ["repos:", "  - repo: local", "    hooks:"]
    for name, command in TOOLS.items():
        program, *options = command.split()
        lines += [
            f"      - id: {name}",
            f"        name: {name}",
            f"        entry: {' '.join([tool(program), *options])}",
            "        language: system",
            f"        types: [{'text' if name == 'codespell' else 'python'}]",
            *(["        exclude: ^tests/"] if name == "bandit" else []),
        ]
    return "\n".join([*lines, ""])


def table(clone: Path, rounds: int, edited: str) -> str:
    present = {
        name: program for name in PROGRAMS if (program := shutil.which(name, path=os.path.dirname(tool("ruff"))))
    }
    commands = {
        name: [program, *(["check"] if name == "pipeline-state" else ["run"]), "--all-files"]
        for name, program in present.items()
    }
    cold = [timed(lambda argv=argv: run(argv, clone, FOUND))[0] for argv in commands.values()]
    run(commands["pipeline-state"], clone, FOUND)  # in a later second than the clone: the snapshot can be trusted now
    cases: list[Callable[[], object]] = [lambda argv=argv: run(argv, clone, FOUND) for argv in commands.values()]
    unchanged = interleaved(cases, rounds)

    def after_an_edit(argv: list[str]) -> None:
        with (clone / edited).open("a", encoding="utf-8") as file:
            file.write("# one more\n")
        run(argv, clone, FOUND)

    changed = interleaved([lambda argv=argv: after_an_edit(argv) for argv in commands.values()], rounds)
    cached = caches(clone, rounds)
    lines = ["| | cold | unchanged | one file edited |", "|---|---:|---:|---:|"]
    for name, *times in zip(commands, cold, unchanged, changed, strict=True):
        lines.append(
            f"| `{' '.join([name, *commands[name][1:]])}` | " + " | ".join(f"{one:.2f} s" for one in times) + " |"
        )
    lines += ["", "| a tool with its own cache, unchanged | |", "|---|---:|"]
    lines += [f"| `{name}` | {seconds:.2f} s |" for name, seconds in cached.items()]
    return "\n".join(lines)


def caches(clone: Path, rounds: int) -> dict[str, float]:
    """Time ruff and mypy, which keep caches themselves, over the same unchanged tree; the first run fills them."""
    (clone / "ruff.toml").write_text(RUFF, encoding="utf-8")
    commands = {
        "ruff check .": [tool("ruff"), "check", "--quiet", "."],
        "ruff format --check .": [tool("ruff"), "format", "--check", "--quiet", "."],
        "mypy django/apps": [tool("mypy"), "--no-error-summary", "--ignore-missing-imports", "django/apps"],
    }
    for argv in commands.values():
        run(argv, clone, {0, 1, 2})
    times = interleaved([lambda argv=argv: run(argv, clone, {0, 1, 2}) for argv in commands.values()], rounds)
    return dict(zip(commands, times, strict=True))


if __name__ == "__main__":
    raise SystemExit(main())
