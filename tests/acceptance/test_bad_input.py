"""Bad input: one line that says what to do, the documented exit code, and nothing lost.

Every command is run as a user runs it. What a check needs to know it can find out again, so a check goes on where the
database cannot be used; whatever is asked for what was recorded cannot.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from pipeline_state.store.schema import HEAD

COMMANDS = [["check"], ["status"], ["runs", "list"], ["db", "info"], ["db", "verify"]]
ASKING = COMMANDS[1:]

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such names, signals or scripts")
each_command = pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
each_asking_command = pytest.mark.parametrize("words", ASKING, ids=" ".join)


class Said:
    """What a command answered."""

    def __init__(self, done: subprocess.CompletedProcess[bytes]) -> None:
        self.code = done.returncode
        self.out = os.fsdecode(done.stdout)
        self.err = done.stderr.decode("utf-8")

    @property
    def line(self) -> str:
        """The one line on standard error."""
        assert self.err.endswith("\n")
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("pipeline-state: ")
        assert "Traceback" not in self.err
        return self.err[:-1]

    @property
    def report(self):
        """What stands on standard output: JSON and nothing else."""
        return json.loads(self.out)


@pytest.fixture
def place(tmp_path):
    """A repository with one clean file in it."""
    root = tmp_path / "place"
    subprocess.run(["git", "init", "-q", root], check=True)
    (root / "a.py").write_text("a = 1\n")
    subprocess.run(["git", "add", "."], cwd=root, check=True)
    subprocess.run(["git", "commit", "-q", "-m", "one"], cwd=root, check=True)
    return root


@pytest.fixture
def say(place):
    """Runs `pipeline-state` in the repository."""

    def say(*words, cwd=place, **variables):
        command = [sys.executable, "-m", "pipeline_state", *words]
        environment = {**os.environ, **variables}
        return Said(subprocess.run(command, cwd=cwd, env=environment, capture_output=True, timeout=120, check=False))

    return say


@pytest.fixture
def refused(say):
    """Runs a command with and without `--json`; both have to fail alike. Returns the line that was said."""

    def refused(*words, code, error, **options):
        plain, as_json = say(*words, **options), say(*words, "--json", **options)
        assert (plain.code, plain.out) == (code, "")
        assert as_json.code == code
        assert as_json.report == {
            "version": 1,
            "error": {"code": error, "message": as_json.line[len("pipeline-state: ") :]},
        }
        assert plain.line == as_json.line
        return plain.line

    return refused


def everything(root):
    """Every file below a folder, but for what Git and a state of our own hold, with its bytes."""
    return {
        path: path.read_bytes()
        for path in Path(root).rglob("*")
        if path.is_file() and not {".git", ".worktrees"} & set(path.relative_to(root).parts)
    }


def state_at(path):
    """Make a state database with something in it."""
    code = """
        import sys
        from pipeline_state import open_state
        with open_state(sys.argv[1]) as state:
            state.runs.finish(state.runs.begin("check", run_id="0123456789abcdef").id, 0)
    """
    subprocess.run([sys.executable, "-c", dedent(code), path], check=True)
    return path


# the database ------------------------------------------------------------------------------------------------------


@each_command
def test_a_folder_is_no_database(place, refused, words):
    (place / "folder").mkdir()
    for how in ({"words": [*words, "--db", "folder"]}, {"words": words, "PIPELINE_DB_PATH": "folder"}):
        line = refused(*how.pop("words"), code=2, error="location_refused", **how)
        assert f"name a file, {place / 'folder' / 'pipeline_state.db'} for one" in line
    assert list((place / "folder").iterdir()) == []
    assert not (place / ".worktrees").exists()


@each_command
def test_a_database_inside_of_git_is_refused(place, refused, words):
    before = sorted((place / ".git").iterdir())
    line = refused(*words, code=2, error="location_refused", PIPELINE_DB_PATH=".git/state.db")
    assert "PIPELINE_DB_PATH" in line
    assert "choose a path outside" in line
    assert sorted((place / ".git").iterdir()) == before


@pytest.fixture(params=["text", "sqlite", "short", "half"])
def foreign(request, place):
    """A file that is somebody else's."""
    path = place / "theirs"
    if request.param == "sqlite":
        connection = sqlite3.connect(path)
        connection.executescript("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)")
        connection.close()
    else:
        content = {"text": b"notes\n" * 500, "short": b"x", "half": b"SQLite format 3\0 is how it begins"}
        path.write_bytes(content[request.param])
    return path


