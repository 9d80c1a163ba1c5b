"""The file of a baseline: which one it is, and how it is read."""

from __future__ import annotations

import os

from pipeline_state.checks.baseline import Baseline, parse
from pipeline_state.errors import ConfigurationError


def configured_path(root: str, setting: str) -> str:
    """Return the path that the setting `baseline` names, which is relative to the root."""
    return os.path.join(root, setting)


def read_baseline(path: str) -> Baseline:
    """Return the baseline in this file. Raises `ConfigurationError` if it is not there, or none."""
    try:
        # A pipe or a device would be waited for.
        content = None
        if os.path.isfile(path) or not os.path.exists(path):
            with open(path, "rb") as file:
                content = file.read()
    except FileNotFoundError as error:
        raise ConfigurationError(f"there is no baseline {path}; `pipeline-state baseline write` makes one") from error
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"cannot read the baseline {path}: {error}") from error
    if content is None:
        raise ConfigurationError(f"cannot read the baseline {path}: it is no file")
    return parse(content, path)
