"""What a detector declares about itself. A declaration is data; the engine does the rest.

A detector is either *built in* (a function over the bytes of one file, run in a worker process) or a *tool*
(a program that is given file names). What it declares decides what enters the key of its verdicts, so a
declaration that forgets something makes skips unsound: tests hold the declarations against what the tools
are seen to open.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pipeline_state.checks.findings import Problem
from pipeline_state.named_tuple import NamedTuple

Scope = Literal["file", "paths", "project", "never"]
"""What a verdict depends on: `file` (these bytes and the configuration), `paths` (and which of the modules that
the file may import exist on disk), `project` (all files on disk that the tool can read), `never` (more than we can
see: it runs every time, unless the user declares its `inputs`)."""


class Names(NamedTuple):
    """What a detector that judges names can ask.

    `names` are all that Git knows, and all that are judged; `links` those that are symbolic links and judged.
    `is_there(path)` is whether the name is on disk, `leads_somewhere(path)` whether what a link leads to is; the answer
    is watched.
    """

    names: Collection[str]
    links: Sequence[str]
    is_there: Callable[[str], bool]
    leads_somewhere: Callable[[str], bool]


class BuiltIn(NamedTuple):
    """A detector that is a function of ours.

    `judge(path, content)` yields the problems of one file. It must be a function of its arguments alone, and
    importable (module level): it runs in a worker process. `fix(content)` returns the repaired bytes, or the
    same bytes where there is nothing to do.
    """

    judge: Callable[[str, bytes], Iterable[Problem]]
    fix: Callable[[bytes], bytes] | None = None
    libraries: tuple[str, ...] = ()
    """Distributions whose version the verdict depends on, beside our own code and the interpreter."""
    unread: Callable[[str, int], Iterable[Problem]] | None = None
    """What `unread(path, size)` says of a file that is too large to be read (`worker.LARGEST_BYTES`). `None`: that
    file is an error, not clean."""
    names: Callable[[Names], Mapping[str, bytes]] | None = None
    """For a detector that judges names, not bytes: `names(known)` returns, for the files of which there is something
    to say, what their verdicts rest on. That is in their keys, and `judge` gets it in the place of the content."""


class Output(NamedTuple):
    """What a tool answered."""

    argv: tuple[str, ...]
    exit_code: int
    stdout: bytes
    stderr: bytes
    names: tuple[str, ...] = ()
    """The files that it was given, as they stand at the end of `argv`."""


class ReportError(Exception):
    """Raised by a parser: the tool's answer is outside its contract (garbage, half a report, an internal error).

    Nothing of that answer is used. `paths` names the files that the tool itself says it could not process; where
    it is empty, the whole batch is in doubt.
    """

    def __init__(self, message: str, paths: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.paths = tuple(paths)


class TimedOutError(ReportError):
    """A tool did not finish in time. To ask it again about half of the files would take as long once more."""


class Report(NamedTuple):
    """A tool's complete answer about a batch of files.

    `problems` maps a file name, as the tool was given it or absolute, to its problems; a file of the batch
    that is not in it is clean. `unprocessed` maps files that the tool says it could not judge to the reason.

    A tool that says which files it judged, or how many, is held to it by `judged`. Of those that it does not name,
    `others` says what is to be thought. `excluded` are files of which it says itself that it passes over them; the exit
    code may count them as findings, or not.
    """

    problems: Mapping[str, Sequence[Problem]]
    unprocessed: Mapping[str, str] = {}
    judged: frozenset[str] | int | None = None
    others: Literal["error", "excluded"] = "error"
    excluded: frozenset[str] = frozenset()


class References(NamedTuple):
    """Which further files a configuration file pulls in (`extend` and the like).

    `paths` are relative to the folder of the file that names them (`from_root`: to the worktree's root, where the tool
    is started), or absolute. `unknown` says why the
    references cannot be followed (a variable in a path, say); the verdict then depends on more than we can
    see, and nothing that reads this file is skipped. `import_roots` are the folders below which the tool looks for
    imported modules, relative to the folder of the file, with `*` for any name; `None` if the file does not decide
    that. `folders` are paths of which only counts whether there is a folder.
    """

    paths: tuple[str, ...] = ()
    unknown: str | None = None
    import_roots: tuple[str, ...] | None = None
    from_root: bool = False
    folders: tuple[str, ...] = ()


class Configuration(NamedTuple):
    """The configuration files that a tool looks for.

    `names` are looked for in each folder from the file's own up to the file system's root (`where="upwards"`), from
    the worktree root up (`where="above"`), or in the worktree root alone (`where="root"`). `user` are files outside,
    `~` and variables of the tool's environment (`$XDG_CONFIG_HOME`) expanded; those that use an unset variable do not
    exist.
    That a file is *absent* enters the key too.
    """

    names: tuple[str, ...] = ()
    where: Literal["upwards", "above", "root"] = "upwards"
    user: tuple[str, ...] = ()
    references: Callable[[str, bytes], References] | None = None
    """`references(name, content)` of one configuration file."""
    in_arguments: Callable[[Sequence[str]], References] | None = None
    """`in_arguments(args)`: the configuration files that the user's own arguments name (`--config x.toml`),
    relative to the worktree root. `references` applies to them too."""
    stops: tuple[str, ...] = ()
    """Names of files or folders, at which the tool may stop on its way up in the worktree. Their bytes do not count."""


class FolderRun(NamedTuple):
    """In what a run of the tool over the whole worktree differs from one over the files that it is given.

    `arguments` hold it to the configuration of the worktree root, whichever files it is given; they come before the
    user's. `leaves_out(paths)` returns those of these files that it would pass over, although it judges them when
    they are named; it may raise `ReportError` for those that cannot be judged. `dotted`: names get a leading `./`, as
    in the tool's own run, for tools that match patterns against it. All of it may depend only on what is in the key:
    the declared configuration, the user's arguments, the paths and their bytes. `named(names)` are the words that stand
    for these files, for a tool that does not take their names as they are. `runs(paths)` cuts files into those of which
    each is judged in one run; of a run that fails, each file is judged by itself.
    """

    arguments: tuple[str, ...] = ()
    leaves_out: Callable[[Sequence[str]], Collection[str]] | None = None
    dotted: bool = False
    named: Callable[[Sequence[str]], Sequence[str]] | None = None
    runs: Callable[[Sequence[str]], Sequence[Sequence[str]]] | None = None


class ProjectRun(NamedTuple):
    """How a tool is run over its whole project, and what it reads for that, by its configuration and arguments.

    `targets` stand at the end of its argv. `folders` are further ones that it reads sources from, relative to the
    root or absolute. `interpreters` are the Pythons whose packages it may look into, likewise, beside the one that runs
    it. `judged` are the files that it will judge, where it does not say that itself; of those that are `ignored`, it
    tells nothing. `unknown` says why what it reads cannot be told.
    """

    targets: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()
    judged: frozenset[str] | None = None
    ignored: frozenset[str] = frozenset()
    unknown: str | None = None


class Project(NamedTuple):
    """What a tool reads that judges the whole project in one run (scope `project`). It is given no file names.

    `sources` are the endings of the names that it reads; without any, it may read every file. `run(root, args,
    environment, files)` is asked before each run; `files` are the sources in the worktree, ignored ones too. All of it
    may depend only on what is in the key: the declared configuration, the arguments and the sources.
    """

    sources: tuple[str, ...] = ()
    run: Callable[[Path, Sequence[str], Mapping[str, str], Sequence[str]], ProjectRun] | None = None
    packages: bool = False
    """It reads the packages that are installed for its interpreter."""
    cache: str | None = None
    """The option, up to its value, that tells it where to keep its own cache. It must tell files apart by their size
    and the whole second of their time at least."""


class Tool(NamedTuple):
    """A program that judges files by name.

    The argv of a check is: executable, `check`, the user's `args`, then the file names. Exit codes that are not
    in `exit_codes` are an error; `either` says nothing of what was found. `parse` gets the output of a batch and must
    raise `ReportError` unless the report is complete.
    """

    executable: str
    check: tuple[str, ...]
    parse: Callable[[Output], Report]
    exit_codes: Mapping[int, Literal["clean", "findings", "either"]]
    version: tuple[str, ...] = ("--version",)
    """Arguments with which the tool tells its version. Without any, it is not asked."""
    configuration: Configuration = Configuration()
    included: tuple[str, ...] | None = None
    """Arguments with which the tool lists those of the given files that it would judge; the others are excluded
    by its own configuration. `None`: the tool leaves nothing out."""
    parse_included: Callable[[Output], frozenset[str]] | None = None
    included_above: Callable[[Path, str], Sequence[str] | None] | None = None
    """`included_above(root, path)`: arguments with which a listing that failed is asked for again, by the root's
    configuration alone. A file that it lacks is excluded. `None`: that would say nothing of this file."""
    folder_run: Callable[[Path, Sequence[str], Mapping[str, str]], FolderRun] | None = None
    """`folder_run(root, args, environment)`, for a tool that has no such listing, or needs to be held to the root."""
    fix: tuple[str, ...] | None = None
    fix_exit_codes: tuple[int, ...] = (0,)
    distribution: str | None = None
    """The Python distribution whose console script `executable` is, where it has another name."""
    package: str | None = None
    """The npm package whose script `executable` is. It is looked for in `node_modules` of the worktree's root first,
    and run by Node."""
    plugins: tuple[str, ...] = ()
    """Patterns of the names of further npm packages that count as part of the tool wherever they are installed."""
    script: str | None = None
    """A script of ours in the folder of the detectors, for a tool whose own command line gives no whole report. Node
    runs it, and gives it the tool's script as its first argument; without a `package`, `executable` runs it. One in
    Python (`.py`) is run by the interpreter of the console script that `executable` is."""
    script_options: tuple[str, ...] = ()
    """What stands between the executable and our script."""
    environment: Mapping[str, str] = {}
    """Variables that are set for the tool, beside the few that every tool gets."""
    serial: bool = False
    alone: bool = False
    """Each file is judged in a run of its own: what it says of one depends on which others it is given."""
    uncut: bool = False
    """All files are handed over at once, to be cut by `FolderRun.runs`."""
    project: Project = Project()
    """For the scope `project`."""
    places_imports: bool = False
    """For the scope `paths`: it places imports as isort does, and so looks at more than names (`placement`)."""
    declared: bool = False
    """A project declares it in its configuration, and its command may run anything."""


class Detector(NamedTuple):
    """A detector, declared once.

    `version` is raised whenever the declaration or the parser changes what a verdict says. `types` are tags of
    the `identify` library, one of which a file must have ("python", "text", …).
    """

    id: str
    version: int
    title: str
    types: frozenset[str]
    how: BuiltIn | Tool
    scope: Scope = "file"
    exclude_types: frozenset[str] = frozenset()
    extensions: frozenset[str] = frozenset()
    """Further file name endings, with their dot, that count although `identify` does not know them."""
    files: frozenset[str] = frozenset()
    """Patterns of the paths of further files that count, as in the setting `files`."""
    origin: str | None = None
    """The installed distribution that brought it; the registry sets this."""

    @property
    def fixes(self) -> bool:
        """Whether this detector can repair what it finds."""
        return self.how.fix is not None
