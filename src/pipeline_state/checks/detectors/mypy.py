"""`mypy`, as the executable is seen to behave, 2.4.

Seen under strace, and held by the tests beside this module's:

- It judges what `files`, `packages` or `modules` of its configuration name, else all below the root, and follows
  imports from there: into whatever lies on disk, ignored or not, into `mypy_path`, and into the packages that are
  installed for its interpreter or that of `python_executable`.
- Its configuration is looked for in the folder that it is started in and in those above up to a `.git`, so in the root;
  then in the home folder. It looks for `__init__.py` above the root for as long as there is one.
- Exit code 2 stands for a syntax error, after which it judges nothing else, and for a plugin that is missing alike; the
  place that the message names tells them apart.
- With `--output=json` notes count for the exit code, and `hint` holds those that belong to a message. Notes that stand
  alone are no findings to mypy itself, and none here.
- Only its log says which files it judges, and that it has come to its end: a report without that line may be half.
- Its cache tells files apart by size and whole second. `cache_dir` of the configuration is not used.
"""

from __future__ import annotations

from pipeline_state.checks.declaration import Configuration, Detector, Project, Tool
from pipeline_state.checks.detectors import mypy_configuration, mypy_report

MYPY = Detector(
    id="mypy",
    version=1,
    title="mypy",
    types=frozenset({"python", "pyi"}),
    scope="project",
    how=Tool(
        executable="mypy",
        check=("--output=json", "--verbose", "--no-pretty", "--no-color-output", "--soft-error-limit=-1"),
        parse=mypy_report.parse,
        exit_codes={0: "clean", 1: "either", 2: "findings"},
        configuration=Configuration(
            mypy_configuration.NAMES,
            where="root",
            user=("$XDG_CONFIG_HOME/mypy/config", "~/.config/mypy/config", "~/.mypy.ini"),
            in_arguments=mypy_configuration.in_arguments,
        ),
        project=Project(
            sources=(".py", ".pyi", "py.typed"),
            run=mypy_configuration.project_run,
            packages=True,
            cache="--cache-dir=",
        ),
    ),
)
