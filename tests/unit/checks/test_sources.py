"""The sources of a project: every file that could be read, wherever it lies and whoever tracks it."""

from __future__ import annotations

import os

import pytest

from pipeline_state.checks.contents import Contents
from pipeline_state.checks.folders import Folders
from pipeline_state.checks.sources import Sources
from pipeline_state.checks.watch import Watch

PYTHON = (".py", ".pyi")


@pytest.fixture
def sources(tmp_path, later):
    """Looks at the sources anew, as the next run would."""

    def sources(*tracked):
        contents = Contents(tmp_path, lambda _: None, later)
        return Sources(tmp_path, Folders(tmp_path, Watch(tmp_path, later)), contents, later, tracked.__contains__)

    return sources


def test_sources_are_files_of_these_names_but_none_of_environments_caches_and_git(write, sources):
    for name in ("a.py", "in/b.pyi", "in/.hidden/c.py", "in/data.json", "venv/pyvenv.cfg", "venv/bin/activate_this.py"):
        write(name)
    for name in ("venv/lib/x.py", ".git/x.py", ".worktrees/x.py", "in/node_modules/x.py", "in/__pycache__/x.py"):
        write(name)
    found = ("a.py", "in/b.pyi", "in/.hidden/c.py", "venv/bin/activate_this.py")
    assert sorted(sources().files(PYTHON)) == sorted(found)


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "in/b.py").write_text("2"),
        lambda root: (root / "in/b.py").unlink(),
        lambda root: (root / "in/c.py").write_text(""),
        lambda root: (root / "empty").mkdir(),
        lambda root: (root / "in/b.py").rename(root / "in/c.py"),
        lambda root: (root / "link").symlink_to(root / "in"),
        lambda root: (root / "in/l.py").symlink_to("nowhere") or (root / "in/nowhere").write_text(""),
    ],
    ids=["content", "gone", "new", "folder", "name", "link to a folder", "link to a file"],
)
def test_the_digest_moves_with_every_source(tmp_path, write, sources, change):
    write("in/b.py", "1")
    before = sources().digest(PYTHON)
    change(tmp_path)
    assert sources().digest(PYTHON) != before


def test_a_name_that_leads_nowhere_moves_the_digest_of_its_ending(tmp_path, write, sources):
    write("in/b.py", "1")
    before = sources().digest(PYTHON)
    (tmp_path / "in/__init__.txt").symlink_to("nowhere")
    assert sources().digest(PYTHON) == before
    (tmp_path / "in/__init__.py").symlink_to("__init__.py")  # mypy stops at it
    assert sources().digest(PYTHON) != before


def test_the_digest_does_not_move_with_what_is_no_source(tmp_path, write, sources):
    write("in/b.py", "1")
    before = sources().digest(PYTHON)
    write("in/b.txt", "1")
    os.utime(tmp_path / "in/b.py", ns=(0, 0))
    assert sources().digest(PYTHON) == before


def test_links_in_circles_and_to_other_places_are_followed_once(tmp_path, write, sources):
    write("in/b.py", "1")
    (tmp_path / "in/up").symlink_to(tmp_path)
    (tmp_path / "in/self").symlink_to(tmp_path / "in")
    elsewhere = tmp_path.with_name(f"{tmp_path.name}-elsewhere")
    elsewhere.mkdir()
    (elsewhere / "far.py").write_text("1")
    (tmp_path / "out").symlink_to(elsewhere)
    assert set(sources().files(PYTHON)) == {"in/b.py", "out/far.py"}
    before = sources().digest(PYTHON)
    (elsewhere / "far.py").write_text("2")
    assert sources().digest(PYTHON) != before


def test_a_folder_outside_counts_by_what_is_in_it_and_not_by_where_it_is(tmp_path, write, sources):
    write("one/m.py", "1")
    write("two/m.py", "1")
    one, two = (sources().digest(PYTHON, (os.fspath(tmp_path / name),)) for name in ("one", "two"))
    assert one == two
    write("two/m.py", "2")
    assert sources().digest(PYTHON, (os.fspath(tmp_path / "two"),)) != two


def test_what_git_does_not_watch_is_watched(write, sources):
    write("tracked.py")
    write("ignored.py")
    looked = sources("tracked.py")
    looked.digest(PYTHON)
    assert set(looked.watch.entries) == {"ignored.py"}


def test_inputs_are_files_that_match_or_that_are_named_wherever_they_are(write, sources):
    write("models/a.json", "1")
    write("node_modules/lock.json", "1")
    patterns = ("models/*.json", "node_modules/lock.json", "absent.json")
    digests = [sources().inputs_digest(patterns)]
    for name, content in (
        ("models/a.json", "2"),
        ("models/b.json", ""),
        ("node_modules/lock.json", "2"),
        ("absent.json", ""),
    ):
        write(name, content)
        digests.append(sources().inputs_digest(patterns))
    assert len(set(digests)) == len(digests)
    write("models/a.txt")
    assert sources().inputs_digest(patterns) == digests[-1]
    assert sources().inputs_digest(("../secret",)) == sources().inputs_digest(())


def test_a_source_that_was_written_meanwhile_is_noticed(write, sources):
    path = write("a.py", "1")
    looked = sources("a.py")
    looked.digest(PYTHON)
    assert not looked.moved()
    assert looked.are_as_they_were()
    write("b.py")
    assert not looked.are_as_they_were()
    os.utime(path, ns=(1, 1))
    assert looked.moved()


def test_without_a_clock_nothing_is_sure(tmp_path, write):
    write("a.py", "1")
    looked = Sources(
        tmp_path, Folders(tmp_path, Watch(tmp_path, None)), Contents(tmp_path, lambda _: None, None), None, str
    )
    looked.digest(PYTHON)
    assert not looked.moved()
    assert not looked.are_as_they_were()
