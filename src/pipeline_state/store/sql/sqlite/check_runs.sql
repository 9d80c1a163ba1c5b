-- summary --
INSERT INTO check_summaries (run, files, checked, reused, findings, errors) VALUES (?, ?, ?, ?, ?, ?);

-- detector --
INSERT INTO run_detectors (run, detector, version, outcome, files, checked, reused, duration_s, message)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- get_summary --
SELECT files, checked, reused, findings, errors FROM check_summaries WHERE run = ?;

-- get_detectors --
SELECT detector, version, outcome, files, checked, reused, duration_s, message FROM run_detectors
WHERE run = ? ORDER BY detector;
