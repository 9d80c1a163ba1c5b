"""A head start for a plain check: Git compares the worktree with its index while the check's modules are loaded."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress

from pipeline_state.errors import PipelineStateError

_PLAIN = frozenset(
    {"--all-files", "--format", "--format=json", "--format=text", "--json", "--quiet", "-q", "json", "text"}
)
"""Words with which a check asks Git what `head_start` asks; with any other, that might be for nothing."""


def head_start(words: Sequence[str]) -> None:
    """Ask Git what `check` with these words is going to ask it. Call `pipeline_state.git.ahead.forget` at the end."""
    if sys.platform == "win32" or not _PLAIN.issuperset(words):
        return
    from pipeline_state.git import ahead
    from pipeline_state.git.listing import DIFFERING, UNTRACKED
    from pipeline_state.git.plumbing import REV_PARSE, start_git
    from pipeline_state.location import WORKTREE

    place = (*REV_PARSE, *(word for question in WORKTREE for word in question))
    with suppress(PipelineStateError):  # whoever needs the answer asks again, and says what is wrong
        for arguments in (place, DIFFERING, *(() if "--all-files" in words else (UNTRACKED,))):
            ahead.keep(arguments, start_git(arguments))
