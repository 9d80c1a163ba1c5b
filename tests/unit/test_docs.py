"""Everything that a user can name is documented, and what the documentation says can be done."""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from pipeline_state import config
from pipeline_state.checks import registry
from pipeline_state.checks.registry import shipped_detectors
from pipeline_state.cli.main import COMMANDS
from pipeline_state.cli.parsing import build_parser
from pipeline_state.config import declaration

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(text: str, title: str) -> str:
    """The text below one heading, up to the next heading of any level."""
    parts = re.split(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True)).get(title, "")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def commands() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command and subcommand with its parser; those that only hold subcommands are left out."""
    waiting = [(f"pipeline-state {name}", build_parser(name, COMMANDS)) for name in COMMANDS]
    while waiting:
        name, parser = waiting.pop()
        below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
        for action in below:
            waiting += [(f"{name} {word}", subparser) for word, subparser in action.choices.items()]
        if not below:
            yield name, parser


each_command = pytest.mark.parametrize(("name", "parser"), [pytest.param(*each, id=each[0]) for each in commands()])


@each_command
def test_every_command_is_documented_with_all_its_options(name: str, parser: argparse.ArgumentParser) -> None:
    text = section(page("docs/commands.md"), name)
    assert text, f"docs/commands.md has no heading '{name}'"
    options = {option for action in parser._actions for option in action.option_strings} - {"-h", "--help"}
    assert {option for option in options if not re.search(rf"{option}(?![\w-])", text)} == set()


@each_command
def test_every_documented_option_exists(name: str, parser: argparse.ArgumentParser) -> None:
    text = section(page("docs/commands.md"), name)
    options = {option for action in parser._actions for option in action.option_strings}
    assert set(re.findall(r"(?<![\w-])--[a-z][\w-]*", text)) <= options


@each_command
def test_every_option_says_what_it_does(name: str, parser: argparse.ArgumentParser) -> None:
    assert [action.dest for action in parser._actions if not action.help] == [], name


def test_every_documented_command_exists() -> None:
    known = {name for name, _ in commands()} | {f"pipeline-state {name}" for name in COMMANDS}
    assert set(re.findall(r"^## (pipeline-state .*)$", page("docs/commands.md"), flags=re.MULTILINE)) <= known


def test_the_readme_lists_every_command_as_the_help_does() -> None:
    assert [f"| `pipeline-state {name}` | {line} |" for name, line in COMMANDS.items()] == [
        line for line in page("README.md").splitlines() if line.startswith("| `pipeline-state ")
    ]


def test_every_error_code_is_documented() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")]
    raised = [code for source in sources for code in re.findall(r'^    code = "(\w+)"', source, flags=re.MULTILINE)]
    reported = re.findall(r'_report\("(\w+)"', page("src/pipeline_state/cli/boundary.py"))
    assert raised
    assert reported
    text = page("docs/commands.md")
    assert {code for code in raised + reported if f"| `{code}` |" not in text} == set()


@pytest.mark.parametrize(
    "table", [config.Configuration, config.DetectorSettings, config.PathSettings, config.Retention]
)
def test_every_setting_is_documented(table: type) -> None:
    text = page("docs/configuration.md")
    derived = {"settings", "source", "retention", "declaration"}  # tables of their own, and where it was read
    names = {each if each == "timeout_s" else each.replace("_", "-") for each in table._fields}
    assert {name for name in names if f"| `{name}` |" not in text} <= derived


def test_every_key_of_a_declared_detector_is_documented() -> None:
    rows = re.findall(r"^\| (`[^|]*) \|", page("docs/detectors.md"), re.MULTILINE)
    assert set(declaration.KEYS) <= {name for row in rows for name in re.findall("`(.*?)`", row)}


def test_examples_of_the_configuration_are_right(tmp_path: Path) -> None:
    examples = [block for name in ("configuration", "detectors") for block in blocks(page(f"docs/{name}.md"), "toml")]
    assert len(examples) >= 8
    for example in examples:
        if "pipeline-state" in example:
            (tmp_path / "pyproject.toml").write_text(example, encoding="utf-8")
            registry.with_declared(registry.Registry(shipped_detectors()), config.load_configuration(tmp_path))


def test_the_first_example_of_a_declared_detector_finds_what_it_is_for(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(blocks(page("docs/detectors.md"), "toml")[0], encoding="utf-8")
    (tmp_path / "notes.txt").write_text("one\nTODO: two\n", encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    command = [sys.executable, "-I", "-m", "pipeline_state", "check", "--detector", "todo"]
    done = subprocess.run(command, cwd=tmp_path, stdout=subprocess.PIPE, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == "notes.txt:2: warning: TODO: two [todo unnamed]"


def test_the_example_of_a_plugin_is_one() -> None:
    (example,) = [block for block in blocks(page("docs/detectors.md"), "python") if "hookimpl" in block]
    used = """
