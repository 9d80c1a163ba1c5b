"""What the pre-commit hooks need beside the commands that they run."""
