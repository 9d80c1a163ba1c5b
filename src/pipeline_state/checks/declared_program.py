"""What a command executes that a project declares: the program by content, and whether that is all of it.

A program that runs others (an interpreter, a shell, a launcher, a script) loads what nobody can see from here. Who
declares its `inputs` says what that is; without them, nothing that it says is used again.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from pipeline_state.checks.contents import Contents
from pipeline_state.checks.digests import NOTHING, digest
from pipeline_state.checks.environment import CONSTANT
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

_SHEBANG = re.compile(rb"#![ \t]*([^\s]+)(?:[ \t]+([^\s]+))?")


def declared_identity(
    known: Identity, executable: Path, settings: DetectorSettings, root: Path, contents: Contents, watch: Watch
) -> Identity:
    """Return the identity of a declared command, given that of its executable."""
    name = executable.name.removesuffix(".exe")
    real = Path(os.path.realpath(executable))
    if known.unknown is None and not _RUNS_OTHERS.fullmatch(name) and not _RUNS_OTHERS.fullmatch(real.name):
        return known
    ours = real.is_relative_to(os.path.realpath(root))
    if known.unknown is not None and not ours:
        return known  # a shim, say: which program it will run is not a matter of this project's files
    if settings.inputs is None:
        return Identity(
            known.digest, f"{name} runs what cannot be seen from here; declare in `inputs` which files that depends on"
        )
    return Identity(digest((known.digest, _interpreter(real, contents, watch) if ours else NOTHING)))


def _interpreter(script: Path, contents: Contents, watch: Watch) -> bytes:
    """Return the digest of the program that the first line of a script names; `NOTHING` if it names none."""
    try:
        with script.open("rb") as file:
            found = _SHEBANG.match(file.read(1024))
    except OSError:
        return NOTHING
    if found is None:
        return NOTHING
    name = os.fsdecode(found[1])
    if os.path.basename(name) == "env" and found[2]:
        places = [os.path.join(place, os.fsdecode(found[2])) for place in CONSTANT["PATH"].split(os.pathsep)]
        name = next((place for place in places if watch.look(place) is not None), name)
    watch.look(name)
    content = contents.of(name, follow=True)
    return NOTHING if content is None else content.digest
