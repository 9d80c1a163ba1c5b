-- get --
SELECT path, inode, size, mtime_ns, ctime_ns, mode, digest FROM files WHERE worktree = ? AND path = ?;

-- all --
SELECT path, inode, size, mtime_ns, ctime_ns, mode, digest FROM files WHERE worktree = ?;

-- learn --
INSERT INTO files (worktree, path, inode, size, mtime_ns, ctime_ns, mode, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET inode = excluded.inode, size = excluded.size, mtime_ns = excluded.mtime_ns,
    ctime_ns = excluded.ctime_ns, mode = excluded.mode, digest = excluded.digest;

-- forget --
DELETE FROM files WHERE worktree = ? AND path = ?;
