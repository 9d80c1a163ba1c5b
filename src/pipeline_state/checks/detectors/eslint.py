"""`eslint`, as its command line is seen to behave, 10.15.

Seen under strace, and held by the tests beside this module's:

- eslint.config.js (.mjs, .cjs, .ts, .mts, .cts) is looked for in the folder of each file and those above it, up to `/`;
  older versions look for .eslintrc files. They are code, or name packages: what they look at is not known, so what they
  configure is judged on every run.
- Its report names each file that it was given, and says of those that it passes over why, as a warning. Files for which
  there is no configuration are passed over, as in its own run.
- Warnings leave the exit code at 0, but for `--max-warnings=0`; then those about files that it passes over count too.
- What is missing ends with exit code 2 and no report. What is not UTF-8 is read with its bytes replaced.
- eslint-suppressions.json in the folder that it is started in hides what it lists.
- Columns count what JavaScript counts: characters beyond the first 65,536 are two.
"""

from __future__ import annotations

from pipeline_state.checks.declaration import Configuration, Detector, Tool
from pipeline_state.checks.detectors import eslint_configuration, eslint_report

ESLINT = Detector(
    id="eslint",
    version=1,
    title="eslint",
    # What is not JavaScript is passed over, unless a plugin makes a language of it.
    types=frozenset({"javascript", "jsx", "ts", "tsx", "vue", "svelte", "astro", "json", "json5", "markdown", "css"}),
    extensions=frozenset({".mts", ".cts", ".jsonc"}),
    how=Tool(
        executable="eslint",
        check=("--format=json", "--no-color", "--max-warnings=0"),
        parse=eslint_report.parse,
        exit_codes={0: "clean", 1: "findings"},
        configuration=Configuration(
            eslint_configuration.NAMES,
            references=eslint_configuration.references,
            in_arguments=eslint_configuration.in_arguments,
        ),
        fix=("--fix", "--no-color"),
        fix_exit_codes=(0, 1),  # 1: some cannot be fixed
        package="eslint",
        plugins=("eslint-*", "@*/eslint-*", "@eslint/*", "@typescript-eslint/*", "typescript-eslint", "typescript"),
        environment={"NODE_DISABLE_COMPILE_CACHE": "1", "NODE_NO_WARNINGS": "1"},
    ),
)
