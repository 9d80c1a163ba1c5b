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
