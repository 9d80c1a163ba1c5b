"""A detector made ready for one run: its program found, its identity known, its keys ready to be made."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from pipeline_state.checks.config_files import Chain, ConfigurationFiles
from pipeline_state.checks.contents import Contents
from pipeline_state.checks.declaration import BuiltIn, Configuration, Detector, Tool
from pipeline_state.checks.declared_program import declared_identity
from pipeline_state.checks.digests import NOTHING, digest, digest_text
from pipeline_state.checks.environment import CONSTANT, tool_environment
from pipeline_state.checks.folders import Folders
from pipeline_state.checks.keys import Context, KeyMaker
from pipeline_state.checks.tools import (
    Identity,
    Program,
    built_in_identity,
    find_program,
    sources_digest,
    tool_identity,
)
from pipeline_state.checks.watch import Watch
from pipeline_state.config import DetectorSettings
from pipeline_state.named_tuple import NamedTuple

_NO_CONFIGURATION = Chain(NOTHING)


class Prepared(NamedTuple):
    """A detector, ready. `executable` is `None` for a built-in one; `missing` says why a tool cannot be run.

    `command` are the words that start it.
    """

    detector: Detector
    settings: DetectorSettings
    environment: Mapping[str, str]
    identity: Identity
    context: Context
    keys: KeyMaker
    chains: ConfigurationFiles | None
    executable: Path | None = None
    missing: str | None = None
    command: tuple[str, ...] = ()

    @property
    def never(self) -> str | None:
        """Why none of its verdicts can be reused, if that is so."""
        if self.detector.scope == "never" and self.settings.inputs is None:
            return "its verdicts depend on more than can be seen"
        return self.identity.unknown

    def configuration(self, folder: str) -> Chain:
        """Return what the files of this folder are judged under."""
        return _NO_CONFIGURATION if self.chains is None else self.chains.chain(folder)

    def unseen(self, chain: Chain) -> str | None:
        """Why what is judged under this configuration depends on more than can be seen, and nobody declared it."""
        return chain.unknown if self.settings.inputs is None else None

    def shared_digest(self, scope: bytes) -> bytes:
        """Return the digest of all that its files share: equal only if no key can differ but by its own file."""
        chains = self.chains.all_digest() if self.chains is not None else NOTHING
        return digest((self.context.digest, chains, scope))


def prepare(
    detector: Detector,
    settings: DetectorSettings,
    root: Path,
    environ: Mapping[str, str],
    contents: Contents,
    folders: Folders,
    watch: Watch,
) -> Prepared:
    """Make a detector ready. Nothing is run for this."""
    program: Program | str | None = None
    missing, chains = None, None
    environment: Mapping[str, str] = {}
    arguments: tuple[str, ...] = ()
    if isinstance(detector.how, BuiltIn):
        identity = built_in_identity(detector, contents, watch)
    else:
        tool = detector.how
        environment = tool_environment(environ, tool.environment)
        arguments = ("\0included", *(tool.included or ()), "\0check", *tool.check, "\0args", *settings.args)
        program = find_program(tool, settings, root, environ, watch)
        if isinstance(program, str):
            missing = _missing(program, tool, settings)
            identity = Identity(NOTHING, missing)
        else:
            home = environment.get("USERPROFILE" if os.name == "nt" else "HOME")
            node = program.node
            identity = tool_identity(program.executable, tool, contents, watch, node=node, root=root, home=home)
            if tool.declared:
                identity = declared_identity(identity, program.executable, detector, settings, root, contents, watch)
        if tool.configuration != Configuration():
            chains = ConfigurationFiles(root, tool.configuration, settings.args, folders, watch, environment)
    code = sources_digest(contents, watch)
    if detector.origin is not None:
        from pipeline_state.checks.origin import origin_identity  # loads `importlib.metadata`

        brought = origin_identity(detector.origin, contents, watch)
        code = digest((code, brought.digest))
        identity = identity._replace(unknown=identity.unknown or brought.unknown)
    context = Context(
        detector=digest((digest_text(detector.id, str(detector.version), detector.scope), code)),
        tool=identity.digest,
        arguments=digest_text(*arguments),
        environment=_environment_digest(detector),
    )
    executable = program.executable if isinstance(program, Program) else None
    command = program.command(detector.how) if isinstance(program, Program) and isinstance(detector.how, Tool) else ()
    keys = KeyMaker(context)
    return Prepared(detector, settings, environment, identity, context, keys, chains, executable, missing, command)


def _missing(program: str, tool: Tool, settings: DetectorSettings) -> str:
    if settings.path is not None and program == tool.executable:
        return f"{program} is missing: the configured path {settings.path} is not an executable file"
    modules = "in the project's node_modules, " if program == tool.executable and tool.package is not None else ""
    return (
        f"{program} is missing: not {modules}in the project's virtual environment, beside pipeline-state, or on PATH; "
        "install it, configure its path, or make it optional"
    )


def _environment_digest(detector: Detector) -> bytes:
    declared = detector.how.environment if isinstance(detector.how, Tool) else {}
    pairs = sorted({**CONSTANT, **declared}.items())
    return digest_text(sys.platform, *(word for pair in pairs for word in pair))
