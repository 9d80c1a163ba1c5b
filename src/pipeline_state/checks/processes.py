"""Tools as processes: started without a shell, in an environment made for them, ended with all their children."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline_state.checks.declaration import Output, ReportError, TimedOutError

_LINGER_S = 2.0
"""So long is waited for the pipes of a process that was ended, in seconds."""

_NEW_GROUP = 0x200 if sys.platform == "win32" else 0  # CREATE_NEW_PROCESS_GROUP


class Processes:
    """The processes of one run, so that all of them can be ended at once. Shared between threads."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._ended = False

    def run(self, argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout_s: float) -> Output:
        """Run a tool to its end and return what it answered.

        Raises `ReportError` if it could not be started or was killed, `TimedOutError` after `timeout_s` seconds.
        """
        try:
            with self._lock:
                if self._ended:
                    raise ReportError("was not started: the run is being ended")
                process = subprocess.Popen(
                    list(argv),
                    cwd=cwd,
                    env=dict(env),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    # A group of its own: Ctrl-C reaches us alone, and we end the tool with all its children.
                    start_new_session=sys.platform != "win32",
                    creationflags=_NEW_GROUP,
                )
                self._running.add(process)
        except OSError as error:
            raise ReportError(f"could not be started: {error.strerror or error}") from error
        try:
            stdout, stderr = process.communicate(timeout=timeout_s)
        except BaseException as error:  # Ctrl-C too: the tool has not got it
            _end(process)
            _let_go(process)
            if isinstance(error, subprocess.TimeoutExpired):
                raise TimedOutError(f"did not finish within {timeout_s:g} s") from None
            raise
        finally:
            with self._lock:
                self._running.discard(process)
        if process.returncode < 0:
            raise ReportError(f"was ended by {_signal_name(-process.returncode)}")
        return Output(tuple(argv), process.returncode, stdout, stderr)

    def end(self) -> None:
        """End every process that is running, and start no more."""
        with self._lock:
            self._ended = True
            for process in self._running:
                _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # it ended by itself
        if sys.platform != "win32":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process that was ended, but not for one that left its group and still holds its pipes."""
    try:
        process.communicate(timeout=_LINGER_S)
    except subprocess.TimeoutExpired:
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
        process.wait()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
