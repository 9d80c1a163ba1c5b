-- add_detail --
-- That a second phase failed, too, is known later than what is said of the first.
INSERT INTO report_details (run, test, attempt, phase, subtest, message, path, line, failure, repeated)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (run, test, attempt, phase, subtest) DO UPDATE SET
    message = coalesce(message, excluded.message),
    path = coalesce(path, excluded.path),
    line = coalesce(line, excluded.line),
    failure = coalesce(failure, excluded.failure);

-- add_section --
INSERT INTO captured_output (run, test, attempt, position, phase, subtest, name, content)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING;

-- markers_below --
SELECT test, name FROM test_markers CROSS JOIN tests ON tests.id = test_markers.test WHERE tests.rootdir = ?;

-- remove_marker --
DELETE FROM test_markers WHERE test = ? AND name = ?;

-- add_marker --
INSERT INTO test_markers (test, name) VALUES (?, ?) ON CONFLICT DO NOTHING;

-- details_of_run --
SELECT test, attempt, phase, subtest, message, path, line, failure, repeated FROM report_details
WHERE run = ?
ORDER BY test, attempt, subtest;

-- sections_of_run --
SELECT test, attempt, phase, subtest, name, content FROM captured_output WHERE run = ? ORDER BY test, attempt, position;

-- markers_of_run --
SELECT DISTINCT test_markers.test, name FROM attempts JOIN test_markers ON test_markers.test = attempts.test
WHERE attempts.run = ?
ORDER BY test_markers.test, name;
