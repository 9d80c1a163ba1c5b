from __future__ import annotations

import os
import sqlite3
import threading

import pytest

from pipeline_state.errors import BusyDatabaseError, DatabaseGoneError, DiskFullError, StateError
from pipeline_state.store.database import Database

posix_only = pytest.mark.skipif(os.name == "nt", reason="fork and limits are POSIX")

ADD = "INSERT INTO maintenance (name, done_at) VALUES (?, '')"


def names(database):
    return [row["name"] for row in database.all("SELECT name FROM maintenance ORDER BY name")]


def add_and_fail(database):
    with database.transaction():
        database.write(lambda: database.execute(ADD, ("a",)))
        raise ZeroDivisionError


@pytest.fixture(params=["file", "memory"])
def database(request, reopen, backend):
    assert backend == "sqlite"
    return reopen(**({} if request.param == "file" else {"where": None})).database


def test_what_a_transaction_wrote_stays(database):
    with database.transaction():
        assert database.execute(ADD, ("a",)) == 1
        database.many(ADD, [("b",), ("c",)])
    assert names(database) == ["a", "b", "c"]


def test_an_exception_takes_everything_back(database):
    with pytest.raises(ZeroDivisionError):
        add_and_fail(database)
    assert names(database) == []
    with database.transaction():
        database.execute(ADD, ("b",))
    assert names(database) == ["b"]


def test_writing_needs_a_transaction(database):
    with pytest.raises(RuntimeError, match="transaction"):
        database.execute(ADD, ("a",))
    with pytest.raises(RuntimeError, match="transaction"):
        database.many(ADD, [("a",)])


def test_transactions_do_not_nest(database):
    with database.transaction(), pytest.raises(RuntimeError, match="do not nest"), database.transaction():
        pass
    assert not database.writing


def test_a_write_inside_a_transaction_is_part_of_it(database):
    with pytest.raises(ZeroDivisionError):
        add_and_fail(database)
    assert names(database) == []


def test_a_write_returns_what_its_function_returns(database):
    assert database.write(lambda: database.execute(ADD, ("a",))) == 1


def test_a_statement_that_fails_names_the_file_and_the_cause(database):
    with pytest.raises(StateError, match=r"cannot write .*UNIQUE"), database.transaction():
        database.many(ADD, [("a",), ("a",)])
    with pytest.raises(StateError, match=r"cannot read .*no such table"):
        database.one("SELECT * FROM absent")
    assert names(database) == []


def test_reading_one_row_leaves_no_cursor_behind(database):
    with database.transaction():
        database.many(ADD, [("a",), ("b",)])
    other = database.connect()
    assert database.one("SELECT name FROM maintenance")[0] == "a"
    other.execute(ADD, ("c",))
    other.commit()
    other.close()
    assert names(database) == ["a", "b", "c"]


def test_what_is_durable_waits_for_the_disk_and_the_rest_does_not(state):
    database = state.database
    for durable, expected in [(True, 2), (False, 1), (True, 2), (False, 1)]:
        with database.transaction(durable=durable):
            assert database.one("PRAGMA synchronous")[0] == expected


def test_threads_share_a_state(database):
    def add(number):
        for step in range(10):
            database.write(lambda name=f"{number}-{step}": database.execute(ADD, (name,)))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(database)) == 40


def test_each_thread_has_its_connection_and_close_closes_them_all(database):
    connections = [database.connection]
    ready, done = threading.Event(), threading.Event()

    def work():
        connections.append(database.connection)
        ready.set()
        done.wait()

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait()
    assert connections[0] is not connections[1]
    database.close()
    done.set()
    thread.join()
    for connection in connections:
        with pytest.raises(sqlite3.ProgrammingError):
            connection.execute("SELECT 1")
    with pytest.raises(StateError, match="closed"):
        database.one("SELECT 1")


