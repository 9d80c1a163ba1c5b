"""Which detectors judge a file: by its kind, its ending, and what the project says."""

from __future__ import annotations

import os

import pytest

from pipeline_state.checks.classify import classifier, kinds_digest
from pipeline_state.checks.contents import Contents
from pipeline_state.checks.declaration import BuiltIn, Detector
from pipeline_state.config import Configuration, DetectorSettings


def judge(_path, _content):
    return ()


def detector(name, types, **more):
    return Detector(id=name, version=1, title=name, types=frozenset(types), how=BuiltIn(judge), **more)


PYTHON = detector("python", {"python"})
TEXT = detector("text", {"text"}, exclude_types=frozenset({"svg"}))
PLAIN = Configuration()
NOTES = detector("notes", {"nothing"}, extensions=frozenset({".notes"}))


@pytest.fixture
def kinds(tmp_path):
    """Returns the ids of the detectors that judge a path."""

    def kinds(path, configuration=PLAIN, detectors=(PYTHON, TEXT, NOTES)):
        mask = classifier(tmp_path, detectors, configuration)(path)
        return [one.id for number, one in enumerate(detectors) if mask >> number & 1]

    return kinds


def test_a_file_is_judged_by_the_detectors_of_its_kind(write, kinds):
    write("a.py", "x")
    write("a.txt", "x")
    write("a.bin", b"\0")
    assert kinds("a.py") == ["python", "text"]
    assert kinds("a.txt") == ["text"]
    assert kinds("a.bin") == []


def test_a_script_is_known_by_its_first_line(write, kinds):
    write("script", "#!/usr/bin/env python3\n").chmod(0o755)
    assert kinds("script") == ["python", "text"]
    write("data", "#!/usr/bin/env python3\n")  # not executable: not run, and so not a script
    assert kinds("data") == ["text"]


def test_an_excluded_kind_wins_over_a_wanted_one(write, kinds):
    write("a.svg", "<svg/>")
    assert kinds("a.svg") == []


def test_an_ending_that_nobody_else_knows_counts(write, kinds):
    write("a.notes", b"\0")
    assert kinds("a.notes") == ["notes"]
    write("a.notes.txt", "x")
    assert kinds("a.notes.txt") == ["text"]


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_what_is_not_a_file_is_judged_by_nobody(tmp_path, write, kinds):
    write("a.py", "x")
    (tmp_path / "link.py").symlink_to("a.py")
    (tmp_path / "folder.py").mkdir()
    assert [kinds(name) for name in ("link.py", "folder.py", "gone.py")] == [[]] * 3


def test_what_the_project_excludes_is_judged_by_nobody(write, kinds):
    write("build/a.py", "x")
    write("a.py", "x")
    assert kinds("build/a.py", Configuration(exclude=("build",))) == []
    assert kinds("a.py", Configuration(exclude=("build",))) == ["python", "text"]


def test_what_one_detector_excludes_the_others_still_judge(write, kinds):
    write("build/a.py", "x")
    configuration = Configuration(settings={"text": DetectorSettings(exclude=("build",))})
    assert kinds("build/a.py", configuration) == ["python"]


def test_files_that_are_chosen_by_name_are_judged_whatever_their_kind_and_no_others(write, kinds):
    write("a.bin", b"\0")
    write("a.py", "x")
    configuration = Configuration(settings={"python": DetectorSettings(files=("*.bin",))})
    assert kinds("a.bin", configuration) == ["python"]
    assert kinds("a.py", configuration) == ["text"]


def test_an_exclusion_wins_over_a_choice(write, kinds):
    write("a.bin", b"\0")
    chosen = DetectorSettings(files=("*.bin",), exclude=("a.*",))
    assert kinds("a.bin", Configuration(settings={"python": chosen})) == []


@pytest.fixture
def digest_of(tmp_path, later, watch):
    return lambda *detectors: kinds_digest(detectors, Contents(tmp_path, lambda _: None, later), watch)


def test_the_library_that_knows_the_kinds_is_watched(digest_of, watch):
    digest_of(PYTHON)
    assert {"identify.py", "extensions.py", "interpreters.py"} <= {os.path.basename(path) for path in watch.entries}


def test_what_a_detector_declares_of_its_kinds_moves_the_digest_and_nothing_else_of_it(digest_of):
    digests = {
        digest_of(PYTHON),
        digest_of(TEXT),
        digest_of(PYTHON, TEXT),
        digest_of(TEXT, PYTHON),
        digest_of(detector("python", {"python", "pyi"})),
        digest_of(detector("python", {"python"}, exclude_types=frozenset({"pyi"}))),
        digest_of(detector("python", {"python"}, extensions=frozenset({"pyi"}))),
    }
    assert len(digests) == 7
    assert digest_of(detector("another name", {"python"})) == digest_of(PYTHON)
