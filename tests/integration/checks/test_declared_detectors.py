"""Detectors that a project declares in its configuration alone, with real tools and in every format."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from pathlib import Path

import pytest

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.declared import declared_detectors
from pipeline_state.checks.parsers import pattern
from pipeline_state.checks.registry import Registry, shipped_detectors, with_declared
from pipeline_state.config import load_configuration
from pipeline_state.errors import ConfigurationError

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the tools are those of POSIX")

TODO = r"""
[detector.todo]
command = ["grep", "-nH", "-e", "TODO"]
types = ["python"]
scope = "file"
exit-codes = {clean = [1], findings = [0]}
format = "pattern"
pattern = '(?P<path>[^:]+):(?P<line>\d+):.*?(?P<message>TODO.*)'
"""

FIELDS = """\
fields = {path = "filename", message = "message", rule = "code", line = "location.row", column = "location.column"}
"""

FORMATS = {
    "sarif": ("sarif", 'format = "sarif"'),
    "json": ("json", f'format = "json"\n{FIELDS}'),
    "json-lines": ("json-lines", f'format = "json-lines"\n{FIELDS}'),
    "pattern": (
        "concise",
        """\
format = "pattern"
pattern = '(?P<path>.+?):(?P<line>\\d+):(?P<column>\\d+): (?P<rule>\\S+) (?P<message>.*)'
passed-over = 'Found \\d+ errors?\\.|\\[\\*\\] \\d+ fixable.*|All checks passed!'
""",
    ),
}


def configure(project, text, *ids):
    names = ", ".join(f'"{name}"' for name in ids)
    project.write("pipeline-state.toml", f"detectors = [{names}]\n{text}")


@pytest.fixture
def noted(project):
    """A project in which one line says TODO."""
    configure(project, TODO, "todo")
    project.write("package/module.py", "VALUE = 1\n# TODO: more\n")
    project.commit()
    return project


def test_a_command_and_a_pattern_are_a_detector(noted):
    answer = noted.agreed()
    assert answer.code == 1
    (one,) = answer.report["findings"]
    assert (one["path"], one["line"], one["message"], one["severity"]) == (
        "package/module.py",
        2,
        "TODO: more",
        "warning",
    )
    assert answer.outcomes == {"todo": "findings"}
    assert noted.settle().checked == 0
    noted.write("script.py", "print()  # TODO\n")
    assert noted.check().checked == 1


def test_without_a_word_on_what_it_depends_on_it_is_judged_every_time(noted):
    configure(noted, TODO.replace('scope = "file"\n', ""), "todo")
    first, second = noted.check(), noted.check()
    assert first.checked == second.checked > 0
    assert not second.recalled


def test_a_changed_declaration_is_judged_again(noted):
    files = noted.check().report["detectors"][0]["files"]
    for text in (
        TODO.replace("TODO.*)", "TODO).*"),
        TODO + 'default-severity = "error"\n',
        TODO + 'environment = {GREP_COLOR = "1"}\n',
    ):
        configure(noted, text, "todo")
        answer = noted.check()
        assert (answer.checked, answer.code) == (files, 1), text


@pytest.fixture
def ruff_of_our_own(project):
    """Declares a detector `own`, which is ruff, with a report in some format; returns what both ruffs find."""
    program = shutil.which("ruff", path=sysconfig.get_path("scripts"))
    if program is None:
        pytest.skip("ruff is not installed")

    def found(name, text, scope="file"):
        configure(
            project,
            "[detector.own]\n"
            f'command = ["ruff", "check", "--no-cache", "--output-format={name}"]\n'
            f'version = ["ruff", "--version"]\ntypes = ["python"]\nscope = "{scope}"\n'
            f'configuration = ["ruff.toml", "pyproject.toml"]\npath = "{program}"\n{text}',
            "own",
            "ruff",
        )
        answer = project.check()
        findings = answer.report["findings"]
        keys = ("path", "line", "column", "rule")
        return answer, *(
            [tuple(one[key] for key in keys) for one in findings if one["detector"] == said_by]
            for said_by in ("own", "ruff")
        )

    return found


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_says_what_the_tool_says(project, ruff_of_our_own, name):
    project.write("package/module.py", "import os\n\nprint(nothing)\n")
    project.write("odd name (1).py", "import sys\n")
    project.commit()
    answer, own, shipped = ruff_of_our_own(*FORMATS[name])
    assert own == shipped != []
    assert answer.code == 1
    (result,) = [one for one in answer.report["detectors"] if one["id"] == "own"]
    assert result["version"].count(".") == 2
    project.write("ruff.toml", '[lint]\nselect = ["E"]\n')
    answer, own, shipped = ruff_of_our_own(*FORMATS[name])
    assert (answer.code, own, shipped) == (0, [], [])


def test_checkstyle_says_what_the_tool_says(project):
    if shutil.which("shellcheck", path=sysconfig.get_path("scripts")) is None:
        pytest.skip("shellcheck is not installed")
    project.write("run.sh", "#!/bin/sh\necho $1\n")
    project.commit()
    configure(
        project,
        """
