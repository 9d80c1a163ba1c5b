"""What --maxfail=1 leaves out."""


def test_before():
    """a test before the failure that ends the session | passed |"""


def test_fails():
    """the failure that ends the session, with `--maxfail` | failed | call"""
    assert 0


def test_after():
    """a test that `--maxfail` kept from running | not run |"""
