"""For any sequence of edits: what a check says with all that is stored equals what it says without.

The edits are drawn from a seed. PIPELINE_STATE_ROUNDS sets how many there are, PIPELINE_STATE_SEED which.
"""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

ROUNDS = int(os.environ.get("PIPELINE_STATE_ROUNDS", "28"))
SEED = int(os.environ.get("PIPELINE_STATE_SEED", "7"))

CONFIGURATION = """\
detectors = ["built-in", "ruff", "ruff-format"]
"""
RULES = """\
line-length = 100
[lint]
select = ["E", "F", "I", "INP", "UP", "EXE", "W", "TC", "N999", "D104", "A005"]
"""
NEARER = [
    "",
    'extend = "TOP/shared.toml"\n',
    'extend = "TOP/shared.toml"\n[lint]\nselect = ["F", "W", "I"]\n',
    '[lint]\nselect = ["F", "I"]\n',
    'src = ["lib*"]\n[lint]\nselect = ["I"]\n',
    'exclude = ["test_*", "a*"]\n',
    'extend-exclude = ["lib"]\ntarget-version = "py38"\n[lint]\nselect = ["UP", "I"]\n',
    "[format]\nquote-style = 'single'\n",
    "not toml [\n",
]
MODULES = ["attr", "yaml", "requests", "numpy", "ours", "helper", "plugin", "typing_extensions", "pluggy", "pytest"]


class Editor:
    """Edits a worktree at random, as people, editors, tools and Git do."""

    def __init__(self, project, seed: int) -> None:
        self.project = project
        self.root: Path = project.root
        self.random = random.Random(seed)  # noqa: S311 - edits are no secrets
        self.done: list[str] = []

    def edit(self) -> None:
        """Make between one and three edits."""
        edits = [getattr(self, name) for name in sorted(dir(self)) if name.startswith("do_")]
        for _ in range(self.random.choice((1, 1, 1, 2, 3))):
            edit = self.random.choice(edits)
            self.done.append(edit.__name__)
            edit()

    def files(self) -> list[Path]:
        found = self.project.git("ls-files", "-z", "-c", "-o", "--exclude-standard").split("\0")
        paths = {self.root / name for name in found if name.endswith(".py")}
        return sorted(path for path in paths if path.is_file() and not path.is_symlink())

    def file(self) -> Path:
        return self.random.choice(self.files())

    def folder(self) -> Path:
        return self.random.choice(sorted({path.parent for path in self.files()} | {self.root}))

    def change(self, content: bytes) -> bytes:
        """Change some bytes; sometimes their number stays the same."""
        lines = content.splitlines(keepends=True) or [b"\n"]
        at = self.random.randrange(len(lines))
        module = self.random.choice(MODULES).encode()
        kind = self.random.randrange(8)
        if kind == 0:
            lines.insert(0, b"import %s\n" % module)
        elif kind == 1:
            lines.insert(at, b"from %s import x, y\n" % module)
        elif kind == 2:
            del lines[at]
        elif kind == 3:
            lines[at] = lines[at].rstrip(b"\r\n") + b" \n"
        elif kind == 4:
            lines[at] = lines[at].replace(b"(", b"[", 1)
        elif kind == 5:
            lines[at] = lines[at].replace(b"s", b"z")
        elif kind == 6:
            lines.append(b"undefined_name")
        else:
            lines[at] = lines[at].swapcase()
        return b"".join(lines)

    def do_edit(self) -> None:
        path = self.file()
        path.write_bytes(self.change(path.read_bytes()))

    def do_edit_again(self) -> None:
        self.do_edit()

    def do_edit_of_the_same_size_with_its_time_restored(self) -> None:
        path = self.file()
        before, content = path.stat(), path.read_bytes()
        for _ in range(30):
            changed = self.change(content)
            if len(changed) == len(content) and changed != content:
                path.write_bytes(changed)
                os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
                return

    def do_go_back(self) -> None:
        self.project.git("checkout", "-q", "HEAD", "--", ".")

    def do_rename(self) -> None:
        path = self.file()
        path.rename(self.folder() / self.random.choice(["renamed.py", "Renamed.py", path.name, "helper.py"]))

    def do_delete(self) -> None:
        if len(self.files()) > 12:
            self.file().unlink()

    def do_copy(self) -> None:
        path = self.file()
        target = self.folder() / self.random.choice(["ours.py", "plugin.py", "copy of.py", "-x.py"])
        if path != target and not target.is_dir():
            shutil.copy2(path, target)

    def do_mode(self) -> None:
        path = self.file()
        path.chmod(0o644 if path.stat().st_mode & 0o111 else 0o755)

    def do_link(self) -> None:
        path = self.folder() / self.random.choice(["link.py", "ruff.toml", "ours.py", "__init__.py", "lib2"])
        if not path.is_dir() or path.is_symlink():
            path.unlink(missing_ok=True)
            target = self.random.choice(["nowhere", path.name, self.file(), self.root / "shared.toml", self.folder()])
            path.symlink_to(target)

    def do_touch(self) -> None:
        os.utime(self.file())

    def do_line_ends(self) -> None:
        path = self.file()
        content = path.read_bytes()
        changed = content.replace(b"\r\n", b"\n") if b"\r\n" in content else content.replace(b"\n", b"\r\n")
        path.write_bytes(changed)

    def do_attributes(self) -> None:
        self.project.write(".gitattributes", self.random.choice(["", "* text=auto\n", "*.py text eol=crlf\n"]))

    def do_nearer_configuration(self) -> None:
        path = self.folder() / self.random.choice(["ruff.toml", ".ruff.toml"])
        if not path.is_symlink() and (path.parent != self.root or path.name != "ruff.toml"):
            content = self.random.choice(NEARER[:-1] if self.random.random() < 0.9 else NEARER)
            path.write_text(content.replace("TOP", os.path.relpath(self.root, path.parent)))

    def do_remove_configurations(self) -> None:
        for name in ("ruff.toml", ".ruff.toml"):
            for path in self.root.rglob(name):
                if path != self.root / "ruff.toml":
                    path.unlink()

    def do_shared_configuration(self) -> None:
        path = self.root / "shared.toml"
        path.write_text(f"line-length = {self.random.choice((70, 88, 99))}\n")

    def do_configuration_of_the_user(self) -> None:
        path = self.project.home / ".config/ruff/ruff.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"line-length = {self.random.choice((60, 90))}\n")

    def do_top_configuration(self) -> None:
        rules = RULES.replace("100", str(self.random.choice((80, 100, 120))))
        if self.random.random() < 0.2:
            (self.root / "ruff.toml").unlink(missing_ok=True)
        else:
            (self.root / "ruff.toml").write_text(rules + self.random.choice(["", 'ignore = ["UP"]\n']))

    def do_own_configuration(self) -> None:
        more = self.random.choice(["", 'exclude = ["lib"]\n', '[detector.ruff]\nargs = ["--ignore=E501"]\n'])
        self.project.write("pipeline-state.toml", CONFIGURATION + more)

    def do_ignored_module(self) -> None:
        path = self.folder() / "ignored" / self.random.choice(MODULES)
        if path.is_dir():
            path.rmdir()
        else:
            path.mkdir(parents=True)

    def do_module_at_the_top(self) -> None:
        """Git ignores these names, ruff does not."""
        path = self.root / self.random.choice(["", "src", "lib1"]) / self.random.choice(MODULES[:6])
        if path.is_dir():
            shutil.rmtree(path)
        elif self.random.random() < 0.5:
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(exist_ok=True)
            stub = path.with_suffix(self.random.choice([".py", ".pyi"]))
            if not stub.is_symlink():
                stub.write_text("")

    def do_package(self) -> None:
        path = self.folder() / "__init__.py"
        if path.exists() or path.is_symlink():
            path.unlink()
        else:
            path.write_text(self.random.choice(["", "import os\n"]))

    def do_ignore(self) -> None:
        rules = ["ignored/", "/attr*\n/yaml*\n/requests*\n/numpy*\nours.py\n", "lib1/", "test_*.py"]
        self.project.write(".gitignore", "\n".join(self.random.sample(rules, 2)) + "\n")

    def do_add(self) -> None:
        self.project.git("add", "--all")

    def do_commit(self) -> None:
        self.project.git("add", "--all")
        self.project.git("commit", "-q", "--allow-empty", "-m", "more")

    def do_switch(self) -> None:
        self.project.git("checkout", "-q", "-f", self.random.choice(["HEAD", "HEAD~1", "main"]))

    def do_status(self) -> None:
        self.project.git("status")

    def do_assume_unchanged(self) -> None:
        tracked = [name for name in self.project.git("ls-files", "-z").split("\0") if name]
        if tracked:
            flag = self.random.choice(["--assume-unchanged", "--no-assume-unchanged"])
            self.project.git("update-index", flag, "--", self.random.choice(tracked))

    def do_nothing(self) -> None:
        """Nothing: the shortcut has to be right too."""


