"""The one place that turns an exception into a message and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from pipeline_state.errors import PipelineStateError

INTERRUPTED = 130
FAILED = 3


def guarded(command: Callable[[], int], *, wants_json: bool) -> int:
    """Run a command and return its exit code, whatever happens in it.

    A failure is one line on standard error; with JSON asked for, also the envelope on standard output.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # it is closed: what is said there is lost, and nothing else
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for the rest of the process
    try:
        code = command()
        sys.stdout.flush()
        return code
    except PipelineStateError as error:
        return _report(error.code, str(error), error.exit_code, wants_json)
    except KeyboardInterrupt:
        return _report("interrupted", "interrupted; what was finished is kept", INTERRUPTED, wants_json)
    except BrokenPipeError:
        # The reader went away (`… | head`). Python would complain again while it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        return _report("system", f"the system refused: {error}", FAILED, wants_json)
    except Exception as error:  # noqa: BLE001 - a defect of ours must end with a defined exit code too
        return _report("defect", _describe_defect(error), FAILED, wants_json)


def _report(code: str, message: str, exit_code: int, wants_json: bool) -> int:
    from pipeline_state.reports.text import printable

    line = printable(message.replace("\n", " "))
    if wants_json:
        import json

        print(json.dumps({"version": 1, "error": {"code": code, "message": line}}))
    print(f"pipeline-state: {line}", file=sys.stderr)
    return exit_code


def _describe_defect(error: Exception) -> str:
    import tempfile
    import traceback

    text = "".join(traceback.format_exception(error))
    try:
        descriptor, path = tempfile.mkstemp(prefix="pipeline-state-", suffix=".log", text=True)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as log:
            log.write(text)
    except OSError:
        print(text, file=sys.stderr)
        path = "the lines above"
    return f"unexpected {type(error).__name__}: {error}; this is a defect of pipeline-state, please report {path}"
