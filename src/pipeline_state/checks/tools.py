"""Which program a detector would run, and its identity by content. Paths and times only memoise that.

A program in machine code is its own bytes. A console script of Python is what its interpreter would load, a script of
an npm package what Node would. Any other script, shim or launcher decides by itself what it runs; that cannot be seen,
so its verdicts are not reused.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from pipeline_state.checks.contents import Contents
from pipeline_state.checks.declaration import BuiltIn, Detector, Report, Tool
from pipeline_state.checks.digests import NOTHING, content_digest, digest, digest_text
from pipeline_state.checks.node_script import installed_script, is_node_script, node_script_identity
from pipeline_state.checks.python_script import (
    installed_in,
    interpreter_of,
    normal_name,
    script_identity,
    text_of,
)
from pipeline_state.checks.watch import Watch
from pipeline_state.config import DetectorSettings
from pipeline_state.named_tuple import NamedTuple

_SCRIPTS = "Scripts" if os.name == "nt" else "bin"
_MACHINE_CODE = (b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xca\xfe\xba\xbe", b"\xbe\xba\xfe\xca")
_LARGEST_SCRIPT = 1 << 20  # bytes; the launchers of Windows have some 100 kB
_MODULES = (
    *("checks/declaration.py", "checks/declared.py", "checks/digests.py", "checks/findings.py", "checks/globs.py"),
    *("checks/ignore_files.py", "checks/worker.py", "checks/worker_pool.py", "checks/worker_process.py"),
    *("named_tuple.py", "toml.py"),
)
_PACKAGE = Path(__file__).resolve().parent.parent


class Program(NamedTuple):
    """What is started for a tool. `node` is what runs `executable`, if that is a script for Node; `python` is the
    interpreter of a console script, if a script of ours is run in its place.
    """

    executable: Path
    node: Path | None = None
    python: Path | None = None

    def command(self, tool: Tool) -> tuple[str, ...]:
        """Return the words that start it."""
        executable = os.fspath(self.executable)
        script = (os.fspath(_PACKAGE / "checks/detectors" / tool.script),) if tool.script is not None else ()
        if self.node is not None:
            return (os.fspath(self.node), *script, executable)
        if self.python is not None:  # isolated: it must not import from the folder that it is started in
            return (os.fspath(self.python), "-I", "-B", "-X", "utf8", *script)
        return (executable, *tool.script_options, *script)


class Identity(NamedTuple):
    """What would be executed. `unknown` says why its verdicts cannot be reused, where they cannot."""

    digest: bytes
    unknown: str | None = None


def find_program(
    tool: Tool, settings: DetectorSettings, root: Path, environ: Mapping[str, str], watch: Watch
) -> Program | str:
    """Return what is started for a tool; the name of what is missing for that, if something is."""
    executable = find_executable(tool, settings, root, environ, watch)
    if executable is None:
        return tool.executable
    if tool.script is not None and tool.script.endswith(".py"):
        interpreter = _interpreter(executable)
        return tool.executable if interpreter is None else Program(executable, python=interpreter)
    if tool.package is None or not is_node_script(executable):
        # A launcher for the shell runs as it is, but it does not say where the script is that ours would load.
        return tool.executable if tool.package is not None and tool.script is not None else Program(executable)
    node = find_executable(_NODE, DetectorSettings(), root, environ, watch)
    return _NODE.executable if node is None else Program(executable, node)


def find_executable(
    tool: Tool, settings: DetectorSettings, root: Path, environ: Mapping[str, str], watch: Watch
) -> Path | None:
    """Return the executable of a tool, looked for in the documented order; `None` if it is missing."""
    if settings.path is None and tool.package is not None:
        script = installed_script(root, tool.package, tool.executable, watch)
        if script is not None and watch.look(os.fspath(script)) is not None and script.is_file():
            return script
    for path in _candidates(tool.executable, settings.path, root, environ):
        if watch.look(os.fspath(path)) is not None and os.access(path, os.X_OK) and path.is_file():
            return path
    return None


def places_of(tool: Tool, settings: DetectorSettings, root: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return where the executable of a tool is looked for, in that order; of an npm package, its folder first."""
    modules = (root / "node_modules" / tool.package,) if tool.package is not None and settings.path is None else ()
    return tuple(dict.fromkeys((*modules, *_candidates(tool.executable, settings.path, root, environ))))


