"""What the Git hooks call, `pipeline-state hooks run`. They run all day: nothing is loaded that is not needed.

Where the hooks know the interpreter, they call `main` here: the script that pip writes loads `re`, and all of its start
takes longer than the sweep of a hundred worktrees. So does `typing`, and neither is loaded by what is imported here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from pipeline_state.errors import PipelineStateError

_OPTIONS = ("--git-dir", "--common-dir")


def directories(words: Sequence[str]) -> tuple[str, str] | None:
    """Return the directories that the hooks give, in that order; None for any other words, which a parser is for."""
    given = dict(word.partition("=")[::2] for word in words)
    if len(words) != 2 or set(given) != {*_OPTIONS} or not all(given.values()):
        return None
    return given[_OPTIONS[0]], given[_OPTIONS[1]]


def main() -> None:
    """Do what the hooks ask for in the process's arguments, and end the process: with 0, unless they are wrong."""
    from pipeline_state.cli.boundary import guarded

    given = directories(sys.argv[1:])
    code = 2 if given is None else guarded(lambda: run_hook(*given), wants_json=False)
    sys.stderr.flush()
    os._exit(code)  # without the interpreter's own clean-up, which takes 5 ms


def run_hook(git_dir: str | None, common_dir: str | None) -> int:
    """Begin this worktree, sweep, and return 0: a hook that fails makes `git worktree add` fail.

    The directories are this worktree's own and the one that all worktrees share; Git is asked for what is not given.
    Whatever goes wrong is said, and no more.
    """
    from pipeline_state.git.identity import TOKEN_FILE
    from pipeline_state.worktrees.sweep import sweep

    try:
        if git_dir is None or common_dir is None:
            from pipeline_state.git.plumbing import rev_parse

            git_dir, common_dir = rev_parse([("--git-dir",), ("--git-common-dir",)])
        if not os.path.exists(os.path.join(git_dir, TOKEN_FILE)) and os.access(git_dir, os.W_OK):
            from pipeline_state.worktrees.begin import begin

            _remark(begin().notices)
        sweep(common_dir)
    except (PipelineStateError, OSError) as error:
        _remark([str(error)])
    return 0


def _remark(sentences: Sequence[str]) -> None:
    if sentences:
        from pipeline_state.cli.answers import remark

        remark(sentences)
