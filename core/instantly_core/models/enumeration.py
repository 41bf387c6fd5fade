"""The base classes of the generated enumerations."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Any, Self

from .decode import Drift


class IntEnumeration(IntEnum):
    """An enumeration of numbers. A number that it does not know stays a plain int; no deviation, if it is open."""

    __open__ = False

    @classmethod
    def by_value(cls) -> dict[Any, Self]:
        """The members by their values."""
        return cls._value2member_map_  # type: ignore[return-value] # ty: ignore[invalid-explicit-return]

    @classmethod
    def decode(cls, value: Any, container: Any, key: str | int, drift: Drift) -> Self | int:
        """The decoder (see `instantly_core.models.decode`) of this enumeration."""
        if value.__class__ is float and value.is_integer():
            value = int(value)
        members = cls.by_value()
        if value.__class__ is int and value in members:
            return members[value]
        if value.__class__ is not int or not cls.__open__:
            drift(container, key, cls.__name__)
        return value  # type: ignore[no-any-return]


class StrEnumeration(StrEnum):
    """An enumeration of texts. A text that it does not know stays a plain str; no deviation, if it is open."""

    __open__ = False

    @classmethod
    def by_value(cls) -> dict[Any, Self]:
        """The members by their values."""
        return cls._value2member_map_  # type: ignore[return-value] # ty: ignore[invalid-explicit-return]

    @classmethod
    def decode(cls, value: Any, container: Any, key: str | int, drift: Drift) -> Self | str:
        """The decoder (see `instantly_core.models.decode`) of this enumeration."""
        members = cls.by_value()
        if value.__class__ is str and value in members:
            return members[value]
        if value.__class__ is not str or not cls.__open__:
            drift(container, key, cls.__name__)
        return value  # type: ignore[no-any-return]
