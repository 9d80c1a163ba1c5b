"""Where isort looks for modules, by its configuration and its arguments, and what makes it look at more than we watch.

All settings of the versions 5 to 9 that are not mentioned here say how imports are written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pipeline_state.checks.declaration import References
from pipeline_state.checks.detectors.isort_settings import NAMES, items, options, table

_PROFILES = ("", "appnexus", "attrs", "black", "django", "google", "hug", "open_stack", "plone", "pycharm", "wemake")
"""Those that isort brings; others come from packages, and may set anything."""

_NO = ("n", "no", "f", "off", "0", "false")

_UNSEEN: Mapping[str, Callable[[Any], bool]] = {
    "add_imports": lambda value: any(not re.match(r"(from +)?__future__\b", one) for one in items(value)),
    "conda_env": bool,
    "directory": lambda _: True,
    "formatter": lambda _: True,
    "git_ls_files": lambda _: True,
    "old_finders": lambda value: str(value).lower() not in _NO,
    "profile": lambda value: value not in _PROFILES,
    "skip_gitignore": lambda value: str(value).lower() not in _NO,
    "sort_order": lambda value: value not in ("natural", "native"),
    "supported_extensions": lambda _: True,  # of which the sources of a package are, too
    "virtual_env": bool,
}
"""Whether a setting of that value runs code of others, asks Git or other environments, or looks in other places."""

_UNSEEN_OPTIONS = (
    *("--add-import", "--conda-env", "--config-root", "--cr", "--formatter", "--gitignore", "--magic-placement"),
    *("--old-finders", "--resolve-all-configs", "--settings-file", "--settings-path", "--skip-gitignore"),
    *("--sort-order", "--src", "--src-path", "--supported-extension", "--virtual-env"),
)
_ADD_IMPORT = re.compile(r"-[^-bfijlmopstw]*a")
"""`-a`, maybe behind flags; the other letters take what follows as their value."""


def references(name: str, content: bytes) -> References:
    """Name the source folders: those that isort would look in without the file, too, since it may refuse the rest."""
    settings = table(name, content)
    if not settings:
        return References()  # isort goes on to the next file
    folders = items(settings.get("src_paths", ""))
    unseen = [key for key, is_unseen in _UNSEEN.items() if key in settings and is_unseen(settings[key])]
    unseen += [key for key in settings if key.startswith(("known_", "extra_")) and _lists_a_folder(settings[key])]
    unseen += ["src_paths" for one in folders if _may_be_elsewhere(one)]
    reason = f"{name} sets {unseen[0]}, and what isort looks at for that is not watched" if unseen else None
    return References(unknown=reason, import_roots=(".", "src", *(() if reason else folders)))


def in_arguments(args: Sequence[str]) -> References:
    """Name the files in which settings are looked for, if that is said."""
    paths: list[str] = []
    unknown = "-sp" if any(one.startswith("-sp") for one in args) else None  # in version 5, the path of the settings
    for option, value in options(args):
        if option == "settings_path" and not _may_be_elsewhere(value):
            paths += _looked_for(value)
        elif option == "settings_path" or _is_unseen(option, value):
            unknown = unknown or option
    return References(tuple(paths), unknown and f"{unknown} is given, and what isort looks at for that is not watched")


def _looked_for(path: str) -> Iterator[str]:
    """Yield the file of that name; what is looked for if it is a folder, and in those above it."""
    yield path
    folder = os.path.normpath(path)
    while folder and folder != ".":
        yield from (f"{folder}/{name}" for name in NAMES)
        folder = os.path.dirname(folder)


def _is_unseen(option: str, value: str) -> bool:
    if option in ("skip", "skip_glob", "extend_skip", "extend_skip_glob", "blocked_extensions"):
        return False
    if len(option) > 4 and "--profile".startswith(option):
        return value not in _PROFILES
    if option in ("-a", "--add-import"):
        return _UNSEEN["add_imports"](value)
    if option == "supported_extensions" or _ADD_IMPORT.match(option) or _lists_a_folder([option, value]):
        return True
    return option.startswith("--") and any(one.startswith(option) for one in _UNSEEN_OPTIONS)


def _lists_a_folder(value: Any) -> bool:
    return any(one.endswith(("/", os.sep)) for one in items(value))


def _may_be_elsewhere(path: str) -> bool:
    return re.search(r"[*?\[]", path) is not None or ".." in re.split(r"[/\\]", path) or os.path.isabs(path)
