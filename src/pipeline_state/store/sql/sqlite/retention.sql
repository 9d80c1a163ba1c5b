-- done_at --
SELECT done_at FROM maintenance WHERE name = :name;

-- done --
INSERT INTO maintenance (name, done_at) VALUES (:name, :now) ON CONFLICT (name) DO UPDATE SET done_at = excluded.done_at;

-- old_runs --
-- Of each worktree and kind the newest stay, whatever their age.
SELECT id FROM (
    SELECT id, started_at, status, row_number() OVER (PARTITION BY worktree, kind ORDER BY started_at DESC, id) AS place
    FROM runs
)
WHERE place > :keep AND started_at < :before AND status <> 'running'
ORDER BY started_at;

-- delete_run --
DELETE FROM runs WHERE id = :id AND status <> 'running';

-- delete_verdicts --
-- A batch of those that no file stands for any more. The findings go with them.
DELETE FROM verdicts WHERE key IN (
    SELECT verdicts.key FROM verdicts
    WHERE judged_at < :before AND NOT EXISTS (SELECT 1 FROM judged WHERE judged.key = verdicts.key)
    LIMIT :batch
);

-- delete_tests --
DELETE FROM tests WHERE inherited_s IS NULL AND id NOT IN (SELECT test FROM attempts);

-- delete_environments --
DELETE FROM environments WHERE NOT EXISTS (SELECT 1 FROM runs WHERE runs.environment = environments.id);
