"""Commits with the hook `pipeline-state-check`: what is broken stops them, what is proven is not checked again."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.download

BROKEN = "def broken(:\n    pass\n"
SOUND = "def sound() -> None:\n    pass\n"


def test_a_broken_file_stops_the_commit_with_a_readable_finding(repository):
    repository.add("module.py", BROKEN)
    answer = repository.commit()
    assert answer.code == 1
    assert "module.py:1:12" in answer.output
    assert "pipeline-state check" in answer.output
    assert "Failed" in answer.output
    assert "Traceback" not in answer.output
    assert repository.commits() == 1


def test_the_repaired_file_passes(repository):
    repository.add("module.py", BROKEN)
    repository.commit()
    repository.add("module.py", SOUND)
    answer = repository.commit()
    assert answer.code == 0, answer.output
    assert repository.commits() == 2


def test_a_finding_of_a_tool_stops_the_commit(repository):
    repository.add("module.py", "print(undefined)\n")
    answer = repository.commit()
    assert answer.code == 1
    assert "F821" in answer.output
    assert "module.py:1:7" in answer.output


def test_a_second_commit_checks_only_its_own_file(repository):
    repository.add("module.py", SOUND)
    assert repository.commit().code == 0
    repository.add("unrelated.py", SOUND)
    assert repository.commit().code == 0
    summary = repository.recorded_summary()
    assert summary["files"] == 1
    assert summary["checked"] > 0
    assert summary["reused"] == 0


def test_a_run_over_everything_checks_only_what_is_not_proven(repository):
    assert repository.pre_commit("run", "--all-files").code == 0
    everything = repository.recorded_summary()
    assert everything["reused"] == 0
    assert repository.pre_commit("run", "--all-files").code == 0
    again = repository.recorded_summary()
    assert (again["checked"], again["reused"]) == (0, everything["checked"])
    repository.add("module.py", SOUND)
    assert repository.pre_commit("run", "--all-files").code == 0
    one_more = repository.recorded_summary()
    assert one_more["files"] == everything["files"] + 1
    assert one_more["reused"] == everything["checked"]


def test_a_finding_is_shown_again_when_the_verdict_is_reused(repository):
    repository.add("module.py", BROKEN)
    first = repository.commit()
    second = repository.commit()
    assert second.code == 1
    assert "module.py:1:12" in second.output
    assert repository.recorded_summary()["checked"] == 0
    assert first.code == 1


def test_commit_all_judges_what_it_is_about_to_commit(repository):
    repository.write("steady.py", BROKEN)
    answer = repository.commit("--all")
    assert answer.code == 1
    assert "steady.py:1:12" in answer.output
    repository.write("steady.py", SOUND)
    assert repository.commit("--all").code == 0
    assert repository.git("show", "HEAD:steady.py") == SOUND


def test_commit_of_a_path_judges_that_path_alone(repository):
    repository.add("broken.py", BROKEN)
    repository.write("steady.py", SOUND)
    answer = repository.commit("--", "steady.py")
    assert answer.code == 0, answer.output
    assert repository.recorded_summary()["files"] == 1
    assert repository.git("status", "--porcelain") == "A  broken.py\n"
    refused = repository.commit("--", "broken.py")
    assert refused.code == 1
    assert "broken.py:1:12" in refused.output


TWO_PLACES = "FIRST = 1\n" + "\n".join(f"LINE_{number} = {number}" for number in range(20)) + "\nLAST = 1\n"


def test_a_partly_added_file_is_judged_as_it_will_be_committed(repository):
    repository.add("module.py", TWO_PLACES)
    assert repository.commit().code == 0
    changed = TWO_PLACES.replace("FIRST = 1", "FIRST = 2").replace("LAST = 1", "LAST = (")
    repository.write("module.py", changed)
    repository.git("add", "--patch", typed="y\nn\n")
    answer = repository.commit()
    assert answer.code == 0, answer.output
    assert (repository.root / "module.py").read_text(encoding="utf-8") == changed, "the rest is still there"
    refused = repository.commit("--all")
    assert refused.code == 1
    assert "module.py" in refused.output


def test_a_repair_that_was_not_added_does_not_let_the_commit_pass(repository):
    repository.add("module.py", BROKEN)
    repository.write("module.py", SOUND)
    answer = repository.commit()
    assert answer.code == 1
    assert "module.py:1:12" in answer.output
    assert (repository.root / "module.py").read_text(encoding="utf-8") == SOUND


def test_a_commit_in_a_linked_worktree_uses_the_state_of_that_worktree(repository, tmp_path):
    repository.git("worktree", "add", "--quiet", "-b", "topic", str(tmp_path / "linked"))
    linked = type(repository)(tmp_path / "linked")
    linked.add("module.py", BROKEN)
    answer = linked.commit()
    assert answer.code == 1
    assert "module.py:1:12" in answer.output
    linked.add("module.py", SOUND)
    assert linked.commit().code == 0
    assert (linked.root / ".worktrees/pipeline_state.db").is_file()
    assert not (repository.root / ".worktrees").exists()
    assert linked.git("status", "--porcelain") == ""
    assert repository.git("status", "--porcelain") == ""


def test_the_state_never_shows_up_in_git_status(repository):
    repository.add("module.py", SOUND)
    assert repository.commit().code == 0
    assert (repository.root / ".worktrees/pipeline_state.db").is_file()
    assert repository.git("status", "--porcelain") == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such file names")
@pytest.mark.parametrize(
    "name", ["with space.py", "--no-cache", "-x.py", "quote'd.py", "umlaut-ä.py"], ids=lambda name: name.strip("-")
)
def test_any_file_name_is_a_file_name(repository, name):
    repository.add(name, "VALUE = 1  \n")
    answer = repository.commit()
    assert answer.code == 1, answer.output
    assert "trailing-whitespace" in answer.output
    repository.add(name, "VALUE = 1\n")
    assert repository.commit().code == 0


def test_a_commit_that_only_deletes_passes(repository):
    repository.git("rm", "--quiet", "steady.py")
    answer = repository.commit()
    assert answer.code == 0, answer.output


def test_a_link_to_nowhere_is_no_crash(repository):
    Path(repository.root / "link.py").symlink_to("nowhere.py")
    repository.git("add", "link.py")
    answer = repository.commit()
    assert answer.code in (0, 1), answer.output
    assert "Traceback" not in answer.output
