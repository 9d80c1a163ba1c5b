"""Everything that can go wrong, one class per cause, each with the exit code it leads to.

A message says what was being done, to which file, why it failed, and what to do. Only `cli.boundary`
turns these into an exit code; nothing else in the package prints or exits.

Exit codes, the same for every command: 0 good, 1 findings or a verification that failed, 2 usage or
configuration, 3 could not be done, 130 interrupted.
"""

from __future__ import annotations


class PipelineStateError(Exception):
    """Base of every error that this package raises on purpose.

    `code` is the stable, machine-readable name in `{"version": 1, "error": {"code", "message"}}`.
    """

    code = "error"
    exit_code = 3


class UsageError(PipelineStateError):
    """The command or the call was wrong: an unknown run, options that exclude each other."""

    code = "usage"
    exit_code = 2


class ConfigurationError(PipelineStateError):
    """A configuration file or an environment variable holds something we cannot act on."""

    code = "configuration"
    exit_code = 2


class LocationError(PipelineStateError):
    """The path named for the state database is refused: a folder, inside `.git`, a link out of the worktree."""

    code = "location_refused"
    exit_code = 2


class NoWorktreeError(PipelineStateError):
    """There is no Git worktree here, and one is needed."""

    code = "no_worktree"


class GitError(PipelineStateError):
    """Git is missing, or answered in a way we cannot go on from."""

    code = "git_failed"


class NoEnvironmentError(PipelineStateError):
    """The project has no environment of its own in which its tests could run, or our plugin is missing there."""

    code = "no_environment"


class WorktreeInUseError(PipelineStateError):
    """A worktree was to be removed that somebody still needs: a run is going on, it has changes, it is locked."""

    code = "worktree_in_use"


class HooksError(PipelineStateError):
    """Git hooks were to be installed where they would reach further than this repository."""

    code = "hooks_elsewhere"


class StateError(PipelineStateError):
    """Base of everything that concerns the state database file."""

    code = "state"


class ForeignDatabaseError(StateError):
    """The file is not a state database: text, or another application's database. It is left untouched."""

    code = "database_foreign"


class NoDatabaseError(StateError):
    """There is no database at the path yet, and it was to be opened for reading only."""

    code = "database_missing"


class CorruptDatabaseError(StateError):
    """SQLite, or a check of ours, found the database damaged."""

    code = "database_corrupt"


class NewerDatabaseError(StateError):
    """The database was migrated by a newer pipeline-state that says older ones may no longer write."""

    code = "database_newer"


class BusyDatabaseError(StateError):
    """Other processes held the database for longer than we wait."""

    code = "database_busy"


class ReadOnlyDatabaseError(StateError):
    """A write was attempted on a database that can only be read."""

    code = "database_read_only"


class DiskFullError(StateError):
    """No space, no quota, or a file-size limit. The transaction was rolled back."""

    code = "disk_full"


class DatabaseGoneError(StateError):
    """The file that we hold is no longer the file at its path: the worktree was removed, or the file replaced."""

    code = "database_gone"


class MigrationError(StateError):
    """A migration failed, or an applied one no longer equals the file it came from."""

    code = "migration_failed"


class UnsafeFileSystemError(StateError):
    """A database in WAL mode lies on a network or shared-folder file system."""

    code = "file_system_unsafe"


class DetectorError(PipelineStateError):
    """A detector could not be loaded or declared something impossible."""

    code = "detector"
