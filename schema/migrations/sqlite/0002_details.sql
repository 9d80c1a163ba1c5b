-- What the reports of a session said beside their outcomes.

-- Of a phase or a subtest that did not simply pass: why, and where.
CREATE TABLE report_details (
    run      TEXT NOT NULL,
    test     INTEGER NOT NULL,
    attempt  INTEGER NOT NULL,
    phase    TEXT NOT NULL CHECK (phase IN ('collect', 'setup', 'call', 'teardown')),
    subtest  INTEGER NOT NULL CHECK (subtest >= 0),  -- its position; 0: it is about the phase itself
    message  TEXT,                 -- the exception, or the reason of a skip; as pytest gives it
    path     TEXT,                 -- as pytest gives it, absolute in most cases
    line     INTEGER,              -- from 1
    failure  TEXT,                 -- the text of this phase, where several failed
    repeated INTEGER NOT NULL CHECK (repeated IN (0, 1)),  -- whether the test was tried again for it
    PRIMARY KEY (run, test, attempt, phase, subtest),
    FOREIGN KEY (run, test, attempt) REFERENCES attempts (run, test, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE captured_output (
    run      TEXT NOT NULL,
    test     INTEGER NOT NULL,
    attempt  INTEGER NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 1),
    phase    TEXT NOT NULL CHECK (phase IN ('collect', 'setup', 'call', 'teardown')),  -- whose report brought it
    subtest  INTEGER NOT NULL CHECK (subtest >= 0),
    name     TEXT NOT NULL,        -- as pytest gives it: 'Captured stdout call'
    content  TEXT NOT NULL,
    PRIMARY KEY (run, test, attempt, position),
    FOREIGN KEY (run, test, attempt) REFERENCES attempts (run, test, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- As they were when the test was last run.
CREATE TABLE test_markers (
    test INTEGER NOT NULL REFERENCES tests (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    PRIMARY KEY (test, name)
) STRICT, WITHOUT ROWID;

-- What a session said of itself as a whole: `record_testsuite_property`.
CREATE TABLE session_properties (
    run      TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 1),
    name     TEXT NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;

ALTER TABLE pytest_sessions ADD COLUMN internal_error TEXT;

-- The phase whose report brought it; none: it was added by a hook, and pytest knows nothing of it.
ALTER TABLE recorded_values ADD COLUMN phase TEXT CHECK (phase IN ('setup', 'call', 'teardown'));