def test_the_connections_of_threads_that_ended_are_closed(database):
    for _ in range(5):
        thread = threading.Thread(target=lambda: database.connection)
        thread.start()
        thread.join()
    assert len(database._connections) <= 2


def test_two_states_in_memory_are_private(reopen):
    one, other = reopen(None).database, reopen(None).database
    one.write(lambda: one.execute(ADD, ("a",)))
    assert names(other) == []


def test_one_more_connection_sees_the_same_database(database):
    database.write(lambda: database.execute(ADD, ("a",)))
    for connection in (database.connect(), sqlite3.connect(database.uri, uri=True)):
        assert connection.execute("SELECT name FROM maintenance").fetchall() == [("a",)]
        connection.close()


def test_a_write_is_tried_again_as_a_whole(database):
    tries = []

    def write():
        tries.append(len(tries))
        database.execute(ADD, (f"{len(tries)}",))
        if len(tries) < 5:
            raise BusyDatabaseError("somebody was faster")

    database.write(write)
    assert names(database) == ["5"]


def test_a_write_gets_through_when_the_other_writer_is_gone(database):
    other = database.connect()
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.05, other.rollback)
    timer.start()
    database.write(lambda: database.execute(ADD, ("a",)))
    timer.join()
    other.close()
    assert names(database) == ["a"]


def test_waiting_for_others_has_an_end(state):
    database = state.database
    other = database.connect()
    other.execute("BEGIN IMMEDIATE")
    database.connection.execute("PRAGMA busy_timeout = 1")
    with pytest.raises(BusyDatabaseError, match="other processes"):
        database.write(lambda: database.execute(ADD, ("a",)))
    other.rollback()
    other.close()
    database.write(lambda: database.execute(ADD, ("b",)))


def test_a_reader_does_not_hold_up_a_writer_nor_a_writer_a_reader(state):
    database = state.database
    reader = database.connect()
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM maintenance").fetchone() == (0,)
    with database.transaction():
        database.execute(ADD, ("a",))
        assert reader.execute("SELECT count(*) FROM maintenance").fetchone() == (0,)
    assert reader.execute("SELECT count(*) FROM maintenance").fetchone() == (0,)
    reader.rollback()
    assert reader.execute("SELECT count(*) FROM maintenance").fetchone() == (1,)
    reader.close()


def test_a_full_disk_takes_the_transaction_back_and_nothing_else(state):
    database = state.database
    database.write(lambda: database.execute(ADD, ("before",)))
    pages = database.one("PRAGMA page_count")[0]
    database.connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFullError, match="no space"), database.transaction():
        database.many(ADD, ((f"{number}" * 500,) for number in range(1000)))
    assert names(database) == ["before"]
    database.connection.execute("PRAGMA max_page_count = 1000000")
    database.write(lambda: database.execute(ADD, ("later",)))
    assert names(database) == ["before", "later"]


@posix_only
def test_a_limit_on_the_size_of_files_is_a_full_disk(path, in_process, state):
    state.close()
    code = """
        import resource
        from pipeline_state.errors import DiskFullError
        from pipeline_state.store.database import Database
        database = Database(sys.argv[1])
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
        try:
            with database.transaction():
                for number in range(1000):
                    database.execute("INSERT INTO maintenance VALUES (?, '')", (str(number) * 500,))
        except DiskFullError as error:
            print("limit" in str(error), database.one("SELECT count(*) FROM maintenance")[0])
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        with database.transaction():
            database.execute("INSERT INTO maintenance VALUES ('later', '')")
        print(database.one("SELECT count(*) FROM maintenance")[0], database.one("PRAGMA integrity_check")[0])
    """
    assert in_process(code, path).split() == ["True", "0", "1", "ok"]


@pytest.mark.parametrize("replaced", [False, True])
def test_a_database_that_was_removed_is_not_written(path, reopen, replaced):
    database = reopen().database
    path.rename(path.with_name("moved"))
    if replaced:
        path.write_bytes(path.with_name("moved").read_bytes())
    with pytest.raises(DatabaseGoneError, match="removed or replaced"):
        database.write(lambda: database.execute(ADD, ("a",)))


