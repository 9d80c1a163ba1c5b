"""What a script of an npm package would execute: by Node, and by the content of the packages that it can load."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pipeline_state.checks.contents import Contents
from pipeline_state.checks.declaration import Report, Tool
from pipeline_state.checks.node_script import NodeScript, installed_script, is_node_script, node_script_identity
from pipeline_state.checks.tools import Program, find_program, tool_identity
from pipeline_state.checks.watch import Watch
from pipeline_state.config import DetectorSettings

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes, links and places of programs")

TOOL = Tool("the-tool", (), lambda _: Report({}), {}, package="@scope/tool", plugins=("tool-plugin-*", "@*/tool-*"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project as npm leaves it, with a tool, what it asks for, a plugin, and a stranger."""
    node = tmp_path / "bin" / "node"
    node.parent.mkdir()
    node.write_bytes(b"\x7fELF node")
    node.chmod(0o755)
    root = tmp_path / "project"
    install(root, "@scope/tool", {"bin": {"the-tool": "bin/tool.js"}, "dependencies": {"helper": "1", "absent": "1"}})
    script = root / "node_modules/@scope/tool/bin/tool.js"
    script.parent.mkdir()
    script.write_text("#!/usr/bin/env node\nrequire('helper')\n", encoding="utf-8")
    script.chmod(0o755)
    install(root, "helper", {"peerDependencies": {"peer": "*"}, "peerDependenciesMeta": {"optional-peer": {}}})
    install(root, "peer", {})
    install(root, "tool-plugin-x", {"dependencies": {"of-plugin": "1"}})
    install(root, "@other/tool-y", {})
    install(root, "of-plugin", {})
    install(root, "stranger", {"dependencies": {"helper": "1"}})
    return root


def install(root: Path, name: str, manifest: dict[str, object]) -> Path:
    folder = root / "node_modules" / name
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"name": name, **manifest}), encoding="utf-8")
    (folder / "index.js").write_text(f"// {name}\n", encoding="utf-8")
    return folder


def identity(root: Path, watch: Watch | None = None) -> NodeScript:
    watch = watch or Watch(root, None)
    script = installed_script(root, "@scope/tool", "the-tool", watch)
    assert script is not None
    contents = Contents(root, lambda _: None, None)
    home = os.fspath(root.parent / "home")
    return node_script_identity(root.parent / "bin/node", script, TOOL.plugins, root, contents, watch, home)


@pytest.mark.parametrize("name", ["@scope/tool", "helper", "peer", "tool-plugin-x", "@other/tool-y", "of-plugin"])
def test_a_changed_file_of_the_tool_what_it_asks_for_or_a_plugin_moves_it(project: Path, name: str) -> None:
    before = identity(project)
    assert before.unknown is None
    (project / "node_modules" / name / "index.js").write_text("// patched in place\n", encoding="utf-8")
    assert identity(project).digest != before.digest


def test_what_it_cannot_load_and_what_nobody_loads_does_not_move_it(project: Path) -> None:
    before = identity(project)
    (project / "node_modules/stranger/index.js").write_text("changed\n", encoding="utf-8")
    (project / "node_modules/helper/README.md").write_text("changed\n", encoding="utf-8")
    assert identity(project) == before


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("", "absent"),
        ("", "tool-plugin-new"),
        ("", "optional-peer"),
        ("node_modules/helper", "peer"),
        ("..", "absent"),
        ("..", "tool-plugin-new"),
        ("node_modules", "helper"),  # `import` looks there, too
        ("node_modules/@scope", "helper"),
        ("node_modules/@scope/tool/bin", "helper"),
    ],
)
def test_a_package_that_is_installed_later_or_nearer_moves_it(project: Path, place: str, name: str) -> None:
    before = identity(project)
    install(project / place, name, {"version": "2"})
    assert identity(project).digest != before.digest


