"""`prettier`, as its command line is seen to behave, 3.10.

Seen under strace, and held by the tests beside this module's:

- Each folder from the file's up to `/` is looked through for a dozen names of its configuration, and for `package.json`
  and `package.yaml`, which may hold it; and up to the folder with a .git or .hg (or .sl, .jj) for .editorconfig.
- .gitignore and .prettierignore count in the folder that it is started in, and nowhere else; they count for a file that
  is named, too, and so does its rule to pass over node_modules.
- It says nothing of files that it passes over, and nothing of those that are well. But in its debugging log it says of
  which file it looks for the configuration: those it judges. With `--config` and `--no-config` it does not name them.
- A file for which it has no parser is named as an error, with exit code 2; in its own run it is passed over.
- What is not UTF-8 is read with its bytes replaced, and would be written back so: it is an error here.
- It removes a cache of its own that it was not told to use.
"""

from __future__ import annotations

from pipeline_state.checks.declaration import Configuration, Detector, Tool
from pipeline_state.checks.detectors import prettier_configuration, prettier_report

PRETTIER = Detector(
    id="prettier",
    version=1,
    title="prettier",
    types=frozenset(
        {
            *("javascript", "jsx", "ts", "tsx", "vue", "css", "scss", "less", "html", "json", "json5", "yaml"),
            *("markdown", "mdx", "graphql", "handlebars"),
        }
    ),
    extensions=frozenset({".mts", ".cts", ".jsonc", ".gql", ".handlebars", ".importmap", ".pcss"}),
    how=Tool(
        executable="prettier",
        check=("--check", "--log-level=debug", "--no-color"),
        parse=prettier_report.parse,
        exit_codes={0: "clean", 1: "findings", 2: "findings"},
        configuration=Configuration(
            prettier_configuration.NAMES,
            references=prettier_configuration.references,
            in_arguments=prettier_configuration.in_arguments,
            stops=prettier_configuration.STOPS,
        ),
        folder_run=prettier_configuration.folder_run,
        fix=("--write", "--log-level=warn", "--no-color"),
        fix_exit_codes=(0, 2),  # it formats the others, and the check that follows says what was wrong
        package="prettier",
        plugins=("prettier-plugin-*", "@*/prettier-*", "@prettier/*"),
        environment={"NODE_DISABLE_COMPILE_CACHE": "1", "NODE_NO_WARNINGS": "1"},
    ),
)
