"""Parsers of the formats that more than one tool writes. Each reads a report completely, or raises `ReportError`."""
