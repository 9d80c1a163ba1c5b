"""What a detector of secrets found is told, and is itself nowhere: not in what is printed, not in what is stored."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

SECRET = "AKIA" + "IMN7LDVQPH5ZQ2XY"  # in two parts: no scanner shall take this file for one that has a key in it


@pytest.mark.parametrize(("detector", "rule"), [("detect-secrets", "aws-access-key"), ("gitleaks", "aws-access-token")])
def test_a_secret_is_neither_printed_nor_stored(empty_project, detector, rule):
    if not any(shutil.which(detector, path=path) for path in (str(Path(sys.executable).parent), None)):
        pytest.skip(f"{detector} is not installed: pip install 'pipeline-state[test]'")
    empty_project.write("pipeline-state.toml", f'detectors = ["{detector}"]\n')
    empty_project.write("a.py", f'x = 1\naws = "{SECRET}"\n')
    empty_project.commit()
    answer = empty_project.agreed()
    assert (detector, rule, "a.py") in answer.said
    assert answer.code == 1, answer.errors
    again = empty_project.check()
    assert again.judgement == answer.judgement
    stored = [path for path in (empty_project.root / ".worktrees").rglob("*") if path.is_file()]
    assert stored
    for content in (*(path.read_bytes() for path in stored), repr(answer).encode(), repr(again).encode()):
        assert SECRET.encode() not in content
