"""What the Git hooks call, `pipeline-state hooks run`. They run all day: nothing is loaded that is not needed."""

from __future__ import annotations

import os
from collections.abc import Sequence

from pipeline_state.errors import PipelineStateError

_OPTIONS = ("--git-dir", "--common-dir")


def directories(words: Sequence[str]) -> tuple[str, str] | None:
    """Return the directories that the hooks give, in that order; None for any other words, which a parser is for."""
    given = dict(word.partition("=")[::2] for word in words)
    if len(words) != 2 or set(given) != {*_OPTIONS} or not all(given.values()):
        return None
    return given[_OPTIONS[0]], given[_OPTIONS[1]]


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
