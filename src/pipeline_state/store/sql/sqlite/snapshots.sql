-- without_tree --
SELECT request, git, watched, detectors, reported FROM snapshots WHERE worktree = ? AND selection = ?;

-- get --
SELECT request, git, watched, detectors, reported, tree, asked FROM snapshots WHERE worktree = ? AND selection = ?;

-- put --
INSERT INTO snapshots (worktree, selection, request, git, watched, detectors, reported, tree, asked, taken_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET request = excluded.request, git = excluded.git, watched = excluded.watched,
    detectors = excluded.detectors, reported = excluded.reported, tree = excluded.tree,
    asked = excluded.asked, taken_at = excluded.taken_at;

-- drop --
DELETE FROM snapshots WHERE worktree = ?;
