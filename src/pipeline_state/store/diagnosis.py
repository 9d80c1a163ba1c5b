"""What `doctor` looks at: each examination is one function that says what it saw, and what to do where it is wrong."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline_state.errors import StateError
from pipeline_state.git.environment import REPOSITORY_VARIABLES
from pipeline_state.location import Location
from pipeline_state.store import filesystem, journal, migrations
from pipeline_state.store.backup import backups
from pipeline_state.store.database import Database
from pipeline_state.store.liveness import RunLocks
from pipeline_state.store.private_files import DAMAGED, FOLDER_NAME, IGNORE_FILE, ignores_everything
from pipeline_state.store.schema import HEAD
from pipeline_state.store.storable import storable_text

Status = Literal["ok", "warning", "problem"]

_WITHOUT_WAL_RESET_BUG = (3, 51, 3)  # https://www.sqlite.org/wal.html#walresetbug
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What one examination saw. A `warning` is worth knowing, a `problem` is to be repaired."""

    id: str
    status: Status
    message: str


def examine(location: Location, environ: Mapping[str, str] = os.environ) -> tuple[Diagnosis, ...]:
    """Look at everything and return what was seen. Nothing is repaired."""
    seen = [sqlite_library(sqlite3.sqlite_version_info), git_environment(environ)]
    if location.path is None:
        seen.append(Diagnosis("database", "ok", "the state is in memory, and ends with each process"))
        return tuple(seen)
    path = Path(location.path)
    seen += [database(path), file_system(path), *permissions(path), *ignored(location), *left_behind(location)]
    return tuple(seen)


def sqlite_library(version: tuple[int, ...]) -> Diagnosis:
    """Is SQLite new enough, and free of the bug that can damage a database in WAL mode?"""
    name = ".".join(map(str, version))
    if version < (3, 37):
        return Diagnosis("sqlite", "problem", f"SQLite {name} is too old: 3.37 or newer is needed; use a newer Python")
    if version < _WITHOUT_WAL_RESET_BUG:
        message = (
            f"SQLite {name} has the WAL-reset bug (up to 3.51.2): simultaneous checkpoints can damage a database, very "
            "rarely. Our own processes take turns and stay clear of it; do not write with other programs meanwhile"
        )
        return Diagnosis("sqlite", "warning", message)
    return Diagnosis("sqlite", "ok", f"SQLite {name}")


def git_environment(environ: Mapping[str, str]) -> Diagnosis:
    """Do variables of one repository leak into everything that is started from here?"""
    leaked = sorted(REPOSITORY_VARIABLES & environ.keys())
    if leaked:
        names = ", ".join(leaked)
        message = (
            f"{names} set: Git commands started from here work on one fixed repository; `unset {' '.join(leaked)}`"
        )
        return Diagnosis("environment", "warning", message)
    return Diagnosis("environment", "ok", "no variable of Git binds this shell to a repository")


def database(path: Path) -> Diagnosis:
    """Can the database be opened, and is its schema the one of this program?"""
    if not path.exists():
        return Diagnosis("database", "ok", f"none yet; the first command makes {path}")
    if os.path.lexists(f"{path}{DAMAGED}"):
        message = f"a command found {path} damaged; the next one looks closely, and restores the newest backup if it is"
        return Diagnosis("database", "problem", message)
    try:
        opened = Database(path, read_only=True)
    except StateError as error:
        return Diagnosis("database", "problem", str(error))
    try:
        migrations.refuse_newer(opened)
        applied = migrations.history(opened)
        altered = migrations.differences(applied, migrations.read())
    except StateError as error:
        return Diagnosis("database", "problem", str(error))
    finally:
        opened.close()
    if altered:
        return Diagnosis("database", "problem", f"{path}: {altered[0]}")
    if not os.access(path, os.W_OK):
        return Diagnosis("database", "problem", f"{path} can only be read by this user; make it writable")
    if len(applied) < HEAD:
        return Diagnosis("database", "ok", f"{path}, schema {len(applied)}; the next command migrates it to {HEAD}")
    newer = f", {len(applied) - HEAD} migrations newer than this program, which may go on" * (len(applied) > HEAD)
    return Diagnosis("database", "ok", f"{path}, schema {len(applied)}{newer}")


