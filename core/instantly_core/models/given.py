"""What pydantic takes as it is, where an argument is an object and no data."""

from __future__ import annotations

from typing import Any, get_origin


class AsGiven:
    """A class whose instances pydantic takes as they are; in `Annotated`, this holds for the type there."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.is_instance_schema(get_origin(source) or source)
