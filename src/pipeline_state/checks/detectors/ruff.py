"""`ruff` (the linter) and `ruff-format`, as the executable `ruff` is seen to behave, 0.9 to 0.17.

Seen under strace, and held by the tests beside this module's:

- Each folder from the file's up to `/` is looked through for .ruff.toml, ruff.toml and pyproject.toml, and user
  configuration where none of them configures ruff. The search for pyproject.toml goes on above the one that does:
  in newer versions the first `requires-python`, with or without [tool.ruff] beside it, sets the target version.
- .gitignore, Git's configuration and its global ignore file are opened, and change nothing for a file that is named.
- Of imported modules it asks whether `foo`, `foo.py`, `foo.pyi` are there, below each entry of `src`; and whether
  there is an `__init__.py` in the file's folder and, if so, in those above. The formatter asks for the latter too,
  and makes nothing of it.
- `fix-only = true` in the configuration outranks `--no-fix`: files are changed and nothing is reported, with exit
  code 0. Hence `--no-fix-only`.
- A file that cannot be read is E902 only where that rule is on; else a warning on stderr, `[]` and exit code 0.
- Since 0.17 the formatter's own run over a folder takes the code in Markdown, too. An older one would read all of it as
  Python, so it is not given Markdown.
- A configuration that it cannot read fails the run for each file below it, but in its own run not where the folder is
  excluded: then it is not read.
- `[lint] exclude` and `[format] exclude` do not count for `--show-files`: what they leave out reads as clean.
"""

from __future__ import annotations

from pipeline_state.checks.declaration import Configuration, Detector, Tool
from pipeline_state.checks.detectors import ruff_configuration, ruff_report

_USER_FOLDERS = (
    "$XDG_CONFIG_HOME/ruff",
    "~/.config/ruff",  # Linux, and macOS
    "~/Library/Application Support/ruff",  # macOS, as ruff had it before 0.5
    "$APPDATA/ruff",  # Windows, and where it is without the variable:
    "~/AppData/Roaming/ruff",
)
"""One folder too many costs a stat; one too few would hide a change."""

_USER = tuple(f"{folder}/{name}" for folder in _USER_FOLDERS for name in ruff_configuration.NAMES)

_INCLUDED = ("check", "--force-exclude", "--no-fix", "--no-fix-only", "--show-files")

RUFF = Detector(
    id="ruff",
    version=1,
    title="ruff check",
    types=frozenset({"python", "pyi", "jupyter"}),
    # RUF200. Other TOML files are not in `--show-files`, and so excluded.
    extensions=frozenset({"pyproject.toml"}),
    scope="paths",
    how=Tool(
        executable="ruff",
        check=("check", "--no-cache", "--force-exclude", "--no-fix", "--no-fix-only", "--output-format=json"),
        parse=ruff_report.parse_check,
        exit_codes={0: "clean", 1: "findings"},
        configuration=Configuration(
            ruff_configuration.NAMES,
            user=_USER,
            references=ruff_configuration.of_linter,
            in_arguments=ruff_configuration.in_arguments,
        ),
        included=_INCLUDED,
        included_above=ruff_configuration.included_above,
        parse_included=ruff_report.parse_included,
        fix=("check", "--no-cache", "--force-exclude", "--fix-only"),
    ),
)

RUFF_FORMAT = Detector(
    id="ruff-format",
    version=1,
    title="ruff format",
    types=frozenset({"python", "pyi", "jupyter"}),
    how=Tool(
        executable="ruff",
        check=("format", "--no-cache", "--force-exclude", "--check"),
        parse=ruff_report.parse_format,
        # 2: a file that it could not parse or read, which the report then names; or wrong configuration.
        exit_codes={0: "clean", 1: "findings", 2: "findings"},
        configuration=Configuration(
            ruff_configuration.NAMES,
            user=_USER,
            references=ruff_configuration.of_formatter,
            in_arguments=ruff_configuration.in_arguments,
        ),
        included=_INCLUDED,  # `format` has no `--show-files`; `exclude` and `extend-exclude` are the same for both
        included_above=ruff_configuration.included_above,
        parse_included=ruff_report.parse_included,
        fix=("format", "--no-cache", "--force-exclude"),
        fix_exit_codes=(0, 2),  # it formats the others, and the check that follows says what was wrong
        # The option of that name is refused before 0.13 and needs preview before 0.16; the variable is passed over.
        environment={"RUFF_OUTPUT_FORMAT": "json"},
    ),
)
