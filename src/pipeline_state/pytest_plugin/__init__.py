"""The pytest plugin: fixtures, the environment guard, and the recorder of test sessions.

`plugin` is what pytest loads; everything else is imported when it is first needed.

PYTEST_DONT_REWRITE
"""
