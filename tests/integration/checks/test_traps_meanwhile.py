"""What moves while a check is at work, by other hands or by a second check."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

UNUSED = "import os\n"
MODULE = "package/module.py"

SLOW = """\
import os, sys, time
from pathlib import Path
gate = Path({gate!r})
gate.with_name("started").touch()
while not gate.exists():
    time.sleep(0.01)
found = [name for name in sys.argv[1:] if b"import os" in open(name, "rb").read()]
gate.with_name("read").touch()
while not gate.with_name("end").exists():
    time.sleep(0.01)
print(*found, "complete", sep="\\n", end="")
raise SystemExit(bool(found))
"""
"""Reads the files once `gate` is there, and ends once `end` is."""


class Gate:
    """A slow tool, step by step."""

    def __init__(self, folder):
        self.folder = folder
        self.folder.mkdir()

    def wait(self, name):
        deadline = time.monotonic() + 60
        while not (self.folder / name).exists():
            assert time.monotonic() < deadline, f"the tool never came to {name!r}"
            time.sleep(0.01)

    def step(self, name):
        (self.folder / name).touch()

    def open(self):
        for name in ("started", "gate", "read", "end"):
            self.step(name)

    def close(self):
        for name in ("started", "gate", "read", "end"):
            (self.folder / name).unlink(missing_ok=True)

    def settle(self, project):
        """Let the tool judge at once until nothing has to be looked at any more; from then on it is slow again."""
        self.open()
        answer = project.settle()
        self.close()
        return answer


@pytest.fixture
def gate(project, strange, tmp_path):
    """The detector `strange` judges slowly, and its configuration is the file `strange.cfg`, nearest first."""
    gate = Gate(tmp_path / "gate")
    strange(SLOW.format(gate=str(tmp_path / "gate/gate")))
    project.write("strange.cfg", "a\n")
    project.commit()
    return gate


def test_a_file_that_moves_after_git_has_looked_is_not_judged_under_the_content_that_it_had(project, scripted_git):
    """Git is believed of files that it does not tell apart; one of them moves before a tool looks at it."""
    project.write("ruff.toml", "")
    project.commit()
    project.settle()
    time.sleep(2)  # an index as young as this is compared twice, and the second answer would know of the edit
    scripted_git.once("diff-files", after=f'echo "import os" > {project.root / MODULE}')
    project.write("ruff.toml", 'lint.select = ["F"]\n')  # so that ruff judges all files again
    answer = project.check()
    assert scripted_git.has_run
    assert (MODULE, "ruff") in [(one["path"], one["detector"]) for one in answer.report["errors"]]
    assert "while it was being checked" in answer.stderr
    assert project.agreed().rules(MODULE) == ["F401"]


def test_a_verdict_on_a_file_that_was_edited_meanwhile_is_an_error_and_is_not_stored(project, gate):
    check = project.start()
    gate.wait("started")
    project.write(MODULE, "VALUE = 1\n")
    gate.open()
    answer = project.finish(check)
    assert answer.code == 3
    assert (MODULE, "strange") in [(one["path"], one["detector"]) for one in answer.report["errors"]]
    assert "while it was being checked" in answer.stderr
    assert project.agreed().code == 1


def test_a_verdict_on_a_file_that_held_something_else_for_a_moment_is_not_stored(project, gate):
    """A stash that comes and goes: in the end every byte is what it was."""
    check = project.start()
    gate.wait("started")
    project.write(MODULE, "VALUE = 1\n")
    gate.step("gate")
    gate.wait("read")
    project.write(MODULE, UNUSED)
    gate.step("end")
    assert project.finish(check).code == 3
    assert MODULE in [path for detector, _, path in project.agreed().said if detector == "strange"]


def test_a_verdict_under_a_configuration_that_moved_meanwhile_is_an_error_and_is_not_stored(project, gate):
    check = project.start()
    gate.wait("started")
    project.write("strange.cfg", "b\n")
    gate.step("gate")
    gate.wait("read")
    project.write("strange.cfg", "a\n")
    gate.step("end")
    answer = project.finish(check)
    assert answer.code == 3
    assert "configuration" in answer.errors[0]
    assert project.agreed().checked > 0


def test_a_nearer_configuration_that_appears_meanwhile_keeps_verdicts_from_being_stored(project, gate):
    check = project.start()
    gate.wait("started")
    project.write("package/strange.cfg", "b\n")
    gate.open()
    assert project.finish(check).code == 3
    (project.root / "package/strange.cfg").unlink()
    answer = project.agreed()
    assert next(one["checked"] for one in answer.report["detectors"] if one["id"] == "strange") > 0


@pytest.mark.parametrize("edit", ["import sys\n", "import lone.module\n"], ids=["plain", "asks for a folder more"])
def test_a_configuration_that_appears_elsewhere_while_an_edit_is_judged_counts_in_the_next_check(project, gate, edit):
    """What the other files share is taken from the last check then; it has to hold up to the end of this one."""
    configuration = project.root / "pipeline-state.toml"
    configuration.write_text(configuration.read_text().replace('"python-syntax"', '"ruff"'))
    project.write("lone/data.json", "{}\n")
    project.commit()
    (project.root / ".git/info").mkdir(exist_ok=True)
    (project.root / ".git/info/exclude").write_text("package/nested/strange.cfg\n")
    gate.settle(project)
    project.write(MODULE, edit)
    check = project.start()
    gate.wait("started")
    project.write("package/nested/strange.cfg", "b\n")
    gate.open()
    project.finish(check)
    answer = project.agreed()
    below = [path for path in project.git("ls-files", "package/nested").splitlines() if path.endswith(".py")]
    assert next(one["checked"] for one in answer.report["detectors"] if one["id"] == "strange") >= len(below) == 2


def test_a_configuration_that_comes_after_the_comparison_and_goes_before_the_end_is_no_part_of_what_stands(
    project, gate, held_git
):
    """The file is judged under it, by a verdict that is stored, while another tool is at work."""
    configuration = project.root / "pipeline-state.toml"
    configuration.write_text(configuration.read_text().replace('"python-syntax"', '"ruff-format"'))
    (project.root / "ruff.toml").unlink()
    project.commit()
    above, edited = project.root.parent / "ruff.toml", 'VALUE = "a"\n'
    gate.open()
    above.write_text('format.quote-style = "single"\n')
    project.write(MODULE, edited)
    assert project.check("--detector", "ruff-format", MODULE).rules(MODULE, "ruff-format") == ["unformatted"]
    above.unlink()
    project.write(MODULE, "VALUE = 1\n")
    assert gate.settle(project).rules(MODULE, "ruff-format") == []
    project.write(MODULE, edited)
    check = held_git.start(project)
    above.write_text('format.quote-style = "single"\n')
    time.sleep(0.1)  # so that its time has passed: of what is younger, nothing is believed anyway
    held_git.go_on()
    gate.wait("started")
    above.unlink()
    gate.open()
    project.finish(check)
    project.check()
    assert project.agreed().rules(MODULE, "ruff-format") == []


def test_a_package_that_is_written_meanwhile_keeps_from_being_stored_only_what_rests_on_its_content(project, gate):
    gate.open()
    configured = (project.root / "pipeline-state.toml").read_text()
    project.write("pipeline-state.toml", configured.replace('"strange"]', '"strange", "isort"]'))
    project.check()
    gate.close()
    project.write(MODULE, UNUSED + "import package.nested.deep\n")
    check = project.start()
    gate.wait("started")
    project.write("package/nested/__init__.py", "VALUE = 1\n")
    gate.open()
    assert {one["detector"] for one in project.finish(check).report["errors"]} == {"isort"}
    checked = {one["id"]: one["checked"] for one in project.agreed().report["detectors"]}
    assert checked == {"python-syntax": 1, "strange": 1, "isort": 2}, "the package itself, and what imports from it"


def test_a_file_nobody_looks_for_may_appear_meanwhile(project, gate):
    check = project.start()
    gate.wait("started")
    project.write("package/__pycache__/module.pyc", b"")
    project.write("notes.txt", "a\n")
    gate.open()
    assert project.finish(check).code == 1
    project.git("status")
    assert all(one["checked"] == 0 for one in project.agreed().report["detectors"] if one["id"] == "strange")


def test_a_link_to_a_file_that_is_always_written_disturbs_nobody(project, gate, tmp_path):
    log = tmp_path / "log"
    log.write_text("")
    (project.root / "package/latest.log").symlink_to(log)
    check = project.start()
    gate.wait("started")
    log.write_text("a line\n")
    gate.open()
    assert project.finish(check).code == 1


def test_a_file_that_is_deleted_meanwhile_is_an_error(project, gate):
    check = project.start()
    gate.wait("started")
    (project.root / MODULE).unlink()
    gate.open()
    assert project.finish(check).code == 3
    assert project.agreed().code == 1


def test_an_edit_after_the_check_had_read_is_seen_by_the_next_one(project, gate):
    gate.settle(project)
    project.write("script.py", "import os\n\nprint(os)\n")
    check = project.start()
    gate.wait("started")
    project.write("package/nested/deep.py", "VALUE = (\n")
    gate.open()
    project.finish(check)
    answer = project.agreed()
    assert answer.rules("package/nested/deep.py", "python-syntax") == ["syntax-error"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_ends_the_tool_and_keeps_what_was_judged(project, gate):
    import signal

    check = project.start()
    gate.wait("started")
    deadline = time.monotonic() + 30
    check.send_signal(signal.SIGINT)
    check.communicate(timeout=30)
    assert check.returncode == 130
    assert time.monotonic() < deadline
    gate.open()
    answer = project.agreed()
    assert answer.code == 1


def test_many_checks_at_once_agree_and_disturb_nobody(project):
    project.write(MODULE, UNUSED)
    project.commit()
    answers = [project.finish(check) for check in [project.start() for _ in range(4)]]
    assert {answer.code for answer in answers} == {1}
    assert len({str(answer.report["findings"]) for answer in answers}) == 1
    assert project.agreed().checked == 0


def test_two_worktrees_at_once_have_each_its_own_state(project, tmp_path):
    project.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    other = type(project)(tmp_path / "side", project.environ)
    other.write(MODULE, UNUSED)
    checks = [one.start() for one in (project, other, project, other)]
    codes = [one.finish(check).code for one, check in zip((project, other, project, other), checks, strict=True)]
    assert codes == [0, 1, 0, 1]
    assert (project.settle().code, other.settle().code) == (0, 1)
    project.write_unseen(MODULE, UNUSED)
    other.write_unseen(MODULE, "VALUE = 1\n")
    assert (project.agreed().rules(MODULE), other.agreed().rules(MODULE)) == (["F401"], [])


def test_two_worktrees_with_one_database_use_each_others_verdicts_and_no_more(project, tmp_path):
    project.environ["PIPELINE_DB_PATH"] = str(tmp_path / "shared.db")
    project.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "above/side"))
    other = type(project)(tmp_path / "above/side", project.environ)
    project.check()
    answer = other.agreed()
    assert (answer.code, answer.checked) == (0, 0)
    other.write(MODULE, UNUSED)
    assert (other.settle().code, project.settle().code) == (1, 0)
    other.write_unseen(MODULE, "VALUE = 1\n")
    project.write_unseen(MODULE, UNUSED)
    assert (other.agreed().code, project.agreed().code) == (0, 1)
    (other.root / "ruff.toml").unlink()
    assert other.agreed().rules(MODULE) == []


def test_a_database_that_can_only_be_read_is_used_and_that_is_said(project):
    project.check()
    project.write(MODULE, UNUSED)
    folder = project.root / ".worktrees"
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".db"}
    subprocess.run(["chmod", "-R", "a-w", str(folder)], check=True)
    try:
        answer = project.agreed()
    finally:
        subprocess.run(["chmod", "-R", "u+w", str(folder)], check=True)
    assert answer.rules(MODULE) == ["F401"]
    assert before.keys() <= {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("content", [b"this is no database\n", b"SQLite format 3\0" + b"\0" * 84])
def test_a_database_that_is_none_is_left_alone_and_the_tools_run(project, tmp_path, content):
    path = tmp_path / "state.db"
    path.write_bytes(content)
    project.write(MODULE, UNUSED)
    for _ in range(2):
        answer = project.check("--db", str(path))
        assert answer.rules(MODULE) == ["F401"]
        assert str(path) in answer.stderr
    assert path.read_bytes() == content or list(tmp_path.glob("state.db*"))


def test_a_folder_that_is_away_for_a_moment_is_looked_at_when_it_is_back(empty_project, scripted_git, tmp_path):
    """Its files keep all their times. Git has compared them by far when it lists them; and then they are away."""
    project = empty_project
    project.write("pipeline-state.toml", 'detectors = ["python-syntax"]\n')  # which watches no folder
    project.write("package/module.py", "def (\n")
    project.write("script.py", "VALUE = 1\n")
    project.commit()
    folder, away = project.root / "package", tmp_path / "away"
    scripted_git.once("ls-files -s", before="sleep 1.5", after=f"mv {folder} {away}")
    assert project.check().said == []
    away.rename(folder)
    assert project.agreed().rules("package/module.py", "python-syntax")


@pytest.fixture
def listed_after(project, scripted_git):
    """Runs a command of Git before a check lists what is tracked, long after it has compared, and returns when it ends.

    The index is another one before, so that names are listed.
    """

    def listed_after(command, *arguments):
        project.settle(*arguments)
        project.git("update-index", "--chmod=+x", "script.py")
        scripted_git.once("ls-files -s", before=f"sleep 1.5; git {command}")
        project.check(*arguments)
        assert scripted_git.has_run

    return listed_after


def test_a_file_that_was_added_for_a_moment_is_judged_as_what_it_is(project, listed_after):
    project.write("new.py", "VALUE = 1\n")
    listed_after("add new.py")
    project.git("reset", "--quiet", "--", "new.py")
    project.write("new.py", "import os\n")
    assert project.agreed().rules("new.py") == ["F401"]
    assert project.agreed("--all-files").rules("new.py") == []


def test_a_file_that_was_not_tracked_for_a_moment_is_judged(project, listed_after):
    listed_after("rm --quiet --cached package/module.py", "--all-files")
    project.git("add", "package/module.py")
    assert project.agreed("--all-files").said == []
    project.write("package/module.py", "import os\n")
    assert project.agreed("--all-files").rules("package/module.py") == ["F401"]
