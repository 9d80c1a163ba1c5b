"""What was collected beside a file that could not be."""


def test_beside():
    """a test that an error of collection kept from running | not run |"""
