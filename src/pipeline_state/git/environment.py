"""Git's repository-local environment variables, and an environment without them.

Inside a Git hook (above all inside one of a linked worktree) Git exports `GIT_DIR`, `GIT_INDEX_FILE` and more.
A child that inherits them works on the user's repository, wherever it was started.
"""

from __future__ import annotations

from collections.abc import Mapping

REPOSITORY_VARIABLES: frozenset[str] = frozenset(
    {
        # `git rev-parse --local-env-vars`, less GIT_CONFIG_COUNT: CI passes `safe.directory` through that one.
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_CONFIG_PARAMETERS",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
        # not in that list, but bound to one repository all the same
        "GIT_NAMESPACE",
        "GIT_QUARANTINE_PATH",
    }
)


def without_repository(environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` without what binds a child to one repository."""
    return {name: value for name, value in environ.items() if name not in REPOSITORY_VARIABLES}
