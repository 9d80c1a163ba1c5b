"""Where the report for people goes decides how it looks: colours and excerpts on a terminal, plain elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pipeline_state.cli.text_output import is_terminal, paint_for
from pipeline_state.reports.colours import coloured
from pipeline_state.reports.text import plain

RUN = "from pipeline_state.cli.main import run; run()"


@pytest.mark.parametrize(
    ("when", "terminal", "environ", "colours"),
    [
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", True, {"NO_COLOR": "1"}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", True, {"TERM": "dumb"}, False),
        ("auto", False, {"FORCE_COLOR": "1"}, True),
        ("auto", False, {"FORCE_COLOR": ""}, False),
        ("auto", True, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {"FORCE_COLOR": "1"}, False),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="there it depends on the terminal too")
def test_colours_are_where_they_are_wanted(when, terminal, environ, colours):
    assert paint_for(when, terminal=terminal, to_stdout=True, environ=environ) is (coloured if colours else plain)


def test_a_file_has_no_colours_for_a_variable_that_means_the_terminal():
    assert paint_for("auto", terminal=False, to_stdout=False, environ={"FORCE_COLOR": "1"}) is plain
    assert paint_for("always", terminal=False, to_stdout=False, environ={}) is coloured


def test_what_is_no_stream_is_no_terminal(tmp_path):
    closed = (tmp_path / "closed").open("w")
    closed.close()
    assert [is_terminal(stream) for stream in (None, closed, object())] == [False, False, False]


@pytest.fixture
def broken(repository):
    (repository / "a.py").write_text("b = (\n")
    return repository


def on_a_terminal(*words, **environ):
    """What `check` prints on a terminal."""
    import pty  # which Windows has not

    ours, theirs = pty.openpty()
    clean = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    with subprocess.Popen(
        [sys.executable, "-I", "-c", RUN, "check", *words],
        stdout=theirs,
        stderr=subprocess.PIPE,
        env={**clean, "TERM": "xterm", **environ},
    ):
        os.close(theirs)
        seen = b""
        try:
            while part := os.read(ours, 65536):
                seen += part
        except OSError:  # the other end was closed
            pass
        os.close(ours)
    return seen.decode().replace("\r\n", "\n")


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are of POSIX")
@pytest.mark.usefixtures("broken")
def test_a_terminal_gets_colours_and_excerpts_and_a_pipe_gets_lines(command):
    terminal = on_a_terminal()
    assert "\x1b[1;31merror\x1b[0m" in terminal
    assert "b = (" in terminal
    assert "\x1b" not in on_a_terminal(NO_COLOR="1")
    assert "b = (" not in on_a_terminal("--excerpts", "never")
    piped = command("check").out
    assert len(piped.splitlines()) == 2
    assert "\x1b" not in piped
    assert "    1 | b = (\n" in command("check", "--excerpts", "always").out
    assert "\x1b[1ma.py:1:5" in command("check", "--color", "always").out


@pytest.mark.usefixtures("broken")
def test_quiet_sums_up_nothing(command):
    assert len(command("check", "-q").out.splitlines()) == 1
    assert command("check", "-q", "--detector", "json").out == ""


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github"])
@pytest.mark.parametrize("words", [[], ["--quiet"]])
def test_every_form_stands_alone_on_standard_output_and_is_the_same_in_a_file(command, broken, form, words):
    printed = command("check", "--format", form, *words)
    filed = command("check", "--format", form, "--output", "report", *words)
    assert (printed.code, filed.code, filed.out) == (1, 1, "")
    assert "a.py" in printed.out
    assert printed.err == filed.err == ""
    written = (broken / "report").read_text(encoding="utf-8")
    assert len(written.splitlines()) >= len(printed.out.splitlines())
    assert written[:20] == printed.out[:20]


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("form", ["json", "sarif", "junit", "github"])
def test_trouble_is_in_every_form_for_machines_and_exit_code_3(command, broken, form):
    (broken / "pipeline-state.toml").write_text('detectors = ["ruff"]\n[detector.ruff]\npath = "no-such"\n')
    answer = command("check", "--format", form)
    assert answer.code == 3
    assert "no-such" in answer.out
    assert "no-such" in answer.err


def test_what_standard_output_cannot_say_is_escaped_and_machines_get_utf_8(repository):
    (repository / "漢.py").write_text("b = (\n")
    for form, expected in (("text", b"\\u6f22.py:1"), ("junit", "漢.py".encode())):
        done = subprocess.run(
            [sys.executable, "-X", "utf8=0", "-c", RUN, "check", "--format", form],
            env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 1, done.stderr
        assert expected in done.stdout


@pytest.mark.usefixtures("broken")
def test_a_report_replaces_a_file_whole_or_is_refused(command, broken, tmp_path):
    (broken / "report").write_text("before")
    (broken / "report").chmod(0o600)
    assert command("check", "--output", "report").code == 1
    assert (broken / "report").stat().st_mode & 0o777 == 0o600
    (broken / "link").symlink_to("report")
    command("check", "--output", "link", "--json")
    assert (broken / "link").is_symlink()
    assert (broken / "report").read_text().startswith("{")
    assert command("check", "--output", str(tmp_path / "none/report")).code == 2
    assert command("check", "--output", str(tmp_path)).code == 2
    assert not [name for name in os.listdir(broken) if name.endswith(".tmp")]
