"""A subtest in a fixture: an error of the setup where pytest-rerunfailures is installed, which does not know them."""

import pytest


@pytest.fixture
def with_subtest(subtests):
    with subtests.test("in the setup"):
        assert 0


def test_one_fails_in_the_setup(with_subtest):
    """a subtest of a fixture fails | failed | call | failed"""
