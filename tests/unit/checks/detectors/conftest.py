"""A worktree in which the real tools are run as the engine runs them, and watched while they do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pipeline_state.checks.batches import ToolRunner
from pipeline_state.checks.declaration import Detector, Output
from pipeline_state.checks.environment import tool_environment
from pipeline_state.checks.node_script import installed_script
from pipeline_state.checks.processes import Processes
from pipeline_state.checks.tools import Program, find_program
from pipeline_state.checks.watch import Watch
from pipeline_state.config import DetectorSettings

_SYSTEM = (
    "/etc/ld",
    "/etc/localtime",
    "/etc/ssl/openssl.cnf",  # how to encrypt: nobody asks for that
    "/lib",
    "/usr/",
    "/proc",
    "/sys",
    "/dev",
    "/bin",
    "/sbin",
    "/opt",
    "/tmp/strace",
)

_CALL = re.compile(r'^\d+ +(?!execve)\w+\([^"\n]*"([^"\n]*)"', re.MULTILINE)
"""The path of each call but of those that start programs: theirs are on PATH."""

_ZIP = re.compile(r"/lib/python3\d+\.zip$")


@dataclass(frozen=True)
class Bench:
    """A folder with a Git folder in it, and a home folder beside the one above it."""

    root: Path
    unable: Callable[[str], object]
    missing: Callable[[Detector], object]
    modules: Path | None = None
    """Where the tools of npm are."""

    @property
    def home(self):
        return self.root.parent.parent / "home"

    def write(self, name, content=""):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def environment(self, detector):
        return tool_environment({"HOME": str(self.home)}, detector.how.environment)

    def runner(self, detector, *args):
        program = self.program(detector)
        return ToolRunner(
            tool=detector.how,
            executable=program.executable,
            command=program.command(detector.how),
            args=args,
            root=self.root,
            environment=self.environment(detector),
            timeout_s=60.0,
            processes=Processes(),
        )

    def program(self, detector):
        tool = detector.how
        if tool.package is None:
            program = find_program(
                tool, DetectorSettings(path=executable(detector, self.missing)), self.root, {}, Watch(self.root, None)
            )
            assert isinstance(program, Program), program
            return program
        assert self.modules is not None, "ask for npm_bench"
        script = installed_script(self.modules.parent, tool.package, tool.executable, Watch(self.root, None))
        return Program(script, Path(shutil.which("node")))

    def started(self, detector):
        """Return the words with which anybody would start the tool."""
        program = self.program(detector)
        return tuple(str(word) for word in (program.node, program.executable) if word is not None)

    def judge(self, detector, *paths, args=()):
        """Return what the engine makes of these files; of all, if none is named."""
        return self.runner(detector, *args).judge(paths or self.paths())

    def rules(self, detector, *paths, args=()):
        """Return the rules that were found, by path; `excluded` and `error` stand for what they say."""
        answer = self.judge(detector, *paths, args=args)
        rules = {path: [one.rule for one in problems] for path, problems in answer.problems.items()}
        return {**rules, **dict.fromkeys(answer.excluded, "excluded"), **dict.fromkeys(answer.errors, "error")}

    def paths(self):
        found = (path.relative_to(self.root) for path in self.root.rglob("*") if path.is_file())
        return sorted(path.as_posix() for path in found if path.parts[0] != ".git")

    def run(self, detector, *arguments):
        """Run the tool with these arguments, as anybody would."""
        argv = (*self.started(detector), *arguments)
        done = subprocess.run(argv, cwd=self.root, env=self.environment(detector), capture_output=True, check=False)
        return Output(argv, done.returncode, done.stdout, done.stderr)

    def looked_at(self, detector, *paths):
        """Return what the declared commands open or look for outside of the system and of the tool itself."""
        strace, log = shutil.which("strace"), self.root.parent.parent / "strace"
        if strace is None:
            self.unable("strace is not installed")
        tool, seen = detector.how, set()
        more = tool.folder_run(self.root, (), self.environment(detector)).arguments if tool.folder_run else ()
        for command in (tool.check, tool.included, tool.fix):
            if command is not None:
                argv = [strace, "-f", "-s", "4096", "-e", "trace=%file", "-o", log]
                argv += self.program(detector).command(tool)
                environment = self.environment(detector)
                done = subprocess.run(
                    [*argv, *command, *more, *paths], cwd=self.root, env=environment, capture_output=True, check=False
                )
                if b"ptrace" in done.stderr:
                    pytest.skip("tracing is not permitted here")
                seen |= set(_CALL.findall(log.read_text(errors="replace")))
        # In an editable installation, the interpreter of the tests and of the tool looks for modules in the checkout.
        checkout = str(Path(__file__).parents[4] / "src")
        system = (*_SYSTEM, sys.prefix, os.path.realpath(sys.prefix), os.path.dirname(sys.base_prefix), checkout)
        system += (os.path.realpath(self.modules.parent),) if self.modules is not None else ()
        places = {os.path.normpath(os.path.join(os.path.realpath(self.root), name)) for name in seen if name}
        # The interpreter resolves where it lies, and looks for its library around it.
        start = {*map(os.fspath, Path(sys.prefix).parents), *map(os.fspath, Path(sys.base_prefix).parents)}
        # Node looks for the packages of a module, and for what says of which kind it is, in all folders above it.
        above = [*self.modules.parents] if self.modules is not None else []
        start |= {
            os.path.normpath(f"{folder}/{name}") for folder in above for name in ("", "package.json", "node_modules")
        }
        return {path for path in places - start if not path.startswith(system) and not _ZIP.search(path)}

    def declared(self, detector, *paths):
        """Return what may be looked at: the configuration at each level, these files, and the folders above them."""
        configuration, root = detector.how.configuration, Path(os.path.realpath(self.root))
        levels = [root]
        if configuration.where != "root":
            levels += root.parents
        if configuration.where == "upwards":
            levels += [folder for path in paths for folder in (root / path).parents]
        files = {os.path.normpath(root / path) for path in paths}
        folders = {os.fspath(folder) for path in files for folder in Path(path).parents}
        user = {name.replace("~", str(self.home)) for name in configuration.user}
        return {os.fspath(folder / name) for folder in levels for name in configuration.names} | user | files | folders


def executable(detector, missing):
    name = detector.how.executable
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        missing(detector)
    return found


@pytest.fixture
def bench(tmp_path, unable, missing):
    (tmp_path / "home").mkdir()
    root = tmp_path / "above" / "tree"
    (root / ".git").mkdir(parents=True)
    return Bench(root, unable, missing)


@pytest.fixture
def npm_bench(bench, node_modules):
    """The same, for tools of npm."""
    return replace(bench, modules=node_modules)
