"""The public names have the types that are documented. mypy reads this file; it is never run."""

from __future__ import annotations

from pathlib import Path

from typing_extensions import assert_type

from pipeline_state import PipelineStateError, State, __version__, open_state


def opening() -> None:
    assert_type(__version__, str)
    assert_type(open_state(), State)
    assert_type(open_state("state.db"), State)
    assert_type(open_state(Path("state.db"), read_only=True), State)
    with open_state() as state:
        assert_type(state, State)


def errors(error: PipelineStateError) -> None:
    assert_type(error.code, str)
    assert_type(error.exit_code, int)


open_state(1)  # type: ignore[arg-type]  # a path is text or a Path
open_state(None, True)  # type: ignore[call-arg]  # read_only is named
