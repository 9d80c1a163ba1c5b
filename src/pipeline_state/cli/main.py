"""The entry point of `pipeline-state`: load the one module that is asked for, and run it."""

from __future__ import annotations

import gc
import os
import sys

from pipeline_state._version import __version__

TYPE_CHECKING = False  # as type checkers read it, without `typing`: Git is to be started first
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import SimpleNamespace
    from typing import NoReturn

COMMANDS: dict[str, str] = {
    "init": "propose a configuration from what the repository already uses; write it on request",
    "check": "find errors in files; skip what is proven",
    "baseline": "the findings that are known and do not fail: write, show, prune",
    "detectors": "the detectors: which are known, enabled and found, and where they were looked for",
    "findings": "what was found when the files were last judged; runs nothing",
    "status": "the database, the last runs, open findings, failing tests",
    "runs": "the runs that were recorded",
    "tests": "tests over all runs: flaky, slowest, failing, durations, history",
    "pytest": "the project's own tests, recorded, in its own environment",
    "worktree": "the worktrees: list, add, remove, archive, sweep, history",
    "hooks": "the Git hooks that begin worktrees and notice removed ones",
    "db": "the state database: path, backup, restore, verify, prune",
    "doctor": "look for what is wrong with the set-up, and explain it",
}
"""Each command, by the name of its module in this package, with its line in the help."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `pipeline-state` with these arguments (the process's own by default) and return the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in ("-h", "--help", "help"):
        print(_help())
        return 0 if words else 2
    if words[0] in ("-V", "--version"):
        print(f"pipeline-state {__version__}")
        return 0
    plain = _begin_plain_check(words[1:]) if words[0] == "check" else None
    from pipeline_state.cli.boundary import guarded

    return guarded(lambda: _dispatch(words[0], words[1:], plain), wants_json=_wants_json(words))


def run() -> NoReturn:
    """The console script: `main`, without the interpreter's own clean-up at the end, which takes 5 ms."""
    code = main()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(code)


def _begin_plain_check(words: Sequence[str]) -> SimpleNamespace | None:
    """Start Git, before anything else is loaded, if these are the words of a plain check; return what they mean."""
    from pipeline_state.cli.plain_check import head_start, plain_arguments

    plain = plain_arguments(words)
    if plain is not None:
        head_start(plain)
        gc.disable()  # until something is to be judged: there is no garbage, and looking for it takes 5 ms
    return plain


def _dispatch(command: str, words: Sequence[str], plain: SimpleNamespace | None) -> int:
    if command == "hooks" and words[:1] == ["run"]:
        from pipeline_state.cli.hook_run import directories, run_hook

        given = directories(words[1:])
        if given is not None:  # as the hooks call it: argparse takes longer to load than what there is to do
            return run_hook(*given)
    if plain is not None:
        return _check(plain)
    from pipeline_state.cli.parsing import build_parser

    parsed = build_parser(command, COMMANDS).parse_args(words)
    code: int = parsed.run(parsed)
    return code


def _check(arguments: SimpleNamespace) -> int:
    from pipeline_state.git import ahead

    try:
        from pipeline_state.cli.check import run as run_check

        return run_check(arguments)
    finally:
        ahead.forget()
        gc.enable()


def _wants_json(words: Sequence[str]) -> bool:
    options = list(words)[: words.index("--")] if "--" in words else list(words)
    pairs = zip(options, [*options[1:], ""], strict=True)
    return any(
        word in ("--json", "--format=json") or (word, following) == ("--format", "json") for word, following in pairs
    )


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {line}" for name, line in COMMANDS.items()]
    return "\n".join(
        [
            "usage: pipeline-state COMMAND [options]",
            "",
            "The memory of a development pipeline: what was checked, tested and found, per Git worktree.",
            "",
            "commands:",
            *lines,
            "",
            "Every command has --help. Exit codes: 0 good, 1 findings or a verification that failed,",
            "2 usage or configuration, 3 could not be done, 130 interrupted.",
        ]
    )
