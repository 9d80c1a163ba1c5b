"""Tools that do not answer as they should. What they leave open is never read as clean, and costs nobody else."""

from __future__ import annotations

import pytest

MODULE = "package/module.py"

FINDS_IMPORTS = """\
import sys
found = [name for name in sys.argv[1:] if b"import" in open(name, "rb").read()]
print(*found, "complete", sep="\\n", end="")
raise SystemExit(bool(found))
"""


def found(answer) -> list[str]:
    return sorted(path for detector, _, path in answer.said if detector == "strange")


FOUND = [MODULE, "package/nested/deep.py", "script.py"]


@pytest.mark.usefixtures("strange")
def test_a_detector_of_a_plugin_is_judged_once_and_recalled(project):
    answer = project.settle()
    assert (answer.code, found(answer)) == (1, FOUND)
    project.write_unseen(MODULE, "VALUE = 1\n")
    assert found(project.agreed()) == FOUND[1:]


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("raise SystemExit(7)", "exit code 7"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
        ("import os; os.abort()", "SIGABRT"),
        ("print('garbage')", "not complete"),
        ("", "not complete"),
        ("import sys; print(*sys.argv[1:], sep='\\n', flush=True); import os; os._exit(1)", "not complete"),
        (FINDS_IMPORTS + "raise SystemExit(0)", "says clean"),
        (FINDS_IMPORTS.replace("bool(found)", "0"), "says clean"),
        (FINDS_IMPORTS.replace("bool(found)", "1").replace("*found, ", ""), "says findings"),
        (FINDS_IMPORTS.replace("*found", "'other.py'").replace("bool(found)", "1"), "which it was not given"),
        ("import time; time.sleep(60)", "did not finish within"),
    ],
    ids=["exit 7", "killed", "aborted", "garbage", "nothing", "half", "0 with", "0", "1 without", "foreign", "hangs"],
)
def test_a_tool_that_fails_is_an_error_for_its_files_and_the_others_are_judged(project, strange, program, why):
    strange(program, settings="timeout_s = 0.5")
    if program.startswith(FINDS_IMPORTS) and program != FINDS_IMPORTS:
        strange(program.replace("raise SystemExit(bool(found))\n", ""), settings="timeout_s = 0.5")
    project.write("package/broken.py", "(\n")
    project.commit()
    for _ in range(2):
        answer = project.check()
        assert answer.code == 3
        assert answer.outcomes["strange"] == "error"
        assert found(answer) in ([], FOUND), "what it says of other files may be true"
        assert any(why in error for error in answer.errors), answer.errors
        assert answer.rules("package/broken.py", "python-syntax") == ["syntax-error"]
    strange()
    project.write("package/broken.py", "VALUE = 1\n")
    answer = project.agreed()
    assert (answer.code, found(answer)) == (1, FOUND)


def test_one_file_that_brings_the_tool_down_takes_no_other_with_it(project, strange):
    strange("import sys\nif any('script' in name for name in sys.argv): raise SystemExit(9)\n" + FINDS_IMPORTS)
    answer = project.check()
    assert (answer.code, found(answer)) == (3, FOUND[:2])
    assert [error["path"] for error in answer.report["errors"]] == ["script.py"]
    again = project.check()
    assert (again.code, found(again), again.checked) == (3, FOUND[:2], 1)


def test_another_version_of_a_declaration_is_another_detector(project, strange):
    assert found(project.settle()) == FOUND
    strange(FINDS_IMPORTS.replace('b"import"', 'b"VALUE"'), version=2)
    project.write("package/module.py", "VALUE = 1\n")
    assert found(project.agreed()) == [MODULE]


def test_a_declaration_that_takes_other_kinds_of_files_judges_those_that_were_there(project, strange):
    assert found(project.settle()) == FOUND
    project.write("data.json", '"import"\n')
    project.settle()
    strange(version=2, types='"python", "json"')
    project.git("commit", "-qam", "x")
    assert "data.json" in found(project.agreed())
