"""The life of worktrees: begun, warm from the start, swept when they are gone, what they established kept."""
