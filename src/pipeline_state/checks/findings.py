"""What a detector reports, before we know which file and detector it belongs to."""

from __future__ import annotations

from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store.findings import CATEGORIES as CATEGORIES
from pipeline_state.store.findings import SEVERITIES as SEVERITIES
from pipeline_state.store.findings import Category as Category
from pipeline_state.store.findings import Finding as Finding
from pipeline_state.store.findings import Severity as Severity


class Problem(NamedTuple):
    """One problem as a detector reports it.

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
