"""Which configurations name the place where the worktree lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline_state.checks.place import names_place

ROOT = Path("/top/someone/some/tree")


def names(content: str, *, folder: Path = ROOT, called: tuple[str, ...] = ("tree",)) -> bool:
    return names_place(content.encode(), called, folder, ROOT)


@pytest.mark.parametrize(
    "content",
    [
        'exclude = ["tree"]',
        "exclude = ['tree/']",
        'exclude = ["t*"]',
        'exclude = ["[st]ree"]',
        'exclude = ["{tree,wood}"]',
        'exclude = ["tr{ee,unk}"]',
        'exclude = ["!tree/sub"]',
        "exclude = a, tree, b",
        "exclude =\n    a\n    tree",
        'exclude = ["/top/*/work"]',
        '"!/top/someone/some/tree/x.py" = ["F401"]',
        'extend = "../common.toml"',
        'extend = "$HOME/shared.toml"',
        'extend = "~/shared.toml"',
        r"exclude = ['C:\work']",
        "--extend-exclude=tree",
    ],
)
def test_what_may_match_the_place_names_it(content):
    assert names(content)


@pytest.mark.parametrize(
    "content",
    [
        "",
        'exclude = ["*", "**/*.py", "*_pb2.py", "trees", "subtree/x"]',
        'license = {text = "MIT"}\nauthors = [{name = "A", email = "a@example.invalid"}]',
        'tag_format = "v{version}"',
        'url = "https://example.invalid/other"',
        "pattern = '^a$'",
    ],
)
def test_what_matches_nothing_of_the_place_does_not_name_it(content):
    assert not names(content)


def test_a_path_that_stays_within_the_worktree_does_not_name_its_place():
    assert not names('extend = "../../ruff.toml"', folder=ROOT / "packages/one")
    assert names('extend = "../../../ruff.toml"', folder=ROOT / "packages/one")


def test_from_above_every_folder_on_the_way_down_counts():
    above = Path("/top/someone")
    assert names('exclude = ["work/*/sub"]', folder=above, called=("work", "tree"))
    assert not names('exclude = ["other"]', folder=above, called=("work", "tree"))
