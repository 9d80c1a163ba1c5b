"""What a detector reports, and what we make of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]
Category = Literal["syntax", "type", "test", "security", "style", "format", "other"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
CATEGORIES: tuple[Category, ...] = ("syntax", "type", "test", "security", "style", "format", "other")


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem as a detector reports it, before we know which file and detector it belongs to.

    Lines and columns count from 1, columns in characters; `end_column` is exclusive. `None` where the
    detector does not say.
    """

    rule: str
    message: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    severity: Severity = "error"
    category: Category = "other"


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem in one file: what is stored, shown and compared.

    `path` is relative to the worktree root, POSIX, in the storable form. `fingerprint` stays the same when
    lines move: a digest of detector, rule, path, the normalised text of the line, and how many equal ones
    came before it in the file.
    """

    detector: str
    rule: str
    severity: Severity
    category: Category
    path: str
    line: int | None
    column: int | None
    end_line: int | None
    end_column: int | None
    message: str
    fingerprint: str