@pytest.mark.parametrize("name", ["absent.js", "helper.json", "helper.node", "absent"])
def test_a_file_in_the_place_of_a_package_is_not_seen_through(project: Path, name: str) -> None:
    before = identity(project)
    (project / "node_modules" / name).write_text("module.exports = require('stranger')\n", encoding="utf-8")
    after = identity(project)
    assert after.digest != before.digest
    assert "a module without a package" in (after.unknown or "")


@pytest.mark.parametrize("place", ["home/.node_modules", "home/.node_libraries", "lib/node"])
def test_where_node_looks_at_last_counts(project: Path, place: str) -> None:
    watch = Watch(project, None)
    before = identity(project, watch)
    (project.parent / place).mkdir(parents=True)
    (project.parent / place / "absent").mkdir()
    (project.parent / place / "absent/package.json").write_text("{}", encoding="utf-8")
    assert watch.entries[os.fspath(project.parent / place)] is None
    assert identity(project).digest != before.digest


@pytest.mark.parametrize("name", ["helper.js", "bin/package.json", "lib/index.js"])
def test_a_file_that_appears_in_a_package_moves_it(project: Path, name: str) -> None:
    before = identity(project)
    path = project / "node_modules/@scope/tool" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"name": "of-a-folder", "type": "module"}), encoding="utf-8")
    after = identity(project)
    assert after.digest != before.digest
    (project / "node_modules/@scope/tool/lib.js").write_text("1\n", encoding="utf-8")
    assert identity(project).digest != after.digest


def test_folders_that_a_package_links_to_count_and_links_in_circles_come_to_an_end(project: Path) -> None:
    (project / "common").mkdir()
    (project / "common/index.js").write_text("1\n", encoding="utf-8")
    (project / "node_modules/helper/lib").symlink_to("../../common")
    (project / "node_modules/helper/circle").symlink_to(".")
    before = identity(project)
    (project / "common/index.js").write_text("2\n", encoding="utf-8")
    assert identity(project).digest != before.digest


def test_what_a_link_in_the_place_of_a_package_leads_to_later_moves_it(project: Path) -> None:
    (project / "node_modules/absent").symlink_to("../packages/absent")
    watch = Watch(project, None)
    before = identity(project, watch)
    (project / "packages").mkdir()
    install(project, "other", {}).rename(project / "packages/absent")
    assert watch.entries[os.fspath(project / "node_modules/absent")] is None
    assert identity(project).digest != before.digest


def test_node_itself_moves_it(project: Path) -> None:
    before = identity(project)
    (project.parent / "bin/node").write_bytes(b"\x7fELF another node")
    assert identity(project).digest != before.digest


@pytest.mark.parametrize("name", ["volta-shim", "mise"])
def test_a_launcher_in_the_place_of_node_says_nothing_of_which_node_runs(project: Path, name: str) -> None:
    node = project.parent / "bin/node"
    node.rename(node.with_name(name))
    node.symlink_to(name)
    assert "is a launcher" in (identity(project).unknown or "")


def test_a_script_in_the_place_of_node_says_nothing_of_which_node_runs(project: Path) -> None:
    (project.parent / "bin/node").write_text("#!/bin/sh\nexec asdf exec node\n", encoding="utf-8")
    assert "is a launcher" in (identity(project).unknown or "")


def test_where_it_lies_does_not_matter_and_links_are_followed_as_node_does(project: Path) -> None:
    before = identity(project)
    store = project / "node_modules/.store/tool@1/node_modules"
    store.mkdir(parents=True)
    os.rename(project / "node_modules/@scope/tool", store / "tool")
    (project / "node_modules/@scope/tool").symlink_to(store / "tool")
    for name in ("helper", "peer"):
        os.rename(project / "node_modules" / name, store / name)
    assert identity(project) == before
    moved = project.with_name("moved")
    project.rename(moved)
    (moved / "node_modules/@scope/tool").unlink()
    (moved / "node_modules/@scope/tool").symlink_to("../.store/tool@1/node_modules/tool")
    assert identity(moved) == before


