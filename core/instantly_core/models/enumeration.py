"""The base classes of the generated enumerations.

A value without a member becomes a pseudo-member: an instance of the enumeration that equals its value, and is not among
the members.
"""

from __future__ import annotations

import re
from enum import Enum, EnumType, IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, Self

from .decode import Drift
from .pickles import enumeration_value, exporting_package

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

_MAX_NAMED = 40
_MAX_BITS = 128


class EnumerationType(EnumType):
    """The class of the enumerations. `in` finds members and their values, whatever the version of Python."""

    def __contains__(cls, member: object) -> bool:
        try:
            return member in cls._value2member_map_
        except TypeError:  # It has no hash.
            return False


class Enumeration(Enum, metaclass=EnumerationType):
    """What enumerations of numbers and of texts have in common."""

    __open__ = False
    """Whether a value without a member is no drift."""

    _member_type_: Any
    """The type of the values, as the `enum` module keeps it."""

    @property
    def known(self) -> bool:
        """Whether this version of the package has a member for the value."""
        return self._value_ in type(self)._value2member_map_

    @classmethod
    def by_value(cls) -> dict[Any, Self]:
        """The members by their values."""
        return cls._value2member_map_  # type: ignore[return-value] # ty: ignore[invalid-explicit-return]

    @classmethod
    def decode(cls, value: Any, container: Any, key: str | int, drift: Drift) -> Self:
        """The decoder (see `instantly_core.models.decode`) of this enumeration."""
        kind, members = cls._member_type_, cls._value2member_map_
        if value.__class__ is float and kind is int and value.is_integer():
            value = int(value)
        if value.__class__ is kind and value in members:
            return members[value]  # type: ignore[return-value] # ty: ignore[invalid-explicit-return]
        if value.__class__ is not kind:
            drift(container, key, cls.__name__)
            return value  # type: ignore[no-any-return] # ty: ignore[invalid-explicit-return]
        if not cls.__open__:
            drift.new_value(container, key, cls.__name__)
        return cls._pseudo_member(value)

    @classmethod
    def _pseudo_member(cls, value: int | str) -> Self:
        member: Self = cls._member_type_.__new__(cls, value)
        member._name_ = _unknown_name(value)
        member._value_ = value
        return member

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from .schema import enumeration_schema

        return enumeration_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        from .schema import opened

        return opened(cls, schema, handler)

    def __reduce_ex__(self, proto: object) -> tuple[Any, ...]:
        # By its value, so that a pseudo-member loads as the member that a later version of the package has for it.
        cls = type(self)
        if package := exporting_package(cls):
            return enumeration_value, (package, cls.__name__, self._value_)
        return cls, (self._value_,)


class IntEnumeration(Enumeration, IntEnum):
    """An enumeration of numbers. `CampaignStatus(99)` of an unknown number is `CampaignStatus.UNKNOWN_99`."""

    @classmethod
    def _missing_(cls, value: Any) -> Self | None:
        try:
            number = int(value)
        except (TypeError, ValueError, OverflowError):
            return None
        return cls._pseudo_member(number) if number == value else None


class StrEnumeration(Enumeration, StrEnum):
    """An enumeration of texts. `Kind("a new one")` of an unknown text is `Kind.UNKNOWN_A_NEW_ONE`."""

    @classmethod
    def _missing_(cls, value: Any) -> Self | None:
        return cls._pseudo_member(str.__str__(value)) if isinstance(value, str) else None


def _unknown_name(value: int | str) -> str:
    if isinstance(value, int):
        # Python refuses to write out numbers of thousands of digits in decimals.
        digits = str(abs(value)) if value.bit_length() <= _MAX_BITS else "LARGE"
        return f"UNKNOWN_{'MINUS_' if value < 0 else ''}{digits}"
    words = re.sub(r"[^A-Z0-9]+", "_", value[:_MAX_NAMED].upper()).strip("_")
    return f"UNKNOWN_{words}" if words else "UNKNOWN"
