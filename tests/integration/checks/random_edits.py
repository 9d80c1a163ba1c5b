"""Edits of a worktree at random, from a seed: as people, editors, tools and Git make them.

For the test that a warm check equals a cold one, and for bench/soundness.py, which runs it for long.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from random_configurations import ABOVE, NAMED, OF_THE_USER, SECTIONED, SETTINGS, WHOLE

MODULES = ["attr", "yaml", "requests", "numpy", "ours", "helper", "plugin", "typing_extensions", "pluggy", "pytest"]
ENDINGS = (".py", ".pyi", ".md", ".rst", ".txt", ".yaml", ".yml", ".json", ".toml", ".cfg", ".ini", ".sh")
FEWEST = 8
"""Files that are left over however many are deleted."""


class Editor:
    """Edits a worktree. `done` are the names of all edits so far, in their order."""

    def __init__(self, project: Any, seed: int, detectors: Sequence[str]) -> None:
        self.project = project
        self.root: Path = project.root
        self.random = random.Random(seed)  # noqa: S311 - edits are no secrets
        self.detectors = detectors
        self.done: list[str] = []
        self._edits = [getattr(self, name) for name in sorted(dir(self)) if name.startswith("do_")]
        self.do_own_configuration()

    def edit(self) -> None:
        """Make between one and four edits."""
        for _ in range(self.random.choice((1, 1, 2, 3, 4))):
            edit = self.random.choice(self._edits)
            self.done.append(edit.__name__.removeprefix("do_"))
            edit()

    def files(self, *endings: str) -> list[Path]:
        found = self.project.git("ls-files", "-z", "-c", "-o", "--exclude-standard").split("\0")
        paths = {self.root / name for name in found if name.endswith(endings or ENDINGS)}
        return sorted(path for path in paths if path.is_file() and not path.is_symlink())

    def file(self, *endings: str) -> Path:
        """One of the files; of Python mostly, which most tools read."""
        return self.random.choice(self.files(*endings) or self.files())

    def folder(self) -> Path:
        return self.random.choice(sorted({path.parent for path in self.files()} | {self.root}))

    def write(self, path: Path, content: str) -> None:
        """Write a file where none of another kind stands in the way."""
        if not (path.is_symlink() or path.is_dir()):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)

    def change(self, path: Path) -> bytes:
        """Return a file's content with some bytes changed; sometimes their number stays the same."""
        content = path.read_bytes()
        lines = content.splitlines(keepends=True) or [b"\n"]
        at = self.random.randrange(len(lines))
        kind = self.random.randrange(9)
        python = path.suffix in (".py", ".pyi")
        module = self.random.choice(MODULES).encode()
        if kind == 0:
            lines.insert(0, b"import %s\n" % module if python else b"# teh %s:\n" % module)
        elif kind == 1:
            lines.insert(at, b"from %s import x, y\n" % module if python else b"%s:   [1,2 ]\n" % module)
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
        elif kind == 7:
            lines.append(b"\nassert exec('teh' + str(0)) is int('')\n")
        else:
            lines[at] = lines[at].swapcase()
        return b"".join(lines)

    def do_bytes(self) -> None:
        path = self.file(".py")
        path.write_bytes(self.change(path))

    def do_bytes_of_any_file(self) -> None:
        path = self.file()
        path.write_bytes(self.change(path))

    def do_same_size_with_its_time_restored(self) -> None:
        path = self.file(*self.random.choice(((), (".py",))))
        before, content = path.stat(), path.read_bytes()
        for _ in range(30):
            changed = self.change(path)
            if len(changed) == len(content) and changed != content:
                path.write_bytes(changed)
                os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
                return

    def do_go_back(self) -> None:
        self.project.git("checkout", "-q", "HEAD", "--", ".")

    def do_rename(self) -> None:
        path = self.file()
        name = self.random.choice(["renamed", path.stem.swapcase(), path.stem, "helper"]) + path.suffix
        target = self.folder() / name
        if not target.is_dir():
            path.rename(target)

    def do_delete(self) -> None:
        if len(self.files()) > FEWEST:
            self.file().unlink()

    def do_copy(self) -> None:
        """A sibling is added."""
        path = self.file(".py")
        target = self.folder() / self.random.choice(["ours.py", "plugin.py", "copy of.py", "-x.py"])
        if path != target and not target.is_dir():
            shutil.copy2(path, target)

    def do_mode(self) -> None:
        path = self.file()
        path.chmod(0o644 if path.stat().st_mode & 0o111 else 0o755)

    def do_link(self) -> None:
        names = ["link.py", "link.yaml", "ruff.toml", ".flake8", "ours.py", "__init__.py", "lib2", ".yamllint"]
        path = self.folder() / self.random.choice(names)
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
        self.write(self.root / ".gitattributes", self.random.choice(["", "* text=auto\n", "*.py text eol=crlf\n"]))

    def _whole(self, folder: Path, names: dict[str, list[str]]) -> None:
        name = self.random.choice(sorted(names))
        content = self.random.choice(names[name])
        self.write(folder / name, content.replace("TOP", os.path.relpath(self.root, folder)))

    def _sectioned(self, folder: Path) -> None:
        name = self.random.choice(sorted(SECTIONED))
        sections = SECTIONED[name]
        self.write(folder / name, "".join(self.random.sample(sections, self.random.randint(0, min(3, len(sections))))))

    def do_nearer_configuration(self) -> None:
        self._whole(self.folder(), WHOLE)

    def do_nearer_sections(self) -> None:
        self._sectioned(self.folder())

    def do_top_configuration(self) -> None:
        self._whole(self.root, WHOLE)

    def do_top_sections(self) -> None:
        self._sectioned(self.root)

    def do_remove_a_configuration(self) -> None:
        names = {*WHOLE, *SECTIONED, *NAMED}
        there = sorted(path for path in self.root.rglob("*") if path.name in names and path.is_file())
        if there:
            self.random.choice(there).unlink()

    def do_remove_nearer_configurations(self) -> None:
        for name in {*WHOLE, *SECTIONED}:
            for path in self.root.rglob(name):
                if path.parent != self.root and path.is_file():
                    path.unlink()

    def do_file_that_a_configuration_names(self) -> None:
        self._whole(self.root, NAMED)

    def do_configuration_of_the_user(self) -> None:
        self._whole(self.project.home, OF_THE_USER)

    def do_configuration_above(self) -> None:
        self._whole(self.root.parent, ABOVE)

    def do_remove_configurations_outside(self) -> None:
        for folder, names in ((self.project.home, OF_THE_USER), (self.root.parent, ABOVE)):
            for name in names:
                (folder / name).unlink(missing_ok=True)

    def do_own_configuration(self) -> None:
        """The options of the tools among it."""
        chosen = [one for name, some in SETTINGS.items() if name in self.detectors for one in some]
        settings = dict(self.random.sample(chosen, min(len(chosen), self.random.randint(0, 2))))
        exclude = self.random.choice(["", "", 'exclude = ["lib"]\n'])
        tables = [f"[detector.{name}]\n{setting}\n" for name, setting in settings.items()]
        head = f"detectors = {json.dumps(self.detectors)}\n{exclude}"
        self.write(self.root / "pipeline-state.toml", head + "".join(tables))

    def do_ignored_module(self) -> None:
        path = self.folder() / "ignored" / self.random.choice(MODULES)
        if path.is_dir():
            path.rmdir()
        elif path.parent.is_dir() or not path.parent.exists():
            path.mkdir(parents=True)

    def do_module_at_the_top(self) -> None:
        """Git ignores these names, tools do not."""
        path = self.root / self.random.choice(["", "src", "lib1"]) / self.random.choice(MODULES[:6])
        if path.is_dir():
            shutil.rmtree(path)
        elif self.random.random() < 0.5:
            path.mkdir(parents=True)
        else:
            self.write(path.with_suffix(self.random.choice([".py", ".py", ".pyi", ".abi3.so"])), "")

    def do_package_at_the_top(self) -> None:
        """With something in it: what that is decides whether it is a namespace package."""
        path = self.root / self.random.choice(["", "src"]) / self.random.choice(MODULES[:6])
        name = self.random.choice(["__init__.py", "__init__.py", "module.pyi", "deep/x.py", "setup.cfg", "notes.txt"])
        begins = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
        if not path.is_symlink() and not path.is_file():
            self.write(path / name, self.random.choice(["", begins, "#" * 4096 + begins]))

    def do_folder_with_the_name_of_an_exclusion(self) -> None:
        path = self.root / self.random.choice(["CVS", "lib", "tests", ".tox"])
        if path.is_dir() and not path.is_symlink() and not os.listdir(path):
            path.rmdir()
        elif not path.exists():
            path.mkdir()

    def do_package(self) -> None:
        path = self.folder() / "__init__.py"
        if path.exists() or path.is_symlink():
            path.unlink()
        else:
            path.write_text(self.random.choice(["", "import os\n"]))

    def do_ignore(self) -> None:
        rules = ["ignored/", "/attr*\n/yaml*\n/requests*\n/numpy*\nours.py\n", "lib1/", "test_*.py", "/.flake8"]
        self.write(self.folder() / ".gitignore", "\n".join(self.random.sample(rules, 2)) + "\n")

    def do_add(self) -> None:
        self.project.git("add", "--all")

    def do_commit(self) -> None:
        self.project.git("add", "--all")
        self.project.git("commit", "-q", "--allow-empty", "-m", "more")

    def do_switch(self) -> None:
        to = self.random.choice(["HEAD", "HEAD~1", "main"])
        if to != "HEAD~1" or int(self.project.git("rev-list", "--count", "HEAD")) > 1:
            listed = self.project.git("ls-files", "-v", "-z").split("\0")
            assumed = [entry[2:] for entry in listed if entry[:1].islower()]
            if assumed:  # which Git refuses to overwrite
                self.project.git("update-index", "--no-assume-unchanged", "--", *assumed)
            self.project.git("checkout", "-q", "-f", to)

    def do_add_an_edit(self) -> None:
        self.do_bytes()
        self.project.git("add", "--update")

    def do_another_form_of_the_index(self) -> None:
        self.project.git("update-index", "--index-version", self.random.choice("24"))

    def do_status(self) -> None:
        self.project.git("status")

    def do_assume_unchanged(self) -> None:
        tracked = [name for name in self.project.git("ls-files", "-z").split("\0") if name]
        if tracked:
            flag = self.random.choice(["--assume-unchanged", "--no-assume-unchanged"])
            self.project.git("update-index", flag, "--", self.random.choice(tracked))

    def do_nothing(self) -> None:
        """Nothing: the shortcut has to be right too."""
