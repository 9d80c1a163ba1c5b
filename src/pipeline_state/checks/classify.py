"""Which detectors judge which file: by what kind of file it is, and by what the project configures."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline_state.checks.contents import Contents
from pipeline_state.checks.digests import NOTHING, digest, digest_text
from pipeline_state.checks.globs import matcher
from pipeline_state.checks.variants import Variant, entry_chooser
from pipeline_state.checks.watch import Watch

_SORTS = frozenset({"file", "symlink"})
"""What detectors judge: files, or links as such if they ask for them."""

Classifier = Callable[[str], int]
"""From a path to a mask: bit n says that detector n judges the file."""


def kinds_digest(variants: Sequence[Variant], contents: Contents, watch: Watch) -> bytes:
    """Return the digest of what makes a classifier, beside the configuration: the library, and what each declares."""
    import identify

    parts = []
    for name in ("identify.py", "extensions.py", "interpreters.py"):
        path = os.path.join(os.path.dirname(identify.__file__ or ""), name)
        watch.look(path)
        source = contents.of(path, follow=True)
        parts.append(source.digest if source else NOTHING)
    for one, _, _ in variants:
        kinds = (one.types, one.exclude_types, one.extensions, one.files)
        parts.append(digest(digest_text(*sorted(some)) for some in kinds))
    return digest(parts)


def classifier(root: Path, variants: Sequence[Variant], exclude: Sequence[str]) -> Classifier:
    """Return the classifier of this worktree, for detectors in this order, but for the files that `exclude` matches.

    It depends on a file's path, mode and bytes alone. The `identify` library tells the kind of a file as pre-commit
    does.
    """
    import identify.identify

    base = os.path.join(os.fspath(root), "")
    left_out = matcher(exclude)
    rules = [_rule(variant) for variant in variants]
    tags_from_path = identify.identify.tags_from_path

    def classify(path: str) -> int:
        if left_out(path):
            return 0
        try:
            tags = frozenset(tags_from_path(base + path))
        except ValueError:  # identify's word for "there is no such file"
            return 0
        return sum(1 << number for number, rule in enumerate(rules) if rule(path, tags))

    return classify


def _rule(variant: Variant) -> Callable[[str, frozenset[str]], bool]:
    detector, settings, entries = variant
    chosen, left_out = matcher(settings.files), matcher(settings.exclude)
    endings = tuple(detector.extensions)
    named = matcher(sorted(detector.files))
    sorts = detector.types & _SORTS or {"file"}

    def applies(path: str, tags: frozenset[str]) -> bool:
        if tags.isdisjoint(sorts) or left_out(path):
            return False
        if settings.files:
            return chosen(path)
        kind = not tags.isdisjoint(detector.types) or (bool(endings) and path.endswith(endings)) or named(path)
        return kind and tags.isdisjoint(detector.exclude_types)

    if not settings.per_path:
        return applies
    entry_of = entry_chooser(settings)
    return lambda path, tags: applies(path, tags) and entry_of(path) in entries
