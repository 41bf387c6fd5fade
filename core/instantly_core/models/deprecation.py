"""Deprecation warnings for parts of the API that the vendor removed and the client still has."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

from .enumeration import EnumerationType
from .unset import UNSET

if TYPE_CHECKING:
    from typing_extensions import deprecated as deprecated
else:

    def deprecated(message: str) -> Any:
        """Mark a function for type checkers and editors; it warns by itself when it runs."""
        return lambda marked: marked


def warn_removed(what: str, removed_on: str, stacklevel: int = 4) -> None:
    """Warn at the line that called the method, or at `stacklevel`."""
    message = f"{what} was removed from the API on {removed_on}; a later version of this package drops it too"
    warnings.warn(message, DeprecationWarning, stacklevel)


T = TypeVar("T")


class RemovedField(Generic[T]):
    """A field that the vendor has removed: it warns whoever reads or sets it. Its value is in the attribute `_name`."""

    def __init__(self, removed_on: str) -> None:
        self.removed_on = removed_on

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, model: None, owner: type) -> Self: ...
    @overload
    def __get__(self, model: object, owner: type) -> T: ...
    def __get__(self, model: object | None, owner: type) -> T | Self:
        if model is None:
            return self
        self.warn(model, 4)
        value: T = getattr(model, f"_{self.name}")
        return value

    def __set__(self, model: object, value: T) -> None:
        self.warn(model, 4)
        setattr(model, f"_{self.name}", value)

    def __delete__(self, model: object) -> None:
        self.warn(model, 4)
        delattr(model, f"_{self.name}")

    def warn(self, model: object, stacklevel: int) -> None:
        """Warn at the line that is `stacklevel` calls above the warning."""
        warn_removed(f"{type(model).__name__}.{self.name}", self.removed_on, stacklevel)


def warn_of_removed_fields(model: object) -> None:
    """Warn whoever makes a model with removed fields."""
    for base in type(model).__mro__:
        for value in vars(base).values():
            if isinstance(value, RemovedField) and getattr(model, f"_{value.name}") is not UNSET:
                value.warn(model, 5)


class RemovedMembers(EnumerationType):
    """Warns when a removed member is taken from its enumeration by name. `__removed__` maps such members to the day."""

    __removed__: dict[str, str]

    def __getattribute__(cls, name: str) -> Any:  # noqa: N805 - a metaclass
        if name[0] != "_" and name in cls.__removed__:
            warn_removed(f"{cls.__name__}.{name}", cls.__removed__[name], 3)
        return super().__getattribute__(name)

    def __getitem__(cls, name: str) -> Any:  # noqa: N805 - a metaclass
        if name in cls.__removed__:
            warn_removed(f"{cls.__name__}.{name}", cls.__removed__[name], 3)
        return super().__getitem__(name)
