-- without_tree --
SELECT request, git, watched, detectors, reported FROM snapshots WHERE worktree = ? AND selection = ?;

-- get --
SELECT request, git, entries, watched, detectors, reported, asked, edited, tree_digest, tree
FROM snapshots JOIN snapshot_trees USING (worktree, selection)
WHERE worktree = ? AND selection = ? AND digest = tree_digest;

-- put --
INSERT INTO snapshots (
    worktree, selection, request, git, entries, watched, detectors, reported, asked, edited, tree_digest, taken_at
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET request = excluded.request, git = excluded.git, entries = excluded.entries,
    watched = excluded.watched, detectors = excluded.detectors, reported = excluded.reported, asked = excluded.asked,
    edited = excluded.edited, tree_digest = excluded.tree_digest, taken_at = excluded.taken_at;

-- put_tree --
INSERT INTO snapshot_trees (worktree, selection, digest, tree) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET digest = excluded.digest, tree = excluded.tree;

-- has_tree --
-- Byte for byte: one that was damaged on disk is to be replaced.
SELECT 1 FROM snapshot_trees WHERE worktree = ? AND selection = ? AND digest = ? AND tree = ?;

-- drop --
DELETE FROM snapshots;
