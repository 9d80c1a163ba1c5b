-- What schema 2 added.
INSERT INTO subtests SELECT run, test, number, 1, 'i=1', 'passed', 0.5, NULL, NULL FROM attempts WHERE number = 1;
