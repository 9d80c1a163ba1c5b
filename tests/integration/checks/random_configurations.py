"""Configurations of the tools, among which edits choose: by name of the file. TOP stands for the worktree's root."""

from __future__ import annotations

RULES = """\
line-length = 100
[lint]
select = ["E", "F", "I", "INP", "UP", "EXE", "W", "TC", "N999", "D104", "A005"]
"""

WHOLE = {
    "ruff.toml": [
        RULES,
        RULES.replace("100", "80") + 'ignore = ["UP"]\n',
        'extend = "TOP/shared.toml"\n',
        'extend = "TOP/shared.toml"\n[lint]\nselect = ["F", "W", "I"]\n',
        'src = ["lib*"]\n[lint]\nselect = ["I"]\n',
        'exclude = ["test_*", "a*"]\n',
        'extend-exclude = ["lib"]\ntarget-version = "py38"\n[lint]\nselect = ["UP", "I"]\n',
        "[format]\nquote-style = 'single'\n",
    ],
    ".ruff.toml": ["", '[lint]\nselect = ["F", "I"]\n', "not toml [\n"],
    ".flake8": [
        "[flake8]\nmax-line-length = 100\n",
        "[flake8]\nextend-ignore = F401,E\nexclude = lib\n",
        "[flake8]\nper-file-ignores = test_*:F\n",
        "[flake8]\nfilename = *_*.py\n",
    ],
    ".isort.cfg": [
        "[settings]\nprofile = black\n",
        "[settings]\nskip_glob = lib/*,*/test_*\n",
        "[settings]\nsrc_paths = lib1\n",
        "[settings]\nsrc_paths = src,lib1,.\nauto_identify_namespace_packages = false\n",
        "[settings]\nnamespace_packages = attr,yaml\nadd_imports = from __future__ import annotations\n",
        "[settings]\nskip_gitignore = true\nknown_first_party = requests\n",
    ],
    ".codespellrc": [
        "[codespell]\nignore-words = words.txt\n",
        "[codespell]\nskip = ./lib,*.md\n",
        "[codespell]\nbuiltin = clear,rare,names\n",
    ],
    ".bandit": ["[bandit]\nskips = B101\n", "[bandit]\nexclude = lib,CVS\n", "[bandit]\nconfigfile = bandit.yaml\n"],
    ".yamllint": [
        "extends: default\n",
        "extends: relaxed\nignore: [lib]\n",
        "extends: rules.yaml\n",
        "rules: {line-length: {max: 60}}\nignore-from-file: left-out\n",
        "yaml-files: ['*.yaml']\nrules: {document-start: enable}\n",
    ],
    ".yamllint.yml": ["extends: relaxed\n"],
    ".editorconfig": ["[*]\nindent_size = 2\n", "[*.py]\nmax_line_length = 60\n"],
    ".shellcheckrc": ["disable=SC2086\n", "enable=all\n"],
    "mypy.ini": ["[mypy]\nstrict = True\n", "[mypy]\nexclude = lib\n", "[mypy]\nfollow_imports = skip\n"],
    ".pylintrc": ["[main]\nignore=lib\n", "[messages control]\ndisable=C,R\n"],
}
"""Files that are for one tool."""

SECTIONED = {
    "pyproject.toml": [
        "[project]\nname = 'x'\nversion = '1'\nrequires-python = '>=3.8'\n",
        "[tool.ruff]\nline-length = 70\n",
        "[tool.ruff.lint]\nselect = ['E', 'D']\n",
        "[tool.black]\nline-length = 60\n",
        "[tool.black]\nextend-exclude = 'lib|test_'\n",
        "[tool.isort]\nprofile = 'black'\n",
        "[tool.isort]\nskip = ['lib']\n",
        "[tool.codespell]\nignore-words-list = 'teh'\n",
        "[tool.bandit]\nskips = ['B101']\n",
        "[tool.mypy]\ncheck_untyped_defs = true\n",
        "[tool.pylint.main]\ndisable = ['C']\n",
    ],
    "setup.cfg": [
        "[flake8]\nmax-line-length = 60\n",
        "[isort]\nforce_single_line = true\n",
        "[codespell]\ncount =\n",
        "[codespell]\nskip = *.txt\n",
        "[mypy]\nignore_missing_imports = True\n",
        "[metadata]\nname = x\n",
    ],
    "tox.ini": ["[flake8]\nignore = W\n", "[isort]\nline_length = 60\n", "[tox]\n", "[pylint]\ndisable=R\n"],
}
"""Files that several tools share, by sections."""

NAMED = {
    "shared.toml": ["line-length = 70\n", "line-length = 99\n", "[lint]\nselect = ['W']\n"],
    "words.txt": ["teh\n", "nothing\n"],
    "bandit.yaml": ["skips: [B102]\n", "exclude_dirs: ['./lib']\n", "skips: []\n"],
    "rules.yaml": ["extends: default\n", "rules: {colons: enable}\n"],
    "left-out": ["*.yml\n", "lib/\n", ""],
}
"""Files that others name."""

OF_THE_USER = {
    ".config/ruff/ruff.toml": ["line-length = 60\n", "line-length = 90\n"],
    ".config/black": ["[tool.black]\nline-length = 50\n", ""],
    ".config/yamllint/config": ["extends: relaxed\n", "rules: {trailing-spaces: enable}\n"],
    ".isort.cfg": ["[settings]\nprofile = black\n"],
    ".pylintrc": ["[messages control]\ndisable=W\n"],
    ".mypy.ini": ["[mypy]\nstrict = True\n"],
    ".shellcheckrc": ["disable=SC2034\n"],
}
"""Files in the home folder."""

ABOVE = {
    "setup.cfg": ["[flake8]\nignore = E\n", "[isort]\nprofile = black\n"],
    "pyproject.toml": ["[tool.ruff]\nline-length = 55\n", "[tool.black]\nline-length = 55\n"],
    ".yamllint": ["extends: relaxed\n"],
    ".editorconfig": ["[*.py]\nindent_size = 3\n"],
}
"""Files in the folder above the worktree."""

SETTINGS = {
    "ruff": [("ruff", 'args = ["--ignore=E501"]')],
    "flake8": [("flake8", 'args = ["--max-line-length=50"]'), ("flake8", 'args = ["--config=.flake8"]')],
    "black": [("black", 'args = ["--skip-string-normalization"]'), ("black", 'exclude = ["test_*"]')],
    "isort": [("isort", 'args = ["--profile=black"]'), ("isort", 'args = ["--sp", "setup.cfg"]')],
    "codespell": [("codespell", 'args = ["--ignore-words=words.txt"]'), ("codespell", 'args = ["-S", "./lib"]')],
    "bandit": [("bandit", 'args = ["-ll"]'), ("bandit", 'args = ["-x", "CVS,./lib"]')],
    "yamllint": [("yamllint", 'args = ["-d", "relaxed"]')],
    "mypy": [("mypy", 'args = ["--strict"]')],
    "pylint": [("pylint", 'args = ["--disable=C"]')],
}
"""Settings of ours, by detector."""
