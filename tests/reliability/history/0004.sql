-- What schema 4 added.
INSERT INTO recorded_values SELECT run, test, number, 1, 'name', 'value' FROM attempts WHERE number = 1;
