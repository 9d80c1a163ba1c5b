"""A worker of pytest-xdist that dies, and the one that takes its place."""

import os


def test_before():
    """another test of a worker that died | passed |"""


def test_crash():
    """its worker dies in the call | crashed |"""
    os._exit(3)


def test_after():
    """what the worker that took its place runs | passed |"""
