"""Detectors that a project declares in its configuration, as detectors like any other."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, cast

from pipeline_state.checks.declaration import Configuration, Detector, Output, References, Report, Tool
from pipeline_state.checks.declared_program import words_of
from pipeline_state.checks.digests import digest_text
from pipeline_state.config import Answers, Declaration
from pipeline_state.config import Configuration as Settings
from pipeline_state.errors import ConfigurationError


def declared_detectors(configuration: Settings) -> dict[str, Detector]:
    """Return the detectors that a configuration declares, by id. Raises `ConfigurationError` for an impossible one."""
    found = {}
    for name, settings in configuration.settings.items():
        if settings.declaration is not None:
            try:
                found[name] = _detector(name, settings.declaration)
            except ValueError as error:
                raise ConfigurationError(f"in {configuration.source}: detector.{name}.{error}") from error
    return found


def _detector(name: str, declared: Declaration) -> Detector:
    """Return the detector. Raises `ValueError` with the key that is wrong, and why."""
    _refuse_unknown_types(declared.types)
    return Detector(
        id=name,
        # Whatever of the declaration is changed, it is another version of the detector.
        version=int.from_bytes(digest_text(repr(declared))[:6], "big"),
        title=declared.title or " ".join(declared.command),
        types=frozenset(declared.types),
        scope=cast("Any", declared.scope),
        how=Tool(
            executable=os.path.basename(declared.command[0]),
            check=declared.command[1:],
            parse=_parser(declared.answers),
            exit_codes=_exit_codes(declared),
            version=declared.version[1:],
            configuration=Configuration(
                names=declared.configuration.names,
                where=cast("Any", declared.configuration.where),
                user=declared.configuration.user,
                in_arguments=partial(_files_in_command, declared.command[1:]),
            ),
            fix=declared.fix[1:] if declared.fix else None,
            fix_exit_codes=declared.fixed,
            environment=declared.environment,
            serial=declared.serial,
            alone=declared.alone,
            declared=True,
        ),
    )


def _exit_codes(declared: Declaration) -> Mapping[int, Literal["clean", "findings", "either"]]:
    codes: dict[int, Literal["clean", "findings", "either"]] = dict.fromkeys(declared.clean, "clean")
    for code in declared.findings:
        codes[code] = "either" if code in codes else "findings"
    return codes


def _files_in_command(command: Sequence[str], args: Sequence[str]) -> References:
    """Name whatever could be a file among the words of the command: scripts, rules. What is none costs one look."""
    return References(tuple(dict.fromkeys(words_of((*command, *args)))))


def _parser(answers: Answers) -> Callable[[Output], Report]:
    # Only what is asked for is loaded: a project has one format, or two.
    if answers.format == "sarif":
        from pipeline_state.checks.parsers import sarif

        return partial(sarif.parse, category=cast("Any", answers.category))
    if answers.format == "checkstyle":
        from pipeline_state.checks.parsers import checkstyle

        return partial(checkstyle.parse, category=cast("Any", answers.category))
    from pipeline_state.checks.parsers.entries import LEVELS, Meaning

    meaning = Meaning(
        levels={**LEVELS, **answers.levels},
        default_severity=answers.default_severity,
        category=cast("Any", answers.category),
        first_line=answers.first_line,
        first_column=answers.first_column,
    )
    if answers.format == "pattern":
        from pipeline_state.checks.parsers import pattern

        expressions = pattern.Pattern(
            finding=answers.pattern,
            passed_over=cast("str | None", answers.passed_over),
            closing=cast("str | None", answers.closing),
            stream=cast("Any", answers.stream),
            meaning=meaning,
        )
        wrong = pattern.objection(expressions)
        if wrong is not None:
            raise ValueError(f"pattern: {wrong}")
        return partial(pattern.parse, pattern=expressions)
    from pipeline_state.checks.parsers import json_lines, json_report
    from pipeline_state.checks.parsers.fields import Fields

    fields = Fields(**cast("Any", answers.fields), meaning=meaning)
    if answers.format == "json":
        return partial(json_report.parse, fields=fields)
    passed_over, closing = (cast("Mapping[str, Any] | None", one) for one in (answers.passed_over, answers.closing))
    return partial(json_lines.parse, fields=fields, passed_over=passed_over, closing=closing)


def _refuse_unknown_types(types: Sequence[str]) -> None:
    if not types:
        return
    from identify.identify import ALL_TAGS

    for one in types:
        if one not in ALL_TAGS:
            from difflib import get_close_matches

            near = get_close_matches(one, sorted(ALL_TAGS), n=1)
            hint = f"did you mean {near[0]!r}?" if near else "they are those of the `identify` library"
            raise ValueError(f"types: there is no type {one!r}; {hint}")
