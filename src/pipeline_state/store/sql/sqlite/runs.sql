-- insert --
INSERT INTO runs (id, worktree, kind, status, started_at, commit_id, branch, tree_digest, host, environment)
VALUES (:id, :worktree, :kind, 'running', :started_at, :commit_id, :branch, :tree_digest, :host, :environment);

-- insert_argument --
INSERT INTO run_arguments (run, position, value) VALUES (?, ?, ?);

-- environment_by_digest --
SELECT id FROM environments WHERE digest = :digest;

-- insert_environment --
INSERT INTO environments (digest) VALUES (:digest);

-- insert_environment_value --
INSERT INTO environment_values (environment, name, value) VALUES (?, ?, ?);

-- status --
SELECT status FROM runs WHERE id = :id;

-- close --
UPDATE runs
SET status = :status, exit_code = :exit_code, finished_at = :finished_at, incomplete = coalesce(:incomplete, incomplete)
WHERE id = :id;

-- by_id --
SELECT runs.id, kind, status, exit_code, started_at, finished_at, commit_id, branch, tree_digest, host, environment,
       incomplete, worktrees.token
FROM runs JOIN worktrees ON worktrees.id = runs.worktree WHERE runs.id = :id;

-- by_prefix --
-- Ids are fixed-width hex: every id with the prefix lies between it and the prefix followed by a "g".
SELECT runs.id, kind, status, exit_code, started_at, finished_at, commit_id, branch, tree_digest, host, environment,
       incomplete, worktrees.token
FROM runs JOIN worktrees ON worktrees.id = runs.worktree
WHERE runs.id >= :prefix AND runs.id < :prefix || 'g'
  AND (:worktree IS NULL OR runs.worktree = :worktree) AND (:kind IS NULL OR runs.kind = :kind)
ORDER BY runs.started_at DESC, runs.id LIMIT :limit;

-- newest --
SELECT runs.id, kind, status, exit_code, started_at, finished_at, commit_id, branch, tree_digest, host, environment,
       incomplete, worktrees.token
FROM runs JOIN worktrees ON worktrees.id = runs.worktree
WHERE (:worktree IS NULL OR runs.worktree = :worktree) AND (:kind IS NULL OR runs.kind = :kind)
ORDER BY runs.started_at DESC, runs.id LIMIT :limit;

-- running --
SELECT runs.id, kind, status, exit_code, started_at, finished_at, commit_id, branch, tree_digest, host, environment,
       incomplete, worktrees.token
FROM runs JOIN worktrees ON worktrees.id = runs.worktree
WHERE runs.status = 'running' AND (:worktree IS NULL OR runs.worktree = :worktree) AND (:kind IS NULL OR runs.kind = :kind)
ORDER BY runs.started_at;

-- arguments --
SELECT value FROM run_arguments WHERE run = :run ORDER BY position;

-- environment --
SELECT name, value FROM environment_values WHERE environment = :environment ORDER BY name;
