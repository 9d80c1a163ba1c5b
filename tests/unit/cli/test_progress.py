"""Progress: seen on a terminal when it takes long, plain in CI, nowhere else, and gone at the end however it comes."""

from __future__ import annotations

import io
import os
import re
import select
import signal
import subprocess
import sys
import threading
import time

import pytest

from pipeline_state.cli.progress import PlainProgress, Remaining, TerminalProgress, start_progress

SLOW = "import time; time.sleep({seconds})"


class Terminal(io.StringIO):
    """A stream that says it is a terminal, and keeps what it is sent."""

    def isatty(self):
        return True


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_what_is_at_work_is_named_until_it_is_done():
    remaining = Remaining()
    remaining.begin({"a\x1b": 1, "b": 2, "c": 1, "none": 0})
    assert (remaining.at_work(), remaining.total) == ("a\\x1b, b and 1 more", 4)
    assert [remaining.judged(name) for name in ("b", "a\x1b", "b")] == [False, True, True]
    assert (remaining.at_work(), remaining.done) == ("c", 3)


@pytest.mark.parametrize(
    ("terminal", "environ", "kind"),
    [
        (True, {}, TerminalProgress),
        (True, {"CI": "true"}, TerminalProgress),
        (True, {"TERM": "dumb"}, type(None)),
        (True, {"TERM": "dumb", "CI": "1"}, PlainProgress),
        (False, {"CI": "true"}, PlainProgress),
        (False, {"CI": "false"}, type(None)),
        (False, {}, type(None)),
    ],
)
def test_it_is_shown_where_somebody_looks(monkeypatch, terminal, environ, kind):
    monkeypatch.setattr(sys, "stderr", Terminal() if terminal else io.StringIO())
    progress = start_progress(environ)
    assert type(progress) is kind
    if progress is not None:
        progress.end()
        assert sys.stderr.getvalue() == ""


def test_in_ci_each_detector_is_a_line_when_it_is_done_and_it_takes_long():
    clock, stream = Clock(), io.StringIO()
    progress = PlainProgress(stream, moment_s=2, clock=clock)
    progress.begin({"fast": 1, "slow": 2})
    progress.judged("fast")
    clock.now = 3.25
    progress.judged("slow")
    assert stream.getvalue() == ""
    progress.judged("slow")
    progress.end()
    assert stream.getvalue() == "pipeline-state: slow: 2 files judged, 3.2 s\n"


def wait_for(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_on_a_terminal_it_is_a_line_that_is_cleared():
    stream = Terminal()
    progress = TerminalProgress(stream, moment_s=0)
    progress.fixing("ruff", 3)
    wait_for(lambda: "fixing: ruff (3)" in stream.getvalue())
    progress.begin({"mypy": 1, "pylint": 11})
    progress.judged("mypy")
    wait_for(lambda: "1/12" in stream.getvalue())
    progress.end()
    assert "\x1b[2K" in stream.getvalue()[-20:]
    assert stream.getvalue().count("\x1b[?25l") == stream.getvalue().count("\x1b[?25h")  # the cursor is there again


def test_what_is_over_in_a_moment_shows_nothing_and_leaves_no_thread():
    stream, before = Terminal(), threading.active_count()
    progress = TerminalProgress(stream, moment_s=60)
    progress.begin({"mypy": 1})
    progress.judged("mypy")
    progress.end()
    wait_for(lambda: threading.active_count() <= before)  # a thread of an earlier test may end meanwhile
    assert stream.getvalue() == ""


def test_what_ended_while_it_was_about_to_be_shown_is_not_shown():
    stream = Terminal()
    progress = TerminalProgress(stream, moment_s=60)
    progress.end()
    progress._show()
    assert stream.getvalue() == ""


@pytest.fixture
def slow(repository, tmp_path):
    """Makes a repository with a detector that takes so many seconds."""

    def slow(seconds):
        (tmp_path / "slow.py").write_text(SLOW.format(seconds=seconds))
        (repository / "a.txt").write_text("a\n")
        (repository / "pipeline-state.toml").write_text(
            'detectors = ["slow"]\n[detector.slow]\n'
            f'command = ["{sys.executable}", "-I", "{tmp_path / "slow.py"}"]\n'
            'types = ["text"]\nformat = "pattern"\npattern = "(?P<path>[^:]+):(?P<line>\\\\d+): (?P<message>.*)"\n'
            "exit-codes = {clean = [0], findings = [1]}\n"
        )

    return slow


def checking(*words, **environ):
    """`check` with standard error on a terminal; standard output is a pipe."""
    import pty  # which Windows has not

    ours, theirs = pty.openpty()
    code = "import sys; from pipeline_state.cli.main import run; run()"
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", code, "check", *words],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={name: value for name, value in os.environ.items() if name != "CI"} | {"TERM": "xterm"} | environ,
    )
    os.close(theirs)
    return process, ours


def shown(ours, until=None):
    """What comes from a terminal, up to its end or to a text."""
    seen = b""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and (until is None or until not in seen):
        if not select.select([ours], [], [], 0.1)[0]:
            continue
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end was closed
            break
        seen += part
    return seen


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are of POSIX")
@pytest.mark.parametrize("ending", ["well", "interrupted", "quiet"])
def test_a_real_check_shows_what_is_at_work_and_clears_it(slow, ending):
    slow(1.5 if ending != "interrupted" else 30)
    process, ours = checking(*(["--quiet"] if ending == "quiet" else []))
    seen = b""
    if ending == "interrupted":
        seen = shown(ours, b"slow")
        process.send_signal(signal.SIGINT)
    begun = time.monotonic()
    seen += shown(ours)
    out, _ = process.communicate(timeout=30)
    assert time.monotonic() - begun < 15, "the tool was waited for"
    os.close(ours)
    text = seen.decode()
    assert b"\x1b" not in out
    if ending == "quiet":
        assert (text, out) == ("", b"")
        return
    assert "slow" in text
    assert re.search(r"\d/\d", text)
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") > 0
    assert process.returncode == (130 if ending == "interrupted" else 0), text