def file_system(path: Path) -> Diagnosis:
    """Is the file where WAL is safe?"""
    shared = filesystem.shared_type(str(path))
    if shared is None:
        return Diagnosis("file-system", "ok", "a local file system")
    message = (
        f"{path.parent} lies on a shared file system ({shared}): a new database works there without WAL, more slowly; "
        "PIPELINE_DB_PATH can name a file on a local disk"
    )
    return Diagnosis("file-system", "warning", message)


def permissions(path: Path) -> Iterator[Diagnosis]:
    """Are the database and its copies for their owner alone?"""
    if os.name == "nt":
        return
    files = [path, *(Path(f"{path}{ending}") for ending in ("-wal", "-shm", ".gate")), *backups(path)]
    open_files = [file for file in files if _mode(file) & _OTHERS]
    if path.parent.name == FOLDER_NAME and _mode(path.parent) & (stat.S_IWGRP | stat.S_IWOTH):
        open_files.append(path.parent)
    for file in open_files:
        message = f"other users may use {file} (mode {_mode(file):o}); `chmod go= {file}`"
        yield Diagnosis("permissions", "warning", message)
    if not open_files:
        yield Diagnosis("permissions", "ok", "for their owner alone")


def ignored(location: Location) -> Iterator[Diagnosis]:
    """Is the state kept out of commits, and out of source distributions?"""
    if location.source != "worktree" or location.worktree is None or location.path is None:
        return
    folder = Path(location.path).parent
    if folder.is_dir() and not ignores_everything(folder):
        message = f"{folder / IGNORE_FILE} does not ignore everything: the state would be committed; write `*` into it"
        yield Diagnosis("ignore-file", "problem", message)
    else:
        yield Diagnosis("ignore-file", "ok", "Git ignores the state")
    root = Path(location.worktree.root, ".gitignore")
    if _names_the_folder(root):
        yield Diagnosis("root-ignore-file", "ok", f"{root} lists {FOLDER_NAME}/")
    else:
        message = (
            f"{root} does not list {FOLDER_NAME}/: build back ends that overlook nested ignore files would publish the "
            f"state in a source distribution; add the line {FOLDER_NAME}/"
        )
        yield Diagnosis("root-ignore-file", "warning", message)


def left_behind(location: Location) -> Iterator[Diagnosis]:
    """What is waiting to be taken in, or lies about since something went wrong?"""
    assert location.path is not None
    path = Path(location.path)
    bases = [location.path]
    if location.worktree is not None:
        from pipeline_state.git.identity import known_token

        token = known_token(location.worktree.git_dir)
        bases += [journal.spill_base(token)] if token is not None else []
    waiting = [
        cut_off
        for base in bases
        for cut_off in journal.find(base)
        if not RunLocks(base).is_held(journal.run_of(cut_off))
    ]
    if waiting:
        message = (
            f"{len(waiting)} journals of test sessions that were cut off are not in the database yet, {waiting[0]} for "
            "one; the next command takes them in"
        )
        yield Diagnosis("journals", "warning", message)
    else:
        yield Diagnosis("journals", "ok", "every test session that has ended is in the database")
    aside = sorted(path.parent.glob(f"{path.name}.corrupt-*[0-9Z]"))
    if aside:
        message = f"{len(aside)} damaged databases were moved aside, {aside[-1]} for one; delete what is not needed"
        yield Diagnosis("moved-aside", "warning", message)


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0


def _names_the_folder(path: Path) -> bool:
    try:
        lines = storable_text(path.read_text(encoding="utf-8", errors="surrogateescape")).splitlines()
    except OSError:
        return False
    return any(line.strip().removeprefix("**/").strip("/") in (FOLDER_NAME, f"{FOLDER_NAME}/*") for line in lines)
