"""What Git is asked on the hot path, in words. Importing this loads nothing else."""

from __future__ import annotations

# Nothing that a user configured may change what plumbing prints, and no lock may be taken for a reader's sake.
SETTINGS = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
"""Variables of every `git` that is started."""

REV_PARSE = ("rev-parse", "--path-format=absolute")

WORKTREE = (("--show-toplevel",), ("--git-dir",), ("--git-common-dir",), ("--git-path", "index"))
"""What `rev-parse` is asked about a worktree."""

HEAD = ("rev-parse", "HEAD", "--symbolic-full-name", "HEAD")
"""The commit and the branch."""

# What `diff-files` may believe of the index. A user's own settings make it faster and blind: to a changed ctime, to
# sizes and inodes, to modes, to everything that a file system monitor missed.
TRUST_NO_TIMES = (
    "-c", "core.fsmonitor=false",
    "-c", "core.trustctime=true",
    "-c", "core.checkStat=default",
)  # fmt: skip
TRUST_NOTHING = (*TRUST_NO_TIMES, "-c", "core.fileMode=true")

DIFFERING = (*TRUST_NOTHING, "diff-files", "-z", "--ignore-submodules=all")
"""Which files differ from the index."""

UNTRACKED = ("ls-files", "-o", "-z", "--exclude-standard")
"""Which files are neither tracked nor ignored."""
