-- add_test --
-- Where a test stands may change; what another worktree said of its duration stays.
INSERT INTO tests (rootdir, node_id, file, line) VALUES (?, ?, ?, ?)
ON CONFLICT (rootdir, node_id) DO UPDATE SET file = excluded.file, line = excluded.line;

-- add_name --
INSERT INTO tests (rootdir, node_id) VALUES (?, ?) ON CONFLICT (rootdir, node_id) DO NOTHING;

-- known --
SELECT node_id, id, file, line FROM tests WHERE rootdir = ?;

-- known_one --
SELECT node_id, id, file, line FROM tests WHERE rootdir = ? AND node_id = ?;

-- add --
-- An attempt comes in parts: its start, then a report for each phase. What a later part does not say stays.
INSERT INTO attempts (run, test, number, worker, outcome, phase, started_at, setup_outcome, setup_s, call_outcome,
                      call_s, teardown_outcome, teardown_s, reason, failure)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (run, test, number) DO UPDATE SET
    worker = coalesce(excluded.worker, attempts.worker),
    outcome = excluded.outcome,
    phase = excluded.phase,
    started_at = coalesce(attempts.started_at, excluded.started_at),
    setup_outcome = coalesce(excluded.setup_outcome, attempts.setup_outcome),
    setup_s = coalesce(excluded.setup_s, attempts.setup_s),
    call_outcome = coalesce(excluded.call_outcome, attempts.call_outcome),
    call_s = coalesce(excluded.call_s, attempts.call_s),
    teardown_outcome = coalesce(excluded.teardown_outcome, attempts.teardown_outcome),
    teardown_s = coalesce(excluded.teardown_s, attempts.teardown_s),
    reason = coalesce(excluded.reason, attempts.reason),
    failure = coalesce(excluded.failure, attempts.failure);

-- add_pass --
-- It may be there as one that is running.
INSERT INTO attempts (outcome, setup_outcome, call_outcome, teardown_outcome, number, run, test, started_at, setup_s,
                      call_s, teardown_s)
VALUES ('passed', 'passed', 'passed', 'passed', 1, ?, ?, ?, ?, ?, ?)
ON CONFLICT (run, test, number) DO UPDATE SET
    outcome = excluded.outcome,
    setup_outcome = excluded.setup_outcome,
    setup_s = excluded.setup_s,
    call_outcome = excluded.call_outcome,
    call_s = excluded.call_s,
    teardown_outcome = excluded.teardown_outcome,
    teardown_s = excluded.teardown_s;

-- add_subtest --
-- One that is there already was put there from the same report.
INSERT INTO subtests (run, test, attempt, position, description, outcome, duration_s, reason, failure)
VALUES (:run, :test, :attempt, :position, :description, :outcome, :duration, :reason, :failure)
ON CONFLICT DO NOTHING;

-- subtests_of_run --
SELECT test, attempt, position, description, outcome, duration_s, reason, failure FROM subtests
WHERE run = :run
ORDER BY test, attempt, position;

-- add_value --
INSERT INTO recorded_values (run, test, attempt, position, name, value, phase)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING;

-- values_of_run --
SELECT test, attempt, name, value, phase FROM recorded_values WHERE run = :run ORDER BY test, attempt, position;

-- interrupt_running --
-- Begun, and no result. The phase that it was in follows from the last one that was reported.
UPDATE attempts
SET outcome = 'interrupted', phase = CASE WHEN setup_outcome IS NULL THEN 'setup' ELSE 'call' END, reason = :reason
WHERE run = :run AND outcome = 'running';

-- interrupt_teardowns --
-- Their result was known, but the end of their teardown was not seen. Attempts that were repeated have no teardown.
UPDATE attempts
SET teardown_outcome = 'interrupted'
WHERE run = :run AND teardown_outcome IS NULL AND setup_outcome IS NOT NULL
  AND outcome NOT IN ('running', 'interrupted', 'crashed')
  AND NOT EXISTS (SELECT 1 FROM attempts AS later
                  WHERE later.run = attempts.run AND later.test = attempts.test AND later.number > attempts.number);

-- add_not_run --
INSERT INTO attempts (run, test, number, outcome)
SELECT :run, tests.id, 1, 'not run' FROM tests
WHERE tests.rootdir = :rootdir AND tests.node_id = :node_id
ON CONFLICT (run, test, number) DO NOTHING;