def test_a_database_that_is_removed_during_a_transaction_does_not_count_as_written(path, reopen):
    database = reopen().database
    moved = path.with_name("moved")
    with pytest.raises(DatabaseGoneError):
        database.write(lambda: (database.execute(ADD, ("a",)), path.rename(moved)))
    moved.rename(path)
    assert names(database) == []


@posix_only
def test_a_forked_child_writes_through_a_connection_of_its_own(path, in_process, state):
    state.close()
    code = """
        import warnings
        warnings.simplefilter("ignore")
        from pipeline_state.store.database import Database
        database = Database(sys.argv[1])
        add = "INSERT INTO maintenance VALUES (?, '')"
        with database.transaction():
            database.execute(add, ("parent, before",))
            child = os.fork()
            if not child:
                try:
                    database.execute(add, ("child, in its parent's transaction",))
                except RuntimeError:
                    pass
                sys.exit(0)  # through all of Python's own cleaning up
            assert os.waitpid(child, 0)[1] == 0
            database.execute(add, ("parent, after",))
        child = os.fork()
        if not child:
            with database.transaction():
                database.execute(add, ("child",))
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        print([row[0] for row in database.all("SELECT name FROM maintenance ORDER BY name")])
        print(database.one("PRAGMA integrity_check")[0])
    """
    assert in_process(code, path).splitlines() == ["['child', 'parent, after', 'parent, before']", "ok"]


@posix_only
def test_a_child_cannot_end_its_parents_transaction(path, in_process, state):
    state.close()
    code = """
        import warnings
        warnings.simplefilter("ignore")
        from pipeline_state.errors import StateError
        from pipeline_state.store.database import Database
        database = Database(sys.argv[1])
        try:
            with database.transaction():
                database.execute("INSERT INTO maintenance VALUES ('parent', '')")
                child = os.fork()
                if child:
                    assert os.waitpid(child, 0)[1] == 0
        except StateError as error:
            assert not child and "fork" in str(error), error
            os._exit(0)
        print(database.one("SELECT count(*) FROM maintenance")[0], database.one("PRAGMA integrity_check")[0])
    """
    assert in_process(code, path).split() == ["1", "ok"]


def test_what_is_written_inside_undone_is_undone(database):
    with database.undone():
        with database.transaction():
            database.execute(ADD, ("b",))
        with pytest.raises(ZeroDivisionError):
            add_and_fail(database)
        assert names(database) == ["b"]
    assert names(database) == []
    database.write(lambda: database.execute(ADD, ("c",)))
    assert names(database) == ["c"]


def test_a_killed_writer_leaves_only_what_it_committed(path, in_process, state):
    state.close()
    code = """
        from pipeline_state.store.database import Database
        database = Database(sys.argv[1])
        with database.transaction():
            database.execute("INSERT INTO maintenance VALUES ('whole', '')")
        with database.transaction():
            database.execute("INSERT INTO maintenance VALUES ('half', '')")
            os.kill(os.getpid(), 9)
    """
    assert in_process(code, path, check=False).returncode != 0
    database = Database(path)
    assert names(database) == ["whole"]
    database.close()


def test_closing_a_database_that_was_replaced_leaves_the_log_of_the_new_one(path, reopen):
    """SQLite's last close deletes `-wal` by its name, but not where it sees that the file was moved."""
    old = reopen()
    old.runs.begin("check")
    for ending in ("", "-wal", "-shm"):
        os.rename(f"{path}{ending}", f"{path}{ending}.moved")
    new = reopen()
    run = new.runs.begin("check")
    old.close()
    assert os.path.getsize(f"{path}-wal")
    again = reopen()
    assert again.runs.get(run.id) == run
    assert again.database.one("PRAGMA integrity_check")[0] == "ok"
