"""Links are judged as such: what counts is what they say, wherever that leads, and if it leads nowhere."""

from __future__ import annotations

import pytest

READS_LINKS = """\
import os, sys
found = [name for name in sys.argv[1:] if "bad" in os.readlink(name)]
print(*found, "complete", sep="\\n", end="")
raise SystemExit(bool(found))
"""
NOTE = "in/note.txt"


@pytest.fixture
def with_note(empty_project):
    """A project in which no folder is watched for a tool."""
    empty_project.write("pipeline-state.toml", 'detectors = ["broken-link", "python-syntax"]\n')
    for name in (NOTE, "in/other.txt", "module.py"):
        empty_project.write(name, "x = 1\n")
    empty_project.commit()
    return empty_project


def delete(project):
    (project.root / NOTE).unlink()


def skip(project):
    project.git("update-index", "--skip-worktree", NOTE)
    delete(project)


def only_intend(project):
    project.git("rm", "--quiet", "--cached", NOTE)
    project.git("add", "--intent-to-add", NOTE)
    delete(project)


@pytest.mark.parametrize("target", ["nowhere", "note.txt"], ids=["nowhere", "itself"])
@pytest.mark.parametrize("vanish", [delete, skip, only_intend])
def test_a_link_that_leads_nowhere_in_the_place_of_nothing_is_judged(with_note, vanish, target):
    vanish(with_note)
    assert with_note.settle().said == []
    (with_note.root / NOTE).symlink_to(target)
    assert with_note.agreed().said
    with_note.write("module.py", "x = 2\n")
    assert with_note.agreed().said
    assert with_note.settle().said


@pytest.fixture
def link(project, strange, tmp_path):
    """A link, of which the detector `strange` says whether its target is called bad."""
    strange(READS_LINKS, types='"symlink"')
    plugin = tmp_path / "plugins/strange_plugin.py"  # without a configuration, no folder is watched for it
    plugin.write_text(plugin.read_text().replace('configuration=Configuration(("strange.cfg",)),', ""))
    project.write("in/x.txt", "x")
    (project.root / "in/bad").symlink_to("x.txt")
    project.commit()
    return project.root / "in/link"


def lead(link, target):
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def track(project, link):
    lead(link, "first")
    project.commit()


def track_and_assume(project, link):
    track(project, link)
    project.git("update-index", "--assume-unchanged", link)


def leave_untracked(project, link):
    pass


def intend(project, link):
    lead(link, "first")
    project.git("add", "--intent-to-add", link)


@pytest.mark.parametrize("begin", [track, track_and_assume, leave_untracked, intend])
@pytest.mark.parametrize(("good", "bad"), [("nowhere", "also-bad"), ("x.txt", "bad")], ids=["nowhere", "the same file"])
def test_a_link_with_another_target_is_judged_wherever_that_leads(project, link, begin, good, bad):
    begin(project, link)
    lead(link, good)
    before = project.settle().said
    lead(link, bad)
    assert project.agreed().said != before
