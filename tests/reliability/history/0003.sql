-- Some rows in each table that schema 3 added.
INSERT INTO snapshots
VALUES (2, 'all', x'01', x'02', x'03', x'04', '', x'05', x'06', x'07', x'08', '2026-01-31T12:34:56.123456Z');
INSERT INTO snapshot_trees VALUES (2, 'all', x'08', x'09');
