"""pytest's own subtests, which pytest 9 brought. As in outcomes.py; the last field is what becomes of each subtest."""

import unittest

import pytest


def test_pass(subtests):
    """all of its subtests pass | passed | | passed, passed"""
    for i in range(2):
        with subtests.test(i=i):
            pass


def test_one_fails(subtests):
    """a subtest of several fails | failed | call | passed, failed, passed"""
    for i in range(3):
        with subtests.test(i=i):
            assert i != 1


def test_one_is_skipped(subtests):
    """a subtest is skipped | passed | | skipped, passed"""
    for i in range(2):
        with subtests.test(i=i):
            if i == 0:
                pytest.skip("not this one")


def test_one_fails_as_expected(subtests):
    """`pytest.xfail` in a subtest | passed | | xfailed"""
    with subtests.test("known"):
        pytest.xfail("known")


class Case(unittest.TestCase):
    def test_some_fail(self):
        """of several `subTest`s two fail | failed | call"""
        for i in range(3):
            with self.subTest(i=i):
                self.assertEqual(i, 1)
