"""Which detectors judge a file: by its kind, its ending, and what the project says."""

from __future__ import annotations

import os

import pytest

from pipeline_state.checks.classify import classifier, kinds_digest
from pipeline_state.checks.contents import Contents
from pipeline_state.checks.declaration import BuiltIn, Detector
from pipeline_state.checks.variants import Variant, variants_of
from pipeline_state.config import Configuration, DetectorSettings, PathSettings


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
        variants = [each for one in detectors for each in variants_of(one, configuration.of(one.id))]
        mask = classifier(tmp_path, variants, configuration.exclude)(path)
        return [one.detector.id for number, one in enumerate(variants) if mask >> number & 1]

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


def test_each_file_is_judged_once_under_the_settings_of_its_last_entry(write, kinds):
    entries = [
        PathSettings(("tests",), args=("-x",)),
        PathSettings(("data",), skip=True),
        PathSettings(("data/*.py",), severity={"*": "note"}),
        PathSettings(("tests/slow",), exclude=("conftest.py",), args=("-y",)),
    ]
    configuration = Configuration(settings={"python": DetectorSettings(per_path=tuple(entries))})
    names = ["a.py", "tests/a.py", "tests/slow/a.py", "tests/slow/conftest.py", "data/a.py"]
    for name in (*names, "data/deep/a.py"):
        write(name, "x")
        assert kinds(name, configuration, (PYTHON,)) == (["python"] if name in names else [])


@pytest.fixture
def digest_of(tmp_path, later, watch):
    def digest_of(*detectors):
        variants = [Variant(one, DetectorSettings()) for one in detectors]
        return kinds_digest(variants, Contents(tmp_path, lambda _: None, later), watch)

    return digest_of


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
