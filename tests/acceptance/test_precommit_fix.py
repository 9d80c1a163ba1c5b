"""Commits with the hook `pipeline-state-fix`: it repairs, and fails the commit, as pre-commit users expect."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.download

UNTIDY = "VALUE = 1  \n\n\n"
TIDY = "VALUE = 1\n"


@pytest.fixture
def repository(repository_with_hook):
    return repository_with_hook("pipeline-state-fix")


def test_a_repaired_file_fails_the_commit_and_passes_the_next(repository):
    repository.add("module.py", UNTIDY)
    answer = repository.commit()
    assert answer.code == 1
    assert "module.py" in answer.output
    assert "files were modified by this hook" in answer.output
    assert (repository.root / "module.py").read_bytes() == TIDY.encode()
    assert repository.git("show", ":module.py") == UNTIDY, "what is staged is for the user to change"
    repository.git("add", "module.py")
    again = repository.commit()
    assert again.code == 0, again.output
    assert repository.git("show", "HEAD:module.py") == TIDY


def test_what_cannot_be_repaired_is_still_a_finding(repository):
    repository.add("module.py", "def broken(:\n")
    answer = repository.commit()
    assert answer.code == 1
    assert "module.py:1:12" in answer.output


def test_files_that_are_not_part_of_the_commit_are_left_alone(repository):
    elsewhere = repository.write("elsewhere.py", UNTIDY)
    repository.add("module.py", TIDY)
    assert repository.commit().code == 0
    assert elsewhere.read_bytes() == UNTIDY.encode()
