"""What isort may place, held against what the real isort says it places: more does no harm, nothing may be missed."""

from __future__ import annotations

import re
import sys
import sysconfig
import warnings
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from isort.api import check_code_string
from isort.settings import Config

from pipeline_state.checks.placed_imports import placed_modules

CONFIG = Config(verbose=True, quiet=True)
FLOATING = Config(verbose=True, quiet=True, float_to_top=True)


def placed_by_isort(text, capsys, config=CONFIG):
    """The modules that the real isort says it placed, but for relative ones."""
    # What it breaks down on, or is told to skip, it still placed up to there.
    with warnings.catch_warnings(), suppress(Exception):
        warnings.simplefilter("ignore")
        check_code_string(text, config=config)
    said = re.findall(r"^\w+-type place_module for (.*) returned \w+$", capsys.readouterr().out, re.MULTILINE)
    return {name for name in said if not name.startswith(".")}


PIECES = [
    *("import", "from", "cimport", "lazy import", "as", "a", "b.c", "d . e", ".", ".f", "*", "(", ")", ",", ";", "\\"),
    *(" ", " ", " ", "\t", "\n", "\n", "\n", "\r", "\f", "# x", '"', "'''", "noqa", "# isort: split", "\u2028", "é"),
    *("import a", "from b import c", "from a.b import (", "import g, h", "    import i", "x = 1; import j", "x = (\n"),
    *(
        "# isort: off",
        "# isort: on",
        "from k \\\n",
        "if x: import l",
        "raise",
        "yield",
        "_import",
        "import*",
        ".import",
    ),
]


@pytest.mark.parametrize(
    "text",
    [
        "import a\nimport b.c as d, e\n",
        "from a.b import c\nfrom . import d\nfrom .e import f\n",
        "from a import (\n    b,\n)\nimport c\n",
        "from a \\\n    import b\nimport \\\n    c, \\\n    d\n",
        "from a . b import c\nfrom d. e import (f)\n",
        "import a; import b\nx = 1; import c\n",
        "cimport a\nfrom b cimport c\nfrom d.cimport e\n",
        "lazy import a\nlazy from b import c\n",
        "import a (\n  b\n  c)\nimport d\n",
        "import a, (b; c)\nimport d\n",
        "import a # why \\\nb\nimport c\n",
        "def f():\n    import a\n    from b import c\n",
        "from a import*\nfrom b import(c)\nimport d\n",
        "import a\rimport b\r\nfrom c import d\r",
        "import a-b\nimport größe, ǆ\nimport d\n",
        "import os.path\n'''\nimport a\n'''\nimport b\n",
    ],
)
def test_every_module_that_isort_places_is_named(text, capsys):
    wanted = placed_by_isort(text, capsys)
    assert wanted
    assert wanted <= placed_modules(text.encode())


def test_every_module_that_isort_places_in_the_standard_library_is_named(capsys):
    seen = 0
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))[::4]:
        content = path.read_bytes()
        wanted = placed_by_isort(content.decode(), capsys)
        assert wanted <= placed_modules(content), path
        seen += len(wanted)
    assert seen > 200


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_of_broken_code_every_module_that_isort_places_is_named(text):
    for config in (CONFIG, FLOATING):
        wanted = placed_by_isort(text, Captured(), config)
        assert wanted <= placed_modules(text.encode())


class Captured:
    """What is printed from now on: Hypothesis takes no fixture of a function."""

    def __init__(self):
        self.out, self._stdout = StringIO(), sys.stdout
        sys.stdout = self.out

    def readouterr(self):
        sys.stdout = self._stdout
        self.out = self.out.getvalue()
        return self


@pytest.mark.parametrize(
    ("content", "module"),
    [
        (b"\xef\xbb\xbfimport a\n", "a"),
        ("# coding: latin-1\nimport é\n".encode("latin-1"), "é"),
        (b"#!x\n# coding: unicode_escape\nimport \\x61\n", "a"),
        (b"# coding: nonsense\nimport a\n", "a"),
        (b"import a\n\xff\n", "a"),
    ],
)
def test_a_file_is_read_in_its_own_encoding(content, module):
    assert module in placed_modules(content)


@pytest.mark.parametrize(
    "text", ["x = other\n", "# import other\n", "from a import other\n", "'other'\n", "import os # other\n"]
)
def test_what_is_not_placed_is_not_named(text):
    assert "other" not in placed_modules(text.encode())


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "line",
    [
        "import (\n",
        "from (\n",
        "import \\\n",
        "from \\\n",
        "from a\n",
        ")\nimport (;\n",
        "import;" * 9,
        "\n" * 9,
        " \f",
    ],
)
def test_many_statements_without_an_end_are_read_in_time(line):
    assert placed_modules((line * 10_000).encode())
