"""`isort`, as the executable is seen to behave, 9.0.

Seen under strace, and held by the tests beside this module's:

- It takes its configuration from the folder of the first file that it is given, and the nearest above it up to a
  repository; so it is held to the root's. Folders that `skip_glob` names, and files that are not Python to it, count in
  its own run alone.
- `--filter-files` makes it apply the rest to what is named, and pass over what is missing as if that was to be skipped;
  so that is looked at before.
- What it cannot decode, or read, it passes over with exit code 0; only `--verbose` says so, and names every file that
  is clean. What has `isort: skip_file` in it is only counted.
- Where an import belongs, it finds out on disk: names in folders, extension modules, whether a folder has any module in
  it, what is at the beginning of its `__init__.py`, and what the folder of the project is called. The code that does
  so is the same from 5 to 9; `old_finders`, up to 7, looks elsewhere.
- Up to 8, a `.git` that is a file does not end its way up: what lies above a linked worktree counts where the root has
  no settings for it.
"""

from __future__ import annotations

from pipeline_state.checks.declaration import Configuration, Detector, Tool
from pipeline_state.checks.detectors import isort_configuration, isort_report, isort_settings, isort_sources

ISORT = Detector(
    id="isort",
    version=1,
    title="isort",
    types=frozenset({"python", "pyi"}),
    scope="paths",
    how=Tool(
        executable="isort",
        check=(
            *("--check-only", "--verbose", "--filter-files", "--settings-path=."),
            f"--format-error={isort_report.MARK}{{error}} {{message}}{isort_report.MARK}",
            f"--format-success={isort_report.MARK}{{success}} {{message}}{isort_report.MARK}",
        ),
        parse=isort_report.parse,
        exit_codes={0: "clean", 1: "findings"},
        configuration=Configuration(
            isort_settings.NAMES,
            where="above",
            references=isort_sources.references,
            in_arguments=isort_sources.in_arguments,
        ),
        places_imports=True,
        folder_run=isort_configuration.folder_run,
        fix=("--filter-files", "--settings-path=.", "--quiet"),
        fix_exit_codes=(0, 1),  # 1: it could decode none of the files, which the check that follows says
    ),
)
