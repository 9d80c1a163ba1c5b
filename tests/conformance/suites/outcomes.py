"""One test for each thing that can become of a test. Each docstring is a row: what, outcome, the phase that decides."""

import unittest

import pytest


def test_passes():
    """setup, call and teardown pass | passed |"""


def test_fails():
    """the call fails | failed | call"""
    assert 0


def test_fails_by_word():
    """`pytest.fail` in the call | failed | call"""
    pytest.fail("by word")


@pytest.fixture
def bad_setup():
    raise ValueError


def test_setup_fails(bad_setup):
    """the setup fails | error | setup"""


@pytest.fixture
def bad_teardown():
    yield
    raise ValueError


def test_teardown_fails(bad_teardown):
    """the teardown fails after a call that passed | error | teardown"""


def test_call_and_teardown_fail(bad_teardown):
    """call and teardown fail | failed | call"""
    assert 0


def test_skipped_and_teardown_fails(bad_teardown):
    """the teardown fails after a call that was skipped | error | teardown"""
    pytest.skip("not here")


@pytest.mark.skip(reason="not today")
def test_skipped_by_mark():
    """a mark skips it | skipped | setup"""


@pytest.fixture
def skips():
    pytest.skip("no server")


def test_skipped_in_setup(skips):
    """its setup skips it | skipped | setup"""


def test_skipped_in_call():
    """its call skips it | skipped | call"""
    pytest.skip("not here")


@pytest.fixture
def skips_late():
    yield
    pytest.skip("too late")


def test_skipped_in_teardown(skips_late):
    """the call passes, and the teardown skips | passed |"""


@pytest.mark.xfail(reason="known")
def test_expected_failure():
    """it fails, as its mark expects | xfailed | call"""
    assert 0


@pytest.mark.xfail(reason="known")
def test_expected_failure_in_setup(bad_setup):
    """its setup fails, as its mark expects | xfailed | setup"""


@pytest.mark.xfail(reason="would hang", run=False)
def test_expected_failure_that_is_not_run():
    """its mark expects it to fail, and not to be run | xfailed | setup"""


def test_expected_failure_by_word():
    """`pytest.xfail` in the call | xfailed | call"""
    pytest.xfail("by word")


@pytest.mark.xfail(reason="known")
def test_expected_failure_and_teardown_fails(bad_teardown):
    """call and teardown fail, as its mark expects | xfailed | call"""
    assert 0


@pytest.mark.xfail(reason="known", raises=KeyError)
def test_another_failure_than_expected():
    """it fails in another way than its mark expects | failed | call"""
    raise ValueError


@pytest.mark.xfail(reason="thought so")
def test_unexpected_pass():
    """it passes, and its mark expects it to fail | xpassed | call"""


@pytest.mark.xfail(reason="surely", strict=True)
def test_unexpected_pass_of_a_strict_mark():
    """it passes, and its strict mark expects it to fail | failed | call"""


class Case(unittest.TestCase):
    def test_passes(self):
        """a `TestCase` passes | passed |"""

    def test_fails(self):
        """a `TestCase` fails | failed | call"""
        self.fail()

    def test_skips(self):
        """a `TestCase` skips | skipped | call"""
        self.skipTest("not here")

    @unittest.expectedFailure
    def test_expected_failure(self):
        """a `TestCase` fails, as expected | xfailed | call"""
        self.fail()

    @unittest.expectedFailure
    def test_unexpected_success(self):
        """a `TestCase` passes unexpectedly | failed | call"""

    def test_subtest_fails(self):
        """a `subTest` of several fails | failed | call"""
        for i in range(3):
            with self.subTest(i=i):
                self.assertNotEqual(i, 1)

    def test_subtests_pass(self):
        """all of its `subTest`s pass | passed |"""
        for i in range(3):
            with self.subTest(i=i):
                pass


class BadSetUp(unittest.TestCase):
    def setUp(self):
        raise ValueError

    def test_set_up_fails(self):
        """`setUp` of a `TestCase` fails | failed | call"""


class BadSetUpClass(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise ValueError

    def test_set_up_of_the_class_fails(self):
        """`setUpClass` fails | error | setup"""


class BadTearDownClass(unittest.TestCase):
    @classmethod
    def tearDownClass(cls):
        raise ValueError

    def test_tear_down_of_the_class_fails(self):
        """`tearDownClass` fails after the class's last test passed | error | teardown"""
