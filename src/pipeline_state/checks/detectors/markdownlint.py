"""`markdownlint-cli2`, as its library is seen to behave, 0.22.

Seen under strace, and held by the tests beside this module's:

- Its configuration lies in the folder of a file and in those above it, up to the one that it is started in. `extends`
  is followed; `customRules`, `markdownItPlugins` and files of code are not.
- `ignores` count for a file that is named; `gitignore` and `globs` count in its own run: patterns among the latter that
  begin with `!` leave files out, and where there are others, only what they match is judged.
- `outputFormatters`, `fix` and `noProgress` in the configuration decide what is printed and changed, and files that are
  clean are never named. So a script of ours (`markdownlint.mjs`) calls it, and says what it read and what it found.
- What is missing is passed over in silence; what is not UTF-8 is read with its bytes replaced.
- Columns count what JavaScript counts: characters beyond the first 65,536 are two.
"""

from __future__ import annotations

from pipeline_state.checks.declaration import Configuration, Detector, Tool
from pipeline_state.checks.detectors import markdownlint_configuration, markdownlint_report

MARKDOWNLINT = Detector(
    id="markdownlint-cli2",
    version=1,
    title="markdownlint-cli2",
    types=frozenset({"markdown"}),
    how=Tool(
        executable="markdownlint-cli2",
        check=(),
        parse=markdownlint_report.parse,
        exit_codes={0: "clean", 1: "findings"},
        configuration=Configuration(
            markdownlint_configuration.NAMES,
            references=markdownlint_configuration.references,
            in_arguments=markdownlint_configuration.in_arguments,
        ),
        folder_run=markdownlint_configuration.folder_run,
        fix=("--fix",),
        fix_exit_codes=(0, 1),  # 1: some cannot be fixed
        package="markdownlint-cli2",
        plugins=("markdownlint-*", "markdown-it-*", "@*/markdownlint-*", "@*/markdown-it-*"),
        script="markdownlint.mjs",
        environment={"NODE_DISABLE_COMPILE_CACHE": "1", "NODE_NO_WARNINGS": "1"},
    ),
)
