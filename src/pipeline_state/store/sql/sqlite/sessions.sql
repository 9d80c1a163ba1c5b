-- insert --
-- The run that it continues may be in another database, or forgotten.
INSERT INTO pytest_sessions (run, rootdir, selection, scope, continues)
VALUES (:run, :rootdir, :selection, :scope, (SELECT id FROM runs WHERE id = :continues));

-- latest_of --
SELECT run, rootdir, selection, collected, journal_offset, continues, internal_error
FROM pytest_sessions JOIN runs ON runs.id = pytest_sessions.run
WHERE runs.worktree = :worktree AND runs.kind = 'pytest' AND runs.status <> 'running'
  AND rootdir = :rootdir AND scope = :scope AND selection = 'run'
ORDER BY runs.started_at DESC, runs.id LIMIT 1;

-- offset --
-- How much of its journal is in the database, in bytes.
SELECT journal_offset FROM pytest_sessions WHERE run = :run;

-- advance --
UPDATE pytest_sessions
SET journal_offset = :offset, collected = coalesce(:collected, collected)
WHERE run = :run;

-- find --
SELECT run, rootdir, selection, collected, journal_offset, continues, internal_error FROM pytest_sessions WHERE run = :run;

-- properties --
SELECT name, value FROM session_properties WHERE run = :run ORDER BY position;

-- add_property --
INSERT INTO session_properties (run, position, name, value) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING;

-- set_internal_error --
UPDATE pytest_sessions SET internal_error = :text WHERE run = :run;
