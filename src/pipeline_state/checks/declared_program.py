"""What a command executes that a project declares: the program by content, and whether that is all of it.

A program that runs others (an interpreter, a shell, a launcher, a script) loads what nobody can see from here. Who
declares its `inputs` says what that is; without them, nothing that it says is used again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline_state.checks.contents import Contents
from pipeline_state.checks.declaration import Detector, Tool
from pipeline_state.checks.digests import digest
from pipeline_state.checks.environment import CONSTANT
from pipeline_state.checks.python_script import file_digest, installed_in, interpreter_digest, package_folders
from pipeline_state.checks.tools import Identity
from pipeline_state.checks.watch import Watch
from pipeline_state.config import DetectorSettings

_RUNS_OTHERS = re.compile(
    r"(?:python|pypy|node|deno|bun|ruby|perl|php|lua|tclsh|java|dotnet|rscript|julia|guile|(?:ba|da|z|k|c|tc|fi|pw)?sh)"
    r"[\d.w-]*"
    r"|env|busybox|xargs|find|nice|timeout|sudo|uvx?|pipx|poetry|pdm|hatch|tox|nox|pixi|conda|mamba|npx|npm|pnpm|yarn"
    r"|make|just|task|go|cargo|bundle|bazelisk|bazel|nix|nix-shell|docker|podman|mise|asdf|direnv",
    re.IGNORECASE,
)
"""Programs that are known to run what they are told."""

_LONGEST_PATH = 4096

_IS_PYTHON = re.compile(r"python|pypy", re.IGNORECASE)

_SHEBANG = re.compile(rb"#![ \t]*([^\s]+)(?:[ \t]+([^\s]+))?")


def words_of(command: Sequence[str]) -> Iterator[str]:
    """Yield what could be the path of a file or a folder among the words of a command; of `--x=y`, the `y`."""
    for word in command:
        for name in dict.fromkeys((word, word.partition("=")[2])):
            if name and not name.startswith(("-", "/dev/", "/proc/")) and len(name) < _LONGEST_PATH:
                yield name


def declared_identity(
    known: Identity,
    executable: Path,
    detector: Detector,
    settings: DetectorSettings,
    root: Path,
    contents: Contents,
    watch: Watch,
) -> Identity:
    """Return the identity of a declared command, given that of its executable."""
    assert isinstance(detector.how, Tool)
    if settings.inputs is None and detector.scope != "project":  # of a project, everything counts anyway
        for word in words_of((*detector.how.check, *settings.args)):
            watch.look(os.fspath(root / word))
            if os.path.isdir(root / word):
                return Identity(known.digest, f"{word} is a folder; declare in `inputs` what of it counts")
    return _identity_of_program(known, executable, settings, root, contents, watch)


def _identity_of_program(
    known: Identity, executable: Path, settings: DetectorSettings, root: Path, contents: Contents, watch: Watch
) -> Identity:
    name = executable.name.removesuffix(".exe")
    real = Path(os.path.realpath(executable))
    if known.unknown is None and not _RUNS_OTHERS.fullmatch(name) and not _RUNS_OTHERS.fullmatch(real.name):
        return known
    is_script = known.unknown is not None
    if is_script and not real.is_relative_to(os.path.realpath(root)):
        return known  # a shim, say: which program it will run is not a matter of this project's files
    if settings.inputs is None:
        return Identity(
            known.digest, f"{name} runs what cannot be seen from here; declare in `inputs` which files that depends on"
        )
    interpreter = _interpreter(real, watch) if is_script else executable
    if interpreter is None:
        return Identity(known.digest)
    return Identity(
        digest((known.digest, file_digest(interpreter, contents, watch), *_packages(interpreter, contents, watch)))
    )


def _interpreter(script: Path, watch: Watch) -> Path | None:
    """Return the program that the first line of a script names; `None` if it names none."""
    try:
        with script.open("rb") as file:
            found = _SHEBANG.match(file.read(1024))
    except OSError:
        return None
    if found is None:
        return None
    name = os.fsdecode(found[1])
    if os.path.basename(name) == "env" and found[2]:
        places = [os.path.join(place, os.fsdecode(found[2])) for place in CONSTANT["PATH"].split(os.pathsep)]
        name = next((place for place in places if watch.look(place) is not None), name)
    return Path(name) if os.path.isabs(name) else None


def _packages(interpreter: Path, contents: Contents, watch: Watch) -> list[bytes]:
    """Return what is installed for a Python interpreter, by the lists of files that installers leave."""
    if not _IS_PYTHON.match(interpreter.name):
        return []
    parts = [interpreter_digest(interpreter, contents, watch)]
    for folder in package_folders(interpreter.parent.parent, watch):
        parts += [file_digest(path, contents, watch) for path in sorted(folder.glob("*.pth"))]
        for one in sorted(installed_in(folder)):
            parts += [os.fsencode(one.folder.name), file_digest(one.folder / "RECORD", contents, watch)]
    return parts
