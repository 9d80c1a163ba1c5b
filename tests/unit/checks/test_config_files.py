"""Configuration chains: whatever a tool would find on its way up moves them, and so does what is absent."""

from __future__ import annotations

import os

import pytest

from pipeline_state.checks.config_files import ConfigurationFiles
from pipeline_state.checks.declaration import Configuration, References
from pipeline_state.checks.digests import NOTHING
from pipeline_state.checks.folders import Folders
from pipeline_state.checks.watch import Watch
from pipeline_state.checks.watched import unmoved


def references(_name, content):
    """A configuration language of three words: `extend FILE`, `roots A B`, `unknown WHY`."""
    paths, unknown, roots = [], None, None
    for line in content.decode().splitlines():
        word, _, rest = line.partition(" ")
        if word == "extend":
            paths.append(rest)
        elif word == "roots":
            roots = tuple(rest.split())
        elif word == "unknown":
            unknown = rest
    return References(tuple(paths), unknown, roots)


UPWARDS = Configuration(names=(".tool", "tool.cfg"), references=references)
AT_ROOT = Configuration(names=("tool.cfg",), where="root", references=references)
OF_USER = Configuration(names=(), where="root", user=("~/.tool", "$XDG_CONFIG_HOME/tool", "/etc/no-such-tool"))
NAMED = Configuration(
    where="root", references=references, in_arguments=lambda args: References(tuple(a for a in args if a[0] != "-"))
)


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "one" / "root"
    (root / "src" / "deep").mkdir(parents=True)
    return root


@pytest.fixture
def look(root, later):
    """Looks at the disk now, and returns the chains of one detector."""

    def look(wanted=UPWARDS, args=(), environ=None, at=root):
        watch = Watch(at, later)
        chains = ConfigurationFiles(at, wanted, args, Folders(at, watch), watch, environ or {})
        chains.watch = watch
        return chains

    return look


def test_references_count_from_the_root_where_the_tool_reads_them_there(root, look):
    from_root = Configuration(names=("tool.cfg",), references=lambda *_: References(("base.cfg",), from_root=True))
    (root / "src/tool.cfg").write_text("")
    before = look(from_root).chain("src").digest
    (root / "src/base.cfg").write_text("no")
    assert look(from_root).chain("src").digest == before
    (root / "base.cfg").write_text("yes")
    assert look(from_root).chain("src").digest != before


def test_a_tool_that_looks_from_the_root_up_finds_what_lies_above_and_nothing_below(root, look):
    above = Configuration(names=("tool.cfg",), where="above")
    (root / "src/tool.cfg").write_text("")
    before = look(above).chain("src/deep").digest
    assert before == look(above).chain("").digest == NOTHING
    (root.parent / "tool.cfg").write_text("")
    assert look(above).chain("src/deep").digest == look(above).chain("").digest != before


def test_without_any_file_every_folder_is_judged_under_nothing(look):
    assert look().chain("src/deep").digest == look().chain("").digest == NOTHING


@pytest.mark.parametrize("where", ["src/deep", "src", "", "..", "../.."])
def test_a_file_that_appears_at_any_level_moves_the_chain(root, look, where):
    before = look().chain("src/deep").digest
    (root / where / "tool.cfg").write_text("x")
    assert look().chain("src/deep").digest != before


def test_a_file_that_appears_is_noticed_by_the_watch(root, look):
    for where in ("src/deep", "src", "", ".."):
        chains = look()
        chains.chain("src/deep")
        packed = chains.watch.packed(chains.watch)
        assert unmoved(root, packed)
        (root / where / "tool.cfg").write_text("x")
        assert not unmoved(root, packed)
        (root / where / "tool.cfg").unlink()


@pytest.mark.parametrize("name", [".git", ".hg"])
def test_where_a_tool_stops_counts_for_the_folders_below_if_something_lies_above(root, look, name):
    wanted, marker = UPWARDS._replace(stops=(".git", ".hg")), root / "src" / name
    marker.mkdir()
    assert look(wanted).chain("src/deep").digest == NOTHING
    marker.rmdir()
    (root / "tool.cfg").touch()
    chains = look(wanted)
    absent, above = chains.chain("src/deep").digest, chains.chain("").digest
    marker.mkdir()
    assert not unmoved(root, chains.watch.packed())
    as_folder = look(wanted).chain("src/deep").digest
    marker.rmdir()
    marker.touch()
    as_file = look(wanted).chain("src/deep").digest
    assert len({absent, as_folder, as_file}) == 3
    assert look(wanted).chain("").digest == above
    assert look().chain("src/deep").digest == absent


