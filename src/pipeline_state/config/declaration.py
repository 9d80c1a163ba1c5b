"""A detector that a project declares itself, without Python: `command` and all that says what its answers mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pipeline_state.config.table import Table
from pipeline_state.config.words import CATEGORIES, FORMATS, PLACES, SCOPES, STREAMS, WEIGHTS, Weight
from pipeline_state.named_tuple import NamedTuple

KEYS = (
    *("command", "title", "types", "scope", "serial", "alone", "version", "fix", "environment"),
    *("configuration", "exit-codes", "format", "category", "levels", "default-severity", "first-line", "first-column"),
    *("fields", "pattern", "passed-over", "closing", "stream"),
)
"""The keys of a detector's table that only one with a `command` may have."""

_FIELDS = ("findings", "path", "message", "rule", "severity", "line", "column", "end_line", "end_column", "errors")

_KEYS_OF_FORMATS: Mapping[str, tuple[str, ...]] = {
    "sarif": ("category",),
    "checkstyle": ("category",),
    "json": ("category", "levels", "default-severity", "first-line", "first-column", "fields"),
    "json-lines": (
        *("category", "levels", "default-severity", "first-line", "first-column", "fields"),
        *("passed-over", "closing"),
    ),
    "pattern": (
        *("category", "levels", "default-severity", "first-line", "first-column", "pattern"),
        *("passed-over", "closing", "stream"),
    ),
}
_OF_FORMATS = frozenset(key for keys in _KEYS_OF_FORMATS.values() for key in keys)

_LONGEST_PATTERN = 5_000
"""Characters."""


class Sources(NamedTuple):
    """Where the configuration of a declared tool is looked for, as `checks.declaration.Configuration` has it."""

    names: tuple[str, ...] = ()
    where: str = "upwards"
    user: tuple[str, ...] = ()


class Answers(NamedTuple):
    """What the answers of a declared tool mean: the format of its report, and what is said in which words.

    `fields` are paths in JSON; `pattern`, and for that format `passed_over` and `closing`, regular expressions. For
    JSON Lines the latter two are objects.
    """

    format: str
    category: str = "other"
    levels: Mapping[str, Weight] = {}
    default_severity: Weight = "warning"
    first_line: int = 1
    first_column: int = 1
    fields: Mapping[str, str] = {}
    pattern: str = ""
    passed_over: str | Mapping[str, Any] | None = None
    closing: str | Mapping[str, Any] | None = None
    stream: str = "stdout"


class Declaration(NamedTuple):
    """What a project declares of a detector of its own.

    `command` and `fix` begin with the program; file names are put at their ends. `types` are tags of the `identify`
    library. A code that is among `clean` and `findings` says neither. An empty `version` is never asked.
    """

    command: tuple[str, ...]
    answers: Answers
    title: str = ""
    types: tuple[str, ...] = ()
    scope: str = "never"
    configuration: Sources = Sources()
    clean: tuple[int, ...] = (0,)
    findings: tuple[int, ...] = (1,)
    fixed: tuple[int, ...] = (0,)
    version: tuple[str, ...] = ()
    fix: tuple[str, ...] = ()
    environment: Mapping[str, str] = {}
    serial: bool = False
    alone: bool = False


def read_declaration(read: Table) -> Declaration | None:
    """Read what a project declares in the table of a detector; `None` if it declares nothing.

    Raises `ConfigurationError` for what is wrong or incomplete.
    """
    if "command" not in read:
        for key in KEYS:
            if key in read:
                raise read.wrong(key, "can be set only for a detector that the project declares itself, by a `command`")
        return None
    command = read.strings("command")
    if not command or not command[0]:
        raise read.wrong("command", "must begin with the program that is to be run")
    if not read.strings("files") and not read.strings("types"):
        raise read.wrong("command", "needs `files` or `types` beside it: which files is the detector for?")
    fix, version = read.strings("fix"), read.strings("version")
    for key, words in (("fix", fix), ("version", version)):
        if words and words[0] != command[0]:
            raise read.wrong(key, f"must begin with {command[0]!r}, as `command` does")
    codes = read.within("exit-codes", ("clean", "findings", "fixed"))
    return Declaration(
        command=command,
        answers=_answers(read),
        title=read.string("title") or "",
        types=read.strings("types"),
        scope=read.one_of("scope", SCOPES, "never"),
        configuration=_sources(read),
        clean=codes.exit_codes("clean", (0,)),
        findings=codes.exit_codes("findings", (1,)),
        fixed=codes.exit_codes("fixed", (0,)),
        version=version,
        fix=fix,
        environment=_environment(read),
        serial=read.boolean("serial"),
        alone=read.boolean("alone"),
    )


def _sources(read: Table) -> Sources:
    if read.is_list("configuration"):
        return Sources(names=_names(read, "configuration"))
    inner = read.within("configuration", ("names", "where", "user"))
    return Sources(_names(inner, "names"), inner.one_of("where", PLACES, "upwards"), inner.strings("user"))


def _names(read: Table, key: str) -> tuple[str, ...]:
    names = read.strings(key)
    if any("/" in name or "\\" in name or name in ("", ".", "..") for name in names):
        read.refuse(key, "a list of names of files, without folders")
    return names


def _environment(read: Table) -> Mapping[str, str]:
    found = read.words("environment")
    if any(not name or "=" in name for name in found):
        read.refuse("environment", "a table of variables and their values")
    return found


def _answers(read: Table) -> Answers:
    form = read.one_of("format", FORMATS, "")
    for key in sorted(_OF_FORMATS - set(_KEYS_OF_FORMATS[form])):
        if key in read:
            raise read.wrong(key, f"has no meaning for the format {form}")
    fields = read.within("fields", _FIELDS).words_of_all() if "fields" in read else {}
    if form.startswith("json"):
        for name in ("path", "message"):
            if name not in fields:
                raise read.wrong("fields", f"must say where the {name} of a finding stands")
    by_expression = form == "pattern"
    pattern = read.string("pattern") or ""
    if by_expression and not pattern:
        raise read.wrong("pattern", "must be given for the format pattern: a regular expression with named groups")
    ends = [
        (read.string(key) if by_expression else read.table(key)) if key in read else None
        for key in ("passed-over", "closing")
    ]
    if any(len(one) > _LONGEST_PATTERN for one in (pattern, *ends) if isinstance(one, str)):
        raise read.wrong("pattern", f"must have no more than {_LONGEST_PATTERN} characters")
    return Answers(
        format=form,
        category=read.one_of("category", CATEGORIES, "other"),
        levels={word.lower(): cast("Weight", weight) for word, weight in read.words("levels", WEIGHTS).items()},
        default_severity=cast("Weight", read.one_of("default-severity", WEIGHTS, "warning")),
        first_line=read.zero_or_one("first-line"),
        first_column=read.zero_or_one("first-column"),
        fields=fields,
        pattern=pattern,
        passed_over=ends[0],
        closing=ends[1],
        stream=read.one_of("stream", STREAMS, "stdout"),
    )
