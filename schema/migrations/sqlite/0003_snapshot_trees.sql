-- The tree of a snapshot for itself: an edit of one file does not write megabytes of names again.
-- oldest-writer: 3
-- row-counts-may-change: snapshots

-- They are made anew by the next check, which looks at each file once.
DROP TABLE snapshots;

CREATE TABLE snapshots (
    worktree    INTEGER NOT NULL REFERENCES worktrees (id) ON DELETE CASCADE,
    selection   TEXT NOT NULL,    -- which files: 'all' or 'tracked'
    request     BLOB NOT NULL,    -- digest of the detectors asked for, with their declarations and configuration
    git         BLOB NOT NULL,    -- digests of Git's index, of what is untracked, and of what differs from the index
    entries     BLOB NOT NULL,    -- packed: digests of the names in the index, and of what it says of them, by buckets
    watched     BLOB NOT NULL,    -- packed: paths with their times that Git does not watch for us
    detectors   TEXT NOT NULL,    -- a line for each: id, version, digest of what its files share, how many, context
    reported    BLOB NOT NULL,    -- packed: detector, file and key of each verdict that is not clean
    asked       BLOB NOT NULL,    -- packed: folders in which imported modules were looked for
    edited      BLOB NOT NULL,    -- packed: files of its tree that hold something else here
    tree_digest BLOB NOT NULL,    -- of the tree that it rests on: with another one it says nothing
    taken_at    TEXT NOT NULL,
    PRIMARY KEY (worktree, selection)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshot_trees (
    worktree  INTEGER NOT NULL REFERENCES worktrees (id) ON DELETE CASCADE,
    selection TEXT NOT NULL,
    digest    BLOB NOT NULL,
    tree      BLOB NOT NULL,      -- packed: path, mode, digest of each file, and which detectors judge it
    PRIMARY KEY (worktree, selection)
) STRICT, WITHOUT ROWID;
