"""The command `baseline`, and `check --baseline`: only what is new fails, on the shortcut too."""

from __future__ import annotations

import json
import os
import sys
import time

import pytest

NAME = "pipeline-state-baseline.json"
BROKEN = "a = 1\ntrailing = 1  \n"


@pytest.fixture
def place(repository, git):
    (repository / "a.py").write_text(BROKEN)
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "one")
    return repository


def entries(place):
    return json.loads((place / NAME).read_text())["findings"]


@pytest.fixture
def written(command, place):
    """A repository with a baseline that knows what there is."""
    answer = command("baseline", "write")
    assert (answer.code, answer.out) == (0, f"{place / NAME}: 1 known\n")
    return place


def test_only_what_is_new_fails(command, written):
    assert command("check").code == 1
    known = command("check", "--baseline", NAME)
    assert (known.code, known.out.count("\n")) == (0, 1)
    assert "1 in the baseline" in known.out
    (written / "a.py").write_text(f"# moved\n{BROKEN}\nnew = 1\t\n")
    new = command("check", "--baseline", NAME)
    assert (new.code, new.out.splitlines()[0][:7]) == (1, "a.py:5:")
    assert "1 finding: " in new.out


def test_the_shortcut_uses_it_too(command, written, monkeypatch):
    time.sleep(1.02 - time.time() % 1)
    command("check")
    monkeypatch.delitem(sys.modules, "pipeline_state.checks.judging")
    answer = command("check", "--baseline", NAME, "--json")
    assert "pipeline_state.checks.judging" not in sys.modules
    assert (answer.code, answer.json["findings"], len(answer.json["baseline"]["known"])) == (0, [], 1)
    assert (answer.json["summary"]["checked"], answer.json["summary"]["findings"]) == (0, 0)
    doctored = entries(written)[0] | {"fingerprint": "0" * 32}
    (written / NAME).write_text(json.dumps({"version": 1, "findings": [doctored]}) + "\n")
    command("check")
    time.sleep(1.02 - time.time() % 1)
    command("check")
    monkeypatch.delitem(sys.modules, "pipeline_state.checks.judging")
    answer = command("check", "--baseline", NAME, "--json")
    assert "pipeline_state.checks.judging" not in sys.modules
    assert (answer.code, len(answer.json["findings"]), len(answer.json["baseline"]["gone"])) == (1, 1, 1)


def test_the_configuration_names_it_relative_to_the_root(command, written, monkeypatch):
    (written / "pipeline-state.toml").write_text(f'baseline = "{NAME}"\n')
    (written / "below").mkdir()
    monkeypatch.chdir(written / "below")
    for _ in range(2):
        assert command("check").code == 0
        time.sleep(1.02 - time.time() % 1)
    assert command("check", "--no-baseline").code == 1
    assert command("check", "--no-baseline", "--baseline", "x").code == 2
    assert "known, 0 of them new; 0 dropped" in command("baseline", "write").out
    (written / "pipeline-state.toml").write_text('baseline = ""\n')
    assert command("check").code == 2


def test_a_run_is_recorded_with_the_exit_code_that_it_had(command, written):
    assert written.exists()
    for words, code in (([], 1), (["--baseline", NAME], 0)):
        run = command("check", "--json", *words).json["run"]["id"]
        assert command("runs", "show", run, "--json").json["run"]["exit_code"] == code


def test_an_entry_that_occurs_no_more_is_told_and_pruned(command, written):
    (written / "a.py").write_text("a = 1\n")
    answer = command("check", "--baseline", NAME)
    assert answer.code == 0
    assert "a.py: in the baseline, but found no more: " in answer.out
    assert command("baseline", "prune").out == f"{written / NAME}: 0 known; 1 dropped\n"
    assert entries(written) == []
    assert "no more" not in command("check", "--baseline", NAME).out


def test_an_entry_of_a_file_that_is_not_looked_at_is_left_alone(command, written):
    (written / "b.py").write_text("b = 1\n")
    assert "no more" not in command("check", "b.py", "--baseline", NAME).out
    (written / "a.py").unlink()
    assert "no more" in command("check", "b.py", "--baseline", NAME).out


