"""Which workflows a run of actionlint over the root judges, and whether they rest on more than YAML files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline_state.checks.declaration import ProjectRun, References

FOLDER = ".github/workflows"
ENDINGS = (".yml", ".yaml")
_TOOLS = ("shellcheck", "pyflakes")


def in_arguments(args: Sequence[str]) -> References:
    """Name the file of `-config-file`, and say when the user's arguments switch other tools on."""
    paths = []
    unknown = None
    values = iter(args)
    for argument in values:
        name, given, value = argument.lstrip("-").partition("=")
        if not argument.startswith("-") or name not in ("config-file", *_TOOLS):
            continue
        value = value if given else next(values, "")
        if name == "config-file":
            paths.append(value)
        elif value:
            unknown = f"-{name} runs another tool, and what that looks at is not known"
    return References(tuple(paths), unknown)


def project_run(root: Path, args: Sequence[str], environment: Mapping[str, str], files: Sequence[str]) -> ProjectRun:
    """Run actionlint over all workflows of the root."""
    del args, environment  # which files it judges is not theirs to say
    workflows = tuple(sorted(path for path in files if path.startswith(f"{FOLDER}/")))
    calling = next((path for path in workflows if _calls_an_action(root / path)), None)
    unknown = f"{calling} uses an action of the repository, and what that needs is not followed" if calling else None
    return ProjectRun(targets=workflows, judged=frozenset(workflows), unknown=unknown)


def _calls_an_action(workflow: Path) -> bool:
    """Whether a workflow uses an action of the repository. Other workflows that it uses are YAML files, and count."""
    import yaml

    try:
        data = yaml.safe_load(workflow.read_bytes())
    except (OSError, ValueError, RecursionError, yaml.YAMLError):  # actionlint calls nothing then, either
        return False
    return any(use.startswith("./") and not use.startswith(f"./{FOLDER}/") for use in _uses(data))


def _uses(data: Any) -> Iterator[str]:
    waiting, seen = [data], set[int]()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:  # aliases may lead in circles
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            waiting += value.values()
            if isinstance(value.get("uses"), str):
                yield value["uses"]
        elif isinstance(value, list):
            waiting += value
