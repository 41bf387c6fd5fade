"""What pydantic makes of the types of mappings that methods take in the place of models.

By itself it would drop names in JSON, and names that are misspelt, and refuse types of `typing` before Python 3.12.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, is_typeddict

from .encoders import encoder_of


def with_schemas(module: Mapping[str, Any]) -> None:
    """Give each type of a module the schema of the model that it is called after."""
    for each in module.values():
        if is_typeddict(each):
            each.__get_pydantic_core_schema__ = classmethod(_schema)


def _schema(cls: type[Any], source: Any, handler: Any) -> Any:
    from pydantic_core import core_schema

    model = getattr(sys.modules[cls.__module__].models, cls.__name__.removesuffix("Param"))
    encode = encoder_of(model)
    assert encode is not None

    def checked(value: Any, _: Any) -> Any:
        # The method that it is given to checks it, and says where in its arguments what is wrong. An error here would
        # lead pydantic to the model next to it in an annotation, which keeps fields that it does not know.
        if not isinstance(value, Mapping):
            raise ValueError("it must be a mapping")
        return value

    return core_schema.no_info_wrap_validator_function(
        checked,
        handler.generate_schema(model),
        serialization=core_schema.plain_serializer_function_ser_schema(encode),
    )