def test_pruning_adds_nothing_and_leaves_a_file_alone_that_needs_none(command, written):
    (written / "b.py").write_text("b = 1  \n")
    before = (written / NAME).stat()
    assert command("baseline", "prune").out == f"{written / NAME}: 1 known; 0 dropped\n"
    assert (written / NAME).stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("words", [["write"], ["prune"]])
def test_nothing_is_written_while_something_cannot_be_judged(command, written, words):
    (written / "pipeline-state.toml").write_text('detectors = ["ruff"]\n[detector.ruff]\npath = "no-such"\n')
    before = (written / NAME).read_bytes()
    answer = command("baseline", *words)
    assert answer.code == 3
    assert "left as it is" in answer.err
    assert (written / NAME).read_bytes() == before


def test_a_trouble_is_exit_code_3_with_a_baseline_as_well(command, written):
    (written / "pipeline-state.toml").write_text(
        'detectors = ["built-in", "ruff"]\n[detector.ruff]\npath = "no-such"\n'
    )
    answer = command("check", "--baseline", NAME, "--json")
    assert (answer.code, answer.json["baseline"]["gone"]) == (3, [])


@pytest.mark.parametrize("content", ["", "{", '{"version": 2}', '{"version": 1, "findings": [{}]}'])
@pytest.mark.parametrize(
    "words", [["baseline", "write"], ["baseline", "prune"], ["baseline", "show"], ["check", "--baseline", NAME]]
)
def test_what_is_no_baseline_is_exit_code_2_and_not_written_over(command, place, content, words):
    (place / NAME).write_text(content)
    assert command(*words).code == 2
    assert (place / NAME).read_text() == content


@pytest.mark.parametrize(
    "make",
    [os.mkdir, getattr(os, "mkfifo", os.mkdir), lambda name: os.symlink("nowhere", name)],
    ids=["folder", "pipe", "link"],
)
def test_what_is_no_file_is_refused_at_once(command, place, make):
    make(place / NAME)
    answer = command("check", "--baseline", NAME)
    assert (answer.code, NAME in answer.err) == (2, True)


@pytest.mark.parametrize("path", ['"\\777"', '"\\x"', "a\0b", "../" * 50, "x" * 5000])
def test_a_path_that_no_file_can_have_is_that_of_a_file_that_is_gone(command, written, path):
    entry = entries(written)[0] | {"path": path, "fingerprint": "0" * 32}
    (written / NAME).write_text(json.dumps({"version": 1, "findings": [entry]}) + "\n")
    answer = command("check", "a.py", "--baseline", NAME, "--format", "sarif")
    assert answer.code == 1, answer.err


def test_a_missing_baseline_is_no_empty_one(command, place):
    assert place.exists()
    answer = command("check", "--baseline", "none.json")
    assert answer.code == 2
    assert "baseline write" in answer.err


def test_a_broken_baseline_of_the_configuration_leaves_no_run_going_on(command, place):
    (place / "pipeline-state.toml").write_text('baseline = "b.json"\n')
    assert command("check").code == 2
    assert {one["status"] for one in command("runs", "list", "--json").json["runs"]} <= {"interrupted"}


def test_what_it_knows_is_shown(command, written):
    assert written.exists()
    assert (
        command("baseline", "show").out
        == "a.py: white space at the end of the line [trailing-whitespace trailing-whitespace]\n"
    )
    assert command("baseline", "show", "--json").json == json.loads((written / NAME).read_text())


def test_it_is_written_through_a_link_and_keeps_its_mode(command, written):
    (written / NAME).rename(written / "real.json")
    (written / "real.json").chmod(0o640)
    (written / NAME).symlink_to("real.json")
    (written / "b.py").write_text("b = 1  \n")
    assert "2 known, 1 of them new; 0 dropped" in command("baseline", "write", NAME).out
    assert (written / NAME).is_symlink()
    assert (written / "real.json").stat().st_mode & 0o777 == 0o640
    assert [one["path"] for one in entries(written)] == ["a.py", "b.py"]
    assert not [name for name in os.listdir(written) if name.endswith(".tmp")]


def test_quiet_says_nothing_of_what_went_well(command, place):
    assert place.exists()
    answer = command("baseline", "write", "-q")
    assert (answer.code, answer.out, answer.err) == (0, "", "")
