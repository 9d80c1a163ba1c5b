"""Test suites of other projects come out the same when they are recorded, and are recorded as pytest reports them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = os.environ.get("PIPELINE_STATE_SUITES", "").split()
"""Which ones, as `bench/suites.py` calls them; none: one that is installed anyway, for pytest needs it."""


@pytest.mark.download
def test_a_suite_that_was_not_written_here_comes_out_the_same():
    command = [sys.executable, str(ROOT / "bench" / "suites.py"), *(NAMES or ["iniconfig", "--here"])]
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout
