"""Schemas for pydantic, which asks for them when it meets a model or an enumeration in an annotation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from .build import model_decoder
from .decode import Drift
from .encode import jsonable
from .fields import fields_of
from .help import field_texts
from .unset import UNSET

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema, InitErrorDetails

# A model may contain itself.
_begun: ContextVar[frozenset[type]] = ContextVar("_begun", default=frozenset())


def model_schema(
    model: type[Any], handler: GetCoreSchemaHandler, validated: Callable[[type[Any], Any], Any] | None = None
) -> CoreSchema:
    """The schema of a model: its fields by their names in JSON. Further fields are kept, as everywhere.

    `validated` makes the model of a value; by default, all of its fields have to be as they are described.
    """
    from pydantic_core import core_schema

    ref = f"{model.__module__}.{model.__qualname__}:{id(model)}"
    if model in _begun.get():
        return core_schema.definition_reference_schema(ref)
    token = _begun.set(_begun.get() | {model})
    try:
        fields = {}
        for field in fields_of(model):
            schema = handler.generate_schema(field.form)
            fields[field.json_name] = core_schema.typed_dict_field(
                core_schema.nullable_schema(schema) if field.nullable else schema, required=not field.optional
            )
    finally:
        _begun.reset(token)
    made = core_schema.no_info_wrap_validator_function(
        lambda value, _: (validated or _validated)(model, value),
        core_schema.typed_dict_schema(fields, extra_behavior="allow"),
    )
    instance = core_schema.is_instance_schema(model)
    # An object fits better than what one can be made of: of a union, a mapping is for the type of mappings.
    return core_schema.lax_or_strict_schema(
        made,
        core_schema.json_or_python_schema(made, instance),
        ref=ref,
        serialization=core_schema.plain_serializer_function_ser_schema(_serialised, info_arg=True),
    )


def described(model: type[Any], schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
    """The JSON schema of a model, with the texts of its fields."""
    found = handler(schema)
    target = handler.resolve_ref_schema(found)
    target["title"] = model.__name__
    texts = field_texts(model)
    for field in fields_of(model):
        if field.attribute in texts:
            target["properties"][field.json_name]["description"] = texts[field.attribute]
    return found


def enumeration_schema(enumeration: type[Any]) -> CoreSchema:
    """The schema of an enumeration: its members, and any other value of their type."""
    from pydantic_core import core_schema

    return core_schema.no_info_wrap_validator_function(
        lambda value, inner: value if isinstance(value, enumeration) else enumeration(inner(value)),
        core_schema.int_schema() if issubclass(enumeration, int) else core_schema.str_schema(),
        ref=f"{enumeration.__module__}.{enumeration.__qualname__}:{id(enumeration)}",
        serialization=core_schema.plain_serializer_function_ser_schema(jsonable, when_used="json"),
    )


def opened(enumeration: type[Any], schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
    """The JSON schema of an enumeration, which names its members and takes other values."""
    found = handler(schema)
    target = handler.resolve_ref_schema(found)
    target["anyOf"] = [{"enum": [member.value for member in enumeration]}, {"type": target.pop("type")}]
    target["title"] = enumeration.__name__
    return found


class _Invalid(Drift):
    """Collects what is invalid: new values of enumerations are not, for their schemas take them."""

    __slots__ = ()

    def new_value(self, container: Any, key: str | int, enumeration: str) -> None:
        pass


def _validated(model: type[Any], value: Any) -> Any:
    """The model that a value is, or is the JSON of.

    Raises:
        ValidationError: a field is missing, or of another type.
    """
    if isinstance(value, model):
        return value
    drift = _Invalid()
    try:
        data = jsonable(value) if isinstance(value, Mapping) else value
    except TypeError as error:  # pydantic takes a ValueError alone for an error of the data.
        raise ValueError(str(error)) from None
    found = model_decoder(model)(data, None, "", drift)
    problems = [_problem(*report) for report in drift.reports(data) if report.expected != "no such field"]
    if problems:
        from pydantic_core import ValidationError

        raise ValidationError.from_exception_data(model.__name__, problems)
    return found


def _problem(pointer: str, expected: str, got: Any, _: bool) -> InitErrorDetails:
    from pydantic_core import InitErrorDetails, PydanticCustomError

    # Tokens of a JSON pointer; those of lists are numbers.
    place = tuple(
        int(part) if part.isdecimal() else part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]
    )
    if got is UNSET:
        return InitErrorDetails(type="missing", loc=place, input=got)
    return InitErrorDetails(
        type=PydanticCustomError("instantly_type", "Input should be: {expected}", {"expected": expected}),
        loc=place,
        input=got,
    )


def _serialised(model: Any, info: Any) -> Any:
    return model.to_dict(mode=info.mode if info.mode in ("json", "python") else "json")
