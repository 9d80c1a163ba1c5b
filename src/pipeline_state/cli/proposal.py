"""What `init` reads of a repository, and what its files would be with our lines in them. Writes nothing."""

from __future__ import annotations

import configparser
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from pipeline_state import toml
from pipeline_state.checks.evidence import PRE_COMMIT, SECTIONED, Repository, hook_ids
from pipeline_state.errors import ConfigurationError
from pipeline_state.location import CONFIGURATION_FILES
from pipeline_state.named_tuple import NamedTuple

OWN, PROJECT = CONFIGURATION_FILES
HOOK = "pipeline-state-check"
_HOOK_LINES = f"""\
- repo: local
  hooks:
    - id: {HOOK}
      name: pipeline-state check
      entry: pipeline-state check --
      language: system
      types: []
      types_or: [file, symlink]
      require_serial: true
"""


class Proposal(NamedTuple):
    """A file, the lines that are proposed for it, and its whole text with them.

    Without a `text` the file stays as it is, and `why_not` says why.
    """

    path: Path
    lines: str
    text: str | None = None
    why_not: str | None = None

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.path.name


def read_repository(root: Path) -> Repository:
    """Return what the worktree at `root` says of the tools that it uses. What cannot be read says nothing."""
    files = {entry.name for entry in root.iterdir() if not entry.is_dir()}
    github = root / ".github"
    files |= {f".github/{entry.name}" for entry in github.iterdir()} if github.is_dir() else set()
    return Repository(
        files=files,
        tool=_mapping(_parsed(root / PROJECT, toml.loads).get("tool")),
        sections={name: _sections(root / name) for name in SECTIONED},
        package=_parsed(root / "package.json", json.loads),
        pre_commit=_parsed(root / PRE_COMMIT, yaml.safe_load),
    )


def _configuration(detectors: Sequence[str], table: str = "") -> str:
    """Return the lines that configure these detectors, below `[table]` if one is named."""
    heading = f"[{table}]\n" if table else ""
    names = "".join(f'  "{name}",\n' for name in detectors)
    return f"{heading}detectors = [\n{names}]\n"


def with_configuration(root: Path, detectors: Sequence[str]) -> Proposal:
    """Return the configuration: in pyproject.toml where there is one, else in a file of our own."""
    own, project = root / OWN, root / PROJECT
    if own.exists():
        return Proposal(own, _configuration(detectors), why_not="it configures pipeline-state already")
    if not project.exists():
        text = _configuration(detectors)
        return Proposal(own, text, text)
    before = _read(project)
    try:
        parsed = toml.loads(before)
    except ValueError as error:
        raise ConfigurationError(f"cannot propose anything for {project}: {error}; correct it first") from error
    lines = _configuration(detectors, "tool.pipeline-state")
    if "pipeline-state" in _mapping(parsed.get("tool")):
        return Proposal(project, lines, why_not="it configures pipeline-state already")
    text = _appended(before, f"\n{lines}")
    expected = {**parsed, "tool": {**_mapping(parsed.get("tool")), "pipeline-state": {"detectors": list(detectors)}}}
    if _same(text, toml.loads, expected):
        return Proposal(project, lines, text)
    return Proposal(project, lines, why_not="the lines cannot be put at its end; put them where they belong")


def _hook(indent: int = 2) -> str:
    """Return the lines of the hook, indented by so many columns."""
    return "".join(" " * indent + line for line in _HOOK_LINES.splitlines(keepends=True))


def with_hook(root: Path) -> Proposal:
    """Return the configuration of pre-commit with our hook: the installed command, on the files of the commit."""
    path = root / PRE_COMMIT
    if not path.exists():
        text = f"repos:\n{_hook()}"
        return Proposal(path, text, text)
    before = _read(path)
    parsed = _parsed(path, yaml.safe_load)
    repositories = parsed.get("repos")
    if not isinstance(repositories, list):
        return Proposal(path, _hook(), why_not="it has no list of `repos`; put the lines where they belong")
    if hook_ids(parsed) & {HOOK, "pipeline-state-fix"}:
        return Proposal(path, "", why_not="it has the hook already")
    expected = {**parsed, "repos": [*repositories, *yaml.safe_load(_HOOK_LINES)]}
    for indent in (2, 0, 4):
        text = _appended(before, _hook(indent))
        if _same(text, yaml.safe_load, expected):
            return Proposal(path, _hook(indent), text)
    return Proposal(path, _hook(), why_not="the lines cannot be put at its end; put them below `repos`")


def _appended(before: str, lines: str) -> str:
    """Return a text with lines at its end, in its own kind of line ends."""
    text = before if not before or before.endswith("\n") else f"{before}\n"
    return text + (lines.replace("\n", "\r\n") if "\r\n" in before else lines)


def _same(text: str, parse: Callable[[str], Any], expected: object) -> bool:
    try:
        return bool(parse(text) == expected)
    except (ValueError, yaml.YAMLError, RecursionError):
        return False


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read {path}: {error}; correct it first") from error


def _parsed(path: Path, parse: Callable[[str], Any]) -> Mapping[str, Any]:
    try:
        return _mapping(parse(path.read_bytes().decode("utf-8")))
    except (OSError, ValueError, yaml.YAMLError, RecursionError):
        return {}


def _sections(path: Path) -> Collection[str]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(path.read_bytes().decode("utf-8"))
    except (OSError, ValueError, configparser.Error):
        return ()
    return parser.sections()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
