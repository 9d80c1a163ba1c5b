"""`actionlint`, by its documentation and its source, 1.7. It could not be installed where this was written.

- Its own run judges the YAML files below .github/workflows of the root. What it says of one depends on the reusable
  workflows and the actions of the repository that it calls: so it is run over all of them, and YAML files count. What
  an action asks for besides (a script that has to be there) is not followed.
- .github/actionlint.yaml or .yml is the configuration: a YAML file, too.
- shellcheck and pyflakes, if they are found, judge the scripts in the workflows. They are switched off; where the
  arguments switch them on, what they say rests on more than is watched.
- Exit code 2 is wrong usage, and 3 whatever ends the run: a file that cannot be read, a configuration that it refuses.
"""

from __future__ import annotations

from pipeline_state.checks.declaration import Configuration, Detector, Project, Tool
from pipeline_state.checks.detectors import actionlint_project, actionlint_report

ACTIONLINT = Detector(
    id="actionlint",
    version=1,
    title="actionlint",
    types=frozenset(),
    files=frozenset(f"{actionlint_project.FOLDER}/**/*{ending}" for ending in actionlint_project.ENDINGS),
    scope="project",
    how=Tool(
        executable="actionlint",
        check=("-no-color", "-shellcheck=", "-pyflakes=", "-format={{json .}}"),
        parse=actionlint_report.parse,
        exit_codes={0: "clean", 1: "findings"},
        version=("-version",),
        configuration=Configuration(in_arguments=actionlint_project.in_arguments),
        project=Project(sources=actionlint_project.ENDINGS, run=actionlint_project.project_run),
    ),
)
