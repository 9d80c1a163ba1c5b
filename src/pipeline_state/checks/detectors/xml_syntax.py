"""`xml`: the file is well-formed XML. Nothing outside the file is ever loaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline_state.checks.declaration import BuiltIn, Detector
from pipeline_state.checks.detectors import syntax
from pipeline_state.checks.findings import Problem

if TYPE_CHECKING:
    from xml.parsers import expat

_AMPLIFICATION_LIMITED = (2, 4, 1)
"""The first expat that refuses a document whose entities expand a hundredfold (beyond 8 MiB)."""


def judge(_path: str, content: bytes) -> Iterator[Problem]:
    """Without a handler for them, expat steps over external entities; those inside are expanded, within limits."""
    from xml.parsers import expat

    try:
        try:
            _parser().Parse(content, True)
        except ValueError as error:
            # pyexpat reads single-byte encodings only. As text, the rest are judged too.
            if "multi-byte" not in str(error):
                raise
            _parser().Parse(content.decode(_declared_encoding(content)), True)
    except expat.ExpatError as error:
        message = expat.ErrorString(error.code) or "not well-formed"
        rule = "entity-expansion" if "amplification" in message else "syntax-error"
        yield syntax.problem(rule, message, error.lineno, error.offset + 1)
    except LookupError as error:  # pyexpat asks Python for the encodings that expat does not know
        yield syntax.problem("encoding-error", str(error), 1)
    except UnicodeError as error:
        message = f"not {error.encoding}: {error.reason}" if isinstance(error, UnicodeDecodeError) else str(error)
        yield syntax.problem("encoding-error", message)


def _parser() -> expat.XMLParserType:
    from xml.parsers import expat

    parser = expat.ParserCreate()
    if expat.version_info < _AMPLIFICATION_LIMITED:
        # A default handler keeps expat from expanding entities at all: no bomb, but their content goes unjudged.
        parser.DefaultHandler = lambda _data: None
    return parser


def _declared_encoding(content: bytes) -> str:
    import re

    declaration = re.match(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""", content)
    return declaration[1].decode("ascii") if declaration else "utf-8"


DETECTOR = Detector(
    id="xml",
    version=1,
    title="XML well-formedness",
    types=frozenset({"xml"}),
    how=BuiltIn(judge),
)
