"""How grave a rule of ruff is, and what it is about. It follows from the rule, not from ruff being a "style" tool."""

from __future__ import annotations

import re

from pipeline_state.checks.findings import Category, Severity

_SYNTAX: tuple[Severity, Category] = ("error", "syntax")
_BUG: tuple[Severity, Category] = ("error", "other")
_SUSPICION: tuple[Severity, Category] = ("warning", "other")
_DANGER: tuple[Severity, Category] = ("error", "security")
_RISK: tuple[Severity, Category] = ("warning", "security")
_STYLE: tuple[Severity, Category] = ("warning", "style")
_TYPE: tuple[Severity, Category] = ("warning", "type")
_TEST: tuple[Severity, Category] = ("warning", "test")

_CODES = {
    # what the interpreter refuses, or what fails when the line is reached
    **dict.fromkeys(("E9", "F4", "F7", "PLE0", "PLE1", "PLE2"), _SYNTAX),
    **dict.fromkeys(("F821", "F822", "F823", "F5", "F631", "F632", "F633", "F634", "PLE"), _BUG),
    **dict.fromkeys(("F401", "F402", "F403", "F405", "F8", "F6"), _SUSPICION),
    **dict.fromkeys(("F504", "F522", "F523", "W605"), _SUSPICION),  # too many values; an escape that will be an error
    # what bandit ranks high
    **dict.fromkeys(("S201", "S202", "S324", "S501", "S502", "S507", "S602", "S605", "S609", "S701"), _DANGER),
    "S": _RISK,
    **dict.fromkeys(("ANN", "PYI", "TC", "TCH", "FA"), _TYPE),
    "PT": _TEST,
    **dict.fromkeys(
        (
            *("E", "W", "I", "N", "D", "Q", "C4", "C9", "COM", "CPY", "DOC", "EM", "ERA", "FBT", "FIX", "FLY", "FURB"),
            *("ICN", "INP", "ISC", "NPY", "PGH", "PIE", "PLC", "PLR", "PTH", "RET", "RSE", "SIM", "SLF", "SLOT", "T20"),
            *("TD", "TID", "TRY", "UP", "A", "G", "PERF", "F541", "RUF100", "RUF101"),
        ),
        _STYLE,
    ),
}


def rank(code: str) -> tuple[Severity, Category]:
    """The severity and category of a rule: those of its longest known beginning, else a suspicion."""
    if code == "invalid-syntax":
        return _SYNTAX
    linter = re.match(r"[A-Z]+(?=\d)", code)
    if linter is None:
        return _SUSPICION
    for length in range(len(code), 0, -1):
        # "E" is pycodestyle's, not the beginning of "ERA": letters count as a whole.
        if length >= len(linter[0]) and code[:length] in _CODES:
            return _CODES[code[:length]]
    return _SUSPICION
