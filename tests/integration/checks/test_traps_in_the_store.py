"""What a snapshot rests on may be gone from the database, or wrong there: then it proves nothing."""

from __future__ import annotations

import sqlite3

import pytest

MODULE = "package/module.py"
UNUSED = "import os\n"

UNDECLARED = """\
import os, sys
found = [name for name in sys.argv[1:] if os.path.exists({flag!r})]
print(*found, "complete", sep="\\n", end="")
raise SystemExit(bool(found))
"""


@pytest.fixture
def database(project):
    """Runs SQL in the database of the project, and returns how many rows it changed."""

    def run(sql):
        connection = sqlite3.connect(project.root / ".worktrees/pipeline_state.db")
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            with connection:
                return connection.execute(sql).rowcount
        finally:
            connection.close()

    return run


def test_a_finding_is_found_again_if_its_verdict_was_pruned(project, database):
    project.write(MODULE, UNUSED)
    project.commit()
    assert project.settle().rules(MODULE) == ["F401"]
    project.write(MODULE, "VALUE = 2\n")
    assert project.check(MODULE).said == []
    assert database("DELETE FROM verdicts WHERE key NOT IN (SELECT key FROM judged)") > 0
    project.write(MODULE, UNUSED)
    assert project.agreed().rules(MODULE) == ["F401"]


@pytest.mark.parametrize("edited", [False, True], ids=["alone", "with an edit"])
@pytest.mark.parametrize("begins_clean", [True, False], ids=["was clean", "was not"])
def test_a_verdict_that_was_not_confirmed_is_in_no_snapshot_any_more(project, strange, tmp_path, begins_clean, edited):
    flag = tmp_path / "flag"
    strange(UNDECLARED.format(flag=str(flag)))
    if not begins_clean:
        flag.touch()
    assert bool(project.settle().said) != begins_clean
    if begins_clean:
        flag.touch()
    else:
        flag.unlink()
    assert project.check("--verify", "100").code == 3
    if edited:
        project.write("data.json", "[]\n")
    assert bool(project.agreed().said) == begins_clean


@pytest.mark.parametrize(
    "damage",
    ["tree = substr(tree, 1, length(tree) - 1)", "tree = CAST(replace(tree, 'm', 'n') AS BLOB)"],
    ids=["cut", "other names"],
)
def test_a_tree_that_was_damaged_is_made_anew(project, database, damage):
    assert project.settle().said == []
    assert database(f"UPDATE snapshot_trees SET {damage}") == 1
    for text in (UNUSED, "import re\n"):
        project.write(MODULE, text)
        assert project.agreed().rules(MODULE) == ["F401"]
    assert project.settle().rules(MODULE) == ["F401"]
    project.write(MODULE, "VALUE = 3\n")
    assert database("UPDATE snapshots SET edited = x'00'") == 1
    assert project.agreed().said == []
