"""What the command does when it is asked for one thing or another."""

from __future__ import annotations

import os
import stat

import pytest

UNUSED = "import os\n"
MODULE = "package/module.py"


def test_findings_are_told_again_exactly_by_every_kind_of_hit(project):
    project.write(MODULE, "import os\nimport re \nimport os\n\nx = undefined")
    project.write("data.json", '{"a": 1, "a": 2}\n')
    cold = project.check("--no-cache")
    first = project.check()
    recalled = project.settle()
    assert first.judgement == cold.judgement == recalled.judgement
    by_key = project.check("--detector", "ruff", "--detector", "json", "package", "data.json")
    assert by_key.checked == 0
    assert by_key.report["findings"] == [one for one in cold.report["findings"] if one["detector"] in ("ruff", "json")]


def test_without_the_cache_nothing_is_used_and_nothing_is_stored(project):
    project.write(MODULE, UNUSED)
    answer = project.check("--no-cache")
    assert (answer.code, answer.report["summary"]["reused"]) == (1, 0)
    assert project.check().report["summary"]["reused"] == 0
    assert project.check("--no-cache").report["summary"]["reused"] == 0


def test_only_the_detectors_asked_for_judge(project):
    project.write(MODULE, "import os\n\nVALUE = 1 \n")
    assert project.agreed("--detector", "ruff").said == [("ruff", "F401", MODULE)]
    assert {one for one, _, _ in project.agreed("--skip", "ruff").said} == {"trailing-whitespace"}
    assert {one for one, _, _ in project.agreed("--skip", "built-in").said} == {"ruff"}
    answer = project.check("--detector", "rufff")
    assert (answer.code, answer.report["error"]["code"]) == (2, "usage")
    assert "did you mean 'ruff'" in answer.stderr


def test_a_run_with_fewer_detectors_leaves_no_shortcut_for_one_with_all(project):
    project.write(MODULE, UNUSED)
    assert project.settle().code == 1
    project.write_unseen(MODULE, "import re\n")
    assert project.check("--skip", "ruff").code == 0
    assert project.agreed().rules(MODULE) == ["F401"]


def test_exit_codes_rank_errors_above_findings(project):
    assert project.check().code == 0
    project.write(MODULE, UNUSED)
    assert project.check().code == 1
    project.write("pipeline-state.toml", 'detectors = ["ruff", "ruff-format"]\n[detector.ruff-format]\npath = "no"\n')
    answer = project.agreed()
    assert (answer.code, answer.outcomes) == (3, {"ruff": "findings", "ruff-format": "missing"})
    project.write("pipeline-state.toml", "detektors = []\n")
    answer = project.check()
    assert (answer.code, answer.report["error"]["code"]) == (2, "configuration")
    assert "did you mean 'detectors'" in answer.stderr


@pytest.mark.parametrize(
    ("edit", "moved"),
    [
        (lambda p: p.write(MODULE, "VALUE = 2\n"), "content"),
        (lambda p: (p.root / MODULE).chmod(0o755), "content"),
        (lambda p: p.write("ruff.toml", '[lint]\nselect = ["E"]\n'), "configuration"),
        (lambda p: p.write("package/ruff.toml", ""), "configuration"),
        (lambda p: (p.root / "package/__init__.py").unlink(), "scope"),
        (
            lambda p: p.write("pipeline-state.toml", 'detectors = ["ruff"]\n[detector.ruff]\nargs = ["-q"]\n'),
            "arguments",
        ),
    ],
    ids=["content", "mode", "configuration", "nearer", "scope", "arguments"],
)
def test_the_explanation_names_the_field_that_moved(project, edit, moved):
    project.check()
    edit(project)
    answer = project.check("--explain", "--detector", "ruff", MODULE)
    (line,) = [line for line in answer.stderr.splitlines() if line.startswith(("judged", "reused"))]
    assert line == f"judged ruff {MODULE}: moved: {moved}"


def test_the_explanation_names_hits_and_what_was_never_judged(project):
    assert "not judged before" in project.check("--explain", MODULE).stderr
    assert "reused ruff" in project.check("--explain", MODULE).stderr


def test_what_can_be_fixed_is_fixed_once_and_then_clean(project):
    project.write(MODULE, "import os\n\nVALUE = 1 \n\n\n")
    answer = project.check("--fix")
    assert answer.code == 1
    assert {one["path"] for one in answer.report["fixed"]} == {MODULE}
    assert (project.root / MODULE).read_bytes().strip() == b"VALUE = 1"
    assert answer.said == []
    again = project.check("--fix")
    assert (again.code, again.report["fixed"]) == (0, [])
    assert project.agreed().code == 0


def test_a_fixer_keeps_mode_and_line_ends_and_leaves_links_alone(project):
    path = project.write("tool.py", b"VALUE = 1 \r\nOTHER = 2\t\r\n\r\n")
    path.chmod(0o755)
    (project.root / "link.py").symlink_to("tool.py")
    project.commit()
    assert project.check("--fix", "--skip", "ruff").code == 1
    assert path.read_bytes() == b"VALUE = 1\r\nOTHER = 2\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o755
    assert os.readlink(project.root / "link.py") == "tool.py"


def test_what_no_fixer_can_repair_is_told(project):
    project.write(MODULE, "x = undefined \n")
    answer = project.check("--fix")
    assert (answer.code, answer.rules(MODULE)) == (1, ["F821"])
    assert (project.root / MODULE).read_text() == "x = undefined\n"
    assert project.agreed().rules(MODULE) == ["F821"]


def test_files_that_are_left_out_are_not_fixed(project):
    project.write("ruff.toml", 'exclude = ["package"]\n')
    project.write("pipeline-state.toml", 'detectors = ["ruff", "end-of-file"]\nexclude = ["script.py"]\n')
    project.write(MODULE, UNUSED)
    project.write("script.py", "print(1)")
    assert project.check("--fix").code == 0
    assert (project.root / MODULE).read_text() == UNUSED
    assert (project.root / "script.py").read_text() == "print(1)"


def test_the_report_can_be_written_to_a_file(project, tmp_path):
    project.write(MODULE, UNUSED)
    answer = project.check("--output", str(tmp_path / "report.json"))
    assert (answer.code, answer.report) == (1, {})
    assert '"F401"' in (tmp_path / "report.json").read_text()
    assert project.check("--output", str(tmp_path / "no/report.json")).code == 2


def test_an_empty_repository_is_clean(empty_project):
    answer = empty_project.agreed()
    assert (answer.code, answer.report["summary"]["files"]) == (0, 0)


def test_a_folder_that_is_no_worktree_is_refused(empty_project, tmp_path):
    empty_project.root = tmp_path / "elsewhere"
    empty_project.root.mkdir()
    answer = empty_project.check()
    assert answer.code in (2, 3)
    assert "not in a Git worktree" in answer.stderr