@each_asking_command
def test_a_file_of_somebody_else_is_refused_and_untouched(place, refused, foreign, words):
    before = everything(place)
    line = refused(*words, "--db", "theirs", code=3, error="database_foreign")
    assert f"{foreign}: it is " in line
    assert "nothing was changed, name another file" in line
    assert everything(place) == before


def test_a_check_goes_on_without_the_file_of_somebody_else(place, say, foreign):
    before = everything(place)
    clean = say("check", "a.py", "--db", "theirs")
    assert (clean.code, clean.line.endswith("; going on without stored verdicts")) == (0, True)
    assert str(foreign) in clean.line
    assert everything(place) == before
    (place / "a.py").write_text("a = (\n")
    found = say("check", "a.py", "--db", "theirs", "--json")
    assert (found.code, found.report["summary"]["findings"]) == (1, 1)
    assert found.report["run"]["id"] is None
    assert "going on" in found.line
    assert foreign.read_bytes() == before[foreign]


@pytest.fixture
def newer(place):
    """A database that a program of the future has taken over for its own kind."""
    path = state_at(place / ".worktrees" / "pipeline_state.db")
    connection = sqlite3.connect(path)
    connection.execute(
        "INSERT INTO schema_version (number, name, sha256, applied_at, oldest_writer, program)"
        " SELECT :number, 'future', sha256, applied_at, :number, '99.0' FROM schema_version LIMIT 1",
        {"number": HEAD + 1},
    )
    connection.commit()
    connection.execute(f"PRAGMA user_version = {HEAD + 1}")
    connection.executescript("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;")
    connection.close()
    return path


@pytest.mark.parametrize("words", [["status"], ["runs", "list"], ["db", "info"]], ids=" ".join)
def test_a_newer_database_is_refused_and_untouched(refused, newer, words):
    before = newer.read_bytes()
    line = refused(*words, code=3, error="database_newer")
    assert "update pipeline-state" in line
    assert newer.read_bytes() == before


def test_whether_a_newer_database_is_whole_can_be_told_all_the_same(say, newer):
    before = newer.read_bytes()
    assert say("db", "verify").code == 0
    assert newer.read_bytes() == before


def test_a_check_goes_on_without_a_newer_database(place, say, newer):
    before = newer.read_bytes()
    (place / "a.py").write_text("a = (\n")
    said = say("check")
    assert (said.code, said.line.endswith("; going on without stored verdicts")) == (1, True)
    assert newer.read_bytes() == before


