"""What a check is asked to do, and the digest by which an equal request is known again."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from pipeline_state._version import __version__
from pipeline_state.checks.digests import FORMAT, digest
from pipeline_state.checks.environment import PLACES
from pipeline_state.checks.selection import Selection
from pipeline_state.location import Worktree, read_configuration_files
from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store.findings import Severity

_ENVIRONMENT = ("PATH", "VIRTUAL_ENV", "PRE_COMMIT", *PLACES)
"""Variables that decide which tools are found, and where those look."""


class Request(NamedTuple):
    """What was asked for. `only` and `skip` are detector ids; `None` is what the configuration names.

    `use_cache`: stored verdicts may be used, and new ones are stored. `jobs`: how many processes at once.
    `fail_on`: the least weight with which a finding fails; `None` is what the configuration says. `verify`: so many
    percent of the verdicts that could be reused are judged again, and compared.
    """

    worktree: Worktree
    selection: Selection
    cwd: str
    only: tuple[str, ...] | None = None
    skip: tuple[str, ...] = ()
    use_cache: bool = True
    fix: bool = False
    jobs: int | None = None
    explain: bool = False
    fail_on: Severity | None = None
    verify: float = 0
    environ: Mapping[str, str] = os.environ

    @property
    def stashed(self) -> bool:
        """Whether the caller has put unstaged changes away: pre-commit does."""
        return self.environ.get("PRE_COMMIT") == "1"

    @property
    def is_plain(self) -> bool:
        """Whether every configured detector judges a whole tree: what a snapshot can answer."""
        return (
            self.selection.mode in ("all", "tracked")
            and self.only is None
            and not self.skip
            and self.use_cache
            and not self.fix
            and not self.explain
            and not self.verify
        )

    def digest(self) -> bytes:
        """Return the digest of all that decides which detectors run with which programs, but for what is watched.

        And of where: configuration or imports may name the worktree's folder, and a mount elsewhere has the same times.
        """
        parts = [b"%d" % FORMAT, __version__.encode(), os.fsencode(sys.executable), os.fsencode(sys.prefix)]
        parts.append(os.fsencode(self.worktree.root))
        for name in _ENVIRONMENT:
            value = self.environ.get(name)
            parts += [b"-" if value is None else b"=", os.fsencode(value or "")]
        for content in read_configuration_files(self.worktree.root):
            parts += [b"-" if content is None else b"=", content or b""]
        return digest(parts)
