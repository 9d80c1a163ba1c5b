"""What every test starts from: no trace of the user's Git configuration, of a Git hook, or of real state."""

from __future__ import annotations

import os

import pytest

GIT_CONFIG = """\
[user]
    name = A Tester
    email = tester@example.invalid
[init]
    defaultBranch = main
[commit]
    gpgSign = false
[core]
    autocrlf = false
[protocol "file"]
    allow = always
"""


@pytest.fixture(autouse=True, scope="session")
def _isolated_from_the_user(tmp_path_factory):
    """Git reads a configuration of the tests' own; variables that change what we do are taken out."""
    configuration = tmp_path_factory.mktemp("git") / "config"
    configuration.write_text(GIT_CONFIG, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.delenv("PIPELINE_DB_PATH", raising=False)
        for name in list(os.environ):
            if name.startswith("PRE_COMMIT") or name == "SKIP":
                patch.delenv(name)
        yield
