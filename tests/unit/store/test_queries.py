from __future__ import annotations

from pathlib import Path

import pytest

from pipeline_state.store import queries

FOLDER = Path(queries.__file__).with_name("sql")
FILES = sorted(FOLDER.rglob("*.sql"))


def test_statements_are_found_by_their_names():
    text = "-- the head --of no statement\n-- one --\n-- why\nSELECT 1;\n\n-- two --\nSELECT '--', 2\nFROM x;\n"
    assert queries.parse(text) == {"one": "SELECT 1;", "two": "SELECT '--', 2\nFROM x;"}


def test_a_name_stands_once():
    with pytest.raises(ValueError, match="one"):
        queries.parse("-- one --\nSELECT 1;\n-- one --\nSELECT 2;\n")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_statement_can_be_prepared(file, memory):
    connection = memory.connect()
    connection.execute("ATTACH ? AS sibling", (memory.uri,))  # as the statements of a takeover have it
    for name, statement in queries.load(file.stem, file.parent.name).items():
        parameters = {} if ":" in statement else ("x",) * statement.count("?")
        if isinstance(parameters, dict):
            import re

            parameters = dict.fromkeys(re.findall(r":(\w+)", statement))
        connection.execute(f"EXPLAIN {statement}", parameters).fetchall()
        assert statement.rstrip().endswith(";"), name
    connection.close()
