"""What a Python console script would execute: its interpreter, its distribution and those that this one can load.

Installers write a hash of every file of a distribution into its RECORD; the digests of these lists stand for the files.
Distributions count that the tool requires, directly or not, and those that announce plugins for it. What is installed
editable is not listed anywhere: if it counts, nothing is reused.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from pipeline_state.checks.contents import Contents
from pipeline_state.checks.digests import NOTHING, digest, digest_text
from pipeline_state.checks.watch import Watch
from pipeline_state.named_tuple import NamedTuple

_SHEBANG = re.compile(rb"#![ \t]*([^\n\r\0]+?)[ \t]*\r?\n")
# Written where a path is too long, or has a space: the line is Python and shell at once.
_TRAMPOLINE = re.compile(rb"""#!/bin/sh\n'''exec' ["']?([^"'\n]+?)["']? "\$0" "\$@"\n""")
_REQUIREMENT = re.compile(r"^Requires-Dist:\s*([A-Za-z0-9][A-Za-z0-9._-]*)", re.MULTILINE)
_GROUP = re.compile(r"^\[([^\]]+)\]", re.MULTILINE)
_PACKAGES = ("lib/python*/site-packages", "lib/python*/dist-packages", "lib/python3/dist-packages")
_PACKAGES_ON_WINDOWS = ("Lib/site-packages",)


class Script(NamedTuple):
    """What a script would execute. `unknown` says why that cannot be told completely."""

    digest: bytes
    unknown: str | None = None


class Installed(NamedTuple):
    """A distribution: its normalised name, and the folder that describes it."""

    name: str
    folder: Path


def interpreter_of(script: bytes) -> Path | None:
    """Return the Python interpreter that a script names by its absolute path; `None` for any other script."""
    start = max(script.find(b"#!"), 0) if script.startswith(b"MZ") else 0  # Windows: a launcher with a script behind it
    found = _TRAMPOLINE.match(script, start) or _SHEBANG.match(script, start)
    if found is None:
        return None
    path = Path(os.fsdecode(found.group(1).strip(b'"')))
    return path if path.is_absolute() and path.stem.startswith(("python", "pypy")) else None


def script_identity(interpreter: Path, distribution: str, contents: Contents, watch: Watch) -> Script:
    """Return the identity of what a console script of this distribution executes with this interpreter."""
    if interpreter not in contents.derived:
        contents.derived[interpreter] = _look_into(interpreter, contents, watch)
    environment: _Environment = contents.derived[interpreter]
    parts, installed = [environment.digest], environment.installed
    counted, unknown = _counted(normal_name(distribution), environment, watch)
    for name in sorted(counted):
        record, reason = _record(installed[name], contents, watch)
        parts += [name.encode(), record]
        unknown = unknown or reason
    return Script(digest(parts), unknown)


def interpreter_digest(interpreter: Path, contents: Contents, watch: Watch) -> bytes:
    """Return the digest of an interpreter: its program, its library, and what makes it an environment."""
    files = (Path(os.path.realpath(interpreter)), *_libraries(interpreter), interpreter.parent.parent / "pyvenv.cfg")
    return digest(file_digest(path, contents, watch) for path in files)


class _Environment(NamedTuple):
    """An interpreter with its packages: its digest, the distributions, and the groups of their entry points."""

    digest: bytes
    installed: dict[str, Installed]
    groups: dict[str, list[str]]


def _look_into(interpreter: Path, contents: Contents, watch: Watch) -> _Environment:
    parts = [interpreter_digest(interpreter, contents, watch)]
    folders = list(package_folders(interpreter.parent.parent, watch))
    for folder in folders:
        parts += [file_digest(path, contents, watch) for path in sorted(folder.glob("*.pth"))]
    installed = {one.name: one for folder in reversed(folders) for one in installed_in(folder)}
    groups = {name: _GROUP.findall(text_of(one.folder / "entry_points.txt", watch)) for name, one in installed.items()}
    return _Environment(digest(parts), installed, groups)


