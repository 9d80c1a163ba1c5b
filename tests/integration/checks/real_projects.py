"""Real projects whose own configuration leaves out files, and what of them each tool leaves out."""

from __future__ import annotations

import sys

QUICK: dict[str, dict[str, str]] = {
    "ansible-builder==3.2.0": {"yamllint": "test/data/definition_files/bad.yml"},
    "black==26.10.1": {"isort": "tests/data"},
    "dogpile.cache==1.5.0": {"flake8": "docs/build/conf.py"},
    "instructlab-sdg==0.8.3": {"markdownlint-cli2": "tests/testdata"},
    "itsdangerous==2.2.0": {"pyright": "tests"},
    "keystonemiddleware==13.0.1": {"bandit": "keystonemiddleware/tests"},
    "pdm-backend==2.5.0": {"ruff": "tests/fixtures", "ruff-format": "tests/fixtures"},
}
SLOW: dict[str, dict[str, str]] = {
    "Mako==1.4.3": {"black": "test/templates"},
    "alembic==1.20.1": {"flake8": "docs/build/conf.py"},
    "ansible-navigator==26.10.0": {"prettier": "src/ansible_navigator/data/grammar"},
    "ansible-sign==0.1.6": {"yamllint": ".github/workflows/finalize.yml"},
    "astroid==4.3.4": {"ruff": "tests/testdata"},
    "bandit==1.9.4": {"flake8": "doc", "pylint": "examples"},
    "crackerjack==0.91.1": {"gitleaks": "tests", "mdformat": "templates/README.md"},
    "disnake==2.12.2": {"pyright": "disnake/ext/mypy_plugin"},
    "dynaconf==3.3.5": {"ruff": "dynaconf/vendor", "ruff-format": "dynaconf/vendor"},
    "feast==0.67.0": {"detect-secrets": "sdk/python/requirements/py3.10-requirements.txt"},
    "hdmf==6.2.0": {"ruff": "docs/source/conf.py", "codespell": "src/hdmf/common/hdmf-common-schema"},
    "instructlab==0.26.1": {"markdownlint-cli2": "tests/testdata"},
    "ipython==9.18.1": {"ruff": "tests", "flake8": "tests"},
    "jupyter-server==2.21.1": {"prettier": "jupyter_server/templates"},
    "mailgun-mcp==0.5.4": {"mdformat": "commands"},
    "molecule==26.10.0": {"codespell": "uv.lock"},
    "nabla-hooks==1.0.5": {"gitleaks": "CHANGELOG.md", "semgrep": "tests"},
    "neutron-lib==5.0.1": {"bandit": "neutron_lib/tests"},
    "npm:jquery-ui@1.14.2": {"eslint": "ui/vendor"},
    "npm:thread-stream@4.2.1": {"eslint": "test/syntax-error.mjs"},
    "openshift-python-wrapper==11.0.143": {"detect-secrets": "docs"},
    "ovsdbapp==3.0.0": {"pylint": "ovsdbapp/tests"},
    "pip==26.3": {"ruff": "src/pip/_vendor", "ruff-format": "src/pip/_vendor"},
    "poetry-core==2.5.0": {"ruff": "src/poetry/core/_vendor", "mypy": "src/poetry/core/_vendor"},
    "pylint==4.1.4": {"ruff": "tests/functional", "isort": "tests/functional"},
    "sdg-hub==0.9.4": {"markdownlint-cli2": "examples"},
    "session-mgmt-mcp==0.9.9": {"semgrep": "session_mgmt_mcp/llm_providers.py"},
    "setuptools==84.2.1": {"mypy": "setuptools/_vendor"},
    "sphinx==9.0.4": {"pyright": "tests/roots"},
    "trio==0.35.0": {"ruff": "docs/source/tutorial", "black": "docs/source/tutorial"},
}
"""Of each project, the tools whose configuration leaves out files, and such a file or folder."""

GIVEN: dict[str, dict[str, tuple[str, ...]]] = {
    "crackerjack==0.91.1": {"gitleaks": ("--config", "keys.toml")},
    "feast==0.67.0": {"detect-secrets": ("--baseline", ".secrets.baseline")},
    "keystonemiddleware==13.0.1": {"bandit": ("-x", "tests")},
    "nabla-hooks==1.0.5": {"semgrep": ("--config", "words.yml")},
    "neutron-lib==5.0.1": {"bandit": ("-x", "tests", "-s", "B104,B303,B311")},
    "openshift-python-wrapper==11.0.143": {
        "detect-secrets": (
            "--exclude-files=class_generator/schema/*",
            "--exclude-files=class_generator/__k8s-openapi-.*.json",
            "--exclude-files=fake_kubernetes_client/__resources-mappings.json",
            "--exclude-files=docs/.*",
        )
    },
    "session-mgmt-mcp==0.9.9": {"semgrep": ("--config", "words.yml")},
}
"""What the projects themselves give to a tool, in their tox.ini or .pre-commit-config.yaml, and rules of `ADDED`."""

WORDS = """rules:
  - {id: word, languages: [regex], pattern-regex: "(?m)^.*(import|echo).*$", message: found, severity: WARNING}
"""
KEYS = """[extend]
path = ".gitleaks.toml"
[[rules]]
id = "key"
regex = '(?i)(?:token|key|password|secret) ?= ?"([^"]{12,})"'
"""
_KEY = "AKIA" + "IMN7LDVQPH5ZQ2XY"  # in two parts: no scanner shall take this file for one that has a key in it
ADDED: dict[str, dict[str, str]] = {
    "crackerjack==0.91.1": {"keys.toml": KEYS},
    "nabla-hooks==1.0.5": {"words.yml": WORDS, "CHANGELOG.md": f"{_KEY}\n", "docs/found.txt": f"{_KEY}\n"},
    "session-mgmt-mcp==0.9.9": {"words.yml": WORDS},
}
"""What a project gets from us: rules, where its own come from the network or find nothing, and something to find."""

SINCE: dict[str, tuple[int, int]] = {"mdformat": (3, 13)}
"""The first version of Python on which a tool leaves out anything."""

REQUIRED: dict[str, tuple[str, ...]] = {
    "npm:jquery-ui@1.14.2": ("eslint@10.15.0", "eslint-config-jquery@3.0.2", "globals@17.14.0"),
    "npm:thread-stream@4.2.1": ("eslint@9.39.1", "neostandard@0.13.0"),
}
"""What npm has to install for those whose configuration loads packages."""


def arguments(requirement: str, detector: str) -> tuple[str, ...]:
    """Return what a tool is given, by us and by its user."""
    # pyright asks a Python for packages: the first on PATH, which is not the same for the tools that we start.
    python = ("--pythonpath", sys.executable) if detector == "pyright" else ()
    return (*GIVEN.get(requirement, {}).get(detector, ()), *python)
