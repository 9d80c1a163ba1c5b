"""Git's plumbing commands: started, read completely, and told apart when they fail."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from pipeline_state.errors import GitError, NoWorktreeError
from pipeline_state.git import ahead
from pipeline_state.git.commands import REV_PARSE, SETTINGS

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    import subprocess
    from typing import TypeAlias

    Git: TypeAlias = subprocess.Popen[bytes] | ahead.Asked
    """A `git` that was started, and of which the answer is to be taken."""
    Folder: TypeAlias = str | os.PathLike[str]


def start_git(
    arguments: Sequence[str],
    *,
    cwd: Folder | None = None,
    environ: Mapping[str, str] | None = None,
    is_told: bool = False,
) -> Git:
    """Start `git` with these arguments; its output is bytes, to be read from the pipes.

    It reads nothing, unless it `is_told` something by who takes the answer. Raises `GitError` if there is no `git`.
    """
    if not is_told and (environ is None or environ is os.environ):
        started = ahead.take(arguments, cwd)
        if started is not None:
            return started
    import subprocess  # here: what was asked ahead does without it

    environment = {**(os.environ if environ is None else environ), **SETTINGS}
    try:
        return subprocess.Popen(
            ["git", *arguments],
            cwd=cwd,
            env=environment,
            stdin=subprocess.PIPE if is_told else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except FileNotFoundError as error:
        if cwd is not None and not os.path.isdir(cwd):
            raise NoWorktreeError(f"cannot run git in {cwd}: there is no such folder") from error
        raise GitError("cannot run git: it is not on PATH; install Git 2.31 or newer") from error
    except OSError as error:
        raise GitError(f"cannot run git: {error}") from error


def finish_git(process: Git, doing: str) -> bytes:
    """Wait for a started `git` and return its standard output; `doing` says what for, in the error."""
    return answer_and_warnings(process, doing)[0]


def answer_and_warnings(process: Git, doing: str) -> tuple[bytes, bytes]:
    """Wait for a started `git`, and return its standard output and what it warned of; raises `GitError` if it fails."""
    stdout, stderr = process.communicate()
    if process.returncode != 0:
        raise GitError(f"cannot {doing}: git says: {_one_line(stderr) or f'exit {process.returncode}'}")
    return stdout, stderr


def run_git(
    arguments: Sequence[str], doing: str, *, cwd: Folder | None = None, environ: Mapping[str, str] | None = None
) -> bytes:
    """Run `git` to its end and return its standard output. Raises `GitError` if it fails."""
    return finish_git(start_git(arguments, cwd=cwd, environ=environ), doing)


def rev_parse(
    questions: Sequence[tuple[str, ...]], *, cwd: Folder | None = None, environ: Mapping[str, str] | None = None
) -> list[str]:
    """Ask `git rev-parse` several questions with one process; one answer each, paths absolute.

    Raises `NoWorktreeError` outside a worktree, and in a bare repository when the questions need a worktree.
    """
    answers = _ask(questions, cwd, environ)
    if len(answers) != len(questions):  # a path with a newline in it: ask one at a time
        answers = ["\n".join(_ask([question], cwd, environ)) for question in questions]
    return answers


def _ask(questions: Sequence[tuple[str, ...]], cwd: Folder | None, environ: Mapping[str, str] | None) -> list[str]:
    words = [word for question in questions for word in question]
    process = start_git([*REV_PARSE, *words], cwd=cwd, environ=environ)
    stdout, stderr = process.communicate()
    if process.returncode != 0:
        reason = _one_line(stderr)
        if "not a git repository" in reason or "must be run in a work tree" in reason:
            where = cwd if cwd is not None else os.getcwd()
            raise NoWorktreeError(f"{where} is not in a Git worktree; change to one, or name a database with --db PATH")
        raise GitError(f"cannot find the Git worktree: git says: {reason or f'exit {process.returncode}'}")
    return os.fsdecode(stdout).removesuffix("\n").split("\n")


def _one_line(stderr: bytes) -> str:
    return " ".join(stderr.decode("utf-8", "replace").split())
