-- attach --
ATTACH DATABASE :uri AS sibling;

-- detach --
DETACH DATABASE sibling;

-- application --
PRAGMA sibling.application_id;

-- worktree --
SELECT 1 FROM sibling.worktrees WHERE token = :token;

-- verdicts --
-- The run is another worktree's, and stays there.
INSERT INTO main.verdicts (key, detector, outcome, run, judged_at)
SELECT key, detector, outcome, NULL, judged_at FROM sibling.verdicts WHERE true
ON CONFLICT DO NOTHING;

-- findings --
INSERT INTO main.findings (key, position, rule, severity, category, path, line, column, end_line, end_column, message, fingerprint)
SELECT other.key, other.position, other.rule, other.severity, other.category, other.path, other.line, other.column,
       other.end_line, other.end_column, other.message, other.fingerprint
FROM sibling.findings AS other JOIN main.verdicts AS own ON own.key = other.key
WHERE own.outcome = 'findings'
ON CONFLICT DO NOTHING;

-- tools --
INSERT INTO main.tools (digest, version, seen_at)
SELECT digest, version, seen_at FROM sibling.tools WHERE true
ON CONFLICT DO NOTHING;

-- durations --
-- Of each test how long it took when it last came to an end there; or what that worktree has from elsewhere.
INSERT INTO main.tests (rootdir, node_id, inherited_s)
SELECT rootdir, node_id, seconds FROM (
    SELECT other.rootdir, other.node_id, coalesce((
        SELECT known.setup_s + coalesce(known.call_s, 0) + coalesce(known.teardown_s, 0)
        FROM sibling.runs AS earlier CROSS JOIN sibling.attempts AS known
          ON known.run = earlier.id AND known.test = other.id
        WHERE earlier.worktree = (SELECT id FROM sibling.worktrees WHERE token = :token) AND earlier.kind = 'pytest'
          AND known.setup_s IS NOT NULL AND known.outcome NOT IN ('running', 'interrupted', 'not run')
        ORDER BY earlier.started_at DESC, known.number DESC LIMIT 1
    ), other.inherited_s) AS seconds
    FROM sibling.tests AS other
)
WHERE seconds IS NOT NULL
ON CONFLICT DO NOTHING;
