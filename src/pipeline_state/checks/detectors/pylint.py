"""`pylint`, as the executable is seen to behave, 4.1.

Seen under strace, and held by the tests beside this module's:

- What it says of a file depends on every other one: it infers through imports, looks for likeness and for cycles. So it
  is run over all that lies below the root, but for virtual environments and the like in the root, which its own run
  would judge, too.
- The first of pylintrc, pylintrc.toml, .pylintrc, .pylintrc.toml, pyproject.toml, setup.cfg and tox.ini that has
  something for it is the configuration, in the root and above, then in the home folder and /etc.
- `init-hook` is code, and so are plugins, but for its own.
- Exit codes are sums: 1 fatal, 2 error, 4 warning, 8 refactor, 16 convention; 32 is wrong usage. `fail-under` and
  `exit-zero` make 0 of them, so the report decides. What is not UTF-8 is an error about that file.
- Only `--verbose` names the files that it judges; it counts the messages by their kind at the end.
- With several processes it finds other likenesses than with one.
"""

from __future__ import annotations

from pipeline_state.checks.declaration import Configuration, Detector, Project, Tool
from pipeline_state.checks.detectors import pylint_configuration, pylint_report

PYLINT = Detector(
    id="pylint",
    version=1,
    title="pylint",
    types=frozenset({"python", "pyi"}),
    scope="project",
    how=Tool(
        executable="pylint",
        check=("--output-format=json2", "--verbose", "--persistent=n", "--jobs=1", "--recursive=y", "--reports=n"),
        parse=pylint_report.parse,
        exit_codes=dict.fromkeys(range(32), "either"),
        configuration=Configuration(
            pylint_configuration.NAMES,
            where="above",
            user=("~/.pylintrc", "~/.config/pylintrc", "/etc/pylintrc"),
            in_arguments=pylint_configuration.in_arguments,
        ),
        project=Project(
            sources=(".py", ".pyi", ".pyc", ".so", ".pyd"), run=pylint_configuration.project_run, packages=True
        ),
    ),
)
