"""The layers of the architecture, held by what the modules import."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "src"

# Imports point to a greater number only. The longest matching name counts. Layer 0 is the public face, which
# nothing inside may import; the entry points (1) and the ground (5) may look sideways, for those modules are small
# and stand on one another.
LAYERS = {
    "pipeline_state": 0,
    "pipeline_state.__main__": 1,
    "pipeline_state.cli": 1,
    "pipeline_state.pytest_plugin.plugin": 1,
    "pipeline_state.pytest_plugin": 2,
    "pipeline_state.precommit": 2,
    "pipeline_state.worktrees": 2,
    "pipeline_state.reports": 2,
    "pipeline_state.checks": 3,
    "pipeline_state.store": 4,
    "pipeline_state.git": 5,
    "pipeline_state.location": 5,
    "pipeline_state.config": 5,
    "pipeline_state.errors": 5,
    "pipeline_state.named_tuple": 5,
    "pipeline_state.toml": 5,
    "pipeline_state._version": 5,
}
SIDEWAYS = {1, 5}

STRANGERS = [
    ("pipeline_state.pytest_plugin", "pipeline_state.checks"),
    ("pipeline_state.checks", "pipeline_state.pytest_plugin"),
]

# Each runs by itself, in a process that we start, and answers on stdout.
PROGRAMS = {
    "pipeline_state.checks.detectors.detect_secrets_program",
    "pipeline_state.checks.detectors.pip_audit_program",
    "pipeline_state.checks.parsers.pattern_match",
}

OPENS_THE_STATE_DATABASE = {"pipeline_state.store.connection"}
# Transactions, pragmas and the migration table are the store's own mechanism, not statements of a repository.
SPEAKS_SQL_ITSELF = {
    "pipeline_state.store.backup",
    "pipeline_state.store.connection",
    "pipeline_state.store.database",
    "pipeline_state.store.healing",
    "pipeline_state.store.health",
    "pipeline_state.store.integrity",
    "pipeline_state.store.migrations",
}
STATEMENT = re.compile(
    r"^\s*(select\b.+|insert\s+(or\s+\w+\s+)?into\b|replace\s+into\b|update\s+\w+\s+set\b|delete\s+from\b"
    r"|with\s+\w+.*\bas\s*\(|create\s+(unique\s+)?(table|index|view|trigger)\b|drop\s+(table|index)\b|alter\s+table\b)",
    re.IGNORECASE | re.DOTALL,
)
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
MOST_LINES = 400


@dataclass(frozen=True)
class Module:
    name: str
    path: Path
    tree: ast.Module

    @property
    def layer(self) -> int:
        return layer_of(self.name)


def layer_of(name: str) -> int:
    while name not in LAYERS:
        name, _, tail = name.rpartition(".")
        assert name, f"no layer is declared for {tail}"
    return LAYERS[name]


def package_of(name: str) -> str:
    """The part of the architecture that a module belongs to: `pipeline_state.store.runs` -> `pipeline_state.store`."""
    return ".".join(name.split(".")[:2])


@cache
def modules() -> tuple[Module, ...]:
    found = []
    for path in sorted((SOURCES / "pipeline_state").rglob("*.py")):
        parts = path.relative_to(SOURCES).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(Module(name, path, ast.parse(path.read_bytes(), filename=str(path))))
    return tuple(found)


def imports(module: Module) -> set[str]:
    """Every module of ours that is named in an import, wherever it stands, or given to `import_module`."""
    known = {other.name for other in modules()}
    named: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            named |= {name if name in known else node.module for name in whole}
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "import_module":
            named |= {argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant)}
    return {name for name in named if name.split(".")[0] == "pipeline_state"}


def called(node: ast.Call) -> str:
    return ast.unparse(node.func)


def complaints(complain: Callable[[Module], Iterable[str]], keep: Callable[[str], bool] = lambda _: True) -> list[str]:
    """Return what there is to complain of in each of the modules whose names are to be kept to a rule."""
    return [f"{module.name}: {said}" for module in modules() if keep(module.name) for said in complain(module)]


def test_imports_point_down_the_layers_only() -> None:
    def upwards(module: Module) -> Iterator[str]:
        for name in sorted(imports(module)):
            apart = package_of(name) != package_of(module.name) and module.layer not in SIDEWAYS
            if layer_of(name) < module.layer or (layer_of(name) == module.layer and apart):
                yield f"layer {module.layer} may not import {name}"

    # The public face re-exports from every layer, lazily.
    assert not complaints(upwards, lambda name: name != "pipeline_state")


@pytest.mark.parametrize(("one", "other"), STRANGERS)
def test_pytest_plugin_and_checks_do_not_know_each_other(one: str, other: str) -> None:
    acquainted = {
        (module.name, name)
        for module in modules()
        if module.name.startswith(one)
        for name in imports(module)
        if name.startswith(other)
    }
    assert not acquainted


def test_nothing_below_cli_prints_or_exits() -> None:
    forbidden = {"print", "exit", "quit", "sys.exit", "sys.stdout.write", "sys.stderr.write", "SystemExit"}

    def calls(module: Module) -> Iterator[str]:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and called(node) in forbidden:
                yield f"line {node.lineno}: {called(node)}"

    assert not complaints(calls, lambda name: LAYERS.get(package_of(name)) != 1 and name not in PROGRAMS)


def test_exactly_one_module_opens_the_state_database() -> None:
    opening = {
        module.name
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and called(node) in {"sqlite3.connect", "sqlite3.Connection"}
    }
    assert opening == OPENS_THE_STATE_DATABASE


def test_sql_stands_in_sql_files() -> None:
    def statements(module: Module) -> Iterator[str]:
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(module.tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(module.tree):
            said = node.value if isinstance(node, ast.Constant) and id(node) not in docstrings else None
            if isinstance(said, str) and STATEMENT.match(said):
                yield f"line {node.lineno}: {said[:60]!r}"

    assert not complaints(statements, lambda name: name not in SPEAKS_SQL_ITSELF)


def test_a_module_does_one_thing() -> None:
    def too_much(module: Module) -> Iterator[str]:
        if VAGUE_NAMES & set(module.name.split(".")):
            yield "its name does not say what is in it"
        if len(module.path.read_text(encoding="utf-8").splitlines()) > MOST_LINES:
            yield "which second thing has it begun to be?"

    assert not complaints(too_much)


def test_a_module_says_what_it_is_for() -> None:
    assert not complaints(lambda module: [] if ast.get_docstring(module.tree) else ["what is it for?"])


def test_a_complaint_is_heard() -> None:
    """A rule that looks at no module would hold whatever they do."""
    assert len(complaints(lambda _: ["heard"])) == len(modules()) > 100
