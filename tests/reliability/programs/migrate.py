"""Migrates a database with the migrations of a folder when a line arrives on standard input; prints what it applied.

Usage: migrate.py DATABASE FOLDER.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pipeline_state.store import backup, migrations  # noqa: F401 - the first is loaded before anybody is waiting
from pipeline_state.store.database import Database

available = migrations.read(Path(sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
database = Database(sys.argv[1])
print(*migrations.migrate(database, available))
database.close()
