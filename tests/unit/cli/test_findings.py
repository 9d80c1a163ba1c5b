"""The command `findings`: what the last verdicts say, without running anything, and what has become old since."""

from __future__ import annotations

import json
import os

import jsonschema
import pytest

from pipeline_state.store.findings import Finding
from pipeline_state.store.schema import schema_folder
from pipeline_state.store.state import open_state
from pipeline_state.store.verdicts import Judged, Verdict

SCHEMA = json.loads((schema_folder() / "findings.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


@pytest.fixture
def place(repository, command):
    """A repository of which two files were found broken."""
    (repository / "src").mkdir()
    (repository / "src/broken.py").write_text("a = 1\nb = (\n")
    (repository / "notes.txt").write_text("trailing  \n")
    command("check")
    return repository


def listed(command, *words):
    answer = command("findings", "list", "--json", *words)
    VALIDATOR.validate(answer.json)
    assert answer.code == 0
    return answer.json["findings"]


def shown(command, fingerprint):
    answer = command("findings", "show", "--json", fingerprint)
    VALIDATOR.validate(answer.json)
    return answer.json["finding"]


def paths(found):
    return [one["path"] for one in found]


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.usefixtures("place")
def test_what_was_found_is_listed_without_running_anything(command):
    runs = command("runs", "list", "--json").json
    found = listed(command)
    assert paths(found) == ["notes.txt", "src/broken.py"]
    assert {one["file"] for one in found} == {"unchanged"}
    assert command("runs", "list", "--json").json == runs
    told = command("findings", "list")
    assert len(told.out.splitlines()) == 2
    assert "2 as last judged, 0 of them stale; nothing was run" in told.err


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--path", "src"], ["src/broken.py"]),
        (["--path", "*.txt"], ["notes.txt"]),
        (["--path", "src", "--path", "*.txt"], ["notes.txt", "src/broken.py"]),
        (["--path", "elsewhere"], []),
        (["--detector", "trailing-whitespace"], ["notes.txt"]),
        (["--rule", "trailing-*"], ["notes.txt"]),
        (["--rule", "trailing"], []),
        (["--severity", "error", "--category", "syntax"], ["src/broken.py"]),
        (["--category", "security"], []),
        (["--since", "latest"], ["notes.txt", "src/broken.py"]),
        (["--since", "2001-01-31"], ["notes.txt", "src/broken.py"]),
        (["--since", "2999-01-31T12:00+02:00"], []),
    ],
)
def test_filters_of_one_kind_widen_and_different_ones_narrow(command, words, expected):
    assert paths(listed(command, *words)) == expected


def test_since_a_run_is_what_it_and_later_ones_established(command, place):
    (place / "new.txt").write_text("more  \n")
    command("check")
    assert paths(listed(command, "--since", "latest")) == ["new.txt"]


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "zz", "12:99"])
def test_what_is_neither_run_nor_time_is_refused(command, since):
    answer = command("findings", "list", "--since", since)
    assert answer.code == 2
    assert since in answer.err


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (lambda path: path.write_text("now   \n"), "changed"),
        (lambda path: path.chmod(0o755), "changed"),
        (lambda path: (path.unlink(), path.symlink_to("src")), "changed"),
        (lambda path: (path.unlink(), path.mkdir()), "changed"),
        (lambda path: (path.unlink(), os.mkfifo(path)), "changed"),
        (lambda path: path.unlink(), "gone"),
    ],
    ids=["bytes", "mode", "link", "folder", "pipe", "gone"],
)
def test_findings_of_a_file_that_is_not_what_was_judged_are_stale(command, place, change, state):
    change(place / "notes.txt")
    assert {one["path"]: one["file"] for one in listed(command)} == {"notes.txt": state, "src/broken.py": "unchanged"}
    assert command("findings", "list", "--path", "notes.txt").out.count("(stale: ") == 1


def test_a_file_that_another_detector_looked_at_since_is_stale_for_the_first(command, place):
    (place / "notes.txt").write_text("other \n")
    command("check", "--detector", "end-of-file")  # learns the new bytes
    (state,) = {one["file"] for one in listed(command, "--path", "notes.txt")}
    assert state == "changed"


def test_one_finding_is_shown_with_its_line_and_when_it_was_seen(command, place):
    (found,) = listed(command, "--path", "src")
    one = shown(command, found["fingerprint"][:8])
    assert one["fingerprint"] == found["fingerprint"]
    assert (one["stands"], one["file"], one["excerpt"][0]) == (True, "unchanged", "    2 | b = (")
    (place / "src/broken.py").write_text("# moved\na = 1\nb = (\n")
    command("check")
    again = shown(command, found["fingerprint"])
    assert (again["line"], again["first_seen_in"]) == (3, one["first_seen_in"])
    assert again["last_seen_at"] > again["first_seen_at"] == one["first_seen_at"]
    assert "first seen" in command("findings", "show", found["fingerprint"]).out


def test_what_is_found_no_more_is_shown_as_that(command, place):
    (found,) = listed(command, "--path", "src")
    (place / "src/broken.py").write_text("a = 1\n")
    command("check")
    assert listed(command, "--path", "src") == []
    one = shown(command, found["fingerprint"])
    assert (one["stands"], one["file"]) == (False, None)
    assert one["excerpt"] == ["    2 | [the file has changed since]"]


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("fingerprint", ["", "ffffffff", "%", "g"])
def test_a_fingerprint_that_nothing_has_is_refused(command, fingerprint):
    assert command("findings", "show", fingerprint).code == 2


def store(root, path, fingerprint, message="m"):
    with open_state(root / ".worktrees/pipeline_state.db") as state:
        key = fingerprint.encode()[:16]
        finding = Finding("d", "r", "error", "other", path, 1, 1, None, None, message, fingerprint)

        def insert():
            run = state.runs.begin("check")
            state.verdicts.add(run.id, [Verdict(key, "d", "findings", (finding,))])
            state.verdicts.stand([Judged("d", path, key, b"")])

        state.database.write(insert)


def test_a_beginning_of_several_fingerprints_is_refused_with_their_names(command, place):
    store(place, "a", "ab" * 16)
    store(place, "b", "ac" * 16)
    answer = command("findings", "show", "a")
    assert answer.code == 2
    assert "abababababab" in answer.err


def test_nothing_in_a_database_reaches_the_terminal_or_a_file_outside(command, place, tmp_path):
    (tmp_path / "outside").write_text("secret\n")
    store(place, "../outside", "ab" * 16, "red \x1b[31m\nalert")
    told = command("findings", "list", "--path", "**").out
    assert "../outside:1:1: error: red \\x1b[31m alert" in told
    assert "secret" not in command("findings", "show", "abab").out


@pytest.mark.parametrize("path", ['"\\777"', '"\\x"', '"é"', "a\0b", "/", ""])
def test_a_path_that_nobody_can_have_stored_is_no_reason_to_fail(command, place, path):
    store(place, path, "ab" * 16)
    assert "gone" in {one["file"] for one in listed(command)} or path in ("/", "")
    assert command("findings", "show", "abab").code == 0


def test_weights_of_the_configuration_hold_for_what_was_stored_before(command, place):
    settings = '[detector.trailing-whitespace.severity]\ntrailing-whitespace = "note"\n'
    (place / "pipeline-state.toml").write_text(settings)
    assert paths(listed(command, "--severity", "note")) == ["notes.txt"]
