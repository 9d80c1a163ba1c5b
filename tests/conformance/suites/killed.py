"""A process that is gone from one moment to the next."""

import os


def test_before():
    """a test before the process is killed | passed |"""


def test_killed():
    """the process is killed in the call | interrupted | call"""
    os._exit(9)


def test_after():
    """a test that a killed process did not come to | not run |"""
