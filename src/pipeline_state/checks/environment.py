"""The environment that tools are started in: made for them, the same wherever a check is started."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

# Where a tool's own configuration and temporary files are. Their values are places, not judgements: they
# stay out of the key; what lies there is declared by each detector and enters by its bytes.
PLACES = ("HOME", "XDG_CONFIG_HOME", "TMPDIR", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TEMP", "TMP", "SYSTEMROOT")

# Everything else that a tool sees. All of it is in the key.
CONSTANT = {
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "NO_COLOR": "1",
    "PATH": os.defpath,
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",  # what pylint finds of similar lines goes by the order of a set
    "PYTHONNOUSERSITE": "1",
    "PYTHONUTF8": "1",
}


def tool_environment(environ: Mapping[str, str], declared: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of a tool: the constants, the places, and what its detector declares.

    Without a home folder tools look it up where the system keeps its accounts, and read configuration there: so it is
    named to them, and watched. A place that is no absolute path would mean another one in every folder: it is left out.
    """
    places = {name: environ[name] for name in PLACES if os.path.isabs(environ.get(name, ""))}
    home = places.get("HOME") or _home_of_the_account()
    return {**CONSTANT, **places, **({"HOME": home} if home else {}), **declared}


def _home_of_the_account() -> str | None:
    if sys.platform == "win32":
        return None
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:  # a number without an account, as in many containers
        return None
