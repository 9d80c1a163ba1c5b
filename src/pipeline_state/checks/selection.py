"""Which files are judged: all of them, the staged ones, those of a range of commits, or those that were named."""

from __future__ import annotations

import os

from pipeline_state.errors import UsageError
from pipeline_state.named_tuple import NamedTuple

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Literal

    from pipeline_state.git.plumbing import Folder, Git

    Mode = Literal["all", "tracked", "staged", "range", "named"]
else:
    Mode = str


class Selection(NamedTuple):
    """What was asked for.

    `all`: tracked and untracked, not ignored. `tracked`: as `pre-commit --all-files`. `staged`: what the next commit
    adds or changes. `range`: what differs between `from_ref` and `to_ref`. `named`: `names`, relative to `cwd`;
    folders stand for the files that Git knows below them.
    """

    mode: Mode
    names: tuple[str, ...] = ()
    from_ref: str = ""
    to_ref: str = ""


class Selected(NamedTuple):
    """The files to judge, and those that cannot be judged for a reason.

    Paths are relative to the root, POSIX. `unwatched` are those that Git does not watch for us; `tracked` is all that
    Git tracks, where that was asked for.
    """

    paths: tuple[str, ...]
    unwatched: tuple[str, ...] = ()
    tracked: tuple[str, ...] | None = None
    withheld: tuple[str, ...] = ()
    """Staged, but the working copy differs from what is staged, or may: judging it would say nothing of the commit."""


class Listing(NamedTuple):
    """What Git was asked before: the listing of what it tracks, and its answer which files are untracked.

    Each returns `None` if that is of another index than the one that counts.
    """

    tracking: Callable[[], Git | None]
    untracked: Callable[[], bytes | None]


def select(
    root: Folder, selection: Selection, cwd: Folder, *, stashed: bool, listed: Listing | None = None
) -> Selected:
    """Return the files that are selected. `stashed`: the caller has put unstaged changes away, as pre-commit does.

    Raises `UsageError` for names that do not exist or lie outside of the worktree.
    """
    from pipeline_state.git import listing
    from pipeline_state.git.plumbing import finish_git

    if selection.mode == "named":
        return Selected(tuple(dict.fromkeys(_named(root, selection.names, cwd))))
    if selection.mode == "range":
        for ref in (selection.from_ref, selection.to_ref):
            if ref.startswith("-"):
                raise UsageError(f"{ref!r} is not a commit")
        return Selected(listing.changed_paths(root, selection.from_ref, selection.to_ref))
    if selection.mode == "staged":
        staged = listing.staged_paths(root)
        differing = frozenset[str]()
        if not stashed and staged:
            tracking = listing.start_tracked(root)
            # Git does not look at a file that it was told to leave alone, and we do not guess.
            differing = frozenset((*listing.unstaged_paths(root), *listing.read_tracked(tracking).unwatched))
        return Selected(
            tuple(path for path in staged if path not in differing),
            withheld=tuple(path for path in staged if path in differing),
        )
    tracking = (listed.tracking() if listed is not None else None) or listing.start_tracked(root)
    if selection.mode == "tracked":
        tracked = listing.read_tracked(tracking)
        return Selected(tracked.paths, tracked.unwatched, tracked.paths)
    looking = listing.start_untracked(root) if listed is None else None
    tracked = listing.read_tracked(tracking)
    answer = listed.untracked() if listed is not None else None
    if answer is None:
        answer = finish_git(looking or listing.start_untracked(root), "list the untracked files")
    untracked = listing.untracked_paths(answer)
    return Selected((*tracked.paths, *untracked), (*tracked.unwatched, *untracked), tracked.paths)


def _named(root: Folder, names: Sequence[str], cwd: Folder) -> Iterable[str]:
    from pipeline_state.git.listing import files_below

    real_root = os.path.realpath(root)
    for name in names:
        if not name or "\0" in name:
            raise UsageError(f"{name!r} is not a file name")
        full = os.path.join(cwd, name)
        # the folder by its real path, the name itself as it is: a link is judged as a link
        folder, last = os.path.split(os.path.normpath(full))
        path = os.path.relpath(os.path.join(os.path.realpath(folder), last), real_root)
        if path == os.pardir or path.startswith(os.pardir + os.sep) or os.path.isabs(path):
            raise UsageError(f"{name} lies outside of the worktree {root}; name files of this worktree")
        if os.path.isdir(full) and not os.path.islink(full):
            yield from files_below(root, path)
        elif os.path.lexists(full):
            yield path.replace(os.sep, "/")
        else:
            raise UsageError(f"there is no file {name} (looked in {cwd})")
