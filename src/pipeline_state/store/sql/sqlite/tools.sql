-- version --
SELECT version FROM tools WHERE digest = ?;

-- learn --
INSERT INTO tools (digest, version, seen_at) VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET version = excluded.version, seen_at = excluded.seen_at;