(detector,) = pipeline_state_detectors()
(problem,) = detector.how.judge("a.yaml", b"a:\\n  \\tb\\n")
assert (problem.line, problem.column) == (2, 3)
"""
    subprocess.run([sys.executable, "-c", example + used], check=True)


def test_every_detector_is_documented() -> None:
    text = page("docs/configuration.md")
    assert {each for each in shipped_detectors() if f"| `{each}` |" not in text} == set()


def pytest_says(*options: str) -> str:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n0", *options]
    done = subprocess.run(command, cwd=ROOT / "docs", check=True, stdout=subprocess.PIPE, encoding="utf-8")
    return done.stdout


def test_every_option_and_setting_of_the_plugin_is_documented() -> None:
    # Options have dashes and settings underscores; a metavar follows an option.
    names = set(re.findall(r"(?:--pipeline-state[a-z-]*|\bpipeline_state[a-z_]*\b(?= \())", pytest_says("--help")))
    assert {"--pipeline-state", "pipeline_state"} <= names
    text = page("docs/pytest.md")
    assert {name for name in names if not re.search(rf"`{name}[` ]", text)} == set()


def test_every_fixture_of_the_plugin_is_documented() -> None:
    listed = pytest_says("--fixtures")
    ours = set(re.findall(r"^(\w+)(?: \[.*?\])? -- .*pipeline_state", listed, flags=re.MULTILINE))
    assert {"state_db", "state_db_factory"} <= ours
    text = page("docs/pytest.md")
    assert {name for name in ours if f"| `{name}` |" not in text} == set()


def test_every_hook_is_documented() -> None:
    hooks = yaml.safe_load(page(".pre-commit-hooks.yaml"))
    text = page("docs/pre-commit.md")
    for hook in hooks:
        assert f"| `{hook['id']}` |" in text
        assert f"| {', '.join(hook['stages'])} |" in text


def test_this_repository_is_checked_by_its_own_hook() -> None:
    published = {hook["id"]: hook for hook in yaml.safe_load(page(".pre-commit-hooks.yaml"))}
    (repository,) = yaml.safe_load(page(".pre-commit-config.yaml"))["repos"]
    for hook in repository["hooks"]:
        same = ("entry", "args", "types", "types_or", "require_serial")
        assert {key: hook[key] for key in same} == {key: published[hook["id"]][key] for key in same}


def test_ci_runs_the_tests_with_the_command_of_the_readme() -> None:
    commands = [line for block in blocks(page("README.md"), "sh") for line in block.splitlines() if "&&" in line]
    assert len(commands) == 2
    (tests,) = [line for line in commands if "[test]" in line]
    words = tests.split("&&")[-1].split()
    assert words[0] == ".venv/bin/pytest"
    steps = [line for line in page(".ci/run").splitlines() if line.startswith("step ")]
    assert steps[-1].split()[1:] == ['"$bin/pytest"', *words[1:], '"$@"']


def test_ci_covers_every_python_that_is_promised() -> None:
    promised = re.findall(r"Programming Language :: Python :: (3\.\d+)", page("pyproject.toml"))
    (job,) = yaml.safe_load(page(".github/workflows/ci.yml"))["jobs"].values()
    assert job["strategy"]["matrix"]["python"] == promised


def anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("source", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(source: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)]+)\)", source.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        path = (source.parent / name) if name else source
        if not path.exists() or (anchor and anchor not in anchors(path.read_text(encoding="utf-8"))):
            broken.append(target)
    assert broken == []


def test_every_decision_is_listed() -> None:
    text = page("docs/adr/README.md")
    assert {path.name for path in (ROOT / "docs/adr").glob("0*.md") if f"({path.name})" not in text} == set()


@pytest.mark.parametrize("name", ["README.md", "docs/state-database.md"])
def test_examples_of_the_api_run(name: str, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    examples = [block for block in blocks(page(name), "python") if "open_state" in block]
    assert examples
    for example in examples:
        subprocess.run([sys.executable, "-c", example], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize("name", ["README.md", "docs/pytest.md"])
def test_examples_of_the_fixtures_run(name: str, pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("migrations")
    (folder / "0001_customers.sql").write_text("CREATE TABLE customers (name TEXT NOT NULL);\n", encoding="utf-8")
    examples = [block for block in blocks(page(name), "python") if "def test_" in block]
    assert examples
    functions = [node.name for node in ast.walk(ast.parse("\n".join(examples))) if isinstance(node, ast.FunctionDef)]
    tests = sum(name.startswith("test_") for name in functions)
    pytester.makepyfile("\n".join(examples))
    pytester.runpytest_subprocess().assert_outcomes(passed=tests)
