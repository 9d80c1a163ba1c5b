"""What an internal error of pytest leaves; raised by internal_error_conftest.py."""


def test_before():
    """a test before an internal error of pytest | passed |"""


def test_inside():
    """a test in which pytest itself fails | interrupted | setup"""


def test_after():
    """a test that an internal error kept from running | not run |"""
