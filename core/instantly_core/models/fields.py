"""The fields of a model, as its annotations declare them. Decoders, encoders and schemas are built from this view."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from inspect import get_annotations
from types import CodeType, MappingProxyType, NoneType, UnionType
from typing import Any, ClassVar, NamedTuple, TypeVar, Union, cast, get_args, get_origin

from .unset import Unset

T = TypeVar("T")

_ADDITIONAL = "additional_properties"


def once(build: Callable[[type[Any]], T]) -> Callable[[type[Any]], T]:
    """Return the function with a memory: what it builds of a model is built once, or twice if threads race for it."""
    # mypy takes no class of attrs for hashable.
    return cast("Callable[[type[Any]], T]", cache(build))


class Field(NamedTuple):
    """A field of a model.

    `attribute` holds its value and `argument` gives it to the class. `form` is its type without None and Unset: a
    class, `list[...]`, `dict[str, ...]`, `Any`, or a union of these; None if only null is allowed. It may be null if it
    is `nullable`, and missing if it is `optional`. If it is `read_only`, the API takes no value for it.
    """

    json_name: str
    attribute: str
    argument: str
    form: Any
    nullable: bool
    optional: bool
    read_only: bool


@once
def fields_of(model: type[Any]) -> tuple[Field, ...]:
    """The fields of a model, those of its base classes first.

    Raises:
        TypeError: an annotation names a type that its module does not have.
    """
    json_names: dict[str, str] = {}
    for base in reversed(model.__mro__):
        json_names |= {attribute: name for name, attribute in base.__dict__.get("RENAMED", {}).items()}
    read_only = {*model.READ_ONLY.split()}
    return tuple(
        _field(json_names.get(attribute, attribute), attribute, annotation, attribute in read_only)
        for attribute, annotation in _annotations(model).items()
        if attribute != _ADDITIONAL and get_origin(annotation) is not ClassVar
    )


@once
def further_form(model: type[Any]) -> Any:
    """The type of the values beyond the fields."""
    return get_args(_annotations(model)[_ADDITIONAL])[1]


@once
def attributes_of(model: type[Any]) -> Mapping[str, str]:
    """JSON name -> attribute, for all fields."""
    return MappingProxyType({field.json_name: field.attribute for field in fields_of(model)})


@once
def fields_by_name(model: type[Any]) -> Mapping[str, Field]:
    """The fields by their arguments and by their JSON names; a name that is both is a JSON name."""
    fields = fields_of(model)
    by_argument = {field.argument: field for field in fields}
    return MappingProxyType(by_argument | {field.json_name: field for field in fields})


def members_of(form: Any) -> tuple[list[Any], bool]:
    """The types that a type consists of, without None, and whether None is one of them."""
    members = get_args(form) if get_origin(form) in (Union, UnionType) else (form,)
    rest = [member for member in members if member not in (None, NoneType)]
    return rest, len(rest) < len(members)


def is_enumeration(form: Any) -> bool:
    """Whether a type is an enumeration."""
    return isinstance(form, type) and issubclass(form, Enum)


@once
def _annotations(model: type[Any]) -> Mapping[str, Any]:
    """The annotations of a model and its base classes, as types."""
    found: dict[str, Any] = {}
    for base in reversed(model.__mro__):
        names, types = vars(sys.modules[base.__module__]), {}
        for attribute, annotation in get_annotations(base).items():
            if annotation.__class__ is str and annotation not in types:
                try:
                    types[annotation] = eval(_code(annotation), names)
                except NameError as error:
                    raise TypeError(f"{model.__qualname__}.{attribute} has an unknown type: {error}") from error
            found[attribute] = types.get(annotation, annotation)
    return found


@cache
def _code(annotation: str) -> CodeType:
    # Most models have the same ones, and each takes longer to compile than all else of its field.
    return compile(annotation, "<annotation>", "eval")


def _field(json_name: str, attribute: str, annotation: Any, read_only: bool) -> Field:
    parts = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    form: Any = None
    for part in parts:
        if part not in (None, NoneType, Unset):
            form = part if form is None else form | part
    nullable = any(part in (None, NoneType) for part in parts)
    # The name of an argument is that of the attribute as attrs writes it.
    return Field(json_name, attribute, attribute.lstrip("_"), form, nullable, Unset in parts, read_only)
