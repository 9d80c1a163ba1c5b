"""The file of a baseline: which one it is, and how it is read."""

from __future__ import annotations

from pathlib import Path

from pipeline_state.checks.baseline import Baseline, parse
from pipeline_state.errors import ConfigurationError


def configured_path(root: Path, setting: str) -> Path:
    """Return the path that the setting `baseline` names, which is relative to the root."""
    return root / setting


def read_baseline(path: Path) -> Baseline:
    """Return the baseline in this file. Raises `ConfigurationError` if it is not there, or none."""
    try:
        # A pipe or a device would be waited for.
        content = path.read_bytes() if path.is_file() or not path.exists() else None
    except FileNotFoundError as error:
        raise ConfigurationError(f"there is no baseline {path}; `pipeline-state baseline write` makes one") from error
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"cannot read the baseline {path}: {error}") from error
    if content is None:
        raise ConfigurationError(f"cannot read the baseline {path}: it is no file")
    return parse(content, str(path))
