"""Which worktree is this, where is its state database, and where does its configuration stand?

The first that applies: an explicit argument, `PIPELINE_DB_PATH`, `<worktree root>/.worktrees/pipeline_state.db`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from pipeline_state.errors import ConfigurationError, GitError, LocationError, NoWorktreeError
from pipeline_state.git.commands import WORKTREE

VARIABLE = "PIPELINE_DB_PATH"
FOLDER = ".worktrees"
FILE = "pipeline_state.db"
MEMORY = ":memory:"
CONFIGURATION_FILES = ("pipeline-state.toml", "pyproject.toml")
"""Where the configuration stands, in the worktree root."""


class Worktree(NamedTuple):
    """A Git working tree, main or linked. All paths are absolute.

    `git_dir` is the worktree's own Git directory (`.git/worktrees/<id>` of a linked one), `common_dir` the one
    that all worktrees of the repository share, `index_file` the one that Git commands here use.
    """

    root: Path
    git_dir: Path
    common_dir: Path
    index_file: Path


class Location(NamedTuple):
    """Where a state database is. `path` is `None` for a private in-memory state."""

    path: Path | None
    source: Literal["argument", "environment", "worktree"]
    worktree: Worktree | None


def find_worktree(cwd: Path | None = None, environ: Mapping[str, str] | None = None) -> Worktree:
    """Return the worktree that `cwd` is in: Git's own answer, from any subdirectory, also in submodules.

    Raises `NoWorktreeError` outside a worktree and in a bare repository, `GitError` if Git cannot answer.
    """
    from pipeline_state.git.plumbing import rev_parse

    root, git_dir, common_dir, index = (Path(answer) for answer in rev_parse(WORKTREE, cwd=cwd, environ=environ))
    return Worktree(root, git_dir, common_dir, index)


def locate(
    explicit: str | os.PathLike[str] | None = None,
    environ: Mapping[str, str] = os.environ,
    cwd: Path | None = None,
) -> Location:
    """Return where the state database is for this command.

    An explicit path is relative to `cwd`; a relative `PIPELINE_DB_PATH` to the worktree root, so that one value
    means one file wherever a tool is started. Raises `LocationError` for a path that is refused, and
    `NoWorktreeError` if there is no worktree and the default path is needed.
    """
    here = Path.cwd() if cwd is None else cwd
    named = os.fspath(explicit) if explicit is not None else ""
    variable = environ.get(VARIABLE, "")
    try:
        worktree: Worktree | None = find_worktree(cwd, environ)
    except (NoWorktreeError, GitError):
        if not (named or variable):
            raise
        worktree = None
    if named:
        return Location(_accept(named, here, worktree, "the path"), "argument", worktree)
    if variable:
        base = worktree.root if worktree else here
        return Location(_accept(variable, base, worktree, VARIABLE), "environment", worktree)
    assert worktree is not None
    return Location(default_path(worktree), "worktree", worktree)


def default_path(worktree: Worktree) -> Path:
    """Return `<root>/.worktrees/pipeline_state.db`, unless `.worktrees` leads out of the worktree."""
    folder = worktree.root / FOLDER
    if folder.is_symlink():
        target = folder.resolve()
        if not target.is_relative_to(worktree.root.resolve()):
            raise LocationError(
                f"refused {folder}: it is a link to {target}, outside of the worktree; "
                f"remove the link, or name a database with {VARIABLE}"
            )
    path = folder / FILE
    _accept(str(path), worktree.root, worktree, "the default path")
    return path


def read_configuration_files(root: Path) -> tuple[bytes | None, ...]:
    """Return the bytes of each of `CONFIGURATION_FILES`, `None` for one that is not there.

    Raises `ConfigurationError` for one that cannot be read.
    """
    contents: list[bytes | None] = []
    for name in CONFIGURATION_FILES:
        try:
            contents.append((root / name).read_bytes())
        except FileNotFoundError:
            contents.append(None)
        except OSError as error:
            raise ConfigurationError(f"cannot read the configuration {root / name}: {error.strerror}") from error
    return tuple(contents)


def _accept(name: str, base: Path, worktree: Worktree | None, what: str) -> Path | None:
    if name == MEMORY:
        return None
    if "\0" in name:
        raise LocationError(f"refused {what} {name!r}: a path cannot hold a NUL character")
    try:
        path = Path(os.path.abspath(base / Path(name).expanduser()))
    except RuntimeError as error:
        raise LocationError(f"refused {what} {name!r}: {error}; write the path out") from error
    if path.is_dir():
        raise LocationError(f"refused {what} {path}: it is a folder; name a file, {path / FILE} for one")
    for folder in _git_folders(path, worktree):
        raise LocationError(
            f"refused {what} {path}: it lies inside Git's own folder {folder}; choose a path outside of it"
        )
    return path


def archive_folder(common_dir: Path) -> Path:
    """Return where the databases of removed worktrees are kept: in the Git directory that all worktrees share."""
    return common_dir / "pipeline-state" / "archive"


def archived_token(location: Location) -> str | None:
    """Return whose database this is, if it is an archived one."""
    path, worktree = location.path, location.worktree
    if path is None or worktree is None or path.parent != archive_folder(worktree.common_dir) or not path.is_file():
        return None
    return path.name.partition("-")[0]


def _git_folders(path: Path, worktree: Worktree | None) -> list[Path]:
    if archived_token(Location(path, "argument", worktree)):
        return []  # what was archived can be asked
    own = [worktree.git_dir, worktree.common_dir] if worktree else []
    named = [parent for parent in path.parents if parent.name == ".git"]
    real = path.resolve()
    return [folder for folder in [*own, *named] if path.is_relative_to(folder) or real.is_relative_to(folder.resolve())]
