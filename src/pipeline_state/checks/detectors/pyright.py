"""`pyright`, the npm package, as it is seen to behave, 1.1.414.

Seen under strace, and held by the tests beside this module's:

- pyrightconfig.json, else pyproject.toml, is looked for in the root and above; the project is where it lies. `extends`
  is followed. What it leaves out besides, in every project: folders whose names begin with a dot, `node_modules`,
  `__pycache__` and virtual environments.
- It does not say which files it judges, only how many; with `--verbose` it writes no report. So its `include` and
  `exclude` are applied here, and the numbers must be equal. Of files that `ignore` names it says nothing.
- It asks a Python where packages are installed: that of `venv`, else python3 on PATH; here, first that of the worktree.
- Exit codes: 1 is findings, 2 fatal, 3 a configuration that it cannot read. With warnings alone it is 0.
- The PyPI package of the same name fetches the npm package when it is run, so what that runs cannot be seen.
"""

from __future__ import annotations

from pipeline_state.checks.declaration import Configuration, Detector, Project, Tool
from pipeline_state.checks.detectors import pyright_configuration, pyright_report

PYRIGHT = Detector(
    id="pyright",
    version=1,
    title="pyright",
    types=frozenset({"python", "pyi"}),
    scope="project",
    how=Tool(
        executable="pyright",
        check=("--outputjson",),
        parse=pyright_report.parse,
        exit_codes={0: "either", 1: "findings"},
        package="pyright",
        configuration=Configuration(
            pyright_configuration.NAMES,
            where="above",
            references=pyright_configuration.references,
            in_arguments=pyright_configuration.in_arguments,
        ),
        project=Project(
            sources=(".py", ".pyi", ".so", ".pyd", "py.typed"),
            run=pyright_configuration.project_run,
            packages=True,
        ),
    ),
)
