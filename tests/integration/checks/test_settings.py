"""What a project sets for rules, for paths and for its gate, with a real tool and on every way to a result."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

SETTINGS = 'detectors = ["ruff", "json"]\n'


@pytest.fixture
def faulty(project):
    """Two files with the same faults: an unused import (F401, a warning) and a name that is not defined (F821)."""
    project.write("pipeline-state.toml", SETTINGS)
    for name in ("package/module.py", "tests/one.py"):
        project.write(name, "import os\n\nprint(nothing)\n")
    project.write("tests/__init__.py", "")
    project.commit()
    return project


def weights(answer):
    return {(one["path"], one["rule"]): one["severity"] for one in answer.report["findings"]}


def test_findings_below_the_weight_that_fails_are_shown_and_do_not_fail(faulty):
    assert faulty.check().code == 1
    faulty.write("pipeline-state.toml", SETTINGS + '[detector.ruff.severity]\n"F" = "note"\n')
    for arguments, code in (((), 1), (("--fail-on", "note"), 1), (("--fail-on", "warning"), 0)):
        answer = faulty.check(*arguments)
        assert (answer.code, set(weights(answer).values()), answer.checked) == (code, {"note"}, 0)


def test_a_changed_weight_judges_nothing_again_and_is_told_of_what_was_kept(faulty):
    first = faulty.settle()
    assert set(weights(first).values()) == {"error", "warning"}
    per_path = '[[detector.ruff.per-path]]\nfiles = ["tests"]\nseverity = {F821 = "warning"}\n'
    faulty.write(
        "pipeline-state.toml", f'{SETTINGS}fail-on = "error"\n[detector.ruff.severity]\nF401 = "note"\n{per_path}'
    )
    changed = faulty.check()
    assert (changed.code, changed.checked) == (1, 0)
    expected = {
        ("package/module.py", "F401"): "note",
        ("package/module.py", "F821"): "error",
        ("tests/one.py", "F401"): "note",
        ("tests/one.py", "F821"): "warning",
    }
    assert weights(changed) == expected
    settled = faulty.settle()
    assert settled.recalled
    assert (settled.code, weights(settled)) == (1, expected)
    quiet = faulty.check("--skip", "json", "tests")
    assert (quiet.code, len(quiet.said)) == (0, 2)


def test_the_gate_of_the_command_outranks_the_configuration_where_nothing_has_moved_too(faulty):
    faulty.write("pipeline-state.toml", SETTINGS + 'fail-on = "error"\n[detector.ruff.severity]\n"*" = "warning"\n')
    assert faulty.settle().code == 0
    for gate, code in (("error", 0), ("warning", 1), ("note", 1)):
        answer = faulty.check("--fail-on", gate)
        assert (answer.recalled, answer.code, len(answer.said)) == (True, code, 4)


def test_files_with_other_arguments_are_judged_under_them_and_counted_once(faulty):
    faulty.write(
        "pipeline-state.toml",
        SETTINGS
        + """\
[[detector.ruff.per-path]]
files = ["tests"]
args = ["--ignore=F821"]
timeout_s = 60
""",
    )
    answer = faulty.agreed()
    assert answer.rules("package/module.py") == ["F401", "F821"]
    assert answer.rules("tests/one.py") == ["F401"]
    (ruff,) = [one for one in answer.report["detectors"] if one["id"] == "ruff"]
    assert (ruff["files"], ruff["outcome"]) == (7, "findings")
    faulty.write("pipeline-state.toml", (faulty.root / "pipeline-state.toml").read_text().replace("F821", "F401"))
    changed = faulty.agreed()
    assert changed.rules("tests/one.py") == ["F821"]
    assert changed.checked == 2, "only the files whose arguments changed"


def test_a_file_that_comes_under_another_entry_is_judged_under_it(faulty):
    entry = '[[detector.ruff.per-path]]\nfiles = ["tests"]\nargs = ["--ignore=F821"]\n'
    faulty.write("pipeline-state.toml", SETTINGS + entry)
    faulty.check()
    faulty.git("mv", "tests/one.py", "package/one.py")
    faulty.git("mv", "package/module.py", "tests/module.py")
    answer = faulty.agreed()
    assert answer.rules("package/one.py") == ["F401", "F821"]
    assert answer.rules("tests/module.py") == ["F401"]
    faulty.write("pipeline-state.toml", SETTINGS)
    assert faulty.check().rules("tests/module.py") == ["F401", "F821"]


def test_files_that_are_skipped_are_not_judged_and_no_finding_of_theirs_stays(faulty):
    faulty.check()
    faulty.write("pipeline-state.toml", SETTINGS + '[[detector.ruff.per-path]]\nfiles = ["tests"]\nskip = true\n')
    assert {path for _, _, path in faulty.settle().said} == {"package/module.py"}


def test_a_missing_tool_is_tolerated_for_the_files_for_which_it_is_optional(faulty):
    entry = '[[detector.ruff.per-path]]\nfiles = ["tests"]\noptional = true\n'
    faulty.write("pipeline-state.toml", f'{SETTINGS}[detector.ruff]\npath = "gone"\n{entry}')
    answer = faulty.check()
    assert answer.code == 3
    assert [error["tolerated"] for error in answer.report["errors"]] == [False, True]
    assert faulty.check("tests").code == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ('[detector.json]\nargs = ["-x"]', "of the detector json, args is set, and it runs no tool"),
        (
            '[[detector.json.per-path]]\nfiles = ["a"]\ntimeout_s = 3',
            "of the detector json, per-path.1.timeout_s is set",
        ),
        ('fail-on = "fatal"', "fail-on must be one of error, warning, note, not 'fatal'"),
    ],
)
def test_a_setting_that_can_have_no_effect_is_refused(project, settings, message):
    project.write("pipeline-state.toml", SETTINGS + settings)
    answer = project.check()
    assert answer.code == 2
    assert message in answer.report["error"]["message"]


def test_what_was_found_in_an_edited_file_stands_whichever_entry_it_is_under(faulty):
    entry = '[[detector.ruff.per-path]]\nfiles = ["tests"]\nargs = ["--ignore=F821"]\n'
    faulty.write("pipeline-state.toml", SETTINGS + entry)
    faulty.settle()
    for name in ("package/module.py", "tests/one.py"):
        faulty.write(name, "import sys\n")
    faulty.check()
    command = [sys.executable, "-I", "-m", "pipeline_state", "findings", "list", "--json"]
    done = subprocess.run(command, cwd=faulty.root, env=faulty.environ, stdout=subprocess.PIPE, check=True)
    standing = json.loads(done.stdout)["findings"]
    assert sorted((one["path"], one["rule"]) for one in standing) == [
        ("package/module.py", "F401"),
        ("tests/one.py", "F401"),
    ]
