-- Some rows in each table of schema 1. A later schema that adds a table has a file of its own for that one.
INSERT INTO worktrees VALUES (1, 'token', '2026-01-31T12:34:56.123456Z'), (2, 'none', '2026-01-31T12:34:56.123456Z');
INSERT INTO environments VALUES (1, x'01'), (2, x'02');
INSERT INTO environment_values VALUES (1, 'CI', 'true'), (2, 'CI', 'false');

WITH RECURSIVE number (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM number WHERE n < 400)
INSERT INTO runs SELECT
    printf('%016x', n), 1 + n % 2, iif(n % 2, 'check', 'pytest'), iif(n % 3, 'finished', 'interrupted'), n % 4,
    '2026-01-31T12:34:56.123456Z', '2026-01-31T12:34:57.123456Z', NULL, 'main', NULL, 'a host', 1 + n % 2, NULL
FROM number;

INSERT INTO run_arguments SELECT id, 0, '--all-files' FROM runs;
INSERT INTO run_arguments SELECT id, 1, '--jobs' FROM runs;
INSERT INTO check_summaries SELECT id, 3, 2, 1, 4, 0 FROM runs WHERE kind = 'check';
INSERT INTO run_detectors SELECT id, 'ruff', '0.17', 'findings', 3, 2, 1, 0.25, NULL FROM runs WHERE kind = 'check';
INSERT INTO files VALUES (2, 'a.py', 1, 2, 3, 4, 33188, x'0123');
INSERT INTO verdicts SELECT CAST(id AS BLOB), 'ruff', 'findings', id, started_at FROM runs WHERE kind = 'check';
INSERT INTO findings SELECT key, 0, 'F401', 'error', 'style', 'a.py', 1, 1, 1, 2, 'unused', 'print' FROM verdicts;
INSERT INTO judged VALUES (2, 'ruff', 'a.py', x'0123', x'45');
INSERT INTO tools VALUES (x'01', '0.17', '2026-01-31T12:34:56.123456Z');
INSERT INTO snapshots VALUES (2, 'all', x'01', x'02', x'03', '[]', x'04', x'05', x'06', '2026-01-31T12:34:56.123456Z');
INSERT INTO pytest_sessions SELECT id, '.', 'run', 5, 100, NULL, NULL FROM runs WHERE kind = 'pytest';
INSERT INTO tests VALUES (1, '.', 'test_a.py::test_one', NULL, 1, NULL), (2, '.', 'test_a.py::test_two', 'b.py', 2, 0.5);
INSERT INTO attempts (run, test, number, outcome, phase)
SELECT runs.id, tests.id, 1, 'passed', 'call' FROM runs, tests WHERE kind = 'pytest';
INSERT INTO subtests SELECT run, test, number, 1, 'i=1', 'passed', 0.5, NULL, NULL FROM attempts WHERE number = 1;
INSERT INTO recorded_values SELECT run, test, number, 1, 'name', 'value' FROM attempts WHERE number = 1;
INSERT INTO maintenance VALUES ('prune', '2026-01-31T12:34:56.123456Z');
