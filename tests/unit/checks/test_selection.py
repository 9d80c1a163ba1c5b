"""Which files are judged: those that were asked for, each once, and nothing of which the commit knows nothing."""

from __future__ import annotations

import os

import pytest

from pipeline_state.checks.selection import Selection, select
from pipeline_state.errors import GitError, UsageError

posix = pytest.mark.skipif(os.name == "nt", reason="links, and names that Windows does not have")


@pytest.fixture
def root(committed, git):
    """Tracked: `a.py`, `sub/b.py`, `.gitignore`. Untracked: `new.py`. Ignored: `x.log`."""
    (committed / "sub").mkdir()
    (committed / "sub" / "b.py").write_text("b = 1\n")
    (committed / ".gitignore").write_text("*.log\n")
    git(committed, "add", ".")
    git(committed, "commit", "-q", "-m", "two")
    (committed / "new.py").write_text("")
    (committed / "x.log").write_text("")
    return committed


@pytest.fixture
def choose(root):
    def choose(mode, *names, cwd=root, stashed=False, refs=("", "")):
        return select(root, Selection(mode, names, *refs), cwd, stashed=stashed)

    return choose


TRACKED = {".gitignore", "a.py", "sub/b.py"}


def test_all_is_what_git_tracks_and_what_it_would_add(choose):
    found = choose("all")
    assert set(found.paths) == TRACKED | {"new.py"}
    assert set(found.tracked) == TRACKED
    assert found.unwatched == ("new.py",)


def test_tracked_is_what_git_tracks(choose):
    assert set(choose("tracked").paths) == TRACKED
    assert choose("tracked").unwatched == ()


def test_what_git_was_told_not_to_look_at_is_for_us_to_watch(root, git, choose):
    git(root, "update-index", "--assume-unchanged", "a.py")
    assert choose("tracked").unwatched == ("a.py",)


def test_staged_leaves_out_what_differs_from_the_index_and_says_so(root, git, choose):
    (root / "a.py").write_text("a = 2\n")
    (root / "sub" / "b.py").write_text("b = 2\n")
    git(root, "add", ".")
    (root / "a.py").write_text("a = 3\n")
    found = choose("staged")
    assert set(found.paths) == {"sub/b.py", "new.py"}
    assert found.withheld == ("a.py",)


def test_staged_under_pre_commit_is_all_of_it(root, git, choose):
    (root / "a.py").write_text("a = 2\n")
    git(root, "add", "a.py")
    (root / "a.py").write_text("a = 3\n")
    found = choose("staged", stashed=True)
    assert (found.paths, found.withheld) == (("a.py",), ())


def test_a_staged_file_that_was_deleted_since_is_withheld(root, git, choose):
    git(root, "add", "new.py")
    (root / "new.py").unlink()
    assert choose("staged").withheld == ("new.py",)


def test_a_range_is_what_changed_in_it(choose):
    assert set(choose("range", refs=("HEAD~1", "HEAD")).paths) == {".gitignore", "sub/b.py"}


def test_an_option_is_no_commit(choose):
    with pytest.raises(UsageError, match="is not a commit"):
        choose("range", refs=("--output=x", "HEAD"))
    with pytest.raises(UsageError, match="is not a commit"):
        choose("range", refs=("HEAD", "-x"))
    with pytest.raises(GitError):
        choose("range", refs=("HEAD", "gone"))


def test_names_count_from_where_we_are(root, choose):
    assert choose("named", "b.py", "../a.py", str(root / "new.py"), cwd=root / "sub").paths == (
        "sub/b.py",
        "a.py",
        "new.py",
    )


def test_a_file_that_is_named_twice_is_judged_once(choose):
    assert choose("named", "a.py", "./a.py", "sub/../a.py").paths == ("a.py",)


def test_a_named_file_is_judged_though_git_ignores_it(choose):
    assert choose("named", "x.log").paths == ("x.log",)


def test_a_folder_is_what_git_knows_below_it(root, choose):
    (root / "sub" / "x.log").write_text("")
    (root / "sub" / "new.py").write_text("")
    assert set(choose("named", "sub").paths) == {"sub/b.py", "sub/new.py"}
    assert set(choose("named", ".").paths) == TRACKED | {"new.py", "sub/new.py"}
    assert set(choose("named", ".", cwd=root / "sub").paths) == {"sub/b.py", "sub/new.py"}


@pytest.mark.parametrize("name", ["", "a\0b", "gone.py", "sub/gone.py", "gone/a.py", "..", "../other", "/", "a.py/x"])
def test_a_name_that_is_none_of_this_worktree_is_refused(choose, name):
    with pytest.raises(UsageError):
        choose("named", name)


@posix
def test_a_link_is_judged_as_a_link_and_the_folder_of_a_name_by_its_real_path(root, choose, tmp_path):
    (root / "link").symlink_to("a.py")
    (root / "folder-link").symlink_to("sub")
    (root / "broken").symlink_to("gone")
    (tmp_path / "outside").symlink_to(root)
    names = ("link", "folder-link", "broken", "folder-link/b.py", str(tmp_path / "outside" / "a.py"))
    assert choose("named", *names).paths == ("link", "folder-link", "broken", "sub/b.py", "a.py")


@posix
def test_a_name_may_look_like_an_option_or_a_pattern(root, choose):
    for name in ("-x.py", "*.py", "two\nlines.py", ":(top)x.py"):
        (root / name).write_text("")
        assert choose("named", name).paths == (name,)
    (root / "*").mkdir()
    (root / "*" / "in.py").write_text("")
    assert choose("named", "*").paths == ("*/in.py",)