def test_every_file_and_every_place_that_was_looked_at_is_watched(project: Path) -> None:
    watch = Watch(project, None)
    identity(project, watch)
    modules = project / "node_modules"
    present = ["helper/index.js", "helper", "tool-plugin-x/package.json", "@other", "."]
    assert all(watch.entries[os.path.normpath(modules / name)] is not None for name in present)
    assert watch.entries[os.fspath(project.parent / "node_modules")] is None
    assert watch.entries[os.fspath(modules / "@scope/tool/node_modules")] is None
    assert watch.entries[os.fspath(modules / "node_modules")] is None


@pytest.mark.parametrize("manifest", ["{", "[]", '{"dependencies": ["x"], "peerDependencies": 1}', "[" * 50_000])
def test_a_broken_manifest_counts_by_its_bytes(project: Path, manifest: str) -> None:
    before = identity(project)
    (project / "node_modules/helper/package.json").write_text(manifest, encoding="utf-8")
    assert identity(project).digest != before.digest


def test_the_project_comes_before_the_path_and_node_runs_the_script(project: Path) -> None:
    environ = {"PATH": f"{project.parent}/bin"}
    script, node = project / "node_modules/@scope/tool/bin/tool.js", project.parent / "bin/node"
    elsewhere = project.parent / "bin/the-tool"
    elsewhere.symlink_to(script)

    def find(**settings: str) -> Program | str:
        return find_program(TOOL, DetectorSettings(**settings), project, environ, Watch(project, None))

    assert find() == Program(script, node)
    assert Program(script, node).command(TOOL) == (str(node), str(script))
    assert find(path=str(elsewhere)) == Program(elsewhere, node)
    script.unlink()
    assert find() == "the-tool"
    elsewhere.unlink()
    elsewhere.write_text("#!/bin/sh\nexec npx the-tool\n", encoding="utf-8")
    elsewhere.chmod(0o755)
    assert find() == Program(elsewhere), "a launcher is run as it is"
    contents, watch = Contents(project, lambda _: None, None), Watch(project, None)
    assert "what it runs cannot be seen" in (tool_identity(elsewhere, TOOL, contents, watch).unknown or "")


def test_without_node_it_is_node_that_is_missing(project: Path) -> None:
    settings, watch = DetectorSettings(), Watch(project, None)
    assert find_program(TOOL, settings, project, {"PATH": ""}, watch) == "node"


def test_a_script_of_ours_is_given_the_script_of_the_tool(project: Path) -> None:
    script, node = project / "node_modules/@scope/tool/bin/tool.js", project.parent / "bin/node"
    ours = Tool("the-tool", (), lambda _: Report({}), {}, package="@scope/tool", script="ours.mjs")
    started, path, given = Program(script, node).command(ours)
    assert (started, Path(path).name, given) == (str(node), "ours.mjs", str(script))
    shell = Tool("shell", (), lambda _: Report({}), {}, script="ours.ps1", script_options=("-File",))
    assert Program(Path("/bin/shell")).command(shell)[:2] == ("/bin/shell", "-File")


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("tool.js", b"require('x')\n", True),
        ("tool", b"#!/usr/bin/env node\n", True),
        ("tool", b"#!/usr/bin/env -S node --no-warnings\n", True),
        ("tool", b"#!/usr/local/bin/nodejs\r\n", True),
        ("tool", b"#!/bin/sh\nexec node x\n", False),
        ("tool.js", b"#!/bin/sh\nexec node x\n", False),
        ("tool", b"\x7fELF", False),
        ("tool", b"", False),
    ],
)
def test_only_what_node_runs_is_a_script_for_node(tmp_path: Path, name: str, content: bytes, expected: bool) -> None:
    (tmp_path / name).write_bytes(content)
    assert is_node_script(tmp_path / name) is expected
    assert not is_node_script(tmp_path / "gone.js")
