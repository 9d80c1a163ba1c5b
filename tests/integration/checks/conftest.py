"""A real repository, checked by the real command in a process and an environment of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

SCHEMA = json.loads((Path(__file__).parents[3] / "schema/report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

COMMAND = """\
import sys
plugins = sys.argv.pop(1)
if plugins:
    sys.path.append(plugins)
from pipeline_state.cli.main import main
code = main()
recalled = "pipeline_state.checks.judging" not in sys.modules
print("recalled" if recalled else "looked", file=sys.stderr)
raise SystemExit(code)
"""
"""`pipeline-state`, which says as its last line whether it had to look at anything. Not started by `-m`: that would
import modules of the tree that is checked."""

GIT_CONFIG = """\
[user]
    name = A Tester
    email = tester@example.invalid
[init]
    defaultBranch = main
[protocol "file"]
    allow = always
"""

DETECTORS = 'detectors = ["python-syntax", "json", "trailing-whitespace", "end-of-file", "ruff"]\n'
RULES = '[lint]\nselect = ["E", "F", "I", "INP"]\n'


@dataclass(frozen=True)
class Answer:
    """What a check said. `recalled`: nothing had moved, and no file was looked at."""

    code: int
    report: dict[str, Any]
    stderr: str
    recalled: bool

    @property
    def said(self) -> list[tuple[str, str, str]]:
        """Each finding as detector, rule and path."""
        return [(one["detector"], one["rule"], one["path"]) for one in self.report["findings"]]

    @property
    def outcomes(self) -> dict[str, str]:
        return {one["id"]: one["outcome"] for one in self.report["detectors"]}

    @property
    def errors(self) -> list[str]:
        return [one["message"] for one in self.report["errors"]]

    @property
    def checked(self) -> int:
        return int(self.report["summary"]["checked"])

    def rules(self, path: str, detector: str = "ruff") -> list[str]:
        return sorted(rule for said_by, rule, where in self.said if (said_by, where) == (detector, path))

    @property
    def judgement(self) -> tuple[Any, ...]:
        """Everything in which a run that uses what is stored must equal one that does not."""
        if "error" in self.report:  # a configuration that is refused, say
            return self.code, self.report["error"]
        return self.code, self.report["findings"], self.outcomes, self.errors, self.report["summary"]["files"]


@dataclass
class Project:
    """A worktree and what a person does in it."""

    root: Path
    environ: dict[str, str]
    plugins: str = ""
    launcher: tuple[str, ...] = ()
    """Words before the command of a check, which take rights from it, say."""

    @property
    def home(self) -> Path:
        return Path(self.environ["HOME"])

    def git(self, *arguments: str, **environ: str) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            env={**self.environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def write_unseen(self, name: str, content: str) -> None:
        """Give a file other bytes of the same number, and its old time back."""
        path = self.root / name
        before = path.stat()
        assert before.st_size == len(content.encode())
        path.write_bytes(content.encode())
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    def commit(self, message: str = "all") -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def command(self, *arguments: str) -> list[str]:
        check = [sys.executable, "-I", "-c", COMMAND, self.plugins, "check", "--format", "json"]
        return [*self.launcher, *check, *arguments]

    def start(self, *arguments: str, **environ: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.root,
            env={**self.environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def finish(self, process: subprocess.Popen[str]) -> Answer:
        try:
            stdout, stderr = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)  # so that it ends the tools that it has started
            process.communicate(timeout=30)
            raise
        report = json.loads(stdout) if stdout else {}
        if "error" not in report and stdout:
            VALIDATOR.validate(report)
            assert report["run"]["exit_code"] == process.returncode
        lines = stderr.splitlines()
        assert lines, "ended without a word"
        return Answer(process.returncode, report, "\n".join(lines[:-1]), recalled=lines[-1] == "recalled")

    def check(self, *arguments: str, **environ: str) -> Answer:
        return self.finish(self.start(*arguments, **environ))

    def settle(self, *arguments: str, **environ: str) -> Answer:
        """Check until nothing has to be looked at any more: from then on it is the shortcut that must notice."""
        for _ in range(4):
            next_second()
            first = self.check(*arguments, **environ)
            again = self.check(*arguments, **environ)
            if again.recalled:
                assert again.judgement == first.judgement
                return again
        pytest.fail(f"the shortcut is never taken; exit code {again.code}, {again.errors}")

    def rest(self) -> bool:
        """Let the next check take the shortcut, and return whether it does."""
        next_second()
        self.check()
        return self.check().recalled

    def agreed(self, *arguments: str, **environ: str) -> Answer:
        """Check, and hold the answer against one for which nothing stored was used. Both at once: it is quicker."""
        warm, cold = self.start(*arguments, **environ), self.start("--no-cache", *arguments, **environ)
        answer = self.finish(warm)
        assert answer.judgement == self.finish(cold).judgement
        return answer


def next_second() -> None:
    """Wait for the next whole second: what was written before has a time that a later change cannot have."""
    time.sleep(1.02 - time.time() % 1)


@pytest.fixture
def empty_project(tmp_path: Path) -> Project:
    """A repository without a file or a commit; home and Git's own configuration lie beside it."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "gitconfig").write_text(GIT_CONFIG, encoding="utf-8")
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    project = Project(tmp_path / "above" / "project", environ)
    project.root.mkdir(parents=True)
    project.git("init", "--quiet")
    return project


