"""`yaml`: every document of the file composes: syntax, anchors, and no key twice in one mapping.

Nothing is constructed, so custom tags are welcome, aliases are not expanded, and a bomb of aliases costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pipeline_state.checks.declaration import BuiltIn, Detector
from pipeline_state.checks.detectors import syntax
from pipeline_state.checks.findings import Problem

if TYPE_CHECKING:
    import yaml

_MERGE = "tag:yaml.org,2002:merge"


def judge(_path: str, content: bytes) -> Iterator[Problem]:
    """Compose with libyaml where PyYAML was built with it, which is ten times as fast."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for document in yaml.compose_all(content, Loader=loader):
            yield from _duplicates(document)
    except yaml.reader.ReaderError as error:
        yield _unreadable(content, error)
    except yaml.MarkedYAMLError as error:
        yield _from_error(error)
    except RecursionError:
        yield syntax.problem("too-deeply-nested", "nested too deeply to be parsed")


def _from_error(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    message = " ".join(part for part in (error.context, error.problem) if part) or "not YAML"
    # "found undefined alias" is the composer's wording, in C and in Python.
    rule = "undefined-alias" if "undefined alias" in message else "syntax-error"
    if mark is None:
        return syntax.problem(rule, message)
    return syntax.problem(rule, message, mark.line + 1, mark.column + 1)


def _unreadable(content: bytes, error: yaml.reader.ReaderError) -> Problem:
    """Bytes outside the encoding, or a control character that YAML forbids. The C reader counts in bytes."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as cause:
        return syntax.not_utf8(content, cause)
    line = column = None
    for offset, character in enumerate(text):
        if ord(character) == error.character:
            line, column = syntax.of_character(text, offset)
            break
    return syntax.problem("encoding-error", str(error.reason), line, column)


def _duplicates(document: Any) -> Iterator[Problem]:
    """Walk without recursion, each node once: an alias is the same node again, and may lead back to itself.

    Keys that are sequences or mappings are not compared. `<<` may come twice: PyYAML and ruamel merge both.
    """
    nodes, visited = [document], set()
    while nodes:
        node = nodes.pop()
        if node is None or id(node) in visited or isinstance(node.value, str):
            continue
        visited.add(id(node))
        if not node.value or not isinstance(node.value[0], tuple):
            nodes.extend(reversed(node.value))
            continue
        keys = set()
        for key, _ in node.value:
            if not isinstance(key.value, str) or key.tag == _MERGE:
                continue
            if (key.tag, key.value) in keys:
                start, end = key.start_mark, key.end_mark
                message = f"the key {key.value!r} comes twice in one mapping"
                where = (start.line + 1, start.column + 1, end.line + 1, end.column + 1)
                yield syntax.problem("duplicate-key", message, *where)
            keys.add((key.tag, key.value))
        nodes.extend(part for pair in reversed(node.value) for part in reversed(pair))


DETECTOR = Detector(
    id="yaml",
    version=1,
    title="YAML syntax",
    types=frozenset({"yaml"}),
    how=BuiltIn(judge, libraries=("PyYAML",)),
)
