"""The detectors that judge names: what they find, and what their verdicts rest on."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from pipeline_state.checks.declaration import Names
from pipeline_state.checks.detectors import broken_link, case_conflict


def conflicts(*paths, gone=()):
    """Return the messages about each path."""
    found = case_conflict.names(Names(paths, (), lambda path: path not in gone, bool))
    return {path: [problem.message for problem in case_conflict.judge(path, said)] for path, said in found.items()}


def test_names_that_differ_in_case_only_are_in_conflict_with_each_other():
    assert conflicts("README", "readme", "other") == {
        "README": ["README and readme differ in case only"],
        "readme": ["readme and README differ in case only"],
    }
    assert conflicts("a/x", "b/X", "a/y.py", "a/y.pyi") == {}


def test_each_name_is_in_conflict_with_all_others():
    assert sorted(conflicts("a", "A")["a"]) == ["a and A differ in case only"]
    assert len(conflicts("ab", "aB", "Ab")["ab"]) == 2


def test_folders_in_conflict_are_told_once_with_their_first_file():
    assert conflicts("Src/a", "Src/b", "src/b", "src/c") == {
        "Src/a": ["Src/ and src/ differ in case only"],
        "src/b": ["src/ and Src/ differ in case only"],
    }


def test_a_folder_and_a_file_can_be_in_conflict():
    assert conflicts("Build", "build/x") == {
        "Build": ["Build and build differ in case only"],
        "build/x": ["build/ and Build/ differ in case only"],
    }


def test_case_is_that_of_all_letters_and_accents_count_however_they_are_written():
    composed, decomposed = unicodedata.normalize("NFC", "É.py"), unicodedata.normalize("NFD", "é.py")
    assert set(conflicts(composed, decomposed)) == {composed, decomposed}
    assert set(conflicts("STRASSE", "straße")) == {"STRASSE", "straße"}


def test_a_name_that_git_knows_and_that_is_gone_is_in_conflict_with_nobody():
    assert conflicts("Module.py", "module.py", gone=("Module.py",)) == {}


def test_a_name_of_no_encoding_can_be_in_conflict():
    assert set(conflicts("caf\udce9.py", "CAF\udce9.py")) == {"caf\udce9.py", "CAF\udce9.py"}


NAME = st.text("aAbB/é", min_size=1, max_size=6).filter(lambda name: "" not in name.split("/"))


@given(st.lists(NAME, unique=True, max_size=8))
def test_there_is_a_conflict_where_a_system_that_does_not_tell_cases_apart_loses_a_name(paths):
    folders = {"/".join(path.split("/")[:depth]) for path in paths for depth in range(1, path.count("/") + 1)}
    names = {*paths, *folders}
    assert bool(conflicts(*paths)) == (len({name.lower() for name in names}) < len(names))


def links(*broken):
    known = Names(("good", "bad"), ("good", "bad"), bool, lambda path: path not in broken)
    return {path: list(broken_link.judge(path, said)) for path, said in broken_link.names(known).items()}


def test_a_link_that_leads_nowhere_is_broken_and_the_others_are_clean():
    assert links() == {}
    ((path, (problem,)),) = links("bad").items()
    assert (path, problem.rule, problem.severity) == ("bad", "broken-link", "error")
    assert list(broken_link.judge("good", b"")) == []
