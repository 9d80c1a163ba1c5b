"""The fixtures, as a project uses them."""

from __future__ import annotations


def test_each_test_has_a_state_of_its_own(pytester):
    pytester.makepyfile(
        """
        import pytest
        from pipeline_state.store.schema import HEAD

        @pytest.mark.parametrize("number", range(3))
        def test_empty_at_first(state_db, number):
            assert state_db.runs.latest() is None
            assert state_db.database.user_version in (0, HEAD)
            state_db.runs.begin("check")
            assert len(state_db.runs.list()) == 1
            assert state_db.path is None
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=3)


def test_other_connections_reach_the_same_database(pytester):
    pytester.makepyfile(
        """
        import sqlite3

        def test_connect(state_db):
            run = state_db.runs.begin("check")
            for connection in (state_db.connect(), sqlite3.connect(state_db.uri, uri=True)):
                assert connection.execute("SELECT id FROM runs").fetchall() == [(run.id,)]
                connection.close()
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_open_state_gives_the_fixture_s_state_and_closing_that_does_not_close_the_fixture_s(pytester):
    pytester.makepyfile(
        """
        from pipeline_state import open_state

        def test_open(state_db):
            with open_state() as state:
                state.runs.begin("check")
            assert len(state_db.runs.list()) == 1
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_hundred_threads_lose_no_write(pytester):
    pytester.makepyfile(
        """
        from threading import Thread

        def test_threads(state_db):
            threads = [Thread(target=state_db.runs.begin, args=("check",)) for _ in range(100)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(state_db.runs.list(-1)) == 100
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_connection_left_in_a_transaction_is_the_error_of_its_test_alone(pytester):
    pytester.makepyfile(
        """
        def test_leaks(state_db):
            state_db.connect().execute("BEGIN IMMEDIATE")

        def test_next(state_db):
            state_db.runs.begin("check")

        def test_open_but_idle(state_db):
            state_db.connect().execute("SELECT 1").fetchall()
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_leaks*", "*left inside a transaction*"])


def test_the_factory_makes_files_for_several_processes(pytester):
    pytester.makepyfile(
        """
        import subprocess, sys

        def test_file(state_db_factory):
            with state_db_factory(mode="file") as state:
                program = f"from pipeline_state import open_state; open_state({str(state.path)!r}).runs.begin('check')"
                subprocess.run([sys.executable, "-c", program], check=True)
                assert len(state.runs.list(all_worktrees=True)) == 1
                connection = state.connect()
                assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
                connection.close()
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_savepoint_takes_everything_back(pytester):
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def state(state_db_factory):
            with state_db_factory(mode="savepoint") as state:
                yield state

        @pytest.mark.parametrize("number", range(3))
        def test_empty_at_first(state, number):
            assert state.runs.list() == ()
            state.runs.begin("check")
            assert len(state.runs.list()) == 1

        def test_one_connection(state):
            with pytest.raises(RuntimeError, match="mode=.memory."):
                state.connect()
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=4)


def test_the_factory_serves_every_scope_and_closes_what_is_left(pytester):
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture(scope="module")
        def shared(state_db_factory):
            return state_db_factory()

        def test_1(shared):
            shared.runs.begin("check")

        def test_2(shared):
            assert len(shared.runs.list()) == 1

        def test_mode(state_db_factory):
            with pytest.raises(ValueError, match="memory, file or savepoint"):
                state_db_factory(mode="disk")
        """
    )
    pytester.runpytest_subprocess("-W", "error").assert_outcomes(passed=3)


def test_a_unittest_case_can_use_it(pytester):
    pytester.makepyfile(
        """
        import unittest
        import pytest
        from pipeline_state import open_state

        @pytest.mark.usefixtures("state_db")
        class Case(unittest.TestCase):
            def test_one(self):
                with open_state() as state:
                    self.assertIsNone(state.runs.latest())
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_the_fixtures_explain_themselves(pytester):
    result = pytester.runpytest_subprocess("--fixtures")
    result.stdout.fnmatch_lines(["state_db_factory [[]session scope[]] -- *", "    Makes isolated state databases*"])
    result.stdout.fnmatch_lines(["state_db -- *", "    An isolated, fully migrated state database*"])