@pytest.fixture
def tree(empty_project):
    """A few dozen real files, tracked."""
    site = Path(pytest.__file__).parents[1]
    for package in ("pluggy", "identify", "iniconfig", "_pytest/config", "_pytest/mark"):
        for path in sorted((site / package).rglob("*.py")):
            name = path.relative_to(site).as_posix()
            empty_project.write(name if path.stem != "extensions" else f"lib/{path.name}", path.read_bytes())
    empty_project.write("pipeline-state.toml", CONFIGURATION)
    empty_project.write("ruff.toml", RULES)
    empty_project.write("shared.toml", "line-length = 90\n")
    empty_project.write("data.json", "{}\n")
    empty_project.write(".gitignore", "ignored/\n/attr*\n/yaml*\n")
    empty_project.commit()
    empty_project.git("commit", "-q", "--allow-empty", "-m", "more")
    return empty_project


def test_what_is_stored_never_changes_what_is_said(tree):
    editor = Editor(tree, SEED)
    shortcuts = reused = 0
    for number in range(ROUNDS):
        if number % 3 == 0:
            shortcuts += tree.rest()
        editor.edit()
        warm = tree.check()
        cold = tree.check("--no-cache")
        assert warm.errors == cold.errors, f"seed {SEED}, round {number}: {editor.done[-3:]}"
        assert warm.judgement == cold.judgement, f"seed {SEED}, round {number}: {editor.done[-3:]}"
        reused += warm.report["summary"]["reused"]
    assert reused, "the sequence proves something only if something was reused"
    print(f"{len(editor.done)} edits, the shortcut open {shortcuts} times, {reused} verdicts reused")  # noqa: T201
