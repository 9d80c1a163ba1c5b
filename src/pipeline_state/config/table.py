"""One table of the configuration, read strictly: of a wrong value is said in which file and place it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from pipeline_state.errors import ConfigurationError

_MOST_SHOWN = 200
"""Characters of a wrong value that a message repeats."""


class Table:
    """One TOML table, read key by key. `prefix` is its place, with a dot at its end; `known` are its keys."""

    def __init__(self, source: Path, prefix: str, table: object, known: Sequence[str]) -> None:
        self._source, self._prefix = source, prefix
        if not isinstance(table, dict):
            raise ConfigurationError(f"in {source}: {prefix.rstrip('.') or '[tool.pipeline-state]'} must be a table")
        self._table: dict[str, Any] = table
        for key in table:
            if key not in known:
                from difflib import get_close_matches

                near = get_close_matches(key, known, n=1, cutoff=0.4)
                hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
                raise ConfigurationError(f"in {source}: unknown key {prefix + key!r}; {hint}")

    def __contains__(self, key: str) -> bool:
        return key in self._table

    def table(self, key: str) -> dict[str, Any]:
        """Return a table within this one; an empty one where there is none."""
        value = self._table.get(key, {})
        return value if isinstance(value, dict) else self.refuse(key, "a table")

    def within(self, key: str, known: Sequence[str]) -> Table:
        """Return a reader of a table within this one."""
        return Table(self._source, f"{self._prefix}{key}.", self.table(key), known)

    def tables(self, key: str, known: Sequence[str]) -> list[Table]:
        """Return readers of a list of tables within this one; they are numbered from 1."""
        value = self._table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.refuse(key, f"a list of tables, each under [[…{key}]]")
        return [Table(self._source, f"{self._prefix}{key}.{n}.", entry, known) for n, entry in enumerate(value, 1)]

    def strings(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return a list of strings."""
        value = self._table.get(key, list(default))
        if not isinstance(value, list) or not all(isinstance(entry, str) and "\0" not in entry for entry in value):
            self.refuse(key, "a list of strings")
        return tuple(value)

    def string(self, key: str) -> str | None:
        """Return a string, `None` where there is none."""
        value = self._table.get(key)
        if value is not None and (not isinstance(value, str) or "\0" in value):
            self.refuse(key, "a string")
        return value

    def one_of(self, key: str, words: Sequence[str], default: str) -> str:
        """Return one of these words."""
        value = self._table.get(key, default)
        if not isinstance(value, str) or value not in words:
            self.refuse(key, f"one of {', '.join(words)}")
        return value

    def words(self, key: str, allowed: Sequence[str] | None = None) -> Mapping[str, str]:
        """Return a table of names and strings; with `allowed`, each string is one of these."""
        found = self.table(key)
        for name, value in found.items():
            if "\0" in name or not isinstance(value, str) or "\0" in value or (allowed and value not in allowed):
                wanted = f"one of {', '.join(allowed)}" if allowed else "a string"
                raise self.wrong(f"{key}.{name}", f"must be {wanted}, not {_shown(value)}")
        return found

    def words_of_all(self) -> Mapping[str, str]:
        """Return this table itself, of names and strings."""
        for key, value in self._table.items():
            if not isinstance(value, str) or "\0" in value:
                self.refuse(key, "a string")
        return dict(self._table)

    def is_list(self, key: str) -> bool:
        """Return whether the value is a list."""
        return isinstance(self._table.get(key), list)

    def zero_or_one(self, key: str) -> int:
        """Return what is counted from: 0 or 1, which is the default."""
        value = self._table.get(key, 1)
        if type(value) is not int or value not in (0, 1):
            self.refuse(key, "0 or 1")
        return value

    def boolean(self, key: str) -> bool:
        """Return true or false; false where nothing is said."""
        value = self._table.get(key, False)
        return value if isinstance(value, bool) else self.refuse(key, "true or false")

    def whole_number(self, key: str) -> int | None:
        """Return a whole number from 1, `None` where there is none."""
        value = self._table.get(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
            self.refuse(key, "a whole number from 1")
        return value

    def exit_codes(self, key: str, default: tuple[int, ...]) -> tuple[int, ...]:
        """Return a list of exit codes: 0 to 255, and on Windows larger ones."""
        value = self._table.get(key, list(default))
        if not isinstance(value, list) or not all(type(entry) is int and 0 <= entry < 1 << 32 for entry in value):
            self.refuse(key, "a list of exit codes, each a whole number from 0")
        return tuple(value)

    def seconds(self, key: str, default: float) -> float:
        """Return a number of seconds."""
        value = self._table.get(key, default)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < float("inf"):
            self.refuse(key, "a number of seconds above 0")
        return float(value)

    def wrong(self, key: str, what: str) -> ConfigurationError:
        """Return the error that says what is wrong at a place of this table."""
        return ConfigurationError(f"in {self._source}: {self._prefix}{key} {what}")

    def refuse(self, key: str, wanted: str) -> NoReturn:
        """Raise the error that says what belongs at a place of this table."""
        raise self.wrong(key, f"must be {wanted}, not {_shown(self._table.get(key))}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
