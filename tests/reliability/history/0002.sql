-- Some rows in each table that schema 2 added.
INSERT INTO report_details SELECT run, test, number, 'call', 0, 'assert 0', '/a/test_a.py', 3, NULL, 0 FROM attempts;
INSERT INTO captured_output SELECT run, test, number, 1, 'call', 0, 'Captured stdout call', 'text' FROM attempts;
INSERT INTO test_markers SELECT id, 'slow' FROM tests;
INSERT INTO session_properties SELECT run, 1, 'ARCH', 'PPC' FROM pytest_sessions;
