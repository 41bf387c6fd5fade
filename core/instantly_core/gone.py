"""Warn of what the API's description has no more, and the client still has."""

from __future__ import annotations

import warnings
from enum import EnumType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import deprecated as deprecated
else:

    def deprecated(message: str) -> Any:
        """Mark for type checkers and editors what warns by itself when it runs."""
        return lambda marked: marked


def warn_gone(what: str, since: str, stacklevel: int = 4) -> None:
    """Warn on behalf of a method, or of whatever is at `stacklevel`."""
    warnings.warn(f"{what} is not in the API's description since {since}", DeprecationWarning, stacklevel)


class GoneMembers(EnumType):
    """Warns when a member that `__gone__` names, with the day, is taken from its enumeration by name."""

    __gone__: dict[str, str]

    def __getattribute__(cls, name: str) -> Any:
        if name[0] != "_" and name in cls.__gone__:
            warn_gone(f"{cls.__name__}.{name}", cls.__gone__[name], 3)
        return super().__getattribute__(name)

    def __getitem__(cls, name: str) -> Any:
        if name in cls.__gone__:
            warn_gone(f"{cls.__name__}.{name}", cls.__gone__[name], 3)
        return super().__getitem__(name)
