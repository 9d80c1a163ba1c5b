"""Which worktree is this, where is its state database, and where does its configuration stand?

The first that applies: an explicit argument, `PIPELINE_DB_PATH`, `<worktree root>/.worktrees/pipeline_state.db`.
"""

from __future__ import annotations

import os

from pipeline_state.errors import ConfigurationError, GitError, LocationError, NoWorktreeError
from pipeline_state.git.commands import WORKTREE
from pipeline_state.named_tuple import NamedTuple

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Literal

    from pipeline_state.git.plumbing import Folder

VARIABLE = "PIPELINE_DB_PATH"
FOLDER = ".worktrees"
FILE = "pipeline_state.db"
MEMORY = ":memory:"
CONFIGURATION_FILES = ("pipeline-state.toml", "pyproject.toml")
"""Where the configuration stands, in the worktree root."""


class Worktree(NamedTuple):
    """A Git working tree, main or linked. All paths are absolute, and text: an unchanged check does without `pathlib`.

    `git_dir` is the worktree's own Git directory (`.git/worktrees/<id>` of a linked one), `common_dir` the one
    that all worktrees of the repository share, `index_file` the one that Git commands here use.
    """

    root: str
    git_dir: str
    common_dir: str
    index_file: str


class Location(NamedTuple):
    """Where a state database is. `path` is `None` for a private in-memory state."""

    path: str | None
    source: Literal["argument", "environment", "worktree"]
    worktree: Worktree | None


def find_worktree(cwd: Folder | None = None, environ: Mapping[str, str] | None = None) -> Worktree:
    """Return the worktree that `cwd` is in: Git's own answer, from any subdirectory, also in submodules.

    Raises `NoWorktreeError` outside a worktree and in a bare repository, `GitError` if Git cannot answer.
    """
    from pipeline_state.git.plumbing import rev_parse

    answers = rev_parse(WORKTREE, cwd=cwd, environ=environ)
    root, git_dir, common_dir, index = (answer.replace("/", os.sep) for answer in answers)
    return Worktree(root, git_dir, common_dir, index)


def locate(
    explicit: str | os.PathLike[str] | None = None,
    environ: Mapping[str, str] = os.environ,
    cwd: Folder | None = None,
) -> Location:
    """Return where the state database is for this command.

    An explicit path is relative to `cwd`; a relative `PIPELINE_DB_PATH` to the worktree root, so that one value
    means one file wherever a tool is started. Raises `LocationError` for a path that is refused, and
    `NoWorktreeError` if there is no worktree and the default path is needed.
    """
    here = os.getcwd() if cwd is None else os.fspath(cwd)
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


def default_path(worktree: Worktree) -> str:
    """Return `<root>/.worktrees/pipeline_state.db`, unless `.worktrees` leads out of the worktree."""
    folder = os.path.join(worktree.root, FOLDER)
    if os.path.islink(folder):
        target = os.path.realpath(folder)
        if not _is_below(target, os.path.realpath(worktree.root)):
            raise LocationError(
                f"refused {folder}: it is a link to {target}, outside of the worktree; "
                f"remove the link, or name a database with {VARIABLE}"
            )
    path = os.path.join(folder, FILE)
    _accept(path, worktree.root, worktree, "the default path")
    return path


def read_configuration_files(root: Folder) -> tuple[bytes | None, ...]:
    """Return the bytes of each of `CONFIGURATION_FILES`, `None` for one that is not there.

    Raises `ConfigurationError` for one that cannot be read.
    """
    contents: list[bytes | None] = []
    for name in CONFIGURATION_FILES:
        path = os.path.join(root, name)
        try:
            with open(path, "rb") as file:
                contents.append(file.read())
        except FileNotFoundError:
            contents.append(None)
        except OSError as error:
            raise ConfigurationError(f"cannot read the configuration {path}: {error.strerror}") from error
    return tuple(contents)


def _accept(name: str, base: str, worktree: Worktree | None, what: str) -> str | None:
    if name == MEMORY:
        return None
    if "\0" in name:
        raise LocationError(f"refused {what} {name!r}: a path cannot hold a NUL character")
    expanded = os.path.expanduser(name)
    if expanded.startswith("~"):
        raise LocationError(f"refused {what} {name!r}: there is no such home folder; write the path out")
    path = os.path.abspath(os.path.join(base, expanded))
    if os.path.isdir(path):
        raise LocationError(f"refused {what} {path}: it is a folder; name a file, {os.path.join(path, FILE)} for one")
    for folder in _git_folders(path, worktree):
        raise LocationError(
            f"refused {what} {path}: it lies inside Git's own folder {folder}; choose a path outside of it"
        )
    return path


def archive_folder(common_dir: str) -> str:
    """Return where the databases of removed worktrees are kept: in the Git directory that all worktrees share."""
    return os.path.join(common_dir, "pipeline-state", "archive")


def archived_token(location: Location) -> str | None:
    """Return whose database this is, if it is an archived one."""
    path, worktree = location.path, location.worktree
    if path is None or worktree is None:
        return None
    folder, archive = os.path.dirname(path), archive_folder(worktree.common_dir)
    if os.path.normcase(folder) != os.path.normcase(archive):
        return None
    return os.path.basename(path).partition("-")[0] if os.path.isfile(path) else None


def _git_folders(path: str, worktree: Worktree | None) -> list[str]:
    if archived_token(Location(path, "argument", worktree)):
        return []  # what was archived can be asked
    own = [worktree.git_dir, worktree.common_dir] if worktree else []
    named = [parent for parent in _parents(path) if os.path.basename(parent) == ".git"]
    real = os.path.realpath(path)
    return [one for one in [*own, *named] if _is_below(path, one) or _is_below(real, os.path.realpath(one))]


def _parents(path: str) -> Iterator[str]:
    while path != (path := os.path.dirname(path)):
        yield path


def _is_below(path: str, folder: str) -> bool:
    """Whether a path is that folder, or lies below it; both absolute."""
    path, folder = os.path.normcase(path), os.path.normcase(folder)
    return path == folder or path.startswith(os.path.join(folder, ""))