@pytest.mark.parametrize("content", ["", "x"])
def test_absent_is_not_the_same_as_there(root, look, content):
    before = look().chain("").digest
    (root / "tool.cfg").write_text(content)
    assert look().chain("").digest != before
    (root / "tool.cfg").unlink()
    assert look().chain("").digest == before


def test_a_nearer_file_moves_the_folders_below_it_and_no_others(root, look):
    (root / "tool.cfg").write_text("x")
    before = {folder: look().chain(folder).digest for folder in ("src/deep", "", "other")}
    (root / "src" / "tool.cfg").write_text("x")
    moved = {folder for folder in before if look().chain(folder).digest != before[folder]}
    assert moved == {"src/deep"}


def test_place_name_and_content_count(root, look):
    digests = set()
    for path, content in (("tool.cfg", "x"), (".tool", "x"), ("src/tool.cfg", "x"), ("tool.cfg", "y")):
        (root / path).write_text(content)
        digests.add(look().chain("src").digest)
        (root / path).unlink()
    assert len(digests) == 4


def test_a_moved_worktree_is_judged_under_the_same(root, look, tmp_path):
    (root / "tool.cfg").write_text("extend base.cfg")
    (root / "base.cfg").write_text("x")
    (root.parent / "tool.cfg").write_text("y")
    before = look().chain("src").digest
    root.parent.rename(tmp_path / "two")
    assert look(at=tmp_path / "two" / "root").chain("src").digest == before


def test_what_is_looked_for_at_the_root_is_not_looked_for_elsewhere(root, look):
    before = look(AT_ROOT).chain("src").digest
    (root / "src" / "tool.cfg").write_text("x")
    (root.parent / "tool.cfg").write_text("x")
    assert look(AT_ROOT).chain("src").digest == before
    (root / "tool.cfg").write_text("x")
    assert look(AT_ROOT).chain("src").digest != before


def test_what_a_file_extends_counts_as_far_as_it_goes(root, look):
    (root / "tool.cfg").write_text("extend shared/base.cfg")
    digests = [look().chain("").digest]
    (root / "shared").mkdir()
    (root / "shared" / "base.cfg").write_text("extend ../../outside.cfg")
    digests.append(look().chain("").digest)
    (root.parent / "outside.cfg").write_text("x")
    digests.append(look().chain("").digest)
    (root.parent / "outside.cfg").write_text("y")
    digests.append(look().chain("").digest)
    assert len(set(digests)) == 4


def test_what_is_extended_and_absent_is_watched(root, look):
    (root / "tool.cfg").write_text("extend ../base.cfg")
    chains = look()
    chains.chain("")
    packed = chains.watch.packed(chains.watch)
    (root.parent / "base.cfg").write_text("x")
    assert not unmoved(root, packed)


def test_files_that_extend_each_other_come_to_an_end(root, look):
    (root / "tool.cfg").write_text("extend other.cfg\nextend tool.cfg")
    (root / "other.cfg").write_text("extend tool.cfg")
    before = look().chain("").digest
    (root / "other.cfg").write_text("extend tool.cfg\n")
    assert look().chain("").digest != before


def test_what_cannot_be_followed_is_said_for_every_folder_below(root, look):
    (root / "src" / "tool.cfg").write_text("unknown a variable stands in it")
    chains = look()
    assert chains.chain("src/deep").unknown == "a variable stands in it"
    assert chains.chain("").unknown is None


def test_what_an_extended_file_leaves_unknown_is_unknown(root, look):
    (root / "tool.cfg").write_text("extend base.cfg")
    (root / "base.cfg").write_text("unknown why")
    assert look().chain("src").unknown == "why"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may read anything")
def test_a_file_that_cannot_be_read_is_unknown(root, look):
    (root / "tool.cfg").write_text("x")
    (root / "tool.cfg").chmod(0)
    assert "cannot be read" in look().chain("").unknown


