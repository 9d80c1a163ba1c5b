"""`flake8`, as the executable is seen to behave, 6.0 to 7.5.

Seen under strace, and held by the tests beside this module's:

- setup.cfg, tox.ini and .flake8 are looked for in the folder that it is started in and in those above, up to the home
  folder (which is not looked at) or `/`; the first of them that has a section for flake8 is the configuration.
- What is named on the command line is judged, even in a folder that `exclude` leaves out, and whatever `filename` says.
- `quiet`, `statistics`, `show-source`, `output-file` and `benchmark` in the configuration change what is printed. With
  `--count`, the last line is the number of findings: without it the answer is not whole.
- A file that cannot be read is E902, and one that does not parse E999, where these are selected; else they read as
  clean, as in flake8's own run. What is not UTF-8 is read as Latin-1.
- Columns of what comes from the syntax tree (F, C9 and most plugins) count bytes, not characters, and are passed on.
- Plugins may look at more than we declare. Those of the project (`[flake8:local-plugins]`) are code of the worktree.
"""

from __future__ import annotations

from pipeline_state.checks.declaration import Configuration, Detector, Tool
from pipeline_state.checks.detectors import flake8_configuration, flake8_report

FLAKE8 = Detector(
    id="flake8",
    version=1,
    title="flake8",
    types=frozenset({"python", "pyi"}),
    how=Tool(
        executable="flake8",
        check=(
            "--jobs=1",
            "--color=never",
            "--no-show-source",
            "--tee",
            "--count",
            f"--format=%(path)s:%(row)d:%(col)d: %(code)s %(text)s{flake8_report.END}",
        ),
        parse=flake8_report.parse,
        exit_codes={0: "clean", 1: "findings"},
        configuration=Configuration(
            ("setup.cfg", "tox.ini", ".flake8"),
            where="above",
            references=flake8_configuration.references,
            in_arguments=flake8_configuration.in_arguments,
        ),
        folder_run=flake8_configuration.folder_run,
    ),
)
