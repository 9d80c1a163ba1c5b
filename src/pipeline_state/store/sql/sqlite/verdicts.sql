-- outcomes --
-- The list grows to as many keys as are asked for at once.
SELECT key, outcome FROM verdicts WHERE key IN (?);

-- judged --
SELECT detector, path, key, fields FROM judged WHERE worktree = ? AND detector = ? AND path = ?;

-- all_judged --
SELECT detector, path, key, fields FROM judged WHERE worktree = ?;

-- judged_pairs --
SELECT detector, path FROM judged WHERE worktree = ?;

-- judged_detectors --
SELECT DISTINCT detector FROM judged WHERE worktree = ?;

-- add --
INSERT INTO verdicts (key, detector, outcome, run, judged_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING;

-- add_finding --
INSERT INTO findings (key, position, rule, severity, category, path, line, column, end_line, end_column, message, fingerprint)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- withdraw --
DELETE FROM verdicts WHERE key = ?;

-- stand --
INSERT INTO judged (worktree, detector, path, key, fields) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET key = excluded.key, fields = excluded.fields;

-- forget_path --
DELETE FROM judged WHERE worktree = ? AND path = ?;

-- forget_pair --
DELETE FROM judged WHERE worktree = ? AND detector = ? AND path = ?;

-- forget_detector --
DELETE FROM judged WHERE worktree = ? AND detector = ?;
