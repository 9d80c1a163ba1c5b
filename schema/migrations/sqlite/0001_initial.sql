-- The first schema. Times are UTC text of one fixed width (2026-01-31T12:34:56.123456Z), so that they sort as text.
-- Paths are relative to the worktree root, POSIX, in the form that `store.storable.storable_path` makes.

CREATE TABLE worktrees (
    id            INTEGER PRIMARY KEY,
    token         TEXT NOT NULL UNIQUE,
    first_seen_at TEXT NOT NULL
) STRICT;

-- What a run ran in; shared by every run in the same environment.
CREATE TABLE environments (
    id     INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE
) STRICT;

CREATE TABLE environment_values (
    environment INTEGER NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    value       TEXT NOT NULL,
    PRIMARY KEY (environment, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id          TEXT PRIMARY KEY CHECK (length(id) = 16 AND id NOT GLOB '*[^0-9a-f]*'),
    worktree    INTEGER NOT NULL REFERENCES worktrees (id),
    kind        TEXT NOT NULL CHECK (kind IN ('check', 'pytest')),
    status      TEXT NOT NULL CHECK (status IN ('running', 'finished', 'interrupted')),
    exit_code   INTEGER,
    started_at  TEXT NOT NULL,
    finished_at TEXT,
    commit_id   TEXT,
    branch      TEXT,
    tree_digest TEXT,              -- digest of the uncommitted state
    host        TEXT NOT NULL,
    environment INTEGER REFERENCES environments (id),
    incomplete  TEXT               -- why the record is not whole, if it is not
) STRICT;

CREATE INDEX runs_by_time ON runs (worktree, kind, started_at);
CREATE INDEX runs_by_environment ON runs (environment);

CREATE TABLE run_arguments (
    run      TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;

-- checks ---------------------------------------------------------------------------------------------------------

CREATE TABLE check_summaries (
    run      TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    files    INTEGER NOT NULL,
    checked  INTEGER NOT NULL,     -- (detector, file) pairs
    reused   INTEGER NOT NULL,     -- (detector, file) pairs
    findings INTEGER NOT NULL,
    errors   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE run_detectors (
    run        TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    detector   TEXT NOT NULL,
    version    TEXT NOT NULL,
    outcome    TEXT NOT NULL CHECK (outcome IN ('clean', 'findings', 'fixed', 'excluded', 'error', 'missing')),
    files      INTEGER NOT NULL,
    checked    INTEGER NOT NULL,
    reused     INTEGER NOT NULL,
    duration_s REAL NOT NULL,
    message    TEXT,               -- why, for error and missing
    PRIMARY KEY (run, detector)
) STRICT, WITHOUT ROWID;

-- The stat cache: what a path held when its times could be trusted.
CREATE TABLE files (
    worktree INTEGER NOT NULL REFERENCES worktrees (id) ON DELETE CASCADE,
    path     TEXT NOT NULL,
    inode    INTEGER NOT NULL,
    size     INTEGER NOT NULL,     -- bytes
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    mode     INTEGER NOT NULL,
    digest   BLOB NOT NULL,        -- of the bytes, or of the target of a link
    PRIMARY KEY (worktree, path)
) STRICT, WITHOUT ROWID;

-- What a detector said of a key. A key holds everything that the verdict depends on, so these rows are true in any worktree.
CREATE TABLE verdicts (
    key       BLOB PRIMARY KEY,
    detector  TEXT NOT NULL,
    outcome   TEXT NOT NULL CHECK (outcome IN ('clean', 'findings', 'excluded')),
    run       TEXT REFERENCES runs (id) ON DELETE SET NULL,
    judged_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX verdicts_by_run ON verdicts (run);

CREATE TABLE findings (
    key         BLOB NOT NULL REFERENCES verdicts (key) ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    rule        TEXT NOT NULL,
    severity    TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'note')),
    category    TEXT NOT NULL CHECK (category IN ('syntax', 'type', 'test', 'security', 'style', 'format', 'other')),
    path        TEXT NOT NULL,
    line        INTEGER,           -- from 1
    column      INTEGER,           -- from 1, in characters
    end_line    INTEGER,
    end_column  INTEGER,
    message     TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    PRIMARY KEY (key, position)
) STRICT, WITHOUT ROWID;

-- Which verdict stands for a (detector, file) pair now, with a short digest per field of its key for --explain.
CREATE TABLE judged (
    worktree INTEGER NOT NULL REFERENCES worktrees (id) ON DELETE CASCADE,
    detector TEXT NOT NULL,
    path     TEXT NOT NULL,
    key      BLOB NOT NULL,
    fields   BLOB NOT NULL,
    PRIMARY KEY (worktree, detector, path)
) STRICT, WITHOUT ROWID;

CREATE INDEX judged_by_key ON judged (key);

-- What a tool says its version is, by the digest of what would be executed; asking takes a process.
CREATE TABLE tools (
    digest  BLOB PRIMARY KEY,
    version TEXT NOT NULL,
    seen_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The last tree of which every pair was judged: one row answers "has anything moved since?".
CREATE TABLE snapshots (
    worktree   INTEGER NOT NULL REFERENCES worktrees (id) ON DELETE CASCADE,
    selection  TEXT NOT NULL,      -- which files: 'all' or 'tracked'
    request    BLOB NOT NULL,      -- digest of the detectors asked for, with their declarations and configuration
    git        BLOB NOT NULL,      -- digest of Git's index and of what differs from it
    watched    BLOB NOT NULL,      -- packed: paths with their times that Git does not watch for us
    detectors  TEXT NOT NULL,      -- JSON: of each detector its id, version, counts and the digest of all that its files share
    reported   BLOB NOT NULL,      -- packed: detector, file and key of each verdict that is not clean
    tree       BLOB NOT NULL,      -- packed: path, mode, digest of each file, and which detectors judge it
    asked      BLOB NOT NULL,      -- packed: folders in which imported modules were looked for
    taken_at   TEXT NOT NULL,
    PRIMARY KEY (worktree, selection)
) STRICT, WITHOUT ROWID;

-- pytest ---------------------------------------------------------------------------------------------------------

CREATE TABLE pytest_sessions (
    run            TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    rootdir        TEXT NOT NULL,       -- relative to the worktree
    selection      TEXT,                -- 'run', 'collect-only', 'setup-only', 'setup-plan'
    collected      INTEGER,
    journal_offset INTEGER NOT NULL DEFAULT 0,  -- bytes of the journal that have been taken in
    scope          TEXT,                -- digest of what chose the tests: root directory, arguments, -k, -m and the like
    continues      TEXT REFERENCES runs (id) ON DELETE SET NULL  -- the run that this one went on with
) STRICT, WITHOUT ROWID;

CREATE INDEX pytest_sessions_by_continued ON pytest_sessions (continues);

-- A test is what it is called, under the root directory it was collected from. Where it stands is what was last seen.
CREATE TABLE tests (
    id          INTEGER PRIMARY KEY,
    rootdir     TEXT NOT NULL,
    node_id     TEXT NOT NULL,
    file        TEXT,              -- where it is not the one in the node id
    line        INTEGER,           -- from 1
    inherited_s REAL,              -- how long it took in the worktree that this one began with
    UNIQUE (rootdir, node_id)
) STRICT;

-- Ten thousand rows a session, so they lie together by session and nothing else is kept in order: an index by test would
-- be written to all over, more of it with every session. What is asked of one test goes from session to session. For the
-- same reason `test` is no foreign key: to delete a test would search all of this table.
CREATE TABLE attempts (
    run              TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    test             INTEGER NOT NULL,  -- tests (id)
    number           INTEGER NOT NULL CHECK (number >= 1),
    worker           TEXT,
    -- What is most frequent comes first in a condition: of a list SQLite makes an index, in each statement anew.
    outcome          TEXT NOT NULL CHECK (outcome = 'passed' OR outcome IN (
                         'running', 'failed', 'error', 'skipped', 'xfailed', 'xpassed', 'crashed', 'interrupted',
                         'not run')),
    phase            TEXT CHECK (phase IS NULL OR phase IN ('collect', 'setup', 'call', 'teardown')),  -- that decided
    started_at       TEXT,
    setup_outcome    TEXT,
    setup_s          REAL,
    call_outcome     TEXT,
    call_s           REAL,
    teardown_outcome TEXT,
    teardown_s       REAL,
    reason           TEXT,          -- of a skip or an expected failure
    failure          TEXT,
    PRIMARY KEY (run, test, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX attempts_failed ON attempts (test)
WHERE outcome <> 'passed' AND outcome IN ('failed', 'error', 'crashed');

-- What became of the subtests of an attempt, in the order in which pytest reported them.
CREATE TABLE subtests (
    run         TEXT NOT NULL,
    test        INTEGER NOT NULL,
    attempt     INTEGER NOT NULL,
    position    INTEGER NOT NULL CHECK (position >= 1),
    description TEXT NOT NULL,     -- its message and its parameters
    outcome     TEXT NOT NULL CHECK (outcome IN ('passed', 'failed', 'skipped', 'xfailed', 'xpassed')),
    duration_s  REAL,
    reason      TEXT,              -- of a skip or an expected failure
    failure     TEXT,
    PRIMARY KEY (run, test, attempt, position),
    FOREIGN KEY (run, test, attempt) REFERENCES attempts (run, test, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What a test said of itself: `state_record`, pytest's `record_property`, and whatever else adds user properties.
CREATE TABLE recorded_values (
    run      TEXT NOT NULL,
    test     INTEGER NOT NULL,
    attempt  INTEGER NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 1),
    name     TEXT NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (run, test, attempt, position),
    FOREIGN KEY (run, test, attempt) REFERENCES attempts (run, test, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- When housekeeping was last done.
CREATE TABLE maintenance (
    name    TEXT PRIMARY KEY,
    done_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
