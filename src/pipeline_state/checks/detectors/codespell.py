"""`codespell`, as the executable is seen to behave, 2.4.

Seen under strace, and held by the tests beside this module's:

- pyproject.toml, setup.cfg and .codespellrc count in the folder that it is started in, and nowhere else; each later
  one outranks those before it. What they name (`ignore-words`, `exclude-file`, `dictionary`) is looked for from there,
  too.
- `skip` and hidden folders do not count for a file that is named, but count in its own run, where names begin with
  `./`.
- What is missing, or has a zero byte near its start, is passed over in silence, with exit code 0; so that is looked at
  before it is asked. What is not UTF-8 is read as Latin-1.
- With `--count`, the last line on stderr is the number of findings: without it the answer is not whole.
- `write-changes` in the configuration would make every check change files; it is refused. `interactive` would, too, and
  is overridden.
"""

from __future__ import annotations

from pipeline_state.checks.declaration import Configuration, Detector, Tool
from pipeline_state.checks.detectors import codespell_configuration, codespell_report

CODESPELL = Detector(
    id="codespell",
    version=1,
    title="codespell",
    types=frozenset({"text"}),
    how=Tool(
        executable="codespell",
        check=("--count", "--interactive=0", "--disable-colors"),
        parse=codespell_report.parse,
        exit_codes={0: "clean", 65: "findings"},
        configuration=Configuration(
            codespell_configuration.NAMES,
            where="root",
            references=codespell_configuration.references,
            in_arguments=codespell_configuration.in_arguments,
        ),
        folder_run=codespell_configuration.folder_run,
        fix=("--write-changes", "--interactive=0", "--disable-colors"),
        fix_exit_codes=(0, 65),  # 65: some have no fix, or more than one
    ),
)
