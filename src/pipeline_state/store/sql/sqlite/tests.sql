-- latest_rootdir --
SELECT rootdir FROM pytest_sessions JOIN runs ON runs.id = pytest_sessions.run
WHERE runs.worktree = :worktree
ORDER BY runs.started_at DESC, runs.id LIMIT 1;

-- flaky --
-- Of each test and each state that it ran in, the outcomes, if there is more than one; the latest such state first.
-- Where the state of the tree is unknown, nothing can be said.
SELECT tests.rootdir, tests.node_id, runs.commit_id, attempts.outcome, count(*) AS attempts, states.latest
FROM attempts JOIN runs ON runs.id = attempts.run JOIN tests ON tests.id = attempts.test
JOIN (
    SELECT known.test, within.tree_digest, within.environment, max(within.started_at) AS latest
    FROM attempts AS known JOIN runs AS within ON within.id = known.run
    WHERE within.worktree = :worktree AND within.tree_digest IS NOT NULL
      AND known.outcome NOT IN ('running', 'interrupted', 'not run')
    GROUP BY known.test, within.tree_digest, within.environment
    HAVING count(DISTINCT known.outcome) > 1
) AS states ON states.test = attempts.test AND states.tree_digest = runs.tree_digest
           AND states.environment IS runs.environment
WHERE runs.worktree = :worktree AND attempts.outcome NOT IN ('running', 'interrupted', 'not run')
GROUP BY tests.id, runs.tree_digest, runs.environment, attempts.outcome
ORDER BY states.latest DESC, tests.rootdir, tests.node_id, attempts.outcome;

-- flaky_in --
-- Only what has failed at some time is looked at. Where the state of the tree is unknown, a run is compared with itself.
WITH own AS (SELECT id, worktree, tree_digest, environment FROM runs WHERE id = :run),
same AS MATERIALIZED (
    SELECT id FROM own UNION ALL SELECT * FROM (
        SELECT runs.id FROM runs JOIN own ON runs.worktree = own.worktree AND runs.tree_digest = own.tree_digest
                                          AND runs.environment IS own.environment
        WHERE runs.kind = 'pytest' AND runs.id <> own.id
        ORDER BY runs.started_at DESC LIMIT 20
    )
)
SELECT tests.node_id
FROM (SELECT DISTINCT test FROM attempts WHERE outcome <> 'passed' AND outcome IN ('failed', 'error', 'crashed')) AS ever
JOIN tests ON tests.id = ever.test
WHERE EXISTS (SELECT 1 FROM attempts WHERE run = :run AND test = ever.test)
  AND (SELECT count(DISTINCT outcome) FROM same CROSS JOIN attempts ON attempts.run = same.id AND test = ever.test
       WHERE outcome NOT IN ('running', 'interrupted', 'not run')) > 1
ORDER BY ever.test;

-- history --
-- From session to session: there is no index by test.
SELECT tests.rootdir, tests.node_id, attempts.run, attempts.number, attempts.outcome, attempts.phase, runs.commit_id,
       runs.branch, coalesce(attempts.started_at, runs.started_at) AS at,
       CASE WHEN setup_s IS NULL THEN NULL
            ELSE setup_s + coalesce(call_s, 0) + coalesce(teardown_s, 0) END AS duration_s,
       tests.file, tests.line
FROM tests CROSS JOIN runs CROSS JOIN attempts ON attempts.run = runs.id AND attempts.test = tests.id
WHERE runs.worktree = :worktree AND runs.kind = 'pytest' AND tests.node_id = :node_id
ORDER BY runs.started_at DESC, attempts.run, attempts.number DESC;

-- inherited --
-- What was taken over of tests that have not run here: how long each took elsewhere.
SELECT node_id, inherited_s FROM tests WHERE rootdir = ? AND inherited_s IS NOT NULL;

-- inherit --
INSERT INTO tests (rootdir, node_id, inherited_s) VALUES (?, ?, ?)
ON CONFLICT (rootdir, node_id) DO NOTHING;