def _counted(tool: str, environment: _Environment, watch: Watch) -> tuple[set[str], str | None]:
    """Return the distributions that the tool can load: what it requires, and what announces plugins for it."""
    installed = environment.installed
    if tool not in installed:
        return set(), f"the distribution {tool} is not installed beside its interpreter"
    counted: set[str] = set()
    waiting = [tool, *(name for name, groups in environment.groups.items() if _are_plugins(groups, tool))]
    while waiting:
        name = waiting.pop()
        if name in installed and name not in counted:
            counted.add(name)
            waiting += map(normal_name, _REQUIREMENT.findall(text_of(installed[name].folder / "METADATA", watch)))
    return counted, None


def _are_plugins(groups: list[str], tool: str) -> bool:
    return any(f"{normal_name(group)}-".startswith(f"{tool}-") for group in groups)


def _record(one: Installed, contents: Contents, watch: Watch) -> tuple[bytes, str | None]:
    if '"editable": true' in text_of(one.folder / "direct_url.json", watch):
        return NOTHING, f"{one.name} is installed editable, so a changed file of it would not be noticed"
    record = file_digest(one.folder / "RECORD", contents, watch)
    if record == NOTHING:
        return NOTHING, f"{one.name} lists no files of its own, so a changed one would not be noticed"
    return digest((record, digest_text(one.folder.name))), None


def package_folders(prefix: Path, watch: Watch) -> Iterator[Path]:
    """Yield where distributions are installed, in the order in which they are found."""
    patterns = _PACKAGES_ON_WINDOWS if os.name == "nt" else _PACKAGES
    prefixes = [prefix]
    configuration = text_of(prefix / "pyvenv.cfg", watch)
    if re.search(r"^include-system-site-packages\s*=\s*true", configuration, re.MULTILINE | re.IGNORECASE):
        home = re.search(r"^home\s*=\s*(.+?)\s*$", configuration, re.MULTILINE)
        if home is not None:
            prefixes.append(Path(home.group(1)).parent)
    for place in prefixes:
        for pattern in (*patterns, *(f"local/{pattern}" for pattern in patterns)):
            above, _, name = pattern.rpartition("/")
            watch.look(os.fspath((place / above).parent))  # a library that is installed later
            for library in sorted(place.glob(above)):
                folder = library / name
                if watch.look(os.fspath(folder)) is not None:
                    yield folder
                    yield from _added_folders(folder, watch)


def _added_folders(packages: Path, watch: Watch) -> Iterator[Path]:
    """Yield the folders that the .pth files of one add to the path of modules: what is developed, not installed."""
    for path in sorted(packages.glob("*.pth")):
        for line in text_of(path, watch).splitlines():
            folder = packages / line.strip()
            if line.strip() and not line.startswith(("#", "import ", "import\t")) and folder.is_dir():
                watch.look(os.fspath(folder))
                yield folder


def installed_in(folder: Path) -> Iterator[Installed]:
    """Yield the distributions that are installed in a folder of packages."""
    for place in folder.iterdir():
        if place.suffix in (".dist-info", ".egg-info"):
            yield Installed(normal_name(place.stem.partition("-")[0]), place)


def _libraries(interpreter: Path) -> list[Path]:
    """Return the shared library that holds most of the interpreter, where it was built so."""
    real = Path(os.path.realpath(interpreter))
    return sorted((real.parent.parent / "lib").glob("libpython3*.*"))


def file_digest(path: Path, contents: Contents, watch: Watch) -> bytes:
    """Return the digest of a file, links followed, and watch it; `NOTHING` if it is not there."""
    watch.look(os.fspath(path))
    content = contents.of(os.fspath(path), follow=True)
    return NOTHING if content is None else content.digest


def text_of(path: Path, watch: Watch) -> str:
    """Return the text of a file, and watch it; nothing if it is not there."""
    watch.look(os.fspath(path))
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # not there: a distribution without entry points, an interpreter without an environment
        return ""


def normal_name(name: str) -> str:
    """Return the name of a distribution in the form in which names are compared."""
    return re.sub(r"[-_.:]+", "-", name).lower()
