"""The survey before the plan: which detectors are asked for, and what each selected file holds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from pipeline_state.checks.choice import chosen_detectors
from pipeline_state.checks.classify import classifier, kinds_digest
from pipeline_state.checks.contents import Clock, Contents, file_system_clock
from pipeline_state.checks.keys import judged_mode
from pipeline_state.checks.request import Request
from pipeline_state.checks.result import Trouble
from pipeline_state.checks.selection import Listing, Selected, select
from pipeline_state.checks.snapshot import Snapshot, differing_since, is_settled
from pipeline_state.checks.surroundings import Surroundings
from pipeline_state.checks.tree import Entry
from pipeline_state.checks.variants import variants_of
from pipeline_state.checks.watch import Watch
from pipeline_state.checks.watched import Watched
from pipeline_state.config import Configuration, load_configuration
from pipeline_state.location import FOLDER
from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store.stat_cache import Content
from pipeline_state.store.storable import storable_path

_WITHHELD = (
    "is staged, but its working copy differs from what is staged, or Git is told not to look at it; stage or stash the "
    "difference, then run again"
)


class Survey(NamedTuple):
    """What was found before anything is judged. `shared` has one digest for each detector, see `Surroundings`."""

    configuration: Configuration
    surroundings: Surroundings
    tree: dict[str, Entry]
    shared: list[bytes]
    moved: set[str]
    gone: set[str]
    watch: Watch
    contents: Contents
    clock: Clock | None
    kinds: bytes
    troubles: list[Trouble]
    unmoved: AbstractSet[str]
    """Files of the snapshot that were not looked at, since Git says that they are as they were."""
    standing: Snapshot | None
    """The snapshot, if nothing has moved since then but what some files hold."""

    def young(self) -> list[str] | None:
        """Return the files of which a later change need not show to Git; `None` if that cannot be told of any.

        Those that are unmoved were old enough before.
        """
        clock, of, is_proven = self.clock, self.contents.of, self.contents.is_proven
        if clock is None:
            return None
        looked_at = [(path, of(path)) for path in self.tree.keys() - self.unmoved]
        return [
            path
            for path, content in looked_at
            if content is None or not is_proven(path) or not is_settled(content.stamp.newest_ns, clock.now_ns)
        ]

    def is_settled(self) -> bool:
        """Whether any later change of anything that was looked at around the files must show in its times."""
        return self.surroundings.is_settled() and self.watch.settled

    def watched(self) -> Watched:
        """Return everything that was looked at and that Git does not watch for us, and that of a standing snapshot."""
        before = self.standing.watched.around if self.standing is not None else b""
        around = self.surroundings.watched(before) if self.surroundings.is_settled() else b""
        return Watched(around, self.watch.packed())


def survey(
    request: Request,
    known: Callable[[str], Content | None],
    snapshot: Snapshot | None,
    git: bytes,
    differing: Sequence[str],
    listed: Listing | None = None,
    around: bytes = b"",
) -> Survey:
    """Look at everything that the keys of this request's pairs are made of. Raises what a wrong request raises.

    `known` is the stat cache. `differing` are paths in which Git saw a difference, and would see the same one again;
    `git` is the digest of the index and of all that Git said, `listed` what it was asked. `around` is what
    surrounds the files, compared and found as it was, if that is so.
    """
    root = Path(request.worktree.root)
    configuration = load_configuration(root)
    chosen = chosen_detectors(request, configuration)
    variants = [variant for one in chosen.detectors for variant in variants_of(one, configuration.of(one.id))]
    selected = select(root, request.selection, request.cwd, stashed=request.stashed, listed=listed)
    clock = file_system_clock(root, (root / FOLDER, Path(request.worktree.git_dir), root))
    watch = Watch(root, clock)
    for path in (*selected.unwatched, *differing):
        watch.look(path)
    troubles = list(chosen.troubles)
    troubles += [Trouble(None, storable_path(path), _WITHHELD) for path in selected.withheld]
    asked = snapshot.asked if snapshot is not None else frozenset()
    surroundings = Surroundings(
        request, variants, asked, known, clock, _tracked(selected), _known_names(root, selected)
    )
    contents = Contents(root, known, clock)
    classify = classifier(root, variants, configuration.exclude)
    kinds = kinds_digest(variants, contents, watch)
    before: Mapping[str, Entry] = {}
    unmoved: AbstractSet[str] = frozenset()
    if snapshot is not None and snapshot.kinds == kinds:
        before = snapshot.tree
        unmoved = snapshot.unmoved(git, (*selected.unwatched, *differing))
    tree = _tree(selected, contents, classify, before, unmoved, troubles)
    moved, gone = differing_since(tree, snapshot, unmoved) if snapshot is not None else (set(tree), set())
    standing = None
    # Another check may have put its own snapshot in the place of the one that was compared.
    if snapshot is not None and around and (snapshot.watched.around, snapshot.kinds) == (around, kinds):
        same = snapshot.stands(git, tree, moved, gone) and snapshot.unmoved_beside(request.worktree.root)
        standing = snapshot if same else None
    return Survey(
        configuration=configuration,
        surroundings=surroundings,
        tree=tree,
        shared=surroundings.shared(tree, standing.detectors if standing is not None else ()),
        moved=moved,
        gone=gone,
        watch=watch,
        contents=contents,
        clock=clock,
        kinds=kinds,
        troubles=troubles,
        unmoved=unmoved,
        standing=standing,
    )


def _tracked(selected: Selected) -> Callable[[str], bool]:
    """Return what tells whether Git watches a file for us."""
    watched: frozenset[str] | None = None

    def is_watched(path: str) -> bool:
        nonlocal watched
        if watched is None:  # asked by few runs, and made of tens of thousands of names
            watched = frozenset(selected.tracked or ()) - frozenset(selected.unwatched)
        return path in watched

    return is_watched


def _known_names(root: Path, selected: Selected) -> Callable[[], Collection[str]]:
    """Return what lists every name that Git knows, beside those that are selected."""

    def known() -> Collection[str]:
        from pipeline_state.git import listing

        if selected.tracked is not None:
            return selected.tracked
        return listing.read_tracked(listing.start_tracked(root)).paths

    return known


def _tree(
    selected: Selected,
    contents: Contents,
    classify: Callable[[str], int],
    before: Mapping[str, Entry],
    unmoved: Collection[str],
    troubles: list[Trouble],
) -> dict[str, Entry]:
    """Return what each file holds and who judges it.

    `before` is a tree that was classified by the same rules; its `unmoved` files are not looked at.
    """
    tree = {}
    for path in selected.paths:
        if path in unmoved:
            tree[path] = before[path]
            continue
        try:
            content = contents.of(path)
            if content is None:
                continue  # deleted in the working tree, or a folder where a file was
            mode = judged_mode(content.stamp.mode)
            known = before.get(path)
            same = known is not None and known.digest == content.digest and known.mode == mode
            mask = known.mask if known is not None and same else classify(path)
        except OSError as error:
            troubles.append(Trouble(None, storable_path(path), f"cannot be read: {error.strerror or error}"))
            continue
        tree[path] = Entry(mode, content.digest, mask)
    return tree
