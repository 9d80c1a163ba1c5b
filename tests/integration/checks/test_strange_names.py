"""A file name is a file name, whatever is in it."""

from __future__ import annotations

import os
import sys

import pytest

UNUSED = b"import os\n"
NAMES = {
    "spaces": b"a b  c.py",
    "quotes": b'it\'s "quoted".py',
    "shell": b"$(touch x) ; `touch y` & *.py",
    "newline": b"two\nlines.py",
    "leading dash": b"-rf.py",
    "option": b"--fix.py",
    "backslash": b"back\\slash.py",
    "tab": b"a\tb.py",
    "brackets": b"[a-z]{b,c}.py",
    "colon": b"C:x.py",
    "at": b"@file.py",
    "quote first": b'"first.py',
    "unicode": "größe-日本-🐍.py".encode(),
    "decomposed": "u\u0308.py".encode(),
    "long": b"n" * 250 + b".py",
}
UNDECODABLE = {"latin": b"caf\xe9.py", "bytes": b"\xff\xfe.py", "both": b"two\n\xff.py"}

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="file systems elsewhere refuse such names")


def add(project, name: bytes) -> bytes:
    path = os.path.join(os.fsencode(project.root), name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(UNUSED)
    return path


def stored(name: bytes) -> str:
    from pipeline_state.store.storable import storable_path

    return storable_path(os.fsdecode(name))


def test_files_are_judged_and_recalled_whatever_their_names(project):
    names = [*NAMES.values(), *UNDECODABLE.values(), b"deep/" + b"/".join([b"d" * 40] * 12) + b"/x.py"]
    for name in names:
        add(project, name)
    for answer in (project.agreed(), project.settle()):
        assert answer.errors == []
        found = {path for detector, rule, path in answer.said if (detector, rule) == ("ruff", "F401")}
        assert found == set(map(stored, names))
    assert not any((project.root / name).exists() for name in ("x", "y")), "no shell has seen a name"
    project.git("add", "--all")
    assert len(project.agreed("--all-files").said) == len(answer.said)
    for name in names:
        with open(os.path.join(os.fsencode(project.root), name), "wb") as file:
            file.write(b"VALUE = 1\n")
    assert {rule for _, rule, _ in project.agreed().said} <= {"INP001"}
    for name in names:
        os.unlink(os.path.join(os.fsencode(project.root), name))
    assert project.agreed().said == []


@pytest.mark.parametrize("name", [*UNDECODABLE.values(), NAMES["newline"], NAMES["option"]])
def test_a_file_may_be_named_whatever_its_name(project, name):
    add(project, name)
    answer = project.agreed("--", os.fsdecode(name))
    assert (answer.rules(stored(name)), answer.errors) == (["F401"], [])


def test_strange_names_can_be_fixed(project):
    project.write("pipeline-state.toml", 'detectors = ["trailing-whitespace", "ruff"]\n')
    names = [name for name in [*NAMES.values(), *UNDECODABLE.values()] if b"[a-z]" not in name]
    for name in names:
        add(project, name)
        with open(os.path.join(os.fsencode(project.root), name), "wb") as file:
            file.write(b"import os\n\nVALUE = 1 \n")
    answer = project.check("--fix")
    assert answer.code == 1
    assert project.check().code == 0
    for name in names:
        with open(os.path.join(os.fsencode(project.root), name), "rb") as file:
            assert file.read().strip() == b"VALUE = 1"


def test_a_name_may_be_given_from_a_folder_below(project):
    add(project, b"package/a b.py")
    project.environ["PWD"] = str(project.root / "package")
    here, project.root = project.root, project.root / "package"
    try:
        answer = project.agreed("a b.py", "../script.py")
        assert answer.rules("package/a b.py") == ["F401"]
        assert answer.report["summary"]["files"] == 2
        assert project.check("--", "-rf.py").code == 2
        assert project.check("../../..").code == 2
        assert project.check("").code == 2
    finally:
        project.root = here


def test_a_folder_stands_for_the_files_that_git_knows_below_it(project):
    project.write(".gitignore", "ignored.py\n")
    project.write("package/ignored.py", UNUSED)
    project.write("package/untracked.py", UNUSED)
    answer = project.agreed("package")
    assert (answer.rules("package/untracked.py"), answer.rules("package/ignored.py")) == (["F401"], [])
    assert project.agreed("package/ignored.py").rules("package/ignored.py") == ["F401"]
