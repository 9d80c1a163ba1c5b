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