@pytest.fixture(params=["garbage", "pages", "cut"])
def corrupt(request, place):
    """A database of ours that was damaged."""
    path = state_at(place / ".worktrees" / "pipeline_state.db")
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;")
    connection.close()
    content = path.read_bytes()
    damaged = {
        "garbage": b"\xa5" * len(content),
        "pages": content[:4096] + b"\xa5" * (len(content) - 4096),
        "cut": content[: len(content) // 2],
    }
    path.write_bytes(damaged[request.param])
    return path


def kept(path, content):
    """Whether these bytes are still somewhere in the folder of a database."""
    return any(entry.is_file() and entry.read_bytes() == content for entry in path.parent.iterdir())


@pytest.mark.parametrize("words", [["check"], ["status"], ["runs", "list"]], ids=" ".join)
def test_a_damaged_database_is_moved_aside_and_it_is_said(say, corrupt, words):
    content = corrupt.read_bytes()
    answers = [say(*words), say(*words)]
    assert all("Traceback" not in said.err for said in answers)
    assert answers[-1].code == 0
    said = "".join(one.err for one in answers)
    assert "damaged" in said
    assert kept(corrupt, content)
    assert say("db", "verify").code == 0


@pytest.mark.parametrize("action", ["info", "verify"])
def test_what_only_looks_at_a_damaged_database_leaves_it(say, corrupt, action):
    content = corrupt.read_bytes()
    said = say("db", action)
    assert said.code in ((1, 3) if action == "verify" else (0, 3))
    assert "Traceback" not in said.err
    assert said.err.count("\n") <= 1
    assert corrupt.read_bytes() == content


@each_asking_command
def test_a_database_below_a_file_cannot_be(place, refused, words):
    before = everything(place)
    line = refused(*words, "--db", "a.py/state.db", code=3, error="database_missing" if words[0] == "db" else "state")
    assert str(place / "a.py") in line
    assert everything(place) == before


def test_a_check_goes_on_where_no_database_can_be(place, say):
    said = say("check", "--db", "a.py/state.db")
    assert said.code == 0
    assert "going on without stored verdicts" in said.line
    assert (place / "a.py").read_text() == "a = 1\n"


@posix
@pytest.mark.parametrize("name", [b"two\nlines.db", b"caf\xe9.db", b"-x.db"])
def test_a_database_may_have_any_name_and_a_message_is_one_line_all_the_same(place, say, name):
    path = os.path.join(os.fsencode(place), name)
    assert say("check", b"--db=" + name).code == 0
    assert say("db", "verify", b"--db=" + name).code == 0
    with open(path, "wb") as file:
        file.write(b"notes\n" * 500)
    for action in ("info", "verify"):
        said = say("db", action, b"--db=" + name)
        assert (said.code, "name another file" in said.line) == (3, True)
    said = say("check", b"--db=" + name)
    assert (said.code, "going on" in said.line) == (0, True)
    with open(path, "rb") as file:
        assert file.read() == b"notes\n" * 500


# where it is started -----------------------------------------------------------------------------------------------


@each_command
@pytest.mark.parametrize("where", ["nowhere", "bare", "git"])
def test_without_a_worktree_it_is_said_what_to_do(place, refused, tmp_path, words, where):
    folder = {"nowhere": tmp_path, "bare": tmp_path / "bare", "git": place / ".git"}[where]
    if where == "bare":
        subprocess.run(["git", "init", "-q", "--bare", folder], check=True)
    before = sorted(folder.iterdir())
    line = refused(*words, code=3, error="no_worktree", cwd=folder)
    assert "is not in a Git worktree; change to one" in line
    assert sorted(folder.iterdir()) == before


def test_a_database_does_not_make_a_worktree_for_a_check(say, tmp_path):
    said = say("check", "--db", tmp_path / "x.db", cwd=tmp_path)
    assert said.code == 3
    assert "change to one" in said.line
    assert "--db" not in said.line
    assert not (tmp_path / "x.db").exists()


@each_command
def test_without_git_it_is_said_what_to_do(place, refused, words):
    line = refused(*words, code=3, error="git_failed", PATH=str(place))
    assert "install Git" in line


# usage and configuration -------------------------------------------------------------------------------------------


@each_command
def test_an_unknown_option_is_named(refused, words):
    line = refused(*words, "--no-such-option", code=2, error="usage")
    assert "--no-such-option" in line
    assert "--help" in line


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["chekc"], "did you mean check?"),
        (["\n"], "there are init, check, "),
        (["db"], "--help"),
        (["db", "inof"], "--help"),
        (["runs", "lits"], "--help"),
        (["runs", "show", "nothing"], "there is no run 'nothing'"),
        (["check", "--detector", "rfuf"], "did you mean 'ruff'?"),
        (["check", "--skip", "jsno"], "did you mean 'json'?"),
        (["check", "--jobs", "many"], "--jobs: 'many' is not a whole number from 1"),
        (["check", "--jobs", "0"], "--jobs: '0' is not a whole number from 1"),
        (["check", "gone.py"], "there is no file gone.py"),
        (["check", ".."], "outside of the worktree"),
        (["check", ""], "'' is not a file name"),
        (["check", "--staged", "--all-files"], "choose one of"),
        (["check", "--from-ref", "HEAD"], "need each other"),
        (["check", "--from-ref=--output=x", "--to-ref=HEAD"], "is not a commit"),
        (["check", "--output", "a.py/x"], "cannot write the report to a.py/x"),
        (["check", "--output", "."], "cannot write the report to ."),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_wrong_usage_is_named_with_what_would_be_right(place, refused, words, hint):
    before = everything(place)
    assert hint in refused(*words, code=2, error="usage")
    assert everything(place) == before


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('detectrs = ["json"]', "did you mean 'detectors'?"),
        ('detectors = ["rfuf"]', "did you mean 'ruff'?"),
        ("[detector.rfuf]\nargs = []", "did you mean 'ruff'?"),
        ("[detector.ruff]\nagrs = []", "did you mean 'args'?"),
        ("detectors = 3", "must be a list of strings"),
        ("detectors = [", "cannot read the configuration"),
        ("\udcff", "cannot read the configuration"),
    ],
)
def test_a_wrong_configuration_is_named_with_its_file(place, refused, text, hint):
    path = place / "pipeline-state.toml"
    path.write_bytes(os.fsencode(text))
    line = refused("check", code=2, error="configuration")
    assert hint in line
    assert str(path) in line


