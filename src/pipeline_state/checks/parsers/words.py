"""What a tool said last, for the message of a `ReportError`."""

from __future__ import annotations

from pipeline_state.checks.declaration import Output


def last_words(output: Output) -> str:
    """Return the end of what the tool wrote, on one line."""
    text = (output.stderr.strip() or output.stdout.strip()).decode("utf-8", "replace")
    return " ".join(text[-300:].split()) or "it said nothing"