def _candidates(name: str, configured: str | None, root: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    if configured is not None:
        yield root / Path(configured).expanduser()
        return
    file = f"{name}.exe" if os.name == "nt" else name
    own = Path(sys.prefix, _SCRIPTS, file)
    project = [root / folder / _SCRIPTS / file for folder in (".venv", "venv")]
    active = environ.get("VIRTUAL_ENV")
    if active and os.path.isabs(active):
        project.insert(0, Path(active, _SCRIPTS, file))
    # Under pre-commit our own environment comes first, so that `additional_dependencies` count.
    yield from [own, *project] if environ.get("PRE_COMMIT") == "1" else [*project, own]
    for folder in environ.get("PATH", "").split(os.pathsep):
        if os.path.isabs(folder):  # a relative one would run programs out of the checked-out tree
            yield Path(folder, file)


def tool_identity(
    executable: Path,
    tool: Tool,
    contents: Contents,
    watch: Watch,
    *,
    node: Path | None = None,
    root: Path | None = None,
    home: str | None = None,
) -> Identity:
    """Return the identity of the executable of a tool, links resolved.

    `node` runs it, if it is a script for Node; plugins are looked for below `root` then, too, and packages in `home`.
    """
    real = os.path.realpath(executable)
    watch.look(real)
    try:
        if node is not None:
            place = root or Path(real)
            return Identity(*node_script_identity(node, executable, tool.plugins, place, contents, watch, home))
        return _identity_of_file(executable, real, tool, contents, watch)
    except OSError as error:  # it may be run all the same
        return Identity(NOTHING, f"{executable} cannot be read: {error.strerror or error}")


def _identity_of_file(executable: Path, real: str, tool: Tool, contents: Contents, watch: Watch) -> Identity:
    content = contents.of(real, follow=True)
    if content is None:
        return Identity(NOTHING, f"{executable} cannot be read")
    if content.stamp.size > _LARGEST_SCRIPT:
        return Identity(content.digest, None if _is_machine_code(real) else _hidden(executable))
    script = Path(real).read_bytes()
    interpreter = interpreter_of(script)
    if interpreter is None:
        return Identity(content.digest, None if _is_machine_code(real) else _hidden(executable))
    if tool.package is not None:  # npm's tool behind a script of Python's: it may download what it runs
        return Identity(content.digest, _hidden(executable))
    found = script_identity(interpreter, tool.distribution or tool.executable, contents, watch)
    return Identity(digest((content_digest(script), found.digest)), found.unknown)


def _interpreter(script: Path) -> Path | None:
    try:
        return interpreter_of(script.read_bytes())
    except OSError:
        return None


def _hidden(executable: Path) -> str:
    return f"{executable.name} is a script, and what it runs cannot be seen in it"


def _is_machine_code(path: str) -> bool:
    with open(path, "rb") as file:
        return file.read(4).startswith(_MACHINE_CODE)


def built_in_identity(detector: Detector, contents: Contents, watch: Watch) -> Identity:
    """Return the identity of a detector of ours: our code, the interpreter, the libraries that it names."""
    assert isinstance(detector.how, BuiltIn)
    parts = [digest_text(sys.version, sys.implementation.name, _machine())]
    interpreter = os.path.realpath(sys.executable)
    watch.look(interpreter)
    held = contents.of(interpreter, follow=True)
    parts.append(held.digest if held else NOTHING)
    unknown = None
    for name in detector.how.libraries:
        found, reason = _distribution(name, watch)
        parts.append(found)
        unknown = unknown or reason
    if not _is_ours(detector) and not detector.how.libraries and detector.origin is None:
        unknown = f"{detector.id} names no distribution in `libraries`, so a changed version of it would not be noticed"
    return Identity(digest(parts), unknown)


def _machine() -> str:
    if os.name == "posix":
        return os.uname().machine
    import platform  # which takes longer to load than all else that a key is made of

    return platform.machine()


def sources_digest(contents: Contents, watch: Watch) -> bytes:
    """Return the digest of our own detectors, parsers and workers: what they say may change with any of it."""
    if sources_digest not in contents.derived:
        parts = []
        for path in _sources():
            watch.look(path)
            source = contents.of(path, follow=True)
            parts.append(source.digest if source else NOTHING)
        contents.derived[sources_digest] = digest(parts)
    found: bytes = contents.derived[sources_digest]
    return found


_NODE = Tool("node", (), lambda _: Report({}), {})


def _is_ours(detector: Detector) -> bool:
    assert isinstance(detector.how, BuiltIn)
    return detector.how.judge.__module__.startswith("pipeline_state.")


def _sources() -> list[str]:
    checks = _PACKAGE / "checks"
    modules = [_PACKAGE / name for name in _MODULES]
    patterns = ("detectors/*.py", "detectors/*.mjs", "detectors/*.ps1", "parsers/*.py")
    return sorted(os.fspath(path) for path in [*modules, *(path for one in patterns for path in checks.glob(one))])


def _distribution(name: str, watch: Watch) -> tuple[bytes, str | None]:
    """Return the digest of an installed distribution's list of files with their hashes."""
    folder = _installed(name)
    if folder is None:
        return NOTHING, None  # absent: that is a state too, and the detector says what it does then
    watch.look(os.fspath(folder.parent))  # the folder that every installation writes to
    version = digest_text(folder.name)
    watch.look(os.fspath(folder / "RECORD"))
    try:
        record = (folder / "RECORD").read_bytes()
    except OSError:
        return version, f"{name} lists no files of its own, so a changed one would not be noticed"
    if '"editable": true' in text_of(folder / "direct_url.json", watch):
        return version, f"{name} is installed editable, so a changed file of it would not be noticed"
    return content_digest(record), None


def _installed(name: str) -> Path | None:
    """Return the folder that describes an installed distribution: what `importlib.metadata` finds in 15 ms and more."""
    wanted = normal_name(name)
    for place in filter(os.path.isabs, dict.fromkeys(sys.path)):
        with suppress(OSError):  # not there, an archive, or closed to us: nothing is imported from it either
            found = next((one.folder for one in installed_in(Path(place)) if one.name == wanted), None)
            if found is not None:
                return found
    return None