-- of_run --
SELECT tests.rootdir, tests.node_id, run, test, number, worker, outcome, phase, started_at, setup_outcome, setup_s,
       call_outcome, call_s, teardown_outcome, teardown_s, reason, failure, file, line
FROM attempts JOIN tests ON tests.id = attempts.test
WHERE attempts.run = :run
ORDER BY attempts.started_at IS NULL, attempts.started_at, attempts.test, attempts.number;

-- results --
-- In the order of the attempts: of a test that was repeated, the last one counts.
SELECT tests.node_id, attempts.worker, attempts.outcome, attempts.teardown_outcome,
       coalesce(setup_s, 0) + coalesce(call_s, 0) + coalesce(teardown_s, 0) AS seconds, setup_s
FROM attempts JOIN tests ON tests.id = attempts.test
WHERE attempts.run = :run
ORDER BY attempts.number;

-- sessions --
-- The sessions of a worktree, the newest first, with their root directories.
SELECT runs.id, pytest_sessions.rootdir FROM runs JOIN pytest_sessions ON pytest_sessions.run = runs.id
WHERE runs.worktree = :worktree AND runs.kind = 'pytest'
ORDER BY runs.started_at DESC, runs.id DESC;

-- tests --
SELECT count(*) AS tests FROM tests WHERE rootdir = :rootdir;

-- changes --
-- Only what has failed at some time can have changed, so that is looked at first (CROSS JOIN keeps the order). The time
-- before is the last one with a result, in this worktree.
SELECT node_id, before, after FROM (
    SELECT tests.node_id, attempts.test, attempts.outcome AS after, (
        SELECT known.outcome FROM runs CROSS JOIN attempts AS known ON known.run = runs.id AND known.test = ever.test
        WHERE runs.worktree = :worktree AND runs.kind = 'pytest' AND runs.id <> :run
          AND known.outcome NOT IN ('running', 'interrupted', 'not run')
        ORDER BY runs.started_at DESC, runs.id DESC, known.number DESC LIMIT 1
    ) AS before
    FROM (SELECT DISTINCT test FROM attempts WHERE outcome <> 'passed' AND outcome IN ('failed', 'error', 'crashed')) AS ever
    CROSS JOIN attempts ON attempts.run = :run AND attempts.test = ever.test
    JOIN tests ON tests.id = ever.test
    WHERE attempts.outcome NOT IN ('running', 'interrupted', 'not run')
      AND attempts.number = (SELECT max(number) FROM attempts AS every WHERE every.run = :run AND every.test = ever.test)
)
WHERE before IS NOT NULL AND (after IN ('failed', 'error', 'crashed')) <> (before IN ('failed', 'error', 'crashed'))
ORDER BY test;

-- count --
-- Tests, by the outcome of the last attempt of each: all attempts, less those that another one followed.
SELECT outcome, sum(tests) AS tests FROM (
    SELECT outcome, count(*) AS tests FROM attempts WHERE run = :run GROUP BY outcome
    UNION ALL
    SELECT earlier.outcome, -1
    FROM attempts AS later CROSS JOIN attempts AS earlier
      ON earlier.run = later.run AND earlier.test = later.test AND earlier.number < later.number
    WHERE later.run = :run AND later.number > 1
    GROUP BY earlier.test, earlier.number
) GROUP BY outcome HAVING sum(tests) > 0;

-- failing --
-- An attempt without a result says nothing of its test: the one before it still stands.
SELECT rootdir, node_id, outcome, run FROM (
    SELECT tests.rootdir, tests.node_id, attempts.outcome, attempts.run, attempts.number, (
        SELECT max(every.number) FROM attempts AS every
        WHERE every.run = attempts.run AND every.test = ever.test
          AND every.outcome NOT IN ('running', 'interrupted', 'not run')
    ) AS latest
    FROM (SELECT DISTINCT test FROM attempts WHERE outcome <> 'passed' AND outcome IN ('failed', 'error', 'crashed')) AS ever
    JOIN tests ON tests.id = ever.test
    JOIN attempts ON attempts.test = ever.test AND attempts.run = (
        SELECT runs.id FROM runs CROSS JOIN attempts AS known ON known.run = runs.id AND known.test = ever.test
        WHERE runs.worktree = :worktree AND runs.kind = 'pytest'
          AND known.outcome NOT IN ('running', 'interrupted', 'not run')
        ORDER BY runs.started_at DESC, runs.id DESC LIMIT 1
    )
)
WHERE number = latest AND outcome IN ('failed', 'error', 'crashed')
ORDER BY rootdir, node_id;
