"""What a session runs in: its place, the state of its tree, its environment. Gathered once, before collection."""

from __future__ import annotations

import os
import re
import sys
import sysconfig
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import pytest

from pipeline_state.errors import GitError, NoWorktreeError
from pipeline_state.git.environment import without_repository
from pipeline_state.git.identity import worktree_token
from pipeline_state.git.tree_state import TreeState, tree_state
from pipeline_state.location import FILE, FOLDER, Location, locate
from pipeline_state.store.journal import Header
from pipeline_state.store.state import NO_WORKTREE
from pipeline_state.store.storable import redacted_environment, storable_path, storable_text

_DISTRIBUTION = re.compile(r"(?P<name>.+?)(?:-(?P<version>\d[^-]*))?(?:-py\d.*)?\.(?:dist|egg)-info$")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session is recorded, and the token of the worktree that it belongs to."""

    location: Location
    token: str

    @property
    def database(self) -> str:
        """The path of the database; empty in memory."""
        return self.location.path or ""


def find_place(config: pytest.Config, environ: Mapping[str, str]) -> Place:
    """Return where to record: in the state of the worktree that holds the rootdir, or in the rootdir without Git.

    Raises `LocationError` for a path that is refused.
    """
    named = config.getoption("pipeline_state_db")
    if named and named != ":memory:":
        named = os.path.join(config.invocation_params.dir, os.path.expanduser(named))
    environ = without_repository(environ)
    try:
        location = locate(named, environ, config.rootpath)
    except (NoWorktreeError, GitError):
        location = Location(os.path.join(config.rootpath, FOLDER, FILE), "worktree", None)
    if location.worktree is None:
        return Place(location, NO_WORKTREE)
    return Place(location, worktree_token(location.worktree.git_dir))


def describe_session(config: pytest.Config, place: Place, environ: Mapping[str, str]) -> Header:
    """Gather what is known of a session when it begins."""
    worktree = place.location.worktree
    tree = TreeState(None, None, None)
    if worktree is not None:
        try:
            root = Path(worktree.root)
            tree = tree_state(root, leave_out=_own_files(Path(place.database), root), environ=environ)
        except GitError:  # a damaged repository, or one of another user: the tests are recorded all the same
            pass
    return Header(
        run=os.urandom(8).hex(),
        database=storable_path(place.database),
        worktree=place.token,
        started=time.time_ns(),
        selection=_selection(config),
        scope=_scope(config),
        rootdir=relative_rootdir(config, place),
        arguments=[storable_text(os.fspath(argument)) for argument in config.invocation_params.args],
        commit=tree.commit,
        branch=tree.branch,
        tree_digest=tree.digest,
        host=storable_text(_host()),
        environment=redacted_environment({**_added(config), **environment()}),
    )


def _added(config: pytest.Config) -> dict[str, str]:
    """Return what conftests and other plugins add to what identifies the environment."""
    answers = config.hook.pytest_pipeline_state_environment(config=config)
    return {str(name): str(value) for answer in answers for name, value in answer.items()}


def relative_rootdir(config: pytest.Config, place: Place) -> str:
    """Return the root directory as it is stored: relative to the worktree if it lies in it."""
    worktree = place.location.worktree
    return _relative(config.rootpath, Path(worktree.root) if worktree else None)


def environment(path: Sequence[str] | None = None) -> dict[str, str]:
    """Return what identifies the environment: Python, platform, installed distributions with their versions."""
    return {
        "python": ".".join(map(str, sys.version_info[:3])),
        "implementation": sys.implementation.name,
        "platform": sysconfig.get_platform(),
        **{f"distribution:{name}": version for name, version in distributions(sys.path if path is None else path)},
    }


def distributions(path: Sequence[str]) -> list[tuple[str, str]]:
    """Return name and version of what is installed, by the names of the metadata folders.

    `importlib.metadata` would read each file in them: a hundred times slower.
    """
    found: dict[str, str] = {}
    for folder in path:
        try:
            names = os.listdir(folder or ".")
        except OSError:  # a zip file, or a folder that is not there
            continue
        for name in names:
            match = _DISTRIBUTION.match(name) if name.endswith("-info") else None
            if match:  # the first on the path is the one that is imported
                found.setdefault(re.sub(r"[-_.]+", "-", match["name"]).lower(), match["version"] or "")
    return sorted(found.items())


def _selection(config: pytest.Config) -> str:
    if config.getoption("collectonly", default=False):
        return "collect-only"
    if config.getoption("setupplan", default=False):
        return "setup-plan"
    return "setup-only" if config.getoption("setuponly", default=False) else "run"


def _scope(config: pytest.Config) -> str:
    """Return a digest of what decides which tests are chosen; how they are run has no part in it."""
    folder = config.invocation_params.dir
    chosen: list[object] = [_of_root(argument, folder, config.rootpath) for argument in config.args]
    # The last ones belong to plugins that may be absent.
    names = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "pyargs", "inifilename", "override_ini", "lf")
    chosen += [config.getoption(name, default=None) for name in names]
    chosen += [config.getoption(name, default=None) for name in ("stepwise", "doctestmodules", "doctestglob")]
    for name in ("pipeline_state_shard", "pipeline_state_durations"):
        value = config.getoption(name, default=None)
        chosen.append(_digest_of(folder / os.path.expanduser(value)) if value and "durations" in name else value)
    return blake2b(repr(chosen).encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()


def _of_root(argument: str, folder: Path, root: Path) -> str:
    """Return an argument of pytest so that it is the same from whichever folder pytest is called."""
    path, colons, rest = argument.partition("::")
    whole = folder / path
    return os.path.relpath(whole, root) + colons + rest if whole.exists() else argument


def _digest_of(path: Path) -> str:
    return blake2b(path.read_bytes(), digest_size=16).hexdigest()


def _relative(path: Path, root: Path | None) -> str:
    """Return a path as it is stored: relative to the worktree if it lies in it."""
    if root is not None:
        for base, target in ((root, path), (root.resolve(), path.resolve())):
            if target.is_relative_to(base):
                return storable_path(target.relative_to(base).as_posix())
    return storable_path(path.as_posix())


def _own_files(database: Path, root: Path) -> tuple[str, ...]:
    """The database, its journals and backups: they change with every session, and are no state of the tree."""
    return (database.relative_to(root).as_posix(),) if database.is_relative_to(root) else ()


def _host() -> str:
    from socket import gethostname

    return gethostname()
