"""The words that values of the configuration are made of. Those of findings are the store's; tests hold them equal."""

from __future__ import annotations

from typing import Literal

Weight = Literal["error", "warning", "note"]
"""How grave a finding is."""

WEIGHTS: tuple[Weight, ...] = ("error", "warning", "note")
"""The gravest first."""

CATEGORIES = ("syntax", "type", "test", "security", "style", "format", "other")
"""What findings are about."""

FORMATS = ("sarif", "checkstyle", "json", "json-lines", "pattern")
"""The formats of reports that can be declared."""

SCOPES = ("file", "paths", "project", "never")
"""What verdicts can depend on."""

PLACES = ("upwards", "above", "root")
"""Where configuration files can be looked for."""

STREAMS = ("stdout", "stderr")
"""Where a tool can write its report."""
