"""What a file may import: more does no harm, nothing may be missed."""

from __future__ import annotations

import ast
import json
import sysconfig
from pathlib import Path

import pytest

from pipeline_state.checks.imports import imported_modules


def imported_by_the_parser(tree):
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{name.name}" for name in node.names if name.name != "*")
        elif isinstance(node, ast.ImportFrom):
            found.update(name.name for name in node.names if name.name != "*")
    return found


@pytest.mark.parametrize(
    "text",
    [
        "import a",
        "import a.b.c, d as e, f.g",
        "from a import b",
        "from a.b import c as d, e",
        "from a import *",
        "from . import a",
        "from .. import (a, b)",
        "from .a import b",
        "from ...a.b import c",
        "from . a import b",
        "from a . b import c",
        "import a . b",
        "import a .b, c. d",
        "import a.\\\nb",
        "import \\\n  a, \\\n  b",
        "from \\\n  a \\\n  import \\\n  b",
        "from a import (\n    b,\n    c as d,\n)",
        "from a import (  # why (not\n    b,  # ) this\n    c,\n)",
        "from a import ( # import\n    b,\n)",
        "from a import(b)",
        "from a.b import (c,\n\n\n  # d\n  e)",
        "import a; import b.c; from d import e",
        "from a import b; from c import d",
        "x = 1; import a",
        "x = ')'; from a import (\n    b,\n)",
        "x = '#'; from a import (\n    b,\n)",
        "x = '('; import a\nimport b",
        "if x: import a\nelse: from b import c",
        "def f():\n\timport a\n\tfrom b import c",
        "try:\n  import a\nexcept ImportError:\n  import b as a",
        "\ufeffimport a",
        "import a\rimport b\r\nfrom c import (\r\n  d\r\n)",
        "import a\f\nimport b",
        "import älter, ünter.tief",
        "import ﬁle",
        "from __future__ import annotations",
    ],
)
def test_every_import_is_seen(text):
    content = text.encode()
    wanted = imported_by_the_parser(ast.parse(content))
    assert wanted
    assert wanted <= imported_modules(content)


def test_every_import_of_the_standard_library_is_seen():
    seen = 0
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        content = path.read_bytes()
        wanted = imported_by_the_parser(ast.parse(content))
        assert wanted <= imported_modules(content), path
        seen += len(wanted)
    assert seen > 1000


def notebook(*cells):
    return {"cells": [{"cell_type": "code", "source": source} for source in cells], "nbformat": 4}


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(
    "source",
    [
        ["import a.b\n", "from c import (\n", "    d,\n", ")"],
        ["# first\n", "from \\\n", "  c import \\\n", "  d\n", "import a.b"],
        "# first\nimport a.b\nfrom c import (\n    d,\n)",
        "x = 1\n\timport a.b\nfrom c import d",
    ],
)
def test_the_imports_of_a_notebook_are_seen(source, indent):
    content = json.dumps(notebook(["text\n"], source), indent=indent).encode()
    assert {"a.b", "c", "c.d"} <= imported_modules(content)


def test_a_file_that_only_begins_like_a_notebook_is_python():
    assert "a" in imported_modules(b"{}\nimport a\n")
    assert "a" in imported_modules(b'{"cells": 3}\nimport a\n')


@pytest.mark.parametrize(
    "content", [b'{"cells": 3}', b'{"cells": [1, {"source": 2}, {"source": [3]}]}', b"{" * 10_000, b" {\xff"]
)
def test_what_looks_like_a_notebook_and_is_none_does_no_harm(content):
    assert imported_modules(content) == frozenset()


def test_a_file_without_imports_has_none():
    assert imported_modules(b"important = 1\nreimport(x)\n") == frozenset()
    assert imported_modules(b"") == frozenset()


def test_bytes_that_are_no_text_do_no_harm():
    assert "a" in imported_modules(b"\xff\xfe\nimport a\n\x00")
