-- of_key --
SELECT verdicts.detector, rule, severity, category, path, line, column, end_line, end_column, message, fingerprint
FROM findings JOIN verdicts USING (key) WHERE key = ? ORDER BY position;

-- of_run --
SELECT verdicts.detector, rule, severity, category, path, line, column, end_line, end_column, message, fingerprint
FROM verdicts JOIN findings USING (key) WHERE verdicts.run = ?
ORDER BY findings.path, findings.line, findings.column, verdicts.detector, findings.position;

-- open_counts --
SELECT judged.detector, findings.severity, count(*) AS number
FROM judged JOIN findings USING (key) WHERE judged.worktree = ?
GROUP BY judged.detector, findings.severity ORDER BY judged.detector, findings.severity;
