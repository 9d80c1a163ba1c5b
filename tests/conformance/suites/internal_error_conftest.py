"""A defect outside of any test, which is an internal error of pytest."""


def pytest_runtest_logstart(nodeid):
    if nodeid.endswith("test_inside"):
        raise RuntimeError("a defect")
