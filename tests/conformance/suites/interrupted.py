"""Ctrl-C in a test."""


def test_before():
    """a test before Ctrl-C | passed |"""


def test_interrupted():
    """Ctrl-C in the call | interrupted | call"""
    raise KeyboardInterrupt


def test_after():
    """a test that Ctrl-C kept from running | not run |"""
