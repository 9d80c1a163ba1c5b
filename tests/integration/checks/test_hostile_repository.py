"""A repository with everything at once that trips tools up: right results, warm and cold, and no shell ever."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pipeline_state.store.storable import storable_path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="file systems elsewhere refuse such names")

PARTS = [
    b"plain",
    b"with space",
    b"it's",
    b'"quoted"',
    b"two\nlines",
    b"-leading",
    b"--option=x",
    b"$(touch RAN)",
    b"`touch RAN`",
    b"; touch RAN ;",
    b"| touch RAN",
    b"*",
    b"[a]{b,c}",
    b"back\\slash",
    b"caf\xe9",
    b"\xff\xfe",
    "größe-🐍".encode(),
    b"tab\there",
    b"#hash",
    b"%n%s",
]
FOLDERS = PARTS[:12]
UNUSED, GOOD = b"import os\n", b"VALUE = 1\n"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"4d7a" * 16 + b"\nsize 12345\n"


@pytest.fixture
def hostile(empty_project, tmp_path):
    """500 files, and the paths of those with a finding."""
    project, root = empty_project, os.fsencode(empty_project.root)
    project.write("pipeline-state.toml", 'detectors = ["built-in", "ruff"]\n')
    project.write("ruff.toml", 'line-length = 100\n[lint]\nselect = ["F"]\n')
    expected = set()
    for number in range(500):
        name = b"%b-%d.py" % (PARTS[number % len(PARTS)], number)
        path = os.path.join(FOLDERS[number // 20 % len(FOLDERS)], name)
        bad = number % 9 == 0
        os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
        with open(os.path.join(root, path), "wb") as file:
            file.write(UNUSED if bad else GOOD)
        if bad:
            expected.add(storable_path(os.fsdecode(path)))
    # Links: to a file, to a folder, to themselves, to nothing, out of the worktree.
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_bytes(UNUSED)
    links = {"link.py": "plain/plain-0.py", "folder": "plain", "loop": "loop", "away.py": str(outside / "secret.py")}
    for name, target in links.items():
        os.symlink(target, project.root / name)
    # What git-lfs leaves where it is not installed.
    project.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
    project.write("model.bin", POINTER)
    # A submodule with findings of its own: it is another repository.
    module = tmp_path / "module"
    module.mkdir()
    (module / "bad.py").write_bytes(UNUSED)
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "all")):
        subprocess.run(["git", *words], cwd=module, env=project.environ, check=True)
    project.git("submodule", "--quiet", "add", str(module), "sub module")
    project.commit()
    return project, expected


def unused(answer) -> set[str]:
    return {path for detector, rule, path in answer.said if (detector, rule) == ("ruff", "F401")}


def test_every_finding_is_found_and_nothing_else_warm_and_cold_and_in_a_sparse_checkout(hostile):
    project, expected = hostile
    answer = project.agreed("--all-files")
    assert answer.errors == []
    assert unused(answer) == expected
    assert [one for one in answer.said if one[1] != "F401"] == [("broken-link", "broken-link", "loop")]
    assert set(answer.outcomes.values()) <= {"clean", "findings"}
    again = project.settle("--all-files")
    assert (again.judgement, again.checked) == (answer.judgement, 0)
    project.git("sparse-checkout", "set", "--no-cone", "/*", "!/plain/")
    answer = project.agreed("--all-files")
    assert answer.errors == []
    assert unused(answer) == {path for path in expected if not path.strip('"').startswith("plain/")}
    project.git("sparse-checkout", "disable")
    assert unused(project.agreed("--all-files")) == expected
    assert not list(project.root.rglob("RAN")), "a shell has seen a name"