[detector.own]
command = ["shellcheck", "--format=checkstyle"]
files = ["*.sh"]
scope = "file"
alone = true
format = "checkstyle"
""",
        "own",
        "shellcheck",
    )
    found = [(one["detector"], one["line"], one["column"]) for one in project.check().report["findings"]]
    assert found == [("own", 2, 6), ("shellcheck", 2, 6)]


CHECKER = """\
import sys
from rules import WORD
found = False
for name in sys.argv[1:]:
    for number, line in enumerate(open(name, encoding="utf-8"), 1):
        if WORD in line:
            print(f"{name}:{number}: {WORD} must go")
            found = True
sys.exit(found)
"""


@pytest.fixture
def scripted(project):
    """A project that declares a script of its own, which imports another one."""
    project.write("tools/checker.py", CHECKER)
    project.write("tools/rules.py", 'WORD = "import"\n')
    project.commit()

    def declare(more="", command=f'["{Path(sys.executable).name}", "tools/checker.py"]'):
        configure(
            project,
            f"[detector.own]\ncommand = {command}\nfiles = ['package']\nscope = 'file'\nformat = 'pattern'\n"
            "pattern = '(?P<path>.+?):(?P<line>[0-9]+): (?P<message>.*)'\n" + more,
            "own",
        )
        return project

    return declare


def test_what_a_program_runs_that_runs_others_is_declared_or_it_is_judged_every_time(scripted):
    project = scripted()
    first, second = project.check("--explain"), project.check("--explain")
    assert (first.code, first.checked) == (1, second.checked)
    assert "runs what cannot be seen from here; declare in `inputs`" in second.stderr


def test_a_script_of_the_command_counts_by_its_content_and_what_it_loads_by_inputs(scripted):
    project = scripted("inputs = ['tools/rules.py']\n")
    assert project.settle().rules("package/nested/deep.py", "own") == ["unnamed"]
    project.write("tools/rules.py", 'WORD = "VALUE"\n')
    answer = project.agreed()
    assert [path for _, _, path in answer.said] == ["package/module.py"]
    project.write("tools/checker.py", CHECKER.replace("must go", "has to go"))
    assert "has to go" in project.agreed().report["findings"][0]["message"]


def test_a_program_of_the_worktree_counts_by_its_content(scripted):
    project = scripted("inputs = ['tools/rules.py']\n", command='["tools/run"]')
    path = project.write("tools/run", f"#!{sys.executable}\n{CHECKER}")
    path.chmod(0o755)
    assert len(project.settle().said) == 1
    project.write("tools/run", f"#!{sys.executable}\n{CHECKER}".replace("must go", "has to go"))
    assert "has to go" in project.agreed().report["findings"][0]["message"]
    path.unlink()
    missing = project.check()
    assert missing.code == 3
    assert "the configured path tools/run is not an executable file" in missing.errors[0]


BREAKING = {
    "garbage": ("print('no finding at all')", "a line that is not known"),
    "half a line": ("sys.stdout.write('package/module.py:1: x')", "does not end with a line end"),
    "another file": ("print('elsewhere.py:1: x'); sys.exit(1)", "which it was not given"),
    "findings, and says clean": ("print(sys.argv[1] + ':1: x')", "its exit code 0 says clean"),
    "none, and says findings": ("sys.exit(1)", "its exit code 1 says findings"),
    "an exit code of its own": ("sys.exit(7)", "exit code 7, outside of its contract"),
    "killed": ("import os; os.kill(os.getpid(), 9)", "was ended by SIGKILL"),
}


@pytest.mark.parametrize("name", BREAKING)
def test_what_is_no_answer_is_never_clean(scripted, name):
    program, message = BREAKING[name]
    project = scripted("inputs = []\n")
    project.write("tools/checker.py", f"import sys\n{program}\n")
    answer = project.check("package/module.py")
    assert answer.code == 3
    assert message in answer.errors[0]
    assert answer.outcomes == {"own": "error"}


def test_a_pattern_that_never_ends_ends(noted, monkeypatch):
    monkeypatch.setattr(pattern, "LONGEST_S", 0.5)
    catastrophic = TODO.replace("(?P<message>TODO.*)", "(?P<message>(a+)+)$")
    configure(noted, catastrophic, "todo")
    detector = declared_detectors(load_configuration(noted.root))["todo"]
    with pytest.raises(ReportError, match="could not be matched"):
        detector.how.parse(Output((), 0, b"a.py:1:" + b"a" * 64 + b"!\n", b"", ("a.py",)))


def test_an_exit_code_can_say_neither(scripted):
    project = scripted("inputs = []\nexit-codes = {clean = [0], findings = [0]}\n")
    project.write("tools/checker.py", CHECKER.replace("sys.exit(found)", ""))
    project.write("tools/rules.py", 'WORD = "VALUE"\n')
    answer = project.check()
    assert (answer.code, [path for _, _, path in answer.said]) == (1, ["package/module.py"])


def test_a_declared_fixer_repairs_files(project):
    configure(
        project,
        """
