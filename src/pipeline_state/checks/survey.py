"""The survey before the plan: which detectors are asked for, and what each selected file holds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path

from pipeline_state.checks.choice import chosen_detectors
from pipeline_state.checks.classify import classifier, kinds_digest
from pipeline_state.checks.contents import Clock, Contents, file_system_clock
from pipeline_state.checks.git_watch import GitWatch
from pipeline_state.checks.looking import look_at_all, look_at_edited, looker
from pipeline_state.checks.request import Request
from pipeline_state.checks.result import Trouble
from pipeline_state.checks.selection import Listing, Selected, select
from pipeline_state.checks.snapshot import Snapshot, is_settled
from pipeline_state.checks.surroundings import Surroundings
from pipeline_state.checks.tree import Tree
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

_NONE = frozenset[str]()


class Survey(NamedTuple):
    """What was found before anything is judged. `shared` has one digest for each detector, see `Surroundings`.

    What is said of the files is what `Looked` says.
    """

    configuration: Configuration
    surroundings: Surroundings
    tree: Tree
    files_of: Mapping[int, int]
    looked_at: AbstractSet[str]
    moved: Collection[str]
    gone: Collection[str]
    shared: list[bytes]
    watch: Watch
    contents: Contents
    clock: Clock | None
    kinds: bytes
    troubles: list[Trouble]
    incomplete: bool
    standing: Snapshot | None
    """The snapshot, if nothing has moved since then but what some files hold."""

    def young(self) -> list[str] | None:
        """Return the files of which a later change need not show to Git; `None` if that cannot be told of any.

        Those that were not looked at were old enough before.
        """
        clock, of, is_proven = self.clock, self.contents.of, self.contents.is_proven
        if clock is None:
            return None
        looked_at = [(path, of(path)) for path in self.looked_at]
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
    snapshot: Snapshot | None = None,
    git: GitWatch | None = None,
    around: bytes = b"",
) -> Survey:
    """Look at everything that the keys of this request's pairs are made of. Raises what a wrong request raises.

    `known` is the stat cache; `git` what Git was asked, where there may be a snapshot. `around` is what surrounds the
    files, compared and found as it was, if that is so.
    """
    root = Path(request.worktree.root)
    configuration = load_configuration(root)
    chosen = chosen_detectors(request, configuration)
    variants = [variant for one in chosen.detectors for variant in variants_of(one, configuration.of(one.id))]

    @cache
    def selected() -> Selected:
        listed = Listing(git.tracking, git.untracked) if git is not None else None
        return select(root, request.selection, request.cwd, stashed=request.stashed, listed=listed)

    clock = file_system_clock(root, (root / FOLDER, Path(request.worktree.git_dir), root))
    watch, contents = Watch(root, clock, links=True), Contents(root, known, clock)
    look = looker(contents, classifier(root, variants, configuration.exclude))
    kinds = kinds_digest(variants, contents, watch)
    classified = snapshot if snapshot is not None and snapshot.kinds == kinds else None
    troubles = list(chosen.troubles)
    looked = standing = None
    # Another check may have put its own snapshot in the place of the one that was compared.
    if classified is not None and git is not None and around == classified.watched.around != b"":
        if classified.same_names(git):
            looked = look_at_edited(request.worktree.root, classified, git, watch, look)
        standing = classified if looked is not None else None
    if looked is None:
        unwatched = frozenset((*selected().unwatched, *(git.differing() if git is not None else ())))
        for path in unwatched:
            watch.look(path)
        troubles += [Trouble(None, storable_path(path), _WITHHELD) for path in selected().withheld]
        before = snapshot.tree.unpacked if snapshot is not None else {}
        unmoved = classified.unmoved(git, unwatched) if classified is not None and git is not None else _NONE
        same_rules = before if classified is not None else {}
        looked = look_at_all(selected().paths, before, same_rules, unmoved, unwatched, look, troubles)
    asked = snapshot.asked if snapshot is not None else frozenset()
    surroundings = Surroundings(
        request, variants, asked, known, clock, _tracked(selected), _known_names(root, selected)
    )
    return Survey(
        configuration=configuration,
        surroundings=surroundings,
        tree=looked.tree,
        files_of=looked.files_of,
        looked_at=looked.looked_at,
        moved=looked.moved,
        gone=looked.gone,
        shared=surroundings.shared(looked.tree, standing.detectors if standing is not None else ()),
        watch=watch,
        contents=contents,
        clock=clock,
        kinds=kinds,
        troubles=troubles,
        incomplete=looked.incomplete,
        standing=standing,
    )


def _tracked(selected: Callable[[], Selected]) -> Callable[[str], bool]:
    """Return what tells whether Git watches a file for us."""

    @cache
    def watched() -> frozenset[str]:  # asked by few runs, and made of tens of thousands of names
        return frozenset(selected().tracked or ()) - frozenset(selected().unwatched)

    return lambda path: path in watched()


def _known_names(root: Path, selected: Callable[[], Selected]) -> Callable[[], Collection[str]]:
    """Return what lists every name that Git knows, beside those that are selected."""

    def known() -> Collection[str]:
        from pipeline_state.git import listing

        tracked = selected().tracked
        return tracked if tracked is not None else listing.read_tracked(listing.start_tracked(root)).paths

    return known
