"""Tools of a project's own npm packages, run by the real command: what is noticed of them, and what is not skipped."""

from __future__ import annotations

import os
import shutil

import pytest

pytestmark = [pytest.mark.download, pytest.mark.skipif(os.name == "nt", reason="links")]

UGLY, PRETTY = "a  =  1\n", "a = 1;\n"


@pytest.fixture
def with_npm(project, node_modules):
    """Installs packages in the project, as npm would. No links: each more of them changes the times of all others."""

    def with_npm(detector, *packages, settings=""):
        for name in packages:
            shutil.copytree(node_modules / name, project.root / "node_modules" / name)
        project.write("pipeline-state.toml", f'detectors = ["{detector}"]\n{settings}')
        project.write(".gitignore", "node_modules/\n")
        project.write("in/a.js", PRETTY)
        project.write("b.js", PRETTY)
        project.commit()
        return project

    return with_npm


def test_prettier_of_the_project_is_skipped_until_something_that_counts_moves(with_npm):
    project = with_npm("prettier", "prettier")
    first = project.settle()
    assert (first.code, first.report["detectors"][0]["version"][:2]) == (0, "3.")
    files = first.report["summary"]["reused"]
    project.write("in/.prettierrc", "semi: false\n")
    answer = project.check()
    assert (answer.code, answer.rules("in/a.js", "prettier"), answer.rules("b.js", "prettier")) == (
        1,
        ["unformatted"],
        [],
    )
    (project.root / "in/.prettierrc").unlink()
    answer = project.check()
    assert (answer.code, answer.checked) == (0, 0)
    package = project.root / "node_modules/prettier/index.cjs"
    package.write_text(package.read_text(encoding="utf-8") + "// patched\n", encoding="utf-8")
    answer = project.agreed()
    assert (answer.code, answer.checked) == (0, files)
    shutil.rmtree(project.root / "node_modules")
    answer = project.check()
    assert (answer.code, answer.outcomes) == (3, {"prettier": "missing"})
    assert "not in the project's node_modules" in answer.errors[0]


def test_prettier_fixes_what_it_finds_and_code_in_its_configuration_is_run_every_time(with_npm):
    project = with_npm("prettier", "prettier")
    project.write("b.js", UGLY)
    assert project.check("--fix").code == 1
    assert (project.root / "b.js").read_text() == PRETTY
    project.write("prettier.config.mjs", "export default {};\n")
    for _ in range(2):
        answer = project.check()
        (prettier,) = answer.report["detectors"]
        assert (answer.code, answer.recalled, prettier["checked"]) == (0, False, prettier["files"])


@pytest.mark.parametrize("name", [".hg", ".git"])
def test_where_another_repository_begins_prettier_looks_for_no_editorconfig_above(with_npm, name):
    project = with_npm("prettier", "prettier")
    project.write(".editorconfig", "[*]\nindent_style = space\nindent_size = 8\n")
    project.write("in/a.js", "if (a) {\n        b();\n}\n")
    project.write("c.js", "if (a) {\n        b();\n}\n")
    project.commit()
    assert project.settle().code == 0
    (project.root / "in" / name).mkdir()
    answer = project.agreed()
    assert (answer.rules("in/a.js", "prettier"), answer.rules("c.js", "prettier")) == (["unformatted"], [])


@pytest.mark.parametrize("place", ["node_modules/node_modules", "node_modules/markdownlint-cli2/parsers/node_modules"])
def test_a_package_that_comes_before_one_of_the_tool_is_noticed(with_npm, node_modules, place):
    project = with_npm("markdownlint-cli2")
    other = shutil.ignore_patterns("pyright", "prettier")  # which are large
    shutil.copytree(node_modules, project.root / "node_modules", ignore=other)
    project.write("a.md", "# a\n")
    project.write(".markdownlint-cli2.jsonc", "{}\n")
    project.commit()
    assert project.settle().code == 0
    name = "jsonc-parser" if place.endswith("parsers/node_modules") else "markdownlint"
    project.write(f"{place}/{name}/package.json", f'{{"name": "{name}", "main": "index.js"}}')
    project.write(f"{place}/{name}/index.js", "throw new Error('shadowed');\n")
    answer = project.agreed()
    assert answer.code == 3
    assert answer.errors


CONFIG = 'export default [{files: ["**/*.js"], rules: {"no-undef": "error"}}];\n'


def test_eslint_is_run_every_time_unless_the_inputs_of_its_configuration_are_declared(with_npm, node_modules):
    project = with_npm("eslint")
    (project.root / "node_modules").symlink_to(node_modules)
    project.write(".gitignore", "node_modules\n")
    project.write("eslint.config.mjs", CONFIG)
    project.write("b.js", "undefinedName();\n")
    for _ in range(2):
        answer = project.check()
        assert (answer.code, answer.rules("b.js", "eslint"), answer.recalled) == (1, ["no-undef"], False)
        assert answer.checked > 1
    project.write("pipeline-state.toml", 'detectors = ["eslint"]\n[detector.eslint]\ninputs = ["eslint.config.*"]\n')
    project.commit()
    assert project.check().rules("b.js", "eslint") == ["no-undef"]
    answer = project.check()
    assert (answer.checked, answer.rules("b.js", "eslint")) == (0, ["no-undef"])
    project.write("eslint.config.mjs", CONFIG.replace("error", "off"))
    answer = project.check()
    assert (answer.code, answer.rules("b.js", "eslint")) == (0, [])
