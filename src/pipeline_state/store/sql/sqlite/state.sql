-- worktree --
SELECT id FROM worktrees WHERE token = :token;

-- add_worktree --
INSERT INTO worktrees (token, first_seen_at) VALUES (:token, :now) ON CONFLICT (token) DO NOTHING;

-- has_verdicts --
SELECT EXISTS (SELECT 1 FROM verdicts);

-- tokens --
SELECT token FROM worktrees WHERE EXISTS (SELECT 1 FROM runs WHERE runs.worktree = worktrees.id);

-- has_tests --
SELECT EXISTS (SELECT 1 FROM tests);
