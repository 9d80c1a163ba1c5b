"""Git, as far as this package needs it: plumbing commands, the identity of a worktree, the environment of hooks."""
