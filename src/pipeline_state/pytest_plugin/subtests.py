"""What a report of a subtest says: pytest's own subtests, `unittest.TestCase.subTest`, and the plugin of old. Pure."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import pytest

from pipeline_state.store.storable import storable_text


def is_subtest(report: pytest.TestReport) -> bool:
    """Whether a report is about a part of a test, and not about the test."""
    return type(report) is not pytest.TestReport and hasattr(report, "context")


def describe(report: pytest.TestReport) -> str:
    """Return the message and the parameters of a subtest, as pytest writes them: `[message] (name=value, …)`."""
    context: Any = report.context  # `is_subtest` has looked
    message: str | None = context.msg
    parameters: Mapping[str, Any] = context.kwargs
    # pytest's own reports hold what `repr` gave, those of the plugin of old the values themselves.
    shown = not type(report).__module__.startswith("pytest_subtests")
    from_worker = "node" in report.__dict__  # set by xdist
    values = [f"{name}={_value(value, shown, from_worker)}" for name, value in parameters.items()]
    words = [] if message is None else [f"[{message}]"]
    words += [f"({', '.join(values)})"] if values else []
    return storable_text(" ".join(words) or "(<subtest>)")


def _value(value: object, shown: bool, from_worker: bool) -> str:
    if not shown:
        return repr(value)
    text = str(value)
    return _unquoted(text) if from_worker else text


def _unquoted(text: str) -> str:
    """Take back one `repr`: on its way from a worker each value goes through two."""
    try:
        inner = ast.literal_eval(text)
    except (ValueError, SyntaxError):  # shortened on the way
        return text
    return inner if isinstance(inner, str) else text