def test_a_folder_with_the_name_of_a_file_is_no_file(root, look):
    before = look().chain("").digest
    (root / "tool.cfg").mkdir()
    assert look().chain("").digest == before


def test_user_configuration_counts_where_the_environment_says_it_is(root, look, tmp_path):
    home, config = tmp_path / "home", tmp_path / "config"
    environ = {"HOME": str(home), "XDG_CONFIG_HOME": str(config)}
    digests = [look(OF_USER, environ=environ).chain("").digest]
    for path in (home / ".tool", config / "tool"):
        path.parent.mkdir()
        path.write_text("x")
        digests.append(look(OF_USER, environ=environ).chain("").digest)
    assert len(set(digests)) == 3
    assert look(OF_USER, environ={}).chain("").digest == digests[0]
    assert look(OF_USER, environ={"HOME": "relative"}).chain("").digest == digests[0]
    # the same files elsewhere are the same configuration
    home.rename(tmp_path / "moved")
    moved = {**environ, "HOME": str(tmp_path / "moved")}
    assert look(OF_USER, environ=moved).chain("").digest == digests[2]
    assert root.exists()


def test_user_configuration_that_appears_is_noticed(root, look, tmp_path):
    environ = {"HOME": str(tmp_path / "home")}
    (tmp_path / "home").mkdir()
    chains = look(OF_USER, environ=environ)
    chains.chain("")
    packed = chains.watch.packed(chains.watch)
    (tmp_path / "home" / ".tool").write_text("x")
    assert not unmoved(root, packed)


def test_what_the_arguments_name_counts(root, look):
    (root / "mine.cfg").write_text("extend base.cfg")
    before = look(NAMED, ["--config", "mine.cfg"]).chain("src").digest
    (root / "base.cfg").write_text("x")
    assert look(NAMED, ["--config", "mine.cfg"]).chain("src").digest != before
    assert look(NAMED, ["--config"]).chain("src").digest == NOTHING


def test_all_chains_together_move_with_each(root, look):
    def all_of(*folders):
        chains = look()
        for folder in folders:
            chains.chain(folder)
        return chains.all_digest()

    before = all_of("src", "src/deep")
    assert all_of("src", "src/deep") == before
    (root / "src" / "deep" / "tool.cfg").write_text("x")
    assert all_of("src", "src/deep") != before


# where modules are looked for --------------------------------------------------------------------------------------


def roots(look, folder=""):
    return look().chain(folder).import_roots


def test_by_default_modules_are_looked_for_in_the_root_and_in_src(look):
    assert roots(look) == {"", "src"}


def test_a_file_says_where_modules_are_looked_for(root, look):
    (root / "src" / "tool.cfg").write_text("roots lib ../other .")
    assert roots(look, "src") >= {"src/lib", "other", "src"}


def test_a_pattern_means_the_folders_that_are_there(root, look):
    for name in ("packages/a/src", "packages/b/src", "packages/c"):
        (root / name).mkdir(parents=True)
    (root / "packages" / "file").write_text("")
    (root / "tool.cfg").write_text("roots packages/*/src")
    assert roots(look) >= {"packages/a/src", "packages/b/src"}
    assert not any("file" in one for one in roots(look))


def test_a_folder_that_fits_a_pattern_later_moves_where_modules_are_looked_for(root, look):
    (root / "tool.cfg").write_text("roots packages/*")
    (root / "packages").mkdir()
    chains = look()
    before, digest = chains.chain("").import_roots, chains.all_digest()
    packed = chains.watch.packed(chains.watch)
    (root / "packages" / "new").mkdir()
    assert not unmoved(root, packed)
    again = look()
    assert again.chain("").import_roots == before | {"packages/new"}
    assert again.all_digest() != digest


@pytest.mark.parametrize("pattern", ["../outside", "/outside", "a/../../outside", "**/src"])
def test_where_we_cannot_look_is_unknown(root, look, pattern):
    (root / "tool.cfg").write_text(f"roots {pattern}")
    assert "is not watched" in look().chain("").unknown


def test_where_a_file_above_the_worktree_looks_is_unknown(root, look):
    (root.parent / "tool.cfg").write_text("roots root/lib")
    assert "is not watched" in look().chain("").unknown
