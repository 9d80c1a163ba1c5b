-- What chose the tests of a session, and the run that it went on with.

ALTER TABLE pytest_sessions ADD COLUMN scope TEXT;      -- digest of root directory, arguments, -k, -m and the like
ALTER TABLE pytest_sessions ADD COLUMN continues TEXT REFERENCES runs (id) ON DELETE SET NULL;

CREATE INDEX pytest_sessions_by_continued ON pytest_sessions (continues);