def test_a_commit_that_is_not_there_is_what_git_says(refused):
    assert "gone" in refused("check", "--from-ref", "gone", "--to-ref", "HEAD", code=3, error="git_failed")


# file names --------------------------------------------------------------------------------------------------------


@posix
@pytest.mark.parametrize(
    "name", [b"two\nlines.py", b"-x.py", b"--json", b"caf\xe9.py", b"\x1b[31m.py", b"@a.py", b'"q.py']
)
def test_a_file_may_have_any_name(place, say, name):
    with open(os.path.join(os.fsencode(place), name), "wb") as file:
        file.write(b"<<<<<<< ours\n1\n=======\n2\n>>>>>>> theirs\n")
    (place / "pipeline-state.toml").write_text('detectors = ["built-in", "ruff"]\n')
    printed = {b"two\nlines.py": "two\\nlines.py", b"caf\xe9.py": '"caf\\351.py"', b"\x1b[31m.py": "\\x1b[31m.py"}
    for words in (["check"], ["check", "--", name]):
        said = say(*words)
        assert (said.code, said.err) == (1, ""), said.out
        lines = said.out.splitlines()
        shown = printed.get(name) or ('"\\"q.py"' if name == b'"q.py' else name.decode())
        assert all(line.startswith(f"{shown}:") for line in lines[:-1])
        assert any("[merge-conflict" in line for line in lines)
    as_json = say("check", "--json").report
    assert {finding["path"] for finding in as_json["findings"]} == {
        {b"caf\xe9.py": '"caf\\351.py"', b'"q.py': '"\\"q.py"'}.get(name) or name.decode()
    }
    subprocess.run(["git", "add", "-A"], cwd=place, check=True)
    assert say("check", "--staged").code == 1
    assert say("check", "--explain").code == 1


# tools -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def tool(place):
    """Makes ruff, for this repository, a script."""

    def tool(script, *more):
        path = place / "tools" / "ruff"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        (place / "pipeline-state.toml").write_text(
            "\n".join(['detectors = ["ruff"]', "[detector.ruff]", 'path = "tools/ruff"', *more, ""])
        )

    return tool


VERSION = 'case "$*" in *--version*) echo "ruff 0.17.5"; exit 0;; *--show-files*) echo "$PWD/a.py"; exit 0;; esac'


