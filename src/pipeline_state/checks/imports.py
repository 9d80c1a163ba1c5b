"""Which modules a Python file could import, by its text alone. Pure.

More than the file really imports does no harm, less would: a word of a comment may be counted, no module may be missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_IMPORT = re.compile(rb"\bimport\b")
_BRACE = re.compile(rb"\s*\{")
_COMMENT = re.compile(rb"#[^\n]*")
_DOT = r"[ \t\f\\\r\n]*\.[ \t\f\\\r\n]*"
_NAME = re.compile(rf"[^\W\d]\w*(?:{_DOT}[^\W\d]\w*)*")
_FROM = re.compile(rf"\bfrom\b[\s.\\]*({_NAME.pattern})[\s\\]*\bimport\b")
_BETWEEN = re.compile(r"[\s\\]+")


def imported_modules(content: bytes) -> frozenset[str]:
    """Return the dotted names that a file, or a notebook, may import; `a.b.c` for `from a.b import c` too."""
    found: set[str] = set()
    for source in _sources(content):
        for statement in _statements(source):
            text = statement.decode("utf-8", "surrogateescape")
            found.update(_BETWEEN.sub("", name) for name in _NAME.findall(text))
            for start in _FROM.finditer(text):
                module = _BETWEEN.sub("", start.group(1))
                found.add(module)
                found.update(f"{module}.{_BETWEEN.sub('', name)}" for name in _NAME.findall(text, start.end()))
    if not content.isascii():
        from unicodedata import normalize

        found.update([normalize("NFKC", name) for name in found])  # two spellings of one identifier
    return frozenset(found)


def _sources(content: bytes) -> list[bytes]:
    """Return the texts in which to look: the file itself, or the cells of a notebook, whose lines JSON hides."""
    if _BRACE.match(content):
        import json

        try:
            cells = json.loads(content)["cells"]
            sources = [cell["source"] for cell in cells]
            texts = [source if isinstance(source, str) else "".join(source) for source in sources]
        except (ValueError, TypeError, LookupError, RecursionError):
            return [content]  # no notebook
        return [text.encode("utf-8", "surrogatepass") for text in texts]
    return [content]


def _statements(content: bytes) -> Iterator[bytes]:
    """Yield every logical line that holds the word `import`, with whatever stands beside it on its physical lines."""
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    for number, line in enumerate(lines):
        if b"import" not in line or _IMPORT.search(line) is None:
            continue
        first, last = number, number
        while first > 0 and lines[first - 1].endswith(b"\\"):
            first -= 1
        # What stands before the word may be a string with a bracket, or with what looks like a comment.
        opened = max(_open_parentheses(line[word.end() :]) for word in _IMPORT.finditer(line))
        while last + 1 < len(lines) and (opened > 0 or lines[last].endswith(b"\\")):
            last += 1
            opened += _open_parentheses(lines[last])
        yield b"\n".join(lines[first : last + 1])


def _open_parentheses(line: bytes) -> int:
    code = _COMMENT.sub(b"", line)
    return code.count(b"(") - code.count(b")")
