"""What identifies the environment of a session."""

from __future__ import annotations

from importlib.metadata import distributions as metadata

import pytest

from pipeline_state.pytest_plugin.guard import put_back, take_out
from pipeline_state.pytest_plugin.surroundings import distributions, environment


@pytest.mark.parametrize(
    ("folder", "name", "version"),
    [
        ("pytest-9.2.0.dist-info", "pytest", "9.2.0"),
        ("ruamel.yaml-0.18.dist-info", "ruamel-yaml", "0.18"),
        ("zope_interface-7.2-py3.11.egg-info", "zope-interface", "7.2"),
        ("mine.egg-info", "mine", ""),
        ("a_b-1.0+local.1.dist-info", "a-b", "1.0+local.1"),
        ("two-words-2024.1.dist-info", "two-words", "2024.1"),
    ],
)
def test_a_distribution_is_known_by_its_folder(tmp_path, folder, name, version):
    (tmp_path / folder).mkdir()
    (tmp_path / "other").mkdir()
    assert distributions([str(tmp_path), str(tmp_path / "none")]) == [(name, version)]


def test_the_first_on_the_path_counts(tmp_path):
    for folder, version in (("one", "1.0"), ("two", "2.0")):
        (tmp_path / folder / f"x-{version}.dist-info").mkdir(parents=True)
    assert distributions([str(tmp_path / "one"), str(tmp_path / "two")]) == [("x", "1.0")]


def test_it_says_what_the_slow_way_says():
    found = environment()
    for one in metadata():
        assert found["distribution:" + one.metadata["Name"].lower().replace("_", "-").replace(".", "-")] == one.version


def test_the_guard_puts_back_exactly_what_it_took_out():
    environ = {"GIT_DIR": "a", "GIT_INDEX_FILE": "b", "GIT_CONFIG_COUNT": "0", "PIPELINE_DB_PATH": "c", "HOME": "d"}
    before = dict(environ)
    removed = take_out(environ)
    assert environ == {"GIT_CONFIG_COUNT": "0", "HOME": "d"}
    put_back(environ, removed)
    assert environ == before
