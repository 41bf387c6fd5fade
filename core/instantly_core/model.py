"""What the generated models and enumerations have in common."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum, StrEnum
from inspect import get_annotations
from typing import Any, ClassVar, Self

from .decode import IGNORED, Drift
from .encode import jsonable
from .unset import UNSET

_NO_FIELDS = {"RENAMED", "FIELDS", "KNOWN", "additional_properties"}
_MOST_SHOWN = 7


class Model:
    """An object of the API. Fields that a response left out are UNSET; those it has beyond the document are kept in
    `additional_properties`."""

    __slots__ = ()

    RENAMED: ClassVar[Mapping[str, str]] = {}
    """JSON name -> attribute, for the fields whose JSON name is no fitting attribute."""

    FIELDS: ClassVar[Mapping[str, str]] = {}
    """JSON name -> attribute, for all fields."""

    KNOWN: ClassVar[frozenset[str]] = frozenset()
    """The JSON names of all fields."""

    additional_properties: dict[str, Any]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        json_names = {attribute: name for name, attribute in cls.RENAMED.items()}
        attributes = [name for name in get_annotations(cls) if name not in _NO_FIELDS]
        # attrs makes the class a second time, for its slots, and that one must not lose what the first one found.
        if attributes and "FIELDS" not in cls.__dict__:
            cls.FIELDS = {json_names.get(attribute, attribute): attribute for attribute in attributes}
            cls.KNOWN = frozenset(cls.FIELDS)

    @classmethod
    def from_dict(cls, data: dict[str, Any], drift: Drift = IGNORED) -> Self:
        """Read the model from JSON as the API sends it. Never raises on odd data: what does not fit stays as it is."""
        raise NotImplementedError

    @classmethod
    def decode(cls, value: Any, container: Any, key: str | int, drift: Drift) -> Self:
        """The decoder (see `instantly_core.decode`) of this model."""
        if value.__class__ is dict:
            return cls.from_dict(value, drift)
        drift(container, key, cls.__name__)
        return value  # type: ignore[no-any-return]

    def to_dict(self) -> dict[str, Any]:
        """The model as JSON: what came in a response comes out again, timestamps equal in value."""
        result: dict[str, Any] = {}
        for name, attribute in self.FIELDS.items():
            value = getattr(self, attribute)
            if value is not UNSET:
                result[name] = jsonable(value)
        for name, value in self.additional_properties.items():
            result[name] = jsonable(value)
        return result

    def __repr__(self) -> str:
        # Short, and without texts that people wrote: reprs end up in logs. The dots say that there is more.
        there = [(name, value) for name in self.FIELDS.values() if (value := getattr(self, name)) is not UNSET]
        plain = [
            f"{name.lstrip('_')}={value!r}"
            for name, value in there
            if isinstance(value, bool | int | float | Enum) or name == "id"
        ]
        shown = plain[:_MOST_SHOWN]
        more = ["..."] if len(shown) < len(there) + len(self.additional_properties) else []
        return f"{type(self).__name__}({', '.join(shown + more)})"


class IntEnumeration(IntEnum):
    """An enumeration of numbers. A number that it does not know stays a plain int."""

    @classmethod
    def by_value(cls) -> dict[Any, Self]:
        """The members by their values."""
        return cls._value2member_map_  # type: ignore[return-value] # ty: ignore[invalid-explicit-return]

    @classmethod
    def decode(cls, value: Any, container: Any, key: str | int, drift: Drift) -> Self | int:
        """The decoder (see `instantly_core.decode`) of this enumeration."""
        if value.__class__ is float and value.is_integer():
            value = int(value)
        members = cls.by_value()
        if value.__class__ is int and value in members:
            return members[value]
        drift(container, key, cls.__name__)
        return value  # type: ignore[no-any-return]


class StrEnumeration(StrEnum):
    """An enumeration of texts. A text that it does not know stays a plain str."""

    @classmethod
    def by_value(cls) -> dict[Any, Self]:
        """The members by their values."""
        return cls._value2member_map_  # type: ignore[return-value] # ty: ignore[invalid-explicit-return]

    @classmethod
    def decode(cls, value: Any, container: Any, key: str | int, drift: Drift) -> Self | str:
        """The decoder (see `instantly_core.decode`) of this enumeration."""
        members = cls.by_value()
        if value.__class__ is str and value in members:
            return members[value]
        drift(container, key, cls.__name__)
        return value  # type: ignore[no-any-return]
