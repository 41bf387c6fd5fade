"""The marker of an argument or field that is not there, as opposed to null."""

from __future__ import annotations

from typing import Final, Literal, final


@final
class Unset:
    """The class of `UNSET`: not given in a request, not present in a response. Falsy, and there is only one."""

    __slots__ = ()
    _instance: Unset | None = None

    def __new__(cls) -> Unset:
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __reduce__(self) -> str:
        return "UNSET"

    def __copy__(self) -> Unset:
        return self

    def __deepcopy__(self, memo: object) -> Unset:
        return self


UNSET: Final = Unset()
