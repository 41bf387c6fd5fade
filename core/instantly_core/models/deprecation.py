"""Deprecation warnings for parts of the API that the vendor removed and the client still has."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from .enumeration import EnumerationType

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