@pytest.fixture
def project(empty_project: Project) -> Project:
    """A committed repository in which everything is clean: a package, a script and a document."""
    empty_project.write("pipeline-state.toml", DETECTORS)
    empty_project.write("ruff.toml", RULES)
    empty_project.write("package/__init__.py", "")
    empty_project.write("package/module.py", "VALUE = 1\n")
    empty_project.write("package/nested/__init__.py", "")
    empty_project.write("package/nested/deep.py", "import os\n\nPLACE = os.curdir\n")
    empty_project.write("script.py", "import json\n\nprint(json)\n")
    empty_project.write("data.json", "{}\n")
    empty_project.commit()
    return empty_project


@pytest.fixture
def ruff() -> Path:
    """The ruff that belongs to this interpreter."""
    found = shutil.which("ruff", path=sysconfig.get_path("scripts"))
    if found is None:
        pytest.skip("ruff is not installed")
    return Path(found)


PLUGIN = """\
from pathlib import Path
import pluggy
from pipeline_state.checks.declaration import Configuration, Detector, Report, ReportError, Tool
from pipeline_state.checks.findings import Problem

hookimpl = pluggy.HookimplMarker("pipeline_state")


def parse(output):
    *lines, last = output.stdout.decode().split("\\n")
    if last != "complete":
        raise ReportError("the report is not complete")
    return Report({line: [Problem("found", "found it")] for line in lines})


@hookimpl
def pipeline_state_detectors():
    program = Path(__file__).with_name("program.py")
    check = ("-I", "-c", program.read_text(encoding="utf-8"))
    return [
        Detector(
            id="strange",
            version=VERSION,
            title="a strange tool",
            types=frozenset({TYPES}),
            how=Tool(
                executable="strange",
                check=check,
                parse=parse,
                exit_codes={0: "clean", 1: "findings"},
                configuration=Configuration(("strange.cfg",)),
            ),
        )
    ]
"""

FINDS_IMPORTS = """\
import sys
found = [name for name in sys.argv[1:] if b"import" in open(name, "rb").read()]
print(*found, "complete", sep="\\n", end="")
raise SystemExit(bool(found))
"""


@pytest.fixture
def strange(project: Project, tmp_path: Path) -> Callable[..., None]:
    """Declares the detector `strange`: its tool is this interpreter, which runs a program of the test's own.

    A program gets names of files; it must print those in which it found something, one a line, and then `complete`.
    """
    plugins = tmp_path / "plugins"
    project.plugins = str(plugins)
    (plugins / "strange-1.dist-info").mkdir(parents=True)
    (plugins / "strange-1.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: strange\nVersion: 1\n")
    (plugins / "strange-1.dist-info/entry_points.txt").write_text("[pipeline_state]\nstrange = strange_plugin\n")
    executable = Path(os.path.realpath(sys.executable))

    def declare(program: str = FINDS_IMPORTS, *, version: int = 1, types: str = '"python"', settings: str = "") -> None:
        (plugins / "strange_plugin.py").write_text(
            PLUGIN.replace("VERSION", str(version)).replace("TYPES", types), encoding="utf-8"
        )
        (plugins / "program.py").write_text(program, encoding="utf-8")
        project.write(
            "pipeline-state.toml",
            'detectors = ["python-syntax", "strange"]\n'
            f'[detector.strange]\npath = "{executable.as_posix()}"\n{settings}',
        )

    declare()
    project.write("package/module.py", "import os\n")
    project.commit()
    return declare


class ScriptedGit:
    """Git, which once does something of ours before one of its commands, or after it."""

    def __init__(self, folder: Path, project: Project) -> None:
        self._git, self._program, self._armed = shutil.which("git"), folder / "bin/git", folder / "armed"
        self._program.parent.mkdir()
        self._program.write_text(f'#!/bin/sh\nexec "{self._git}" "$@"\n')
        self._program.chmod(0o755)
        project.environ["PATH"] = f"{self._program.parent}{os.pathsep}{project.environ['PATH']}"

    def once(self, command: str, *, before: str = ":", after: str = ":") -> None:
        """Run these lines of a shell around the next command that has these words; `git` is there the real one."""
        self._program.write_text(
            f'#!/bin/sh\ngit() {{ "{self._git}" "$@"; }}\n'
            f'case "$*" in *"{command}"*) if rm {self._armed} 2>/dev/null; then\n'
            f'{before}\ngit "$@"\ncode=$?\n{after}\nexit $code\nfi;; esac\nexec "{self._git}" "$@"\n'
        )
        self._armed.touch()

    @property
    def has_run(self) -> bool:
        return not self._armed.exists()


@pytest.fixture
def scripted_git(empty_project: Project, tmp_path: Path) -> ScriptedGit:
    if sys.platform == "win32":
        pytest.skip("a shell's script cannot take Git's place there")
    return ScriptedGit(tmp_path, empty_project)


class HeldGit:
    """Git, which waits before it compares: then the check has compared what surrounds the files."""

    def __init__(self, folder: Path, git: ScriptedGit) -> None:
        self._held, self._git = folder / "held", git

    def start(self, project: Project) -> subprocess.Popen[str]:
        self._git.once("diff-files", before=f"touch {self._held}; while [ -e {self._held} ]; do sleep 0.02; done")
        check = project.start()
        deadline = time.monotonic() + 60
        while not self._held.exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)  # Git begins whenever it begins: ask again
        time.sleep(1.5)  # long enough to have compared: of that, nothing can be seen from here
        return check

    def go_on(self) -> None:
        self._held.unlink()


@pytest.fixture
def held_git(scripted_git: ScriptedGit, tmp_path: Path) -> HeldGit:
    return HeldGit(tmp_path, scripted_git)
