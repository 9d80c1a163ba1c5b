"""Git, asked before anybody knows the answer is needed: it works while the rest of a program is still being loaded.

So this is small itself: `subprocess` takes as long to load as Git to start. Whoever asks ahead must `forget` at the
end, so that no answer is taken for one to a question that is asked later.
"""

from __future__ import annotations

import os
import time

from pipeline_state.git.commands import SETTINGS

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from collections.abc import Sequence

_STANDARD = 3
"""Descriptors below are those of standard input, output and error."""
_KILL = 9
_CHUNK = 1 << 16


class Asked:
    """A `git` that was started, in the current folder. Of `subprocess.Popen` it has what is needed to take the answer.

    Not for Windows. Raises `OSError` if Git cannot be started.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self.folder = os.getcwd()
        self.started_ns = time.time_ns()
        """Nanoseconds since 1970."""
        self.returncode: int | None = None
        nothing = os.open(os.devnull, os.O_RDONLY)
        self._stdout, stdout = os.pipe()
        self._stderr, stderr = os.pipe()
        self._open = [self._stdout, self._stderr]
        given = (nothing, stdout, stderr)
        try:
            if min(given) < _STANDARD:  # one of ours is closed; what took its number would be overwritten
                raise OSError("standard input, output or error is closed")
            actions = [(os.POSIX_SPAWN_DUP2, descriptor, number) for number, descriptor in enumerate(given)]
            environment = {**os.environ, **SETTINGS}
            self._pid = os.posix_spawnp("git", ["git", *arguments], environment, file_actions=actions)
        except OSError:
            self._close()
            raise
        finally:
            for descriptor in given:
                os.close(descriptor)

    def communicate(self) -> tuple[bytes, bytes]:
        """Wait for the end, and return standard output and standard error; sets `returncode`."""
        from select import POLLIN, poll

        parts: dict[int, list[bytes]] = {descriptor: [] for descriptor in self._open}
        readable = poll()
        for descriptor in parts:
            readable.register(descriptor, POLLIN)
        reading = set(parts)
        while reading:
            for descriptor, _ in readable.poll():
                part = os.read(descriptor, _CHUNK)
                if part:
                    parts[descriptor].append(part)
                else:
                    readable.unregister(descriptor)
                    reading.remove(descriptor)
        self._end()
        return b"".join(parts[self._stdout]), b"".join(parts[self._stderr])

    def kill(self) -> None:
        """End it, whatever it was about to say."""
        if self.returncode is None:
            os.kill(self._pid, _KILL)
            self._end()

    def _end(self) -> None:
        _, status = os.waitpid(self._pid, 0)
        self.returncode = os.waitstatus_to_exitcode(status)
        self._close()

    def _close(self) -> None:
        while self._open:
            os.close(self._open.pop())


_asked: dict[tuple[str, ...], Asked] = {}


def ask(arguments: Sequence[str]) -> None:
    """Start `git` with these arguments in the current folder. Raises `OSError` if that is not possible."""
    _asked[tuple(arguments)] = Asked(arguments)


def take(arguments: Sequence[str], cwd: str | os.PathLike[str] | None) -> Asked | None:
    """Return the `git` that was started with these arguments in this folder, once; `None` if there is none."""
    asked = _asked.get(tuple(arguments))
    if asked is None or (cwd is not None and os.fspath(cwd) != asked.folder):
        return None
    return _asked.pop(tuple(arguments))


def forget() -> None:
    """End what nobody has asked for."""
    while _asked:
        _asked.popitem()[1].kill()
