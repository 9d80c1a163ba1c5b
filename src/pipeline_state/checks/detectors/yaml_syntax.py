"""`yaml`: the file is YAML, aliases name anchors of their document, and no mapping has the same key twice.

The parser's events are enough for that. Nothing is composed or constructed: custom tags are welcome, a bomb of
aliases and deep nesting cost nothing, and an anchor may be set again, as YAML has it and PyYAML's composer has not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pipeline_state.checks.declaration import BuiltIn, Detector
from pipeline_state.checks.detectors import syntax
from pipeline_state.checks.findings import Problem

if TYPE_CHECKING:
    import yaml

_MERGE = "<<"
"""May come twice in a mapping: PyYAML and others merge both."""


_DEEPEST = 1000
"""No reader goes further, and libyaml takes a time that grows with the square of the depth."""


def judge(_path: str, content: bytes) -> Iterator[Problem]:
    """Parse with libyaml where PyYAML was built with it, which is many times as fast."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from _walk(yaml.parse(content, Loader=loader))
    except yaml.reader.ReaderError as error:
        yield _unreadable(content, error)
    except yaml.MarkedYAMLError as error:
        message = " ".join(part for part in (error.context, error.problem) if part) or "not YAML"
        mark = error.problem_mark or error.context_mark
        yield syntax.problem("syntax-error", message, *((mark.line + 1, mark.column + 1) if mark else ()))


def _unreadable(content: bytes, error: yaml.reader.ReaderError) -> Problem:
    """Bytes outside the encoding, or a control character that YAML forbids. The error counts in bytes or characters."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as cause:
        return syntax.not_utf8(content, cause)
    code = error.character if isinstance(error.character, int) else ord(error.character)
    offset = text.find(chr(code)) if 0 <= code < 0x110000 else -1
    where = syntax.of_character(text, offset) if offset >= 0 else ()
    return syntax.problem("encoding-error", error.reason, *where)


class _Mapping:
    """A mapping that is open: which keys it has, and whether a key or a value comes next."""

    __slots__ = ("key_next", "keys")

    def __init__(self) -> None:
        self.keys: set[tuple[str, str]] = set()
        self.key_next = True


def _walk(events: Iterable[yaml.Event]) -> Iterator[Problem]:
    import yaml

    resolver = yaml.resolver.Resolver()
    anchors: set[str] = set()
    open_nodes: list[_Mapping | None] = []  # None: a sequence
    for event in events:
        if isinstance(event, yaml.NodeEvent):
            mapping = open_nodes[-1] if open_nodes else None
            if isinstance(event, yaml.AliasEvent):
                if event.anchor not in anchors:
                    message = f"the alias *{event.anchor} has no anchor"
                    yield syntax.problem("undefined-alias", message, *_range(event))
            elif event.anchor is not None:
                anchors.add(event.anchor)
            if mapping is not None:
                if mapping.key_next and isinstance(event, yaml.ScalarEvent) and event.value != _MERGE:
                    key = (_tag(resolver, event), event.value)
                    if key in mapping.keys:
                        message = f"the key {event.value!r} comes twice in one mapping"
                        yield syntax.problem("duplicate-key", message, *_range(event))
                    mapping.keys.add(key)
                mapping.key_next = not mapping.key_next
            if isinstance(event, yaml.CollectionStartEvent):
                open_nodes.append(_Mapping() if isinstance(event, yaml.MappingStartEvent) else None)
                if len(open_nodes) > _DEEPEST:
                    yield syntax.problem("too-deeply-nested", f"nested more than {_DEEPEST} deep", *_range(event))
                    return
        elif isinstance(event, yaml.CollectionEndEvent):
            open_nodes.pop()
        elif isinstance(event, yaml.DocumentStartEvent):
            anchors.clear()


def _tag(resolver: Any, event: yaml.ScalarEvent) -> str:
    """What tells the key 1 from the key "1". Readers of YAML 1.1 and 1.2 differ over which texts are one value
    (`yes` and `true`, 010 and 8), so only the same text is the same key.
    """
    import yaml

    if event.tag is not None and event.tag != "!":
        return str(event.tag)
    return str(resolver.resolve(yaml.ScalarNode, event.value, event.implicit))


def _range(event: Any) -> tuple[int, int, int, int]:
    start, end = event.start_mark, event.end_mark
    return start.line + 1, start.column + 1, end.line + 1, end.column + 1


DETECTOR = Detector(
    id="yaml",
    version=1,
    title="YAML syntax",
    types=frozenset({"yaml"}),
    how=BuiltIn(judge, libraries=("PyYAML",)),
)
