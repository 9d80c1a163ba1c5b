-- insert --
INSERT INTO pytest_sessions (run, rootdir, selection) VALUES (:run, :rootdir, :selection);

-- offset --
-- How much of its journal is in the database, in bytes.
SELECT journal_offset FROM pytest_sessions WHERE run = :run;

-- advance --
UPDATE pytest_sessions
SET journal_offset = :offset, collected = coalesce(:collected, collected)
WHERE run = :run;

-- find --
SELECT run, rootdir, selection, collected, journal_offset FROM pytest_sessions WHERE run = :run;
