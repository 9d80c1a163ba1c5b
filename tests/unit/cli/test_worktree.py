"""The commands that look after worktrees, against real Git."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import jsonschema
import pytest

from pipeline_state.location import locate
from pipeline_state.store import registry
from pipeline_state.store.schema import schema_folder
from pipeline_state.store.state import open_at

SCHEMA = json.loads((schema_folder() / "worktree.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


@pytest.fixture(autouse=True)
def _user(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "user"))


@pytest.fixture
def main_worktree(committed, monkeypatch):
    monkeypatch.chdir(committed)
    return committed


@pytest.fixture
def worktree(command, main_worktree):
    """Runs `worktree ACTION --json`; returns the exit code and the noun, or the error."""

    def worktree(*words):
        assert main_worktree.is_dir()
        answer = command("worktree", *words, "--json")
        VALIDATOR.validate(answer.json)
        (noun,) = set(answer.json) - {"version"}
        return answer.code, answer.json[noun]

    return worktree


@pytest.fixture
def linked(main_worktree, git):
    path = main_worktree.parent / "linked"
    git(main_worktree, "worktree", "add", "-q", "-b", "feature", path)
    return path


def ran(folder):
    """Record a run in a worktree and return its id."""
    with open_at(locate(cwd=folder)) as state:
        run = state.runs.begin("check", branch="feature")
        state.runs.finish(run.id, 1)
        return run.id


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_list_shows_each_worktree_with_its_last_run(worktree, main_worktree, linked):
    run = ran(linked)
    code, (first, second) = worktree("list")
    assert code == 0
    assert (first["path"], first["main"], first["token"], first["last_run"]) == (str(main_worktree), True, None, None)
    assert (second["path"], second["branch"], second["state"]) == (str(linked), "feature", "present")
    assert second["last_run"]["id"] == run
    assert (second["findings"], second["failing_tests"]) == (0, 0)
    assert second["size"] > 0


def test_list_changes_nothing(worktree, main_worktree, linked):
    before = sorted(main_worktree.rglob("*")), sorted(linked.rglob("*"))
    worktree("list")
    assert (sorted(main_worktree.rglob("*")), sorted(linked.rglob("*"))) == before


def test_list_shows_a_missing_one_with_what_is_known_of_it(worktree, linked):
    run = ran(linked)
    shutil.rmtree(linked)
    _, (_, second) = worktree("list")
    assert (second["state"], second["size"], second["last_run"]["id"]) == ("missing", None, run)


def test_list_from_a_bare_repository(command, committed, git, tmp_path, monkeypatch):
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "-q", "--bare", committed, bare)
    git(bare, "worktree", "add", "-q", "--detach", tmp_path / "one")
    run = ran(tmp_path / "one")
    monkeypatch.chdir(bare)
    first, second = command("worktree", "list", "--json").json["worktrees"]
    assert first["state"] == "bare"
    assert second["last_run"]["id"] == run


def test_list_finds_the_database_of_a_worktree_that_was_moved(worktree, main_worktree, linked, git):
    run = ran(linked)
    git(main_worktree, "worktree", "move", linked, linked.with_name("moved"))
    _, (_, second) = worktree("list")
    assert second["path"] == str(linked.with_name("moved"))
    assert second["last_run"]["id"] == run
    assert second["size"] > 0


def test_init_makes_the_state_and_says_what_was_taken_over(worktree, linked, monkeypatch):
    monkeypatch.chdir(linked)
    code, begun = worktree("init")
    assert code == 0
    assert begun["database"] == str(linked / ".worktrees" / "pipeline_state.db")
    assert begun["taken_over"] == {"verdicts": 0, "durations": 0}
    assert worktree("init")[1] == begun
    assert registry.tokens(locate().worktree.common_dir) == (begun["token"],)


def test_add_passes_on_what_git_takes_and_begins_the_worktree(command, main_worktree):
    path = main_worktree.parent / "added"
    answer = command("worktree", "add", "-q", "-b", "topic", "--no-checkout", "../added", "HEAD")
    assert answer.code == 0, answer.err
    assert (path / ".worktrees" / "pipeline_state.db").is_file()
    assert (path / ".git").read_text().endswith("worktrees/added\n")


def test_add_says_what_git_refuses(command, main_worktree):
    answer = command("worktree", "add", str(main_worktree))
    assert answer.code == 3
    assert "already exists" in answer.err


def test_remove_archives_the_database_and_keeps_the_summaries(worktree, command, linked):
    run = ran(linked)
    code, removed = worktree("remove", "../linked")
    assert (code, removed["path"]) == (0, str(linked))
    assert not linked.exists()
    _, (left,) = worktree("history")
    assert (left["path"], left["archives"]) == (str(linked), [removed["archive"]])
    assert [each["id"] for each in left["runs"]] == [run]
    listed = command("runs", "list", "--db", removed["archive"], "--json")
    assert [each["id"] for each in listed.json["runs"]] == [run]


def test_an_archive_can_be_asked_without_becoming_part_of_this_worktree(worktree, command, linked, main_worktree):
    ran(linked)
    _, removed = worktree("remove", "../linked")
    command("runs", "list", "--db", removed["archive"])
    assert registry.tokens(main_worktree / ".git") == ()


def test_remove_without_an_archive_keeps_the_summaries_all_the_same(worktree, linked):
    run = ran(linked)
    assert worktree("remove", "../linked", "--no-archive")[1]["archive"] is None
    assert [each["id"] for each in worktree("history")[1][0]["runs"]] == [run]


def test_remove_names_the_ignored_files_that_went(worktree, linked, main_worktree):
    (main_worktree / ".git" / "info").mkdir(exist_ok=True)
    (main_worktree / ".git" / "info" / "exclude").write_text("*.env\n")
    (linked / "my.env").write_text("a secret")
    ran(linked)
    assert worktree("remove", "../linked")[1]["ignored"] == ["my.env"]


def refused(worktree, path, *options):
    code, error = worktree("remove", str(path), *options)
    assert error["message"].startswith("cannot remove")
    return code, error["code"]


def everything(folder):
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def test_remove_refuses_changes_and_nothing_is_changed(worktree, linked, main_worktree):
    ran(linked)
    (linked / "new.py").write_text("x = 1\n")
    before = everything(linked)
    assert refused(worktree, linked) == (3, "worktree_in_use")
    assert everything(linked) == before
    assert not (main_worktree / ".git" / "pipeline-state" / "archive").exists()
    assert worktree("remove", str(linked), "--force")[0] == 0
    assert not linked.exists()


def test_remove_refuses_a_locked_one_unless_forced(worktree, linked, main_worktree, git):
    git(main_worktree, "worktree", "lock", "--reason", "on a stick", linked)
    assert refused(worktree, linked) == (3, "worktree_in_use")
    assert worktree("remove", str(linked), "--force")[0] == 0


@pytest.mark.parametrize("options", [[], ["--force"]])
def test_remove_refuses_while_a_run_is_going_on(worktree, linked, options):
    code = (
        "import sys\nfrom pipeline_state.store.state import open_state\n"
        "with open_state() as state:\n"
        "    print(state.runs.begin('check').id, flush=True)\n    sys.stdin.read()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code], cwd=linked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    run = child.stdout.readline().strip()
    answer = worktree("remove", str(linked), *options)
    assert answer[0] == 3
    assert run in answer[1]["message"]
    assert linked.exists()
    child.communicate("")
    assert worktree("remove", str(linked), *options)[0] == 0


@pytest.mark.parametrize("options", [[], ["--force"]])
def test_remove_refuses_where_another_worktree_lies_inside(worktree, linked, git, options):
    git(linked, "worktree", "add", "-q", "--detach", linked / ".worktrees" / "nested")
    ran(linked)
    assert refused(worktree, linked, *options) == (3, "worktree_in_use")
    assert (linked / ".worktrees" / "nested" / "a.py").exists()


def test_remove_refuses_the_main_worktree_and_what_is_none(worktree, main_worktree, tmp_path):
    assert refused(worktree, main_worktree, "--force") == (2, "usage")
    (tmp_path / "mine").mkdir()
    code, error = worktree("remove", str(tmp_path / "mine"), "--force")
    assert (code, error["code"]) == (2, "usage")
    assert (tmp_path / "mine").exists()


def test_a_missing_one_can_be_removed(worktree, linked):
    run = ran(linked)
    shutil.rmtree(linked)
    assert worktree("remove", str(linked))[0] == 0
    assert [each["id"] for each in worktree("history")[1][0]["runs"]] == [run]


def test_archive_keeps_a_copy_and_leaves_the_worktree_as_it_is(worktree, linked):
    run = ran(linked)
    code, kept = worktree("archive", str(linked))
    assert code == 0
    with open_at(locate(kept["path"], {})) as state:
        assert state.runs.get(run).id == run
    assert worktree("archive", str(linked))[1]["path"] != kept["path"]
    assert linked.exists()


def test_archive_says_where_there_is_nothing(worktree, linked):
    code, error = worktree("archive", str(linked))
    assert (code, error["code"]) == (3, "database_missing")


def test_sweep_says_what_it_does_and_dry_run_does_nothing(worktree, linked, main_worktree, git):
    ran(linked)
    git(main_worktree, "worktree", "remove", linked)
    expected = [{"path": str(linked), "runs": 1}]
    for option in (["--dry-run"], []):
        _, swept = worktree("sweep", *option)
        assert [{name: one[name] for name in ("path", "runs")} for one in swept["removed"]] == expected
    assert worktree("sweep")[1]["removed"] == []


def test_text_for_people_says_the_same(command, linked, main_worktree, git):
    run = ran(linked)
    assert f"{linked}  feature  present  0 findings, 0 failing tests" in command("worktree", "list").out
    git(main_worktree, "worktree", "remove", linked)
    assert "1 removed" in command("worktree", "sweep").out
    assert run in command("worktree", "history").out


@pytest.mark.parametrize("action", ["list", "sweep", "init", "history"])
def test_outside_of_a_repository_it_is_said(command, tmp_path, monkeypatch, action):
    monkeypatch.chdir(tmp_path)
    assert command("worktree", action).code == 3


def test_a_hooks_variables_do_not_bind_it_to_another_worktree(worktree, linked, main_worktree, monkeypatch):
    monkeypatch.setenv("GIT_DIR", str(main_worktree / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(main_worktree / ".git" / "index"))
    before = (main_worktree / ".git" / "index").read_bytes()
    ran_in = worktree("remove", str(linked))
    assert ran_in[0] == 0
    assert (main_worktree / ".git" / "index").read_bytes() == before