@posix
@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("kill -9 $$", "was ended by SIGKILL"),
        ("echo out of luck >&2; exit 7", "answered with exit code 7, outside of its contract: out of luck"),
        ("exit 0", "ruff"),
        ("echo '[{'; exit 1", "ruff"),
        ("sleep 30", r"did not finish within 0.4 s"),
    ],
)
def test_a_tool_that_fails_is_an_error_and_never_clean(place, say, tool, script, message):
    tool(f"{VERSION}\n{script}", "timeout_s = 0.4" if "sleep" in script else "")
    for _ in range(2):  # nothing of it was stored
        said = say("check", "a.py")
        assert said.code == 3
        assert message in said.line
        assert "ruff: a.py: " in said.line
        assert said.out.startswith("1 error: 1 file, 1 checked, 0 reused")
    report = say("check", "a.py", "--json").report
    assert [(one["detector"], one["path"], one["tolerated"]) for one in report["errors"]] == [("ruff", "a.py", False)]
    assert (report["run"]["exit_code"], report["detectors"][0]["outcome"]) == (3, "error")
    assert (place / "a.py").read_text() == "a = 1\n"


@posix
def test_a_tool_that_does_not_tell_its_version_is_an_error(say, tool):
    tool("exit 7")
    said = say("check", "a.py")
    assert said.code == 3
    assert "Traceback" not in said.err


def test_a_missing_tool_is_named_with_what_to_do(place, say):
    (place / "pipeline-state.toml").write_text('detectors = ["ruff"]\n[detector.ruff]\npath = "tools/ruff"\n')
    said = say("check", "a.py")
    assert said.code == 3
    assert "ruff: ruff is missing: the configured path tools/ruff is not an executable file" in said.line
    report = say("check", "a.py", "--json").report
    assert (report["detectors"][0]["outcome"], report["summary"]["errors"]) == ("missing", 1)


def test_a_missing_tool_that_is_optional_is_a_warning(place, say):
    (place / "pipeline-state.toml").write_text(
        'detectors = ["built-in", "ruff"]\n[detector.ruff]\npath = "tools/ruff"\noptional = true\n'
    )
    said = say("check", "a.py")
    assert said.code == 0
    assert "warning: ruff: ruff is missing" in said.line


def test_what_a_failing_tool_leaves_undone_the_others_still_do(place, say):
    (place / "pipeline-state.toml").write_text(
        'detectors = ["built-in", "ruff"]\n[detector.ruff]\npath = "tools/ruff"\n'
    )
    (place / "a.py").write_text("a = (\n")
    said = say("check", "a.py")
    assert said.code == 3
    assert "a.py:1:" in said.out
    assert said.out.splitlines()[-1].startswith("1 finding, 1 error: ")


@posix
def test_what_is_no_file_is_not_judged(place, say):
    (place / "a.py").unlink()
    (place / "a.py").symlink_to("a.py")
    os.mkfifo(place / "pipe.py")
    said = say("check")
    assert (said.code, said.err) == (1, "")
    first, last = said.out.splitlines()
    assert first.startswith("a.py: ")
    assert "[broken-link " in first
    assert last.startswith("1 finding: 1 file, ")


def test_a_broken_repository_is_what_git_says(place, refused):
    (place / ".git" / "index").write_bytes(b"no index")
    assert "git says: " in refused("check", code=3, error="git_failed")


# the report --------------------------------------------------------------------------------------------------------


def test_a_report_replaces_a_file_whole_and_leaves_nothing_beside_it(place, say):
    (place / "report.json").write_text("older and longer " * 1000)
    said = say("check", "a.py", "--json", "--output", "report.json")
    assert (said.code, said.out) == (0, "")
    assert json.loads((place / "report.json").read_text())["summary"]["files"] == 1
    assert sorted(entry.name for entry in place.iterdir()) == [".git", ".worktrees", "a.py", "report.json"]


@posix
def test_a_report_goes_through_a_link_and_replaces_no_pipe(place, say, tmp_path):
    (tmp_path / "target").write_text("")
    (place / "link").symlink_to(tmp_path / "target")
    assert say("check", "a.py", "--output", "link").code == 0
    assert (place / "link").is_symlink()
    assert "nothing found" in (tmp_path / "target").read_text()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
    assert say("check", "a.py", "--output", pipe).code == 0
    assert b"nothing found" in reader.communicate(timeout=30)[0]
    assert pipe.is_fifo()
