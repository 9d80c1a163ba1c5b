"""The declaration of prettier, held against the real prettier."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.detectors import prettier_configuration, prettier_report
from pipeline_state.checks.detectors.prettier import PRETTIER

UGLY, PRETTY = "a  =  1\n", "a = 1;\n"

real = pytest.mark.download


@real
def test_what_would_be_changed_is_found_what_does_not_parse_is_an_error_and_each_other_file_is_clean(npm_bench):
    npm_bench.write("ugly.js", UGLY)
    npm_bench.write("pretty.js", PRETTY)
    npm_bench.write("broken.js", "b;\na = (\n")
    npm_bench.write("empty.css", "")
    answer = npm_bench.judge(PRETTIER)
    found = {
        path: [(p.rule, p.line, p.column, p.severity, p.category) for p in problems]
        for path, problems in answer.problems.items()
    }
    assert found == {
        "ugly.js": [("unformatted", None, None, "warning", "format")],
        "broken.js": [("invalid-syntax", 3, 1, "error", "syntax")],
        "pretty.js": [],
        "empty.css": [],
    }
    assert answer.problems["broken.js"][0].message == "Unexpected token"
    assert (npm_bench.root / "ugly.js").read_text() == UGLY


@real
def test_a_fixed_file_is_clean_and_what_cannot_be_fixed_stays(npm_bench):
    npm_bench.write("ugly.js", UGLY)
    npm_bench.write("broken.js", "a = (\n")
    npm_bench.write("latin.js", b'a  = "\xff"\n')
    npm_bench.write("out.js", UGLY)
    npm_bench.write(".prettierignore", "out.js\n")
    npm_bench.runner(PRETTIER).fix(["ugly.js", "broken.js", "out.js"])
    with pytest.raises(ReportError, match="is not UTF-8"):
        npm_bench.runner(PRETTIER).fix(["latin.js"])
    assert (npm_bench.root / "ugly.js").read_text() == PRETTY
    assert (npm_bench.root / "latin.js").read_bytes() == b'a  = "\xff"\n'
    assert npm_bench.rules(PRETTIER, "ugly.js", "broken.js", "latin.js", "out.js") == {
        "ugly.js": [],
        "broken.js": ["invalid-syntax"],
        "latin.js": "error",
        "out.js": "excluded",
    }
    assert (npm_bench.root / "out.js").read_text() == UGLY


@real
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_strange_names_are_names(npm_bench):
    names = ["-c.js", "@d.js", "a b.js", "é.js", "we\nird.js", "quote'\".js", "x: y.js", "[a].js", "!n.js", "{a,b}*.js"]
    for name in names:
        npm_bench.write(name, UGLY)
    assert npm_bench.rules(PRETTIER, *names) == {name: ["unformatted"] for name in names}
    npm_bench.runner(PRETTIER).fix(names)
    assert npm_bench.rules(PRETTIER, *names) == {name: [] for name in names}


@real
@pytest.mark.parametrize("args", [(), ("--ignore-path=other", "--with-node-modules"), ("--no-config",)])
def test_what_prettier_would_not_judge_in_its_own_run_is_excluded(npm_bench, args):
    names = ("a.js", "b.js", "out/a.js", "in/a.js", "in/out/b.css", "in/c.css", "node_modules/x/a.js", "no.parser")
    for name in names:
        npm_bench.write(name, "a { }\n" if name.endswith("css") else UGLY)
    npm_bench.write(".prettierignore", "out\nin/*.css\n")
    npm_bench.write(".gitignore", "*.js\n!a.js\n")
    npm_bench.write("in/.prettierignore", "*\n")  # counts in the root alone
    npm_bench.write("other", "b.js\nin/c*\n")
    said = npm_bench.run(PRETTIER, "--check", "--no-color", *args, ".").stderr.decode()
    own = set(re.findall(r"^\[warn\] (\S+\.\S+)$", said, re.MULTILINE)) & set(names)
    assert {"a.js", "in/a.js"} <= own
    expected = {name: ["unformatted"] if name in own else "excluded" for name in names}
    assert npm_bench.rules(PRETTIER, *names, args=args) == expected
    for alone in ("no.parser", "node_modules/x/a.js"):
        assert npm_bench.rules(PRETTIER, alone, args=args) == {alone: expected[alone]}


CONFIGURATIONS = {
    ".prettierrc": "semi: false\n",
    ".prettierrc.toml": "semi = false\n",
    ".prettierrc.json5": "{semi: false}\n",
    "package.json": '{"prettier": {"semi": false}}\n',
    ".editorconfig": "[*.js]\nindent_size = 8\n",
    "prettier.config.mjs": "export default {semi: false};\n",
}
NOTHING = {
    ".prettierrc.toml": "",
    ".editorconfig": "[*]\nindent_size=2\n",
    "prettier.config.mjs": "export default {};\n",
}


@real
def test_each_configuration_counts_at_each_level_and_code_is_not_followed(npm_bench):
    for folder, (name, text) in enumerate(CONFIGURATIONS.items()):
        npm_bench.write(f"{folder}/in/a.js", "if (a) {\n  b();\n}\n")
        npm_bench.write(f"{folder}/{name}", text)
        unknown = prettier_configuration.references(name, text.encode()).unknown
        assert (unknown is not None) == name.endswith(".mjs")
    files = [f"{folder}/in/a.js" for folder in range(len(CONFIGURATIONS))]
    assert npm_bench.rules(PRETTIER, *files) == {name: ["unformatted"] for name in files}
    for folder, name in enumerate(CONFIGURATIONS):
        npm_bench.write(f"{folder}/in/{name}", NOTHING.get(name, "{}"))
        (npm_bench.root / f"{folder}/{name}").unlink()
    assert npm_bench.rules(PRETTIER, *files) == {name: [] for name in files}
    assert CONFIGURATIONS.keys() <= set(PRETTIER.how.configuration.names)
    npm_bench.write("../.prettierrc.json", '{"tabWidth": 3}')
    assert npm_bench.rules(PRETTIER, files[4]) == {files[4]: ["unformatted"]}, "above the root, too"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *((".prettierrc", text) for text in (b'"@company/config"', b"'x'\n", b"plugins: [a]\n")),
        *((".prettierrc.json", text) for text in (b'{"plugins": ["./a.js"]}', b'{"\\u0070lugins": ["a"]}')),
        (".prettierrc.toml", b'plugins = ["a"]\n'),
        ("package.json", b'{"prettier": "@company/config"}'),
        ("package.yaml", b"prettier: {overrides: [{files: x, options: {plugins: [a]}}]}\n"),
        *((name, b"") for name in (".prettierrc.ts", ".prettierrc.cjs", "prettier.config.js", "prettier.config.mts")),
    ],
)
def test_what_is_code_or_loads_code_is_not_known(name, text):
    assert prettier_configuration.references(name, text).unknown


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package.json", b'{"devDependencies": {"prettier": "3", "prettier-plugin-x": "1"}}'),
        *(("package.json", text) for text in (b"{", b"[]", b"\xff", b"[" * 50_000)),
        (".prettierrc", b"# plugin-free\nsemi: false\n"),
        *((".prettierrc", text) for text in (b'{"semi": false}', b"semi: [", b"")),
        (".editorconfig", b"plugins = x\n"),
        (".prettierignore", b"plugins\n"),
    ],
)
def test_what_only_sets_something_is_known(name, text):
    found = prettier_configuration.references(name, text)
    # An empty file is no mapping; it does no harm to be careful with it.
    assert found.unknown is None or text == b""


def test_files_and_plugins_that_the_arguments_name_are_declared():
    named = prettier_configuration.in_arguments(["--config", "a", "--ignore-path=b", "--no-semi", "--tab-width", "3"])
    assert (named.paths, named.unknown) == (("a", "b"), None)
    assert all(prettier_configuration.in_arguments([one]).unknown for one in ("--plugin=x", "--plugin"))


@real
def test_with_a_configuration_of_the_users_it_does_not_name_what_it_passes_over_and_nothing_is_made_up(npm_bench):
    npm_bench.write("a.js", UGLY)
    npm_bench.write("b.js", "a = 1\n")
    npm_bench.write("out.js", UGLY)
    npm_bench.write("my.yaml", "semi: false\n")
    npm_bench.write(".prettierignore", "out.js\n")
    assert npm_bench.rules(PRETTIER, "a.js", "b.js", args=("--no-config", "--no-semi")) == {
        "a.js": ["unformatted"],
        "b.js": [],
    }
    assert npm_bench.rules(PRETTIER, "a.js", "out.js", args=("--config=my.yaml",)) == {
        "a.js": ["unformatted"],
        "out.js": "excluded",
    }


@real
@pytest.mark.parametrize("text", ["parser: nonsense\n", "{{"])
def test_a_configuration_that_prettier_refuses_is_an_error(npm_bench, text):
    npm_bench.write("a.js", PRETTY)
    npm_bench.write(".prettierrc", text)
    assert npm_bench.rules(PRETTIER, "a.js") == {"a.js": "error"}


@real
def test_what_is_missing_is_an_error_and_hides_no_other(npm_bench):
    npm_bench.write("a.js", UGLY)
    npm_bench.write("b.js", PRETTY)
    assert npm_bench.rules(PRETTIER, "a.js", "gone.js", "b.js") == {
        "a.js": ["unformatted"],
        "gone.js": "error",
        "b.js": [],
    }
    assert npm_bench.rules(PRETTIER, "a.js", args=("--nonsense=1", "--list-different", "--log-level=silent")) == {
        "a.js": "error"
    }


@real
def test_prettier_looks_at_nothing_that_is_not_declared(npm_bench):
    subprocess.run(["git", "init", "-q", "."], cwd=npm_bench.root, check=True)
    npm_bench.write("in/a.js", UGLY)
    root = os.path.realpath(npm_bench.root)
    # The mark of a project's root, above which .editorconfig is not looked for; a cache that it would remove; and its
    # own patterns, which it takes for names first.
    expected = {f"{root}/{folder}{name}" for folder in ("", "in/") for name in (".git", ".hg", ".sl", ".jj")}
    expected |= {f"{root}/node_modules{name}" for name in ("", "/.cache", "/.cache/prettier/.prettier-cache")}
    expected |= {"/tmp/.prettier-cache"} | npm_bench.declared(PRETTIER, "in/a.js")
    seen = {path for path in npm_bench.looked_at(PRETTIER, "in/a.js") if not path.startswith(f"{root}/!**/")}
    assert seen <= expected


# Recorded from prettier 3.10.1.
LOG = b"""\
[debug] normalized argv: {"_":["a.js","b.js","we\\nird.js","s.js","u.x","dir/c.js"],"check":true}
[debug] resolve config from '/t/a.js'
[debug] loaded options `null`
[debug] applied config-precedence (cli-override): {}
[warn] a.js
[debug] resolve config from '/t/b.js'
[debug] loaded options `null`
[debug] applied config-precedence (cli-override): {}
[debug] resolve config from '/t/we
[debug] ird.js'
[debug] loaded options `null`
[debug] applied config-precedence (cli-override): {}
[warn] we
[warn] ird.js
[debug] resolve config from '/t/s.js'
[debug] loaded options `null`
[debug] applied config-precedence (cli-override): {}
[error] s.js: SyntaxError: Unexpected token (2:1)
[error]   1 | a = (
[error] > 2 |
[error]     | ^
[debug] resolve config from '/t/u.x'
[debug] loaded options `null`
[debug] applied config-precedence (cli-override): {}
[error] No parser could be inferred for file "/t/u.x".
[debug] resolve config from '/t/dir/c.js'
[debug] loaded options `null`
[debug] applied config-precedence (cli-override): {}
[error] dir/c.js: TypeError: it broke
[error]     at somewhere
"""
FAILED = b"Checking formatting...\nError occurred when checking code style in 3 files.\n"


def report(stderr=LOG, stdout=FAILED, exit_code=2):
    names = ("a.js", "b.js", "we\nird.js", "s.js", "u.x", "dir/c.js", "out.js")
    argv = ("node", "prettier.cjs", "--check", *names)
    return prettier_report.parse(Output(argv, exit_code, stdout, stderr, names))


def test_a_whole_report_is_read():
    found = report()
    assert {name: [(p.rule, p.line, p.column) for p in of] for name, of in found.problems.items()} == {
        "a.js": [("unformatted", None, None)],
        "we\nird.js": [("unformatted", None, None)],
        "s.js": [("invalid-syntax", 2, 1)],
    }
    assert found.unprocessed == {"dir/c.js": "TypeError: it broke"}
    assert found.judged == {f"/t/{name}" for name in ("a.js", "b.js", "we\nird.js", "s.js", "u.x", "dir/c.js")}
    assert (found.others, found.excluded) == ("excluded", {"u.x"})


def test_no_beginning_of_a_log_is_a_report_but_for_the_context_of_its_last_failure():
    for length in range(len(LOG) - len(b"[error]     at somewhere\n")):
        with pytest.raises(ReportError):
            report(LOG[:length])


def test_no_beginning_of_the_summary_is_one():
    for length in range(len(FAILED)):
        with pytest.raises(ReportError):
            report(stdout=FAILED[:length])


@pytest.mark.parametrize(
    "stderr",
    [
        LOG + b"[warn] Code style issues found in 2 files. Run Prettier with --write to fix.\n",
        LOG + b"Segmentation fault\n",
        LOG.replace(b"[warn] a.js", b"[warn] z.js"),
        b"",
    ],
)
def test_what_prettier_would_not_write_is_no_report(stderr):
    with pytest.raises(ReportError):
        report(stderr)
