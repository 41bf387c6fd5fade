"""Shapes of an OpenAPI document: which fields the steps read of each kind of object, and of which type they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from scripts.spec.document import METHODS


@dataclass(frozen=True)
class Scalar:
    name: str
    types: tuple[type, ...]


@dataclass(frozen=True)
class ListOf:
    item: Shape


@dataclass(frozen=True)
class MapOf:
    """An object with any keys. Where it is extensible, keys that begin with `x-` are not entries of it."""

    value: Shape
    extensible: bool = False


@dataclass(frozen=True)
class Either:
    """The first of the shapes that takes the type of the value."""

    shapes: tuple[Shape, ...]


# A string is the name of a kind of object, described in `FIELDS`.
Shape: TypeAlias = "str | Scalar | ListOf | MapOf | Either"

TEXT = Scalar("a string", (str,))
FLAG = Scalar("a boolean", (bool,))
NUMBER = Scalar("a number", (int, float))
ARRAY = Scalar("an array", (list,))
OBJECT = Scalar("an object", (dict,))
SCHEMA_OR_FLAG = Either((FLAG, "schema"))
SECURITY = ListOf(MapOf(ListOf(TEXT)))

# The fields that later steps read, by kind of object. Others may be there and hold anything.
FIELDS: dict[str, dict[str, Shape]] = {
    "document": {
        "openapi": TEXT,
        "info": "info",
        "servers": ListOf("server"),
        "security": SECURITY,
        "tags": ListOf("tag"),
        "components": "components",
        "paths": MapOf("path item", extensible=True),
    },
    "info": {"title": TEXT, "version": TEXT, "summary": TEXT, "description": TEXT},
    "server": {"url": TEXT, "description": TEXT},
    "tag": {"name": TEXT, "description": TEXT},
    "components": {
        "schemas": MapOf("schema"),
        "responses": MapOf("response"),
        "parameters": MapOf("parameter"),
        "requestBodies": MapOf("request body"),
        "headers": MapOf("header"),
        "pathItems": MapOf("path item"),
        "securitySchemes": MapOf(OBJECT),
    },
    "path item": {
        **dict.fromkeys(METHODS, "operation"),
        "summary": TEXT,
        "description": TEXT,
        "servers": ListOf("server"),
        "parameters": ListOf("parameter"),
    },
    "operation": {
        "operationId": TEXT,
        "summary": TEXT,
        "description": TEXT,
        "tags": ListOf(TEXT),
        "deprecated": FLAG,
        "servers": ListOf("server"),
        "security": SECURITY,
        "parameters": ListOf("parameter"),
        "requestBody": "request body",
        "responses": MapOf("response", extensible=True),
        "x-safe": FLAG,
        "x-limits": ListOf("limit"),
        "x-failure": "failure",
        "x-mass": "mass",
        "x-paid": "paid",
        "x-plain": FLAG,
        "x-superseded-by": TEXT,
    },
    "limit": {"count": NUMBER, "seconds": NUMBER},
    "failure": {"field": TEXT},
    "mass": {"does": TEXT, "filters": ListOf(TEXT), "within": ListOf(TEXT), "flag": TEXT},
    "paid": {"does": TEXT, "free": TEXT},
    "parameter": {
        "name": TEXT,
        "in": TEXT,
        "description": TEXT,
        "required": FLAG,
        "deprecated": FLAG,
        "style": TEXT,
        "explode": FLAG,
        "schema": SCHEMA_OR_FLAG,
        "content": MapOf("media type"),
    },
    "request body": {"description": TEXT, "required": FLAG, "content": MapOf("media type")},
    "response": {"description": TEXT, "headers": MapOf("header"), "content": MapOf("media type")},
    "header": {"description": TEXT, "required": FLAG, "schema": SCHEMA_OR_FLAG, "content": MapOf("media type")},
    "media type": {"schema": SCHEMA_OR_FLAG},
    "schema": {
        "type": Either((TEXT, ListOf(TEXT))),
        "enum": ARRAY,
        "title": TEXT,
        "description": TEXT,
        "format": TEXT,
        "pattern": TEXT,
        "x-enumDescriptions": MapOf(TEXT),
        "properties": MapOf(SCHEMA_OR_FLAG),
        "required": ListOf(TEXT),
        "additionalProperties": SCHEMA_OR_FLAG,
        "items": SCHEMA_OR_FLAG,
        **dict.fromkeys(("anyOf", "oneOf", "allOf"), ListOf(SCHEMA_OR_FLAG)),
        **dict.fromkeys(("readOnly", "writeOnly", "deprecated", "uniqueItems"), FLAG),
        **dict.fromkeys(("minimum", "maximum", "multipleOf"), NUMBER),
        # Flags in OpenAPI 3.0, as is `nullable`; a document that has moved to 3.1 may still have them.
        **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), Either((NUMBER, FLAG))),
        "nullable": FLAG,
        **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), NUMBER),
        # No step reads these, but a reference may be inside.
        **dict.fromkeys(("not", "if", "then", "else", "contains", "propertyNames"), SCHEMA_OR_FLAG),
        **dict.fromkeys(("unevaluatedItems", "unevaluatedProperties"), SCHEMA_OR_FLAG),
        **dict.fromkeys(("$defs", "patternProperties", "dependentSchemas"), MapOf(SCHEMA_OR_FLAG)),
        "prefixItems": ListOf(SCHEMA_OR_FLAG),
    },
}

REQUIRED = {
    "document": ("openapi", "info", "paths"),
    "info": ("title", "version"),
    "server": ("url",),
    "tag": ("name",),
    "operation": ("responses",),
    "limit": ("count", "seconds"),
    "failure": ("field",),
    "mass": ("does", "filters"),
    "paid": ("does",),
    "parameter": ("name", "in"),
    "request body": ("content",),
}

# Which kinds of object may be a reference, and in which section of the components its target then is.
REFERENCED = {
    "schema": "schemas",
    "response": "responses",
    "parameter": "parameters",
    "request body": "requestBodies",
    "header": "headers",
    "path item": "pathItems",
}


def fits(shape: Shape, value: object) -> bool:
    """Whether a value is of the type of a shape, whatever is in it."""
    types = type_of(shape)[1]
    return isinstance(value, types) and (not isinstance(value, bool) or bool in types)


def type_of(shape: Shape) -> tuple[str, tuple[type, ...]]:
    """The type of a shape, in words and as the classes of JSON values."""
    if isinstance(shape, Scalar):
        return shape.name, shape.types
    return ("an array", (list,)) if isinstance(shape, ListOf) else ("an object", (dict,))
