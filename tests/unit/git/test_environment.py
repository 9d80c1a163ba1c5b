"""The list of Git's own variables is complete, and nothing else is taken from a child."""

from __future__ import annotations

from pipeline_state.git.environment import REPOSITORY_VARIABLES, without_repository


def test_every_variable_that_git_calls_local_is_in_the_list_but_the_one_that_ci_needs(git, tmp_path):
    local = set(git(tmp_path, "rev-parse", "--local-env-vars").split())
    assert local - REPOSITORY_VARIABLES == {"GIT_CONFIG_COUNT"}


def test_only_these_are_taken_out():
    kept = {"PATH": "/bin", "GIT_AUTHOR_NAME": "x", "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_GLOBAL": "y"}
    assert without_repository({**kept, **dict.fromkeys(REPOSITORY_VARIABLES, "z")}) == kept
