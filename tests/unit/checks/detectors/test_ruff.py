"""The declarations of ruff, held against the real ruff."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline_state.checks.declaration import Output, References, ReportError, Tool
from pipeline_state.checks.detectors import ruff_configuration, ruff_report
from pipeline_state.checks.detectors.ruff import RUFF, RUFF_FORMAT
from pipeline_state.checks.detectors.ruff_rules import rank

EXECUTABLE = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
pytestmark = pytest.mark.skipif(EXECUTABLE is None, reason="ruff is not installed")


@pytest.fixture
def tree(tmp_path):
    """An empty folder with a configuration, and a home folder of its own beside it."""
    (tmp_path / "home").mkdir()
    root = tmp_path / "tree"
    root.mkdir()
    (root / "ruff.toml").write_text('[lint]\nselect = ["E", "F", "I", "INP", "S"]\n')
    return root


def run(detector, root, arguments, *names, **variables):
    environment = {"HOME": str(root.parent / "home"), "PATH": os.defpath, **detector.how.environment, **variables}
    argv = (EXECUTABLE, *arguments, *names)
    done = subprocess.run(argv, cwd=root, env=environment, capture_output=True, check=False)
    return Output(argv, done.returncode, done.stdout, done.stderr)


def check(root, *names, detector=RUFF, extra=(), **variables):
    """Return the exit code and the report of the declared command."""
    output = run(detector, root, (*detector.how.check, *extra), *names, **variables)
    assert output.exit_code in detector.how.exit_codes, output
    return output.exit_code, detector.how.parse(output)


def included(root, *names, detector=RUFF):
    return detector.how.parse_included(run(detector, root, detector.how.included, *names))


def rules(report, root, name):
    found = {os.path.relpath(path, os.path.realpath(root)): problems for path, problems in report.problems.items()}
    return [problem.rule for problem in found.get(name, ())]


def test_each_finding_has_the_place_severity_and_category_of_its_rule(tree):
    (tree / "a.py").write_text('"é" + undefined\nassert 1\n', encoding="utf-8")
    exit_code, report = check(tree, "a.py")
    assert exit_code == 1
    (problems,) = report.problems.values()
    seen = {p.rule: (p.line, p.column, p.end_line, p.end_column, p.severity, p.category) for p in problems}
    assert seen["F821"] == (1, 7, 1, 16, "error", "other")
    assert seen["S101"][4:] == ("warning", "security")


def test_a_clean_file_is_not_in_the_report(tree):
    (tree / "pkg").mkdir()
    (tree / "pkg/__init__.py").write_text("")
    exit_code, report = check(tree, "pkg/__init__.py")
    assert (exit_code, report.problems, report.unprocessed) == (0, {}, {})


def test_an_excluded_file_is_not_included_and_others_are(tree):
    (tree / "ruff.toml").write_text('extend-exclude = ["out"]\n')
    (tree / "out").mkdir()
    for name in ("out/a.py", "b.py", "-c.py"):
        (tree / name).write_text("import os\n")
    real = os.path.realpath(tree)
    assert included(tree, "out/a.py", "b.py", "./-c.py") == {f"{real}/b.py", f"{real}/-c.py"}
    assert included(tree, "out/a.py") == frozenset()
    assert check(tree, "out/a.py")[1].problems == {}


def test_pyproject_toml_is_judged(tree):
    (tree / "ruff.toml").write_text('[lint]\nselect = ["RUF200"]\n')
    (tree / "pyproject.toml").write_text("[project]\nname = 3\n")
    assert included(tree, "pyproject.toml") == {os.path.realpath(tree / "pyproject.toml")}
    assert rules(check(tree, "pyproject.toml")[1], tree, "pyproject.toml") == ["RUF200"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_name_with_a_line_end_is_one_name(tree):
    for name in ("we\nird.py", "ird.py", "plain.py"):
        (tree / name).write_text("import os\n")
    assert {os.path.basename(name) for name in included(tree, "we\nird.py", "plain.py")} == {"we\nird.py", "plain.py"}
    _, report = check(tree, "we\nird.py", "plain.py")
    assert rules(report, tree, "we\nird.py")


@pytest.mark.parametrize("selected", ["E", "I"])
@pytest.mark.parametrize("ignored", ["", "E9"])
def test_a_syntax_error_is_an_error_whatever_is_selected(tree, selected, ignored):
    (tree / "ruff.toml").write_text(f'[lint]\nselect = ["{selected}"]\nignore = {[ignored] if ignored else []}\n')
    (tree / "a.py").write_text("def f(:\n")
    exit_code, report = check(tree, "a.py")
    ((first, *_),) = report.problems.values()
    assert (exit_code, first.rule, first.severity, first.category, first.line) == (
        1,
        "invalid-syntax",
        "error",
        "syntax",
        1,
    )


@pytest.mark.parametrize("name", ["undecodable.py", "missing.py"])
@pytest.mark.parametrize("selected", ["E", "I"])
def test_a_file_that_cannot_be_read_is_never_clean(tree, name, selected):
    (tree / "ruff.toml").write_text(f'[lint]\nselect = ["{selected}"]\n')
    (tree / "undecodable.py").write_bytes(b'x = "\xff"\n')
    (tree / "good.py").write_text("x = 1\n")
    if selected == "E":
        _, report = check(tree, name, "good.py")
        assert [os.path.basename(path) for path in report.unprocessed] == [name]
    else:  # exit code 0, although a file was passed over
        with pytest.raises(ReportError) as raised:
            check(tree, name, "good.py")
        assert raised.value.paths == (name,)


def test_a_file_that_cannot_be_read_does_not_hide_the_findings_of_others(tree):
    (tree / "ruff.toml").write_text('[lint]\nselect = ["I"]\n')
    (tree / "bad: one.py").write_bytes(b'x = "\xff"\n')
    (tree / "a.py").write_text("import sys, os\n")
    _, report = check(tree, "bad: one.py", "a.py")
    assert rules(report, tree, "a.py") == ["I001"]
    assert list(report.unprocessed) == ["bad: one.py"]


@pytest.mark.parametrize(
    "text", ["unknown-key = 1", 'line-length = "a', 'extend = "gone.toml"', 'required-version = "<0.1"']
)
@pytest.mark.parametrize("detector", [RUFF, RUFF_FORMAT], ids=lambda detector: detector.id)
def test_a_configuration_that_ruff_refuses_is_an_error(tree, text, detector):
    (tree / "ruff.toml").write_text(text + "\n")
    (tree / "a.py").write_text("x = 1\n")
    output = run(detector, tree, detector.how.check, "a.py")
    if output.exit_code in detector.how.exit_codes:
        with pytest.raises(ReportError):
            detector.how.parse(output)
    with pytest.raises(ReportError):
        included(tree, "a.py", detector=detector)


@pytest.mark.parametrize("text", ["a = 1\na = 2\n", "[tool.ruff]\nunknown-key = 1\n"])
@pytest.mark.parametrize("detector", [RUFF, RUFF_FORMAT], ids=lambda detector: detector.id)
def test_a_configuration_that_ruff_refuses_does_not_count_where_its_own_run_does_not_read_it(bench, text, detector):
    bench.write("ruff.toml", 'extend-exclude = ["out/*"]\n')
    bench.write("out/broken/pyproject.toml", text)
    bench.write("broken/pyproject.toml", text)
    bench.write("own/ruff.toml", "")
    bench.write("own/out/broken/pyproject.toml", text)
    names = ("a.py", "out/broken/a.py", "broken/a.py", "own/out/broken/a.py")
    for name in names:
        bench.write(name, "X = 1\n")
    assert bench.rules(detector, *names) == {
        "a.py": [],
        "out/broken/a.py": "excluded",
        "broken/a.py": "error",
        "own/out/broken/a.py": "error",
    }
    (bench.root / "ruff.toml").unlink()
    assert bench.rules(detector, "out/broken/a.py") == {"out/broken/a.py": "error"}


def test_warnings_about_the_configuration_do_not_stop_the_report(tree):
    (tree / "ruff.toml").write_text('select = ["I", "D203", "D211"]\n')
    (tree / "a.py").write_text("import sys, os\n")
    output = run(RUFF, tree, RUFF.how.check, "a.py")
    assert b"warning" in output.stderr
    assert rules(RUFF.how.parse(output), tree, "a.py") == ["I001"]


def test_no_setting_of_the_project_makes_a_check_change_a_file(tree):
    text = "import sys\nimport os\n"
    (tree / "ruff.toml").write_text(
        'fix = true\nfix-only = true\nshow-fixes = true\nunsafe-fixes = true\noutput-format = "concise"\n'
    )
    (tree / "a.py").write_text(text)
    exit_code, report = check(tree, "a.py")
    assert exit_code == 1
    assert "F401" in rules(report, tree, "a.py")
    assert (tree / "a.py").read_text() == text


def test_fixing_repairs_what_can_be_repaired_and_ends_well(tree):
    (tree / "a.py").write_text("import os\nprint(undefined)\n")
    assert run(RUFF, tree, RUFF.how.fix, "a.py").exit_code == 0
    assert (tree / "a.py").read_text() == "print(undefined)\n"


def test_a_notebook_names_the_cell_and_claims_no_line_of_the_file(tree):
    cell = '{"cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [], "source": ["undefined"]}'
    (tree / "a.ipynb").write_text(f'{{"cells": [{cell}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}')
    _, report = check(tree, "a.ipynb")
    (problem,) = [p for problems in report.problems.values() for p in problems if p.rule == "F821"]
    assert problem.line is None
    assert problem.message.startswith("cell 1, line 1: ")


def test_ignored_files_that_are_named_are_judged_like_any_other(tree):
    (tree / ".git").mkdir()
    (tree / ".gitignore").write_text("a.py\n")
    ignore = tree.parent / "home/.config/git/ignore"
    ignore.parent.mkdir(parents=True)
    ignore.write_text("a.py\n")
    (tree / "a.py").write_text("import sys, os\n")
    assert included(tree, "a.py")
    assert "I001" in rules(check(tree, "a.py")[1], tree, "a.py")


def test_requires_python_counts_from_above_the_configuration_that_is_used(tree):
    (tree / "in").mkdir()
    (tree / "in/ruff.toml").write_text('[lint]\nselect = ["UP006"]\n')
    (tree / "in/a.py").write_text("from typing import List\nx: List[int] = []\n")
    seen = []
    for version in ("3.8", "3.12"):
        (tree / "pyproject.toml").write_text(f'[project]\nname = "x"\nversion = "1"\nrequires-python = ">={version}"\n')
        seen.append(rules(check(tree, "in/a.py")[1], tree, "in/a.py"))
    assert seen in ([[], ["UP006"]], [["UP006"], ["UP006"]]), "older versions look no further than the nearer file"


@pytest.mark.parametrize("variable", ["XDG_CONFIG_HOME", "HOME"])
def test_user_configuration_counts_where_it_is_declared_to_be(tree, variable):
    (tree / "ruff.toml").unlink()
    home = tree.parent / "elsewhere"
    folder = home / "ruff" if variable == "XDG_CONFIG_HOME" else home / ".config/ruff"
    folder.mkdir(parents=True)
    (folder / "ruff.toml").write_text('[lint]\nselect = ["D100"]\n')
    (tree / "a.py").write_text("x = 1\n")
    assert rules(check(tree, "a.py", **{variable: str(home)})[1], tree, "a.py") == ["D100"]
    declared = "$XDG_CONFIG_HOME/ruff/ruff.toml" if variable == "XDG_CONFIG_HOME" else "~/.config/ruff/ruff.toml"
    assert declared in RUFF.how.configuration.user


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("detector", [RUFF, RUFF_FORMAT], ids=lambda detector: detector.id)
@pytest.mark.parametrize("configured", [True, False])
def test_ruff_opens_and_probes_nothing_that_is_not_declared(tree, detector, configured):
    if not configured:
        (tree / "ruff.toml").unlink()
    (tree / "pkg/sub").mkdir(parents=True)
    (tree / "pkg/__init__.py").write_text("")
    (tree / "pkg/sub/__init__.py").write_text("")
    (tree / "pkg/sub/a.py").write_text("import os\nimport foo.bar\nfrom . import x\n")
    log = tree.parent / "strace"
    probed = set()
    for arguments in (detector.how.check, detector.how.included):
        argv = ["strace", "-f", "-y", "-s", "4096", "-e", "trace=%file", "-o", str(log), EXECUTABLE]
        environment = {"HOME": str(tree.parent / "home"), "PATH": os.defpath, **detector.how.environment}
        traced = subprocess.run(
            [*argv, *arguments, "pkg/sub/a.py"], cwd=tree, env=environment, capture_output=True, check=False
        )
        if b"ptrace" in traced.stderr:
            pytest.skip("tracing is not permitted here")
        probed |= set(re.findall(r'"(/[^"]*)"', log.read_text()))
    unexplained = {path for path in probed if not _explained(path, detector, tree)}
    assert not unexplained


def _explained(path, detector, tree):
    root = os.path.realpath(tree)
    home = str(tree.parent / "home")
    folder, name = os.path.split(path)
    system = ("/etc/ld", "/lib", "/usr/", "/proc", "/sys", "/dev", "/etc/_rjem_malloc.conf", str(EXECUTABLE))
    if path.startswith(system) or path == os.path.realpath(EXECUTABLE) or path == root:
        return True
    if name in detector.how.configuration.names and (root + "/pkg/sub/a.py/").startswith(folder.rstrip("/") + "/"):
        return True
    if path in {user.replace("~", home) for user in detector.how.configuration.user}:
        return True
    if path in {"/etc/gitconfig", f"{home}/.gitconfig", f"{home}/.config/git/config", f"{home}/.config/git/ignore"}:
        return True  # opened, and without effect: see the test of ignored files
    importable = {"__init__.py", "foo", "bar", "bar.py", "bar.pyi", "foo.py", "foo.pyi", "a.py"}
    return path.startswith(root + "/") and name in importable


def test_a_config_file_named_in_the_arguments_counts(tree):
    (tree / "other.toml").write_text('[lint]\nselect = ["D100"]\n')
    (tree / "a.py").write_text("x = 1\n")
    assert rules(check(tree, "a.py", extra=("--config", "other.toml"))[1], tree, "a.py") == ["D100"]
    named = RUFF.how.configuration.in_arguments
    assert named(["--config", "other.toml", "--config=b/c.toml"]).paths == ("other.toml", "b/c.toml")
    assert named(["--config", "line-length = 90", "--config=lint.select=['E']", "--select=E"]).paths == ()


def test_extend_is_followed(tree):
    (tree / "base").mkdir()
    (tree / "base/strict.toml").write_text('[lint]\nselect = ["D100"]\n')
    (tree / "ruff.toml").write_text('extend = "base/strict.toml"\n')
    (tree / "a.py").write_text("x = 1\n")
    assert rules(check(tree, "a.py")[1], tree, "a.py") == ["D100"]
    assert ruff_configuration.of_linter("ruff.toml", (tree / "ruff.toml").read_bytes()).paths == ("base/strict.toml",)


@pytest.mark.parametrize("references", [ruff_configuration.of_linter, ruff_configuration.of_formatter])
def test_in_pyproject_toml_the_settings_stand_under_tool_ruff(references):
    assert references("pyproject.toml", b'[tool.ruff]\nextend = "a.toml"\n').paths == ("a.toml",)
    assert references("pyproject.toml", b'extend = "a.toml"\n[tool]\nruff = 1\n') == References()
    assert references("pyproject.toml", b"[project\n") == References()
    assert references(".ruff.toml", b'extend = "../a.toml"\n').paths == ("../a.toml",)
    assert references("ruff.toml", b"extend = 3\n").paths == ()
    assert references("ruff.toml", b"\xff") == References()


def test_the_nearest_file_that_configures_ruff_decides_where_modules_are_looked_for():
    roots = {
        b"": ("ruff.toml", (".", "src")),
        b'src = ["lib/*", "."]': ("ruff.toml", ("lib/*", ".")),
        b"[tool.ruff]": ("pyproject.toml", (".", "src")),  # although it is empty
        b"[tool.ruff]\nline-length = 9": ("pyproject.toml", (".", "src")),
        b"[tool.other]": ("pyproject.toml", None),
    }
    for content, (name, expected) in roots.items():
        assert ruff_configuration.of_linter(name, content).import_roots == expected
        assert ruff_configuration.of_formatter(name, content).import_roots is None


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_an_empty_table_of_settings_moves_the_folders_where_modules_are_looked_for(tree):
    (tree / "in").mkdir()
    (tree / "in/pyproject.toml").write_text("[tool.ruff]\n")
    (tree / "in/a.py").write_text("import os\nimport foo\n")
    log = tree.parent / "strace"
    argv = ["strace", "-f", "-s", "4096", "-e", "trace=%file", "-o", str(log), EXECUTABLE]
    subprocess.run([*argv, *RUFF.how.check, "--select=I", "in/a.py"], cwd=tree, capture_output=True, check=False)
    probed = {os.path.dirname(path) for path in re.findall(r'"(/[^"]*/foo)"', log.read_text())}
    root = os.path.realpath(tree)
    assert probed in (set(), {f"{root}/in", f"{root}/in/src"}), "none: tracing is not permitted here"


@pytest.mark.parametrize("path", ["$HOME/a.toml", "~/a.toml", "${X}/a.toml"])
def test_an_extend_that_ruff_expands_is_unknown(path):
    assert ruff_configuration.of_formatter("ruff.toml", f'extend = "{path}"'.encode()).unknown


@pytest.mark.parametrize("path", ["../lib", "a/../../b", "/opt/lib", "~/lib", "$LIB", r"C:\\lib"])
def test_first_party_modules_outside_of_the_tree_are_unknown_to_the_linter_alone(path):
    content = f'extend = "a.toml"\nsrc = ["src", "{path}"]'.encode()
    assert ruff_configuration.of_linter("ruff.toml", content).unknown
    assert ruff_configuration.of_linter("ruff.toml", content).paths == ("a.toml",)
    assert ruff_configuration.of_formatter("ruff.toml", content).unknown is None
    assert ruff_configuration.of_linter("ruff.toml", b'src = ["src", "lib/*", "a..b"]').unknown is None


@pytest.mark.parametrize(
    ("stdout", "stderr"),
    [
        (b"", b""),
        (b"[", b""),
        (b'[{"code": "F401"}]', b""),
        (b'{"a": 1}', b""),
        (b"[1]", b""),
        (b"null", b""),
        (b"[[[[" * 50_000, b""),
        (b"[]\nwarning: more", b""),
        (b"[]", b"error: Panicked while linting a.py: oh"),
        (b"[]", b"thread 'main' panicked at x.rs"),
        (b"[]", b"ruff failed\n  Cause: no"),
        (b"[]", b"warning: Failed to lint elsewhere.py: no"),
        (b'[{"code": "F401", "filename": "", "message": "", "location": null, "end_location": null}]', b""),
        (b'[{"code": "F401", "filename": "a", "message": "", "location": {"row": "1"}, "end_location": null}]', b""),
    ],
)
def test_half_a_report_or_a_strange_one_is_no_report(stdout, stderr):
    for parse in (ruff_report.parse_check, ruff_report.parse_format):
        with pytest.raises(ReportError):
            parse(Output(("ruff", "a.py"), 0, stdout, stderr))


def test_a_file_that_ruff_breaks_down_on_is_unprocessed():
    entry = (
        b'{"code": "panic", "filename": "/a.py", "message": "oh", "location": null, "end_location": null, "cell": null}'
    )
    report = ruff_report.parse_check(Output(("ruff", "a.py"), 1, b"[" + entry + b"]", b""))
    assert report.unprocessed == {"/a.py": "oh"}


def test_a_file_that_would_be_formatted_is_found(tree):
    for name, text in (("a.py", "x=1\n"), ("b.py", "x = 1\n"), ("c.py", "def f(:\n"), ("d.py", 'x="\\"')):
        (tree / name).write_text(text)
    exit_code, report = check(tree, "a.py", "b.py", "c.py", "d.py", detector=RUFF_FORMAT)
    assert exit_code == 2
    found = {os.path.basename(name): [p.rule for p in problems] for name, problems in report.problems.items()}
    assert found == {"a.py": ["unformatted"], "c.py": ["invalid-syntax"], "d.py": ["invalid-syntax"]}
    assert (tree / "a.py").read_text() == "x=1\n"


def test_a_formatted_file_is_clean_and_formatting_makes_it_so(tree):
    (tree / "a.py").write_text("x=1\n")
    assert run(RUFF_FORMAT, tree, RUFF_FORMAT.how.fix, "a.py").exit_code in RUFF_FORMAT.how.fix_exit_codes
    assert (tree / "a.py").read_text() == "x = 1\n"
    exit_code, report = check(tree, "a.py", detector=RUFF_FORMAT)
    assert (exit_code, report.problems) == (0, {})


def test_a_file_that_the_formatter_cannot_read_is_unprocessed(tree):
    (tree / "bad.py").write_bytes(b'x = "\xff"\n')
    (tree / "a.py").write_text("x=1\n")
    exit_code, report = check(tree, "bad.py", "gone.py", "a.py", detector=RUFF_FORMAT)
    assert exit_code == 2
    assert {os.path.basename(name) for name in report.unprocessed} == {"bad.py", "gone.py"}
    assert {os.path.basename(name) for name in report.problems} == {"a.py"}


# Recorded from ruff 0.9.0, which knows no other format.
OLD_STDOUT = (
    b"Would reformat: fm.py\nWould reformat: we\nird.py\n2 files would be reformatted, 1 file already formatted\n"
)
OLD_STDERR = b"""error: Failed to read bad.py: stream did not contain valid UTF-8
error: Failed to format missing.py: No such file or directory (os error 2)
error: Failed to parse syn.py:1:7: Expected a parameter or the end of the parameter list
"""
OLD_ARGV = ("ruff", "fm.py", "we\nird.py", "ok.py", "bad.py", "missing.py", "./syn.py")


def test_the_text_of_older_formatters_is_read_completely():
    report = ruff_report.parse_format(Output(OLD_ARGV, 2, OLD_STDOUT, OLD_STDERR))
    assert {name: [p.rule for p in problems] for name, problems in report.problems.items()} == {
        "fm.py": ["unformatted"],
        "we\nird.py": ["unformatted"],
        "./syn.py": ["invalid-syntax"],
    }
    (syntax,) = report.problems["./syn.py"]
    assert (syntax.line, syntax.column, syntax.message[:8]) == (1, 7, "Expected")
    assert set(report.unprocessed) == {"bad.py", "missing.py"}
    clean = ruff_report.parse_format(Output(("ruff", "ok.py"), 0, b"1 file already formatted\n", b""))
    assert clean.problems == {}


@pytest.mark.parametrize(
    ("exit_code", "stdout", "stderr"),
    [
        (1, b"Would reformat: fm.py\n", b""),
        (1, b"Would reformat: fm.py\n2 files would be reformatted\n", b""),
        (1, b"Would reformat: fm", b""),
        (0, b"", b""),
        (2, b"", b""),
        (2, b"1 file already formatted\n", b"error: something else"),
        (2, OLD_STDOUT, b""),
    ],
)
def test_half_of_an_old_text_is_no_report(exit_code, stdout, stderr):
    with pytest.raises(ReportError):
        ruff_report.parse_format(Output(OLD_ARGV, exit_code, stdout, stderr))


@pytest.mark.parametrize(
    ("code", "severity", "category"),
    [
        ("invalid-syntax", "error", "syntax"),
        ("E999", "error", "syntax"),
        ("F821", "error", "other"),
        ("F401", "warning", "other"),
        ("F704", "error", "syntax"),
        ("S101", "warning", "security"),
        ("S602", "error", "security"),
        ("SIM102", "warning", "style"),
        ("E501", "warning", "style"),
        ("ERA001", "warning", "style"),
        ("I001", "warning", "style"),
        ("ANN001", "warning", "type"),
        ("PT006", "warning", "test"),
        ("B006", "warning", "other"),
        ("F507", "error", "other"),
        ("F522", "warning", "other"),
        ("F541", "warning", "style"),
        ("W605", "warning", "other"),
        ("W291", "warning", "style"),
        ("A001", "warning", "style"),
        ("ASYNC100", "warning", "other"),
        ("RUF100", "warning", "style"),
        ("RUF006", "warning", "other"),
        ("some-new-name", "warning", "other"),
    ],
)
def test_severity_and_category_follow_from_the_rule(code, severity, category):
    assert rank(code) == (severity, category)


def test_both_are_tools_that_switch_ruffs_own_cache_off():
    for detector in (RUFF, RUFF_FORMAT):
        assert isinstance(detector.how, Tool)
        assert "--no-cache" in detector.how.check
