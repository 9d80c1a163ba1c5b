"""`NamedTuple`, quicker to load than that of `typing`, and the same to type checkers and to whoever uses the classes.

That one takes 4 ms to load, and each class 0.2 ms to make, because source is compiled for it: with the two dozen
classes of an unchanged check, a tenth of what it may take.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as type checkers read it
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any
    from typing import NamedTuple as NamedTuple
else:
    try:
        from _collections import _tuplegetter
    except ImportError:  # not CPython
        from operator import itemgetter

        def _tuplegetter(position: int, doc: str) -> property:
            return property(itemgetter(position), doc=doc)

    class _Record(tuple):
        __slots__ = ()

        def __new__(cls, *values: Any, **named: Any) -> _Record:  # noqa: PYI034 - `Self` is in `typing`
            if named or len(values) != len(cls._fields):
                values = cls._complete(values, named)
            return tuple.__new__(cls, values)

        @classmethod
        def _complete(cls, values: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
            """Return the values of all fields, in order. Raises `TypeError` for one too many, missing, or unknown."""
            missing = len(cls._fields) - len(values)
            if not named and 0 < missing <= len(cls._field_defaults):
                return (*values, *tuple(cls._field_defaults.values())[-missing:])
            rest = cls._fields[len(values) :]
            known = {**cls._field_defaults, **named}
            if len(values) > len(cls._fields) or not known.keys() >= set(rest) or not named.keys() <= set(rest):
                raise TypeError(f"{cls.__name__} takes {', '.join(cls._fields)}; got {values}, {named}")
            return (*values, *(known[field] for field in rest))

        @classmethod
        def _make(cls, values: Iterable[Any]) -> _Record:
            made = tuple.__new__(cls, values)
            return made if len(made) == len(cls._fields) else cls(*made)

        def _replace(self, **named: Any) -> _Record:
            return type(self)(**{**self._asdict(), **named})

        def _asdict(self) -> dict[str, Any]:
            return dict(zip(self._fields, self, strict=True))

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)

        def __repr__(self) -> str:
            return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"

    class _Maker(type):
        def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> type:
            if not bases:  # `NamedTuple` itself
                return type.__new__(cls, name, bases, namespace)
            fields = tuple(namespace["__annotations__"])
            defaults = {field: namespace[field] for field in fields if field in namespace}
            namespace |= {field: _tuplegetter(position, "") for position, field in enumerate(fields)}
            namespace |= {"__slots__": (), "__match_args__": fields, "_fields": fields, "_field_defaults": defaults}
            return type.__new__(type, name, (_Record,), namespace)

    class NamedTuple(metaclass=_Maker):
        """The base of a class whose annotated names are the fields of a tuple."""
