"""What Git knows of: every name as it is, and no difference overlooked, whatever the user has set."""

from __future__ import annotations

import os
import time

import pytest

from pipeline_state.errors import GitError
from pipeline_state.git import listing
from pipeline_state.git.plumbing import finish_git

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such names, modes or links")

BLINDING = {
    "core.trustctime": "false",
    "core.checkStat": "minimal",
    "core.fileMode": "false",
    "core.fsmonitor": "true",
}

ODD_NAMES = (b"two\nlines", b"-x", b"caf\xe9", b'"quoted"', b" ", b"a\tb", b"sub/*", b"\xe2\x98\x83", b"back\\slash")


def write(root, name, content=b"x\n"):
    path = os.path.join(os.fsencode(root), name if isinstance(name, bytes) else os.fsencode(name))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)


def tracked(root):
    return listing.read_tracked(listing.start_tracked(root))


def differing(root):
    return listing.differing_paths(finish_git(listing.start_differing(root), "compare"))


def untracked(root):
    return listing.untracked_paths(finish_git(listing.start_untracked(root), "list"))


@pytest.fixture
def settled(committed, git):
    """A repository whose index was written in a later second than its file: what Git can then rely on."""
    os.utime(committed / "a.py", ns=(10**18, 10**18))
    time.sleep(max(0.0, 1.05 - time.time() % 1))
    git(committed, "update-index", "--refresh")
    return committed


@posix
def test_every_name_is_listed_as_it_is(repository, git):
    for name in ODD_NAMES:
        write(repository, name)
    names = {os.fsdecode(name) for name in ODD_NAMES}
    assert set(untracked(repository)) == names
    git(repository, "add", ".")
    assert set(tracked(repository).paths) == set(listing.staged_paths(repository)) == names
    git(repository, "commit", "-q", "-m", "one")
    for name in ODD_NAMES:
        write(repository, name, b"y\nz\n")
    assert set(differing(repository)) == set(listing.unstaged_paths(repository)) == names


@posix
def test_files_and_links_are_listed_and_submodules_are_not(committed, git, tmp_path):
    outer = tmp_path / "outer"
    git(tmp_path, "init", "-q", outer)
    git(outer, "submodule", "--quiet", "add", committed, "inner")
    (outer / "link").symlink_to("nowhere")
    git(outer, "add", "link")
    assert tracked(outer).paths == (".gitmodules", "link")


def test_what_git_was_told_not_to_look_at_is_unwatched(committed, git):
    for name in ("assumed", "skipped", "plain"):
        write(committed, name)
    git(committed, "add", ".")
    git(committed, "update-index", "--assume-unchanged", "assumed")
    git(committed, "update-index", "--skip-worktree", "skipped")
    assert tracked(committed) == (("a.py", "assumed", "plain", "skipped"), ("assumed", "skipped"))


def test_a_file_in_conflict_is_listed_once(committed, git):
    git(committed, "switch", "-q", "-c", "other")
    write(committed, "a.py", b"a = 2\n")
    git(committed, "commit", "-q", "-a", "-m", "two")
    git(committed, "switch", "-q", "main")
    write(committed, "a.py", b"a = 3\n")
    git(committed, "commit", "-q", "-a", "-m", "three")
    with pytest.raises(Exception, match="merge"):
        git(committed, "merge", "-q", "other")
    assert tracked(committed) == (("a.py",), ("a.py",))


@posix
def test_no_setting_hides_a_difference(settled, git):
    for name, value in BLINDING.items():
        git(settled, "config", name, value)
    assert differing(settled) == ()
    before = os.stat(settled / "a.py")
    write(settled, "a.py", b"a = 2\n")
    os.utime(settled / "a.py", ns=(before.st_atime_ns, before.st_mtime_ns))  # the same size, the same time
    assert differing(settled) == ("a.py",)


@posix
def test_a_mode_that_changed_is_a_difference(settled, git):
    git(settled, "config", "core.fileMode", "false")
    (settled / "a.py").chmod(0o755)
    assert differing(settled) == ("a.py",)


def test_a_deleted_file_differs(committed):
    (committed / "a.py").unlink()
    assert differing(committed) == ("a.py",)


def test_untracked_leaves_out_what_is_ignored_and_other_repositories(committed, git):
    write(committed, ".gitignore", b"*.log\n")
    write(committed, "sub/x.log")
    write(committed, "sub/y")
    git(committed, "worktree", "add", "-q", committed / "linked")
    git(committed, "init", "-q", committed / "nested")
    write(committed, "nested/z")
    assert set(untracked(committed)) == {".gitignore", "sub/y"}


def test_below_a_folder_is_what_git_knows_there(committed):
    write(committed, ".gitignore", b"*.log\n")
    for name in ("sub/one.py", "sub/deep/two.py", "sub/no.log", "subway/three.py"):
        write(committed, name)
    assert set(listing.files_below(committed, "sub")) == {"sub/one.py", "sub/deep/two.py"}
    assert set(listing.files_below(committed, ".")) == {
        ".gitignore", "a.py", "sub/one.py", "sub/deep/two.py", "subway/three.py",
    }  # fmt: skip


@posix
def test_a_folder_with_the_name_of_a_pattern_is_that_folder(committed):
    write(committed, "*/one.py")
    write(committed, ":(top)/two.py")
    write(committed, "other/three.py")
    assert listing.files_below(committed, "*") == ("*/one.py",)
    assert listing.files_below(committed, ":(top)") == (":(top)/two.py",)


def test_staged_is_what_the_commit_adds_or_changes(committed, git):
    write(committed, "gone")
    git(committed, "add", ".")
    git(committed, "commit", "-q", "-m", "two")
    git(committed, "rm", "-q", "gone")
    git(committed, "mv", "a.py", "b.py")
    write(committed, "new")
    git(committed, "add", "new")
    write(committed, "untracked")
    assert set(listing.staged_paths(committed)) == {"b.py", "new"}


def test_staged_before_the_first_commit_is_everything(repository, git):
    write(repository, "new")
    git(repository, "add", ".")
    assert listing.staged_paths(repository) == ("new",)


def test_what_was_only_added_by_intent_is_not_staged(committed, git):
    write(committed, "intended")
    git(committed, "add", "--intent-to-add", "intended")
    assert listing.staged_paths(committed) == ()


def test_a_range_counts_from_where_both_parted(committed, git):
    git(committed, "switch", "-q", "-c", "feature")
    write(committed, "mine")
    git(committed, "add", ".")
    git(committed, "commit", "-q", "-m", "mine")
    git(committed, "switch", "-q", "main")
    write(committed, "theirs")
    git(committed, "add", ".")
    git(committed, "commit", "-q", "-m", "theirs")
    assert listing.changed_paths(committed, "main", "feature") == ("mine",)
    assert listing.changed_paths(committed, "feature", "main") == ("theirs",)


def test_a_commit_that_is_not_there_is_said(committed):
    with pytest.raises(GitError, match=r"what changed from HEAD to gone: git says: .*gone"):
        listing.changed_paths(committed, "HEAD", "gone")


def test_the_diff_that_a_user_has_configured_does_not_matter(committed, git):
    git(committed, "config", "diff.external", "false")
    git(committed, "config", "diff.noprefix", "true")
    git(committed, "config", "diff.renames", "copies")
    write(committed, "a.py", b"b = 2\n")
    git(committed, "add", ".")
    assert listing.staged_paths(committed) == ("a.py",)
