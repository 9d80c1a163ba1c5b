"""A plain check, `check` with few words or none: what people and hooks run all day, and mostly nothing has changed.

It gets a head start, Git comparing the worktree with its index while the check's modules are loaded; and its words are
understood here, because argparse takes as long to load as Git to answer.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace

from pipeline_state.git import ahead
from pipeline_state.git.commands import DIFFERING, HEAD, REV_PARSE, UNTRACKED, WORKTREE

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from collections.abc import Sequence

_WORDS: dict[str, dict[str, object]] = {
    "--all-files": {"all_files": True},
    "--json": {"format": "json"},
    "--format=json": {"format": "json"},
    "--format=text": {"format": "text"},
    "--quiet": {"quiet": True},
    "-q": {"quiet": True},
}
"""The words of a plain check, with what each sets."""

_UNSAID = {
    **dict.fromkeys(("all_files", "staged", "no_cache", "fix", "no_baseline", "explain", "quiet"), False),
    **dict.fromkeys(("from_ref", "to_ref", "detector", "jobs", "fail_on", "baseline", "output", "db")),
    **dict.fromkeys(("excerpts", "color"), "auto"),
    "verify": 0.0,
    "format": "text",
}
"""What `pipeline_state.cli.check` takes where nothing is said; a test compares it with what argparse makes of it."""


def plain_arguments(words: Sequence[str]) -> SimpleNamespace | None:
    """Return what argparse would make of the words of a plain check; `None` for any other words."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] == "--format":
            joined[-1] = f"--format={word}"
        else:
            joined.append(word)
    if not _WORDS.keys() >= set(joined):
        return None
    said = {name: value for word in joined for name, value in _WORDS[word].items()}
    return SimpleNamespace(files=[], skip=[], **{**_UNSAID, **said})


def head_start(arguments: SimpleNamespace) -> None:
    """Ask Git what a plain check is going to ask it. Call `pipeline_state.git.ahead.forget` at the end."""
    if sys.platform == "win32":  # where Git's paths are never equal to the system's
        return
    place = (*REV_PARSE, *(word for question in WORKTREE for word in question))
    try:
        for command in (DIFFERING, place, HEAD, *(() if arguments.all_files else (UNTRACKED,))):
            ahead.ask(command)
    except OSError:  # whoever needs the answer asks again, and says what is wrong
        pass