[detector.tabs]
command = ["grep", "-nHP", "\\\\t"]
fix = ["sed", "-i"]
files = ["*.txt"]
format = "pattern"
pattern = "x"
""",
        "tabs",
    )
    refused = project.check()
    assert refused.code == 2
    assert "detector.tabs.fix must begin with 'grep', as `command` does" in refused.report["error"]["message"]
    configure(
        project,
        r"""
[detector.tabs]
command = ["sed", "-n", '/\t/{F;q1}']
fix = ["sed", "-i", 's/\t/    /g']
files = ["*.txt"]
alone = true
format = "pattern"
pattern = '(?P<path>.+)(?P<message>)'
""",
        "tabs",
    )
    project.write("a.txt", "a\tb\n")
    assert project.check().code == 1
    fixed = project.check("--fix")
    assert (fixed.code, [one["path"] for one in fixed.report["fixed"]]) == (1, ["a.txt"])
    assert (project.root / "a.txt").read_text() == "a    b\n"
    assert project.check().code == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[detector.ruff]\ncommand = ['x']\ntypes = ['text']\nformat = 'sarif'", "the id belongs to pipeline-state"),
        (TODO.replace("todo]", "'a b']"), "the id 'a b' cannot be used"),
        (TODO.replace('"python"', '"pyton"'), "there is no type 'pyton'; did you mean 'python'"),
        (TODO.replace("(?P<path>", "("), "has no group 'path'"),
        (TODO.replace("(?P<path>", "(?P<wher>"), "has no group 'path'"),
        (TODO.replace("(?P<line>", "(?P<row>"), "has a group 'row'; known are path, line"),
        (TODO.replace("TODO.*)'", "TODO.*'"), "is no regular expression"),
    ],
)
def test_a_declaration_that_cannot_be_is_refused(tmp_path, text, message):
    (tmp_path / "pipeline-state.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        with_declared(Registry(shipped_detectors()), load_configuration(tmp_path))
    assert message in str(caught.value)


def test_a_command_can_judge_the_whole_project_at_once(project):
    """It is given no names, and a file that it was not asked about is not told of."""
    configure(
        project,
        TODO.replace('"-nH"', '"-rnH"')
        .replace('"TODO"]', '"TODO", "package"]')
        .replace('scope = "file"', 'scope = "project"'),
        "todo",
    )
    project.write("package/module.py", "# TODO: more\n")
    project.write("package/nested/deep.py", "# TODO: deep\n")
    project.commit()
    first = project.settle()
    assert [path for _, _, path in first.said] == ["package/module.py", "package/nested/deep.py"]
    project.write("package/module.py", "# done\n")
    changed = project.agreed()
    assert [path for _, _, path in changed.said] == ["package/nested/deep.py"]
    assert [path for _, _, path in project.check("package/module.py").said] == []
    per_path = '[[detector.todo.per-path]]\nfiles = ["package"]\nargs = ["-i"]\n'
    project.write("pipeline-state.toml", (project.root / "pipeline-state.toml").read_text() + per_path)
    refused = project.check()
    assert refused.code == 2
    assert "it judges the whole project at once" in refused.report["error"]["message"]
