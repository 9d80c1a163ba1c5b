"""Judging files with a tool: in batches, each answer traced back to its file, nothing incomplete believed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pipeline_state.checks.declaration import FolderRun, Output, ProjectRun, Report, ReportError, TimedOutError, Tool
from pipeline_state.checks.findings import Problem
from pipeline_state.checks.processes import Processes
from pipeline_state.named_tuple import NamedTuple

T = TypeVar("T")

_VERSION = re.compile(r"(?<![\w.])(?:\d+(?:\.\d+)+|v\d+)[\w.+-]*")

LARGEST_BATCH = 400
"""Files of one batch: many enough that starting the tool costs little, few enough that a failed one costs little."""

_ARGUMENT_BYTES = 96_000 if os.name != "nt" else 24_000
"""File names of one batch, in bytes.

Linux allows 128 KiB for one argument and 2 MiB in all, macOS 1 MiB, Windows 32 KiB.
"""

_TRIES = 24
"""How many runs a failed batch may cost before the files that are left in doubt are given up as errors."""


_SAMPLE = 3
"""So many files of a failed batch are tried by themselves, to see whether the tool fails whatever it is given."""


class Answer:
    """What a tool said of a batch: every file is in exactly one of the three."""

    __slots__ = ("errors", "excluded", "problems")

    def __init__(self, excluded: Iterable[str] = (), errors: Mapping[str, str] = {}) -> None:
        self.problems: dict[str, Sequence[Problem]] = {}
        self.excluded = set(excluded)
        self.errors = dict(errors)


class ToolRunner(NamedTuple):
    """One tool, found, with everything that its command line needs."""

    tool: Tool
    executable: Path
    args: tuple[str, ...]
    root: Path
    environment: Mapping[str, str]
    timeout_s: float
    processes: Processes
    command: tuple[str, ...] = ()
    """The words that start it, where they are more than the executable."""

    def judge(self, paths: Sequence[str]) -> Answer:
        """Return what the tool says of these files.

        A failed batch is halved, until it is known which files are to blame; but not if three of them by themselves
        fail in the very same words: then it is not the files.
        """
        left_out = self._left_out(paths)  # first: whether the tool fails then or not, nobody would have judged them
        answer, whole, alike = Answer(left_out), "", 0
        rest = [path for path in paths if path not in left_out]
        waiting, tries = self._runs(rest) if rest else [], 0
        while waiting:
            batch = waiting.pop()
            tries += 1
            try:
                self._judge_batch(batch, answer)
            except ReportError as error:
                if self.tool.uncut and len(batch) > 1:
                    waiting += [[path] for path in batch]
                    continue
                said = {self._path(name) for name in error.paths}
                named = [path for path in batch if path in said]
                settled = len(batch) == 1 or tries >= _TRIES or isinstance(error, TimedOutError)
                answer.errors.update((path, str(error)) for path in (batch if settled else named))
                rest = [path for path in batch if path not in answer.errors]
                alike += len(batch) == 1 and str(error) == whole
                if alike == _SAMPLE and not answer.problems and answer.excluded == left_out:
                    answer.errors.update((path, whole) for batch in waiting for path in batch)
                    break
                if tries == 1 and not named and len(rest) > _SAMPLE:
                    whole = str(error)
                    sample = [rest.pop(), rest.pop(len(rest) // 2), rest.pop(0)]
                    waiting += [rest, *([path] for path in sample)]
                elif named:
                    waiting += [rest] if rest else []
                elif rest:
                    middle = len(rest) // 2
                    waiting += [rest[:middle], rest[middle:]]
        return answer

    def judge_project(self, run: ProjectRun, options: Sequence[str], paths: Sequence[str]) -> Answer:
        """Run the tool once over its whole project, and return what it says of these files.

        Raises `ReportError` if nothing of what it answered can be believed.
        """
        if run.judged is not None and not run.judged:
            return Answer(excluded=set(paths))
        output = self._run((*self.tool.check, *self.args, *options), run.targets, FolderRun())
        report = self._believed(output)
        judged = run.judged if report.judged is None or isinstance(report.judged, int) else report.judged
        if isinstance(report.judged, int) and report.judged != (None if judged is None else len(judged)):
            expected = "and it is not known which" if judged is None else f"and {len(judged)} were to be expected"
            raise ReportError(f"it says that it judged {report.judged} files, {expected}")
        named = None if judged is None else {self._path(name) for name in judged}
        problems = {self._path(name): said for name, said in report.problems.items()}
        unprocessed = {self._path(name): reason for name, reason in report.unprocessed.items()}
        passed_over = {self._path(name) for name in report.excluded}
        answer = Answer()
        for path in paths:
            if path in passed_over:
                answer.excluded.add(path)
            elif path in problems:
                answer.problems[path] = problems[path]
            elif path in unprocessed:
                answer.errors[path] = unprocessed[path]
            elif path not in run.ignored and (named is None or path in named):
                answer.problems[path] = ()
            elif report.others == "excluded":
                answer.excluded.add(path)
            else:
                answer.errors[path] = "the tool does not say that it judged this file"
        return answer

    def fix(self, paths: Sequence[str]) -> None:
        """Let the tool repair these files in place, but for those that its run over the worktree would pass over.

        Raises `ReportError` if it answers outside of its contract.
        """
        assert self.tool.fix is not None
        folder_run = self._folder_run()
        paths = _kept(paths, folder_run)
        if not paths:
            return
        output = self._run((*self.tool.fix, *folder_run.arguments, *self.args), paths, folder_run)
        if output.exit_code not in self.tool.fix_exit_codes:
            raise ReportError(_outside_contract(output))

    def version(self) -> str:
        """Return what the tool says its version is: the first word that looks like one."""
        output = self._run(self.tool.version, (), FolderRun())
        found = _VERSION.search((output.stdout or output.stderr).decode("utf-8", "replace"))
        if output.exit_code != 0 or found is None:
            raise ReportError(_outside_contract(output))
        return found[0]

    def _judge_batch(self, batch: Sequence[str], answer: Answer) -> None:
        folder_run = self._folder_run()
        included = self._included(_kept(batch, folder_run), folder_run)
        judged = [path for path in batch if path in included]
        report = self._report(judged, folder_run) if judged else Report({})
        passed_over = self._by_path(dict.fromkeys(report.excluded), judged).keys()
        problems = self._by_path(report.problems, judged)
        errors = self._by_path(report.unprocessed, judged)
        unsaid = self._unsaid(report, judged) - problems.keys() - errors.keys() - passed_over
        included -= passed_over
        judged = [path for path in judged if path in included]
        if report.others == "excluded":
            included -= unsaid
            judged = [path for path in judged if path in included]
        else:
            errors.update(dict.fromkeys(unsaid, "the tool does not say that it judged this file"))
        answer.excluded.update(path for path in batch if path not in included)
        answer.errors.update(errors)
        answer.problems.update((path, problems.get(path, ())) for path in judged if path not in errors)

    def _runs(self, paths: Sequence[str]) -> list[list[str]]:
        if self.tool.alone:
            return [[path] for path in paths]
        if self.tool.uncut:
            try:
                runs = self._folder_run().runs
            except ReportError:  # said again of each file, when it is judged
                runs = None
            if runs is not None:
                return [list(run) for run in runs(paths)]
        return [list(paths)]

    def _folder_run(self) -> FolderRun:
        if self.tool.folder_run is None:
            return FolderRun()
        return self.tool.folder_run(self.root, self.args, self.environment)

    def _left_out(self, paths: Sequence[str]) -> set[str]:
        try:
            return set(paths).difference(_kept(paths, self._folder_run()))
        except ReportError:  # said again of the files that it is about, when they are judged
            return set()

    def _included(self, batch: Sequence[str], folder_run: FolderRun) -> set[str]:
        if self.tool.included is None or self.tool.parse_included is None or not batch:
            return set(batch)
        command = (*self.tool.included, *folder_run.arguments)
        try:
            listed = self.tool.parse_included(self._run((*command, *self.args), batch, folder_run))
        except ReportError:
            above = self.tool.included_above(self.root, batch[0]) if self.tool.included_above is not None else None
            if above is None or len(batch) > 1:
                raise
            if self.tool.parse_included(self._run((*command, *above, *self.args), batch, folder_run)):
                raise
            listed = frozenset()
        return set(self._by_path(dict.fromkeys(listed, ()), batch))

    def _report(self, batch: Sequence[str], folder_run: FolderRun) -> Report:
        return self._believed(self._run((*self.tool.check, *folder_run.arguments, *self.args), batch, folder_run))

    def _believed(self, output: Output) -> Report:
        """Return the report in this output, if exit code and report say the same."""
        outcome = self.tool.exit_codes.get(output.exit_code)
        if outcome is None:
            raise ReportError(_outside_contract(output))
        report = self.tool.parse(output)
        found = any(report.problems.values()) or bool(report.unprocessed)
        contradicts = outcome != "either" and (outcome == "findings") != found
        if contradicts and not (report.excluded and not found):
            raise ReportError(
                f"its exit code {output.exit_code} says {outcome}, its report "
                f"{'lists some' if found else 'lists none'}: {_last_words(output)}"
            )
        return report

    def _unsaid(self, report: Report, batch: Sequence[str]) -> set[str]:
        """Return the files of which the tool should say that it judged them, and does not."""
        if report.judged is None:
            return set()
        if isinstance(report.judged, int):
            if report.judged != len(batch):
                raise ReportError(f"it says that it judged {report.judged} files, and was given {len(batch)}")
            return set()
        return set(batch) - self._by_path(dict.fromkeys(report.judged), batch).keys()

    def _by_path(self, names: Mapping[str, T], batch: Sequence[str]) -> dict[str, T]:
        """Return what is said of names, by path. Raises `ReportError` for a name that was not given."""
        if len(batch) == 1 and len(names) == 1 and not _is_decodable(batch[0]):  # whatever the tool made of such a name
            return dict(zip(batch, names.values(), strict=True))
        known = frozenset(batch)
        said = {}
        for name, what in names.items():
            path = self._path(name)
            if path not in known:
                raise ReportError(f"it reports on {name!r}, which it was not given")
            if path in said:
                raise ReportError(f"it names {path!r} in two ways")
            said[path] = what
        return said

    def _path(self, name: str) -> str:
        if os.path.isabs(name):
            # Tools name files by the real folder, which is another one where the root was reached through a link.
            base = self.root if Path(name).is_relative_to(self.root) else os.path.realpath(self.root)
            name = os.path.relpath(name, base)
        return os.path.normpath(name).replace(os.sep, "/")

    def _run(self, arguments: Sequence[str], paths: Sequence[str], folder_run: FolderRun) -> Output:
        # A dash would make an option of a name, an at sign a file of further arguments.
        names = tuple(f"./{path}" if folder_run.dotted or path.startswith(("-", "@")) else path for path in paths)
        words = names if folder_run.named is None else folder_run.named(names)
        output = self.processes.run(
            (*(self.command or (os.fspath(self.executable),)), *arguments, *words),
            cwd=self.root,
            env=self.environment,
            timeout_s=self.timeout_s,
        )
        return output._replace(names=names)


def batches(paths: Sequence[str], jobs: int) -> Iterator[list[str]]:
    """Cut a list of files into batches: even, within the limits of a command line, undecodable names alone."""
    size = max(1, min(LARGEST_BATCH, -(-len(paths) // max(1, jobs))))
    batch: list[str] = []
    length = 0
    for path in paths:
        cost = len(os.fsencode(path)) + 3
        if not _is_decodable(path):
            yield [path]
            continue
        if batch and (len(batch) >= size or length + cost > _ARGUMENT_BYTES):
            yield batch
            batch, length = [], 0
        batch.append(path)
        length += cost
    if batch:
        yield batch


def _kept(paths: Sequence[str], folder_run: FolderRun) -> Sequence[str]:
    """Return these files without those that a run over the whole worktree would pass over."""
    if folder_run.leaves_out is None:
        return paths
    left_out = folder_run.leaves_out(paths)
    return [path for path in paths if path not in left_out]


def _is_decodable(path: str) -> bool:
    return path.isprintable() or not any("\ud800" <= character <= "\udfff" for character in path)


def _outside_contract(output: Output) -> str:
    return f"answered with exit code {output.exit_code}, outside of its contract: {_last_words(output)}"


def _last_words(output: Output) -> str:
    text = (output.stderr or output.stdout).decode("utf-8", "replace").strip()
    return " ".join(text[-300:].split()) or "it said nothing"
