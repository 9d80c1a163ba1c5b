-- of_keys --
-- Number, keys joined, width, width: the keys are cut out one by one, and each is looked up.
WITH RECURSIVE place(number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM place WHERE number + 1 < ?)
SELECT number, rule, severity, category, path, line, column, end_line, end_column, message, fingerprint
FROM place CROSS JOIN findings ON findings.key = substr(?, number * ? + 1, ?)
ORDER BY number, position;

-- of_run --
SELECT verdicts.detector, rule, severity, category, path, line, column, end_line, end_column, message, fingerprint
FROM verdicts JOIN findings USING (key) WHERE verdicts.run = ?
ORDER BY findings.path, findings.line, findings.column, verdicts.detector, findings.position;

-- open_counts --
SELECT judged.detector, findings.severity, count(*) AS number
FROM judged JOIN findings USING (key) WHERE judged.worktree = ?
GROUP BY judged.detector, findings.severity ORDER BY judged.detector, findings.severity;

-- standing --
SELECT verdicts.detector, rule, severity, category, findings.path, line, column, end_line, end_column, message,
       fingerprint, verdicts.judged_at, verdicts.run, judged.fields
FROM judged JOIN verdicts USING (key) JOIN findings USING (key) WHERE judged.worktree = ?
ORDER BY findings.path, line, column, verdicts.detector, position;

-- of_fingerprint --
-- Fingerprints are fixed-width hex: every one with the prefix lies between it and the prefix followed by a "g".
SELECT verdicts.detector, rule, severity, category, findings.path, line, column, end_line, end_column, message,
       fingerprint, verdicts.judged_at, verdicts.run, judged.fields
FROM findings JOIN verdicts USING (key) LEFT JOIN judged ON judged.key = findings.key AND judged.worktree = ?
WHERE fingerprint >= ? AND fingerprint < ? || 'g'
ORDER BY judged.fields IS NULL, verdicts.judged_at DESC, findings.path, position;
