"""`ruff` and `ruff-format`."""

from pipeline_state.checks.declaration import Detector

DETECTORS: tuple[Detector, ...] = ()
