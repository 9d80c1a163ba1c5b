"""`python-syntax`: the file is parsed by the interpreter that pipeline-state runs on."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator

from pipeline_state.checks.declaration import BuiltIn, Detector
from pipeline_state.checks.detectors import syntax
from pipeline_state.checks.findings import Problem

_ONLY_AST = 0x400
"""`ast.PyCF_ONLY_AST`, spelt out because importing `ast` costs more than parsing a small file."""

_ENCODING = re.compile(r"^encoding problem|^unknown encoding|text encoding|(?<!unicodeescape)' codec")
"""CPython's words for trouble with the file's encoding, where it names a line at all. A bad escape within a literal is
trouble of another kind."""


def judge(_path: str, content: bytes) -> Iterator[Problem]:
    """Parse, never run. Given bytes, `compile` honours the coding cookie and the byte-order mark itself."""
    if b"\0" in content:
        # Interpreters differ in how they refuse these (ValueError, SyntaxError), and never say where.
        where = syntax.of_byte(content, content.index(b"\0"))
        yield syntax.problem("null-byte", "source code cannot contain null bytes", *where)
        return
    with warnings.catch_warnings():
        # An invalid escape sequence is a SyntaxWarning: not ours to report, and not to be printed.
        warnings.simplefilter("ignore")
        try:
            compile(content, "<file>", "exec", flags=_ONLY_AST, dont_inherit=True)
        except SyntaxError as error:
            yield _from_syntax_error(error)
        except (RecursionError, MemoryError) as error:
            # Before 3.12 the parser's stack and the machine's memory end alike: then it is an error, not a finding.
            if isinstance(error, MemoryError) and "Parser stack" not in str(error):
                raise
            yield syntax.problem("too-deeply-nested", "nested too deeply for this Python to parse")
        except (ValueError, LookupError) as error:
            # A codec that the cookie names and that is none for text ("hex"), or that fails in its own way.
            yield syntax.problem("encoding-error", str(error), 1, 1)


def _from_syntax_error(error: SyntaxError) -> Problem:
    message = error.msg or "invalid syntax"
    if isinstance(error, TabError):
        rule = "tab-error"
    elif isinstance(error, IndentationError):
        rule = "indentation-error"
    elif not error.lineno or _ENCODING.search(message):
        rule = "encoding-error"
    else:
        rule = "syntax-error"
    line, column = _counted(error.lineno), _counted(error.offset)
    end_line, end_column = _counted(error.end_lineno), _counted(error.end_offset)
    if line is None or end_line is None or end_column is None or (end_line, end_column) < (line, column or 0):
        end_line = end_column = None
    return syntax.problem(rule, message, line, column if line else None, end_line, end_column)


def _counted(number: int | None) -> int | None:
    """CPython says 0 or -1 where it does not know."""
    return number if number is not None and number > 0 else None


DETECTOR = Detector(
    id="python-syntax",
    version=1,
    title="Python syntax",
    types=frozenset({"python", "pyi"}),
    how=BuiltIn(judge),
)
