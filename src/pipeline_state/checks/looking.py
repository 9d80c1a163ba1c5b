"""What each file holds, and who judges it: found by looking only at those of which that is not known.

If Git knows the same names as when the snapshot was taken, and nothing around the files has moved, few are gone
through; else every name is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet

from pipeline_state.checks.contents import Contents
from pipeline_state.checks.git_watch import GitWatch
from pipeline_state.checks.keys import judged_mode
from pipeline_state.checks.result import Trouble
from pipeline_state.checks.snapshot import Snapshot
from pipeline_state.checks.tree import Entry, Tree, file_counts, is_another_content
from pipeline_state.checks.watch import Watch
from pipeline_state.checks.watched import watched_names
from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store.storable import storable_path

Look = Callable[[str, "Entry | None"], "Entry | None"]
"""From a path, and what was known of it, to what it holds now; `None` if it is no file. Raises `OSError`."""


class Looked(NamedTuple):
    """What was found. `moved` and `gone` are the files that are not as they were in the snapshot, or not there."""

    tree: Tree
    files_of: Mapping[int, int]
    """How many files each detector judges, by number."""
    looked_at: AbstractSet[str]
    """Those of the tree that were looked at; the others are as they were in the snapshot, since Git says so."""
    moved: Collection[str]
    gone: Collection[str] = ()
    incomplete: bool = False
    """Whether files are missing from the tree of which Git says nothing: those that cannot be read, or just went."""


def looker(contents: Contents, classify: Callable[[str], int]) -> Look:
    """Return what looks at a file. What was known of it must have been classified by the same rules."""

    def look(path: str, known: Entry | None) -> Entry | None:
        content = contents.of(path)
        if content is None:
            return None  # deleted in the working tree, or a folder where a file was
        mode = judged_mode(content.stamp.mode)
        same = known is not None and (known.mode, known.digest) == (mode, content.digest)
        return Entry(mode, content.digest, known.mask if known is not None and same else classify(path))

    return look


def look_at_edited(root: str, snapshot: Snapshot, git: GitWatch, watch: Watch, look: Look) -> Looked | None:
    """Look at the files that Git does not watch for us, those in which it sees a difference, and those that were added.

    For a snapshot of which all the rest is known to stand: the names, what surrounds the files, the rules by which they
    are classified. `None` if more has moved than what regular files hold, so that every name is to be gone through.
    """
    before, watched, differing = snapshot.tree, watched_names(snapshot.watched.files), git.differing()
    others = snapshot.other_entries(git)
    if others is None or any(path not in before and path not in watched for path in differing):
        return None  # it was no file: another repository, say, or it was gone for a moment
    for path in (*_still_watched(snapshot, watched, git), *differing):
        watch.look(path)
    looked_at = frozenset(path for path in watched.union(differing, others) if path in before)
    edited = {}
    for path in looked_at:
        known = before[path]
        try:
            entry = look(path, known)
        except OSError:  # told by who goes through every name
            return None
        if entry == known:
            continue
        if entry is None or not is_another_content(entry, known):
            return None
        edited[path] = entry
    if not snapshot.unmoved_beside(root):
        return None
    files_of = Counter({number: one.files for number, one in enumerate(snapshot.detectors)})
    return Looked(before.with_edited(edited), files_of, looked_at, frozenset(edited))


def _still_watched(snapshot: Snapshot, watched: Collection[str], git: GitWatch) -> Collection[str]:
    """Return those of the watched files that Git does not watch for us by now either: it does if an edit was added."""
    entries = None if snapshot.same_index(git) else git.entries()
    if entries is None:
        return watched
    unwatched = entries.special.union(git.untracked_paths())
    return [path for path in watched if path not in snapshot.tree or path in unwatched]


def look_at_all(
    paths: Iterable[str],
    before: Tree,
    classified: Tree,
    unmoved: AbstractSet[str],
    watched: AbstractSet[str],
    look: Look,
    troubles: list[Trouble],
) -> Looked:
    """Look at all files but the `unmoved` ones. What cannot be read is told to `troubles`.

    `before` is what they held. `classified` is the same, or nothing if other rules said who judges it. `watched` are
    those of which Git says that they differ, or says nothing: we watch them ourselves.
    """
    tree: dict[str, Entry] = {}
    looked_at = set[str]()
    incomplete = False
    for path in paths:
        if path in unmoved:
            tree[path] = classified[path]
            continue
        try:
            entry = look(path, classified.get(path))
        except OSError as error:
            troubles.append(Trouble(None, storable_path(path), f"cannot be read: {error.strerror or error}"))
            incomplete = True
            continue
        if entry is not None:
            tree[path] = entry
            looked_at.add(path)
        elif path not in watched:
            incomplete = True
    moved = frozenset(path for path in looked_at if tree[path] != before.get(path))
    return Looked(tree, file_counts(tree), looked_at, moved, before.keys() - tree.keys(), incomplete)
