"""Repetitions, as pytest-rerunfailures makes them with --reruns 2. The outcome is that of each attempt."""

import pytest

TIMES = {}


def times(name):
    TIMES[name] = TIMES.get(name, 0) + 1
    return TIMES[name]


def test_passes():
    """it passes, and so is not repeated | passed |"""


def test_fails_once():
    """it fails, is repeated, and passes | failed, passed |"""
    assert times("fails once") == 2


def test_fails():
    """it fails in each of three attempts | failed, failed, failed | call"""
    assert 0


@pytest.fixture
def setup_fails_once():
    assert times("setup fails once") == 2


def test_setup_fails_once(setup_fails_once):
    """its setup fails, is repeated, and passes | error, passed |"""


@pytest.fixture
def teardown_fails():
    yield
    assert 0


def test_teardown_fails(teardown_fails):
    """its call passes and its teardown fails, each time | error, error, error | teardown"""


def test_skipped():
    """it is skipped, and so is not repeated | skipped | call"""
    pytest.skip("not here")


@pytest.mark.xfail(reason="known")
def test_expected_failure():
    """it fails as expected, and so is not repeated | xfailed | call"""
    assert 0
