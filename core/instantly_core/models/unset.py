"""UNSET, the value of an argument or field that is absent, as opposed to null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from enum import Enum

    # Type checkers narrow only this kind of singleton by `is`. At run time it would have a name and a value, and a
    # field that is absent would look as if it were present.
    class Unset(Enum):
        """The class of `UNSET`: not given in a request, not present in a response. Falsy, and there is only one.

        As text it is empty, so that it never gets into a mail, a table or a file.
        """

        UNSET = "UNSET"

        def __bool__(self) -> Literal[False]: ...

    UNSET: Final = Unset.UNSET
else:

    class Unset:
        """The class of `UNSET`: not given in a request, not present in a response. Falsy, and there is only one.

        As text it is empty, so that it never gets into a mail, a table or a file.
        """

        __slots__ = ()
        _instance = None

        def __new__(cls):
            if cls._instance is None:
                cls._instance = super().__new__(cls)
            return cls._instance

        def __bool__(self):
            return False

        def __repr__(self):
            return "UNSET"

        def __str__(self):
            return ""

        def __format__(self, spec):
            # A spec is for the value that would be here, such as ".2f".
            return ""

        @classmethod
        def __get_pydantic_core_schema__(cls, source, handler):
            from pydantic_core import core_schema

            return core_schema.is_instance_schema(cls)

        @classmethod
        def __get_pydantic_json_schema__(cls, schema, handler):
            from pydantic_core import PydanticOmit

            raise PydanticOmit  # It has no form in JSON.

        def __reduce__(self):
            return "UNSET"

        def __copy__(self):
            return self

        def __deepcopy__(self, memo):
            return self

    UNSET = Unset()
