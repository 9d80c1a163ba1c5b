"""The commit and the branch that a worktree is on, asked for in the background."""

from __future__ import annotations

from pipeline_state.git.commands import HEAD
from pipeline_state.git.plumbing import start_git

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from pipeline_state.git.plumbing import Folder


class Head:
    """Asks Git when it is made, and waits for the answer when that is needed."""

    def __init__(self, root: Folder) -> None:
        self._asked = start_git(HEAD, cwd=root)
        self._answer: tuple[str | None, str | None] | None = None

    def answer(self) -> tuple[str | None, str | None]:
        """Return the commit and the branch; `None` before the first commit, and for the branch of a detached head."""
        if self._answer is None:
            lines = self._asked.communicate()[0].decode("utf-8", "replace").splitlines()
            if self._asked.returncode != 0 or len(lines) != 2:
                self._answer = (None, None)
            else:
                commit_id, name = lines
                self._answer = (commit_id, name.removeprefix("refs/heads/") if name.startswith("refs/heads/") else None)
        return self._answer
