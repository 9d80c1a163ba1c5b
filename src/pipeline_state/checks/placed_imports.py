"""Which modules isort may place in a section, by a file's text alone. Pure.

isort reads line by line, and not as Python does: in its eyes code that is broken has imports, too. More than it really
places does no harm, less would.
"""

from __future__ import annotations

import re

_SEPARATORS = "\v\f\x1c-\x1e\x85\u2028\u2029"
"""What ended a line for older versions, beside what ends one."""

_START = re.compile(rf"(?:\n|[;{_SEPARATORS}])[^\S\n{_SEPARATORS}]*(?:lazy +)?(from|c?import)\b")
_FROM = re.compile(r"from[ \t]+([\w.]+)[ \t]+import[ \t(*]")
"""The start of a statement of which isort places that module alone, whatever follows."""

_CLOSING = re.compile(r"^[^#\n]*\)[^\S\n]*(?:#.*)?$", re.MULTILINE)
_COMMENT = re.compile(r"#.*")
_WORD = re.compile(r"[^\s\\(),]+")
_STAR = re.compile(r"(?<=import)(?=\*)")
_DOTS = re.compile(r"(?<=\.)(?=c?import\b)")
"""Where isort sees a space: in `import*`, and in `.import` if nothing stands before the dots."""

_LONGEST = 200
"""Characters of a statement in which the module of a `from` is sought, if it is written in a strange way."""


def placed_modules(content: bytes) -> frozenset[str]:
    """Return the dotted names that isort may place; relative ones are placed without a look at the disk."""
    text = "\n" + _decoded(content).replace("\r\n", "\n").replace("\r", "\n")
    found = {"__future__"}  # which `add_imports` may add to any file
    counted = 0
    for start in _START.finditer(text):
        module = _FROM.match(text, start.start(1))
        if module is not None and "cimport" not in text:  # which would count before `import`
            found.add(module[1])
            continue
        if start.start(1) >= counted:  # a statement that begins within another one ends with it at the latest
            counted = _end(text, start.start(1))
            found.update(_words(_COMMENT.sub("", text[start.start(1) : counted])))
        if start[1] == "from":
            statement = text[start.start(1) : start.start(1) + _LONGEST]
            found.update(_joined(_COMMENT.sub("", statement[: _end(statement, 0)])))
    return frozenset(name for name in found if not name.startswith("."))


def _decoded(content: bytes) -> str:
    """Return the text as isort reads it; what it cannot read, it does not judge."""
    if content.isascii() and b"coding" not in b"".join(content.split(b"\n", 2)[:2]):
        return content.decode("ascii")
    from io import BytesIO
    from tokenize import detect_encoding

    try:
        return content.decode(detect_encoding(BytesIO(content).readline)[0])
    except (SyntaxError, LookupError, ValueError):
        return content.decode("utf-8", "replace")


def _words(statement: str) -> set[str]:
    """Return the words of a statement; a semicolon ends one in its first line alone."""
    starred = _STAR.sub(" ", statement)
    texts = {statement, starred, _DOTS.sub(" ", starred)}
    return {word for text in texts for each in (text, text.replace(";", " ")) for word in _WORD.findall(each)}


def _joined(statement: str) -> set[str]:
    """Return the modules in `from a . b import c`: isort takes out the spaces up to what it takes for the import."""
    plain = statement.replace("import(", "import (").replace("\\", " ").replace("\n", " ")
    starred = _STAR.sub(" ", plain)  # in the first line alone, as the dots
    texts = [each for one in (plain, starred, _DOTS.sub(" ", starred)) for each in (one, " ".join(one.split()))]
    before = [text.partition(word)[0].partition("from")[2] for text in texts for word in (" import ", " cimport ")]
    return {word for text in before for word in _words(text.replace(" ", ""))}


def _end(text: str, start: int) -> int:
    """Return where a statement ends: where isort stops reading on, or later."""
    while True:
        end = text.find("\n", start)
        if end < 0:
            return len(text)
        line = text[start:end]
        code = line.partition("#")[0]
        if any("(" in part and not part.rstrip().endswith(")") for part in code.split(";")):
            closing = _CLOSING.search(text, end + 1)
            return len(text) if closing is None else closing.end()
        if not (line.rstrip().endswith("\\") or code.rstrip().endswith("\\")):
            return end
        start = end + 1
