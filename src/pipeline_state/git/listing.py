"""Which files Git knows of: what it tracks, what differs from its index, what is staged, what lies between two commits.

Names are `os.fsdecode`d bytes relative to the worktree root, so that no name is lost; output is read with `-z`, so
that none can be misread.
"""

from __future__ import annotations

import os

from pipeline_state.git.commands import DIFFERING, TRUST_NO_TIMES, UNTRACKED
from pipeline_state.git.plumbing import finish_git, run_git, start_git
from pipeline_state.named_tuple import NamedTuple

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline_state.git.plumbing import Folder, Git


_MODES = frozenset({"100644", "100755", "120000"})
"""Files and links, as the index has them. The others are submodules, and folders of a sparse index."""

_PLAIN = frozenset(f"H {mode}" for mode in _MODES)
"""Those that Git looks at. With another letter (assume-unchanged, skip-worktree, unmerged) it does not, or hardly."""


class Tracked(NamedTuple):
    """The files of the index that should be on disk, and those of them that `diff-files` does not look at."""

    paths: tuple[str, ...]
    unwatched: tuple[str, ...]


def start_tracked(root: Folder) -> Git:
    """Start listing what the index holds; `read_tracked` takes the answer."""
    return start_git(["ls-files", "-s", "-v", "-z"], cwd=root)


def read_tracked(process: Git) -> Tracked:
    """Return what the index holds: files and links, each once; no submodules."""
    paths: dict[str, None] = {}
    unwatched: dict[str, None] = {}
    for entry in os.fsdecode(finish_git(process, "list the tracked files")).split("\0"):
        tag_and_mode, path = entry[:8], entry[entry.find("\t") + 1 :]
        if tag_and_mode in _PLAIN:
            paths[path] = None
        elif tag_and_mode[2:] in _MODES:
            paths[path] = unwatched[path] = None
    return Tracked(tuple(paths), tuple(unwatched))


def start_differing(root: Folder) -> Git:
    """Start asking which files differ from the index, by a comparison that no setting makes blind."""
    return start_git(DIFFERING, cwd=root)


def differing_paths(answer: bytes) -> tuple[str, ...]:
    """Return the paths in a raw `diff-files -z`."""
    return tuple(os.fsdecode(name) for name in answer.split(b"\0")[1::2])


def start_untracked(root: Folder) -> Git:
    """Start listing the files that are neither tracked nor ignored."""
    return start_git(UNTRACKED, cwd=root)


def untracked_paths(answer: bytes) -> tuple[str, ...]:
    """Return the files in such a listing.

    A name with a slash at its end is another repository: not ours to look into.
    """
    return tuple(os.fsdecode(name) for name in answer.split(b"\0") if name and not name.endswith(b"/"))


def files_below(root: Folder, folder: str) -> tuple[str, ...]:
    """Return the tracked and the untracked, not ignored files below a folder of the worktree."""
    answer = run_git(
        ["--literal-pathspecs", "ls-files", "-c", "-o", "-z", "--exclude-standard", "--", folder],
        "list the files below a folder",
        cwd=root,
    )
    return tuple(dict.fromkeys(untracked_paths(answer)))


def staged_paths(root: Folder) -> tuple[str, ...]:
    """Return the files that the next commit adds or changes."""
    return _names(root, ["diff", "--cached"], "list the staged files")


def unstaged_paths(root: Folder) -> tuple[str, ...]:
    """Return the tracked files whose working copy differs from the index by content; one only touched does not.

    Of modes the user's own setting decides: where Git is told to overlook them, they differ without anybody's doing.
    Those that `read_tracked` names as unwatched are not looked at.
    """
    settings = (*TRUST_NO_TIMES, "-c", "diff.autoRefreshIndex=true")
    options = ("--name-only", "--no-ext-diff", "--no-renames", "--ignore-submodules=all", "-z")
    answer = run_git([*settings, "diff", *options], "compare the worktree with the index", cwd=root)
    return tuple(os.fsdecode(name) for name in answer.split(b"\0") if name)


def changed_paths(root: Folder, from_ref: str, to_ref: str) -> tuple[str, ...]:
    """Return the files that differ between the merge base of two commits and the second one, as pre-commit does."""
    return _names(root, ["diff", f"{from_ref}...{to_ref}"], f"list what changed from {from_ref} to {to_ref}")


def _names(root: Folder, command: Sequence[str], doing: str) -> tuple[str, ...]:
    options = ["--name-only", "--no-ext-diff", "--no-renames", "--diff-filter=ACMRTUXB", "-z"]
    answer = run_git([command[0], *options, *command[1:], "--"], doing, cwd=root)
    return tuple(os.fsdecode(name) for name in answer.split(b"\0") if name)
