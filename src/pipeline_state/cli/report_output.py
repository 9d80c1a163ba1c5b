"""Where a report goes: to standard output as bytes, or to a file that is written whole or not at all."""

from __future__ import annotations

import os
import sys

from pipeline_state.errors import UsageError


def write_report(report: str, output: str | None, *, encoding: str | None = None) -> None:
    """Write a report to the file `output`, or to standard output.

    `encoding` is that of a machine-readable form; `None` stands for the one that standard output has, in which what
    it cannot say is escaped. Files are UTF-8. Raises `UsageError` if the file cannot be written.
    """
    if output is None:
        _print(report, encoding)
        return
    try:
        if os.path.exists(output) and not os.path.isfile(output):  # a pipe, a terminal, /dev/null: not to be replaced
            with open(output, "w", encoding="utf-8", newline="\n") as special:
                special.write(report)
        else:
            replace_file(os.path.realpath(output), report)
    except OSError as error:
        raise UsageError(f"cannot write the report to {output}: {error.strerror or error}") from error


def replace_file(path: str, text: str) -> None:
    """Write a file whole or not at all; one that stood there keeps its mode. Raises `OSError`."""
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name}.{os.getpid()}.tmp")
    with open(temporary, "x", encoding="utf-8", newline="\n") as file:
        try:
            file.write(text)
            file.close()
            if os.path.exists(path):
                os.chmod(temporary, os.stat(path).st_mode & 0o7777)
            os.replace(temporary, path)
        except BaseException:
            if os.path.exists(temporary):
                os.unlink(temporary)
            raise


def _print(report: str, encoding: str | None) -> None:
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:  # standard output was replaced by something that takes text
        sys.stdout.write(report)
        return
    buffer.write(report.encode(encoding or sys.stdout.encoding or "utf-8", "backslashreplace"))
    buffer.flush()
