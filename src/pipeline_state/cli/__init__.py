"""The command `pipeline-state`: one module per command, `main` parses and dispatches, `boundary` ends it."""
