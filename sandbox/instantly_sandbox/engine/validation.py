"""Validation of parameters and bodies by the document. Refusals have the words of the service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import jsonschema_rs

from .document import Document, Operation, Schema
from .forms import FORMS, read_form
from .messages import Refusal, Request, read_json
from .values import coerced

EMPTY_BODY = "FST_ERR_CTP_EMPTY_JSON_BODY"
WRONG_TYPE = "FST_ERR_CTP_INVALID_MEDIA_TYPE"
INVALID = "FST_ERR_VALIDATION"
MISSING: Any = object()
MAX_DEPTH = 64

_WORDS = {
    "type": "must be {types}",
    "required": "must have required property '{property}'",
    "enum": "must be equal to one of the allowed values",
    "const": "must be equal to constant",
    "minimum": "must be >= {limit}",
    "maximum": "must be <= {limit}",
    "exclusiveMinimum": "must be > {limit}",
    "exclusiveMaximum": "must be < {limit}",
    "minLength": "must NOT have fewer than {limit} characters",
    "maxLength": "must NOT have more than {limit} characters",
    "minItems": "must NOT have fewer than {limit} items",
    "maxItems": "must NOT have more than {limit} items",
    "minProperties": "must NOT have fewer than {limit} properties",
    "pattern": 'must match pattern "{pattern}"',
    "format": 'must match format "{format}"',
    "anyOf": "must match a schema in anyOf",
    "oneOf": "must match exactly one schema in oneOf",
}


def read_query(operation: Operation, request: Request) -> dict[str, Any]:
    """The query parameters that the operation knows, as values of their documented types.

    Raises:
        Refusal: a parameter is missing or not valid.
    """
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        given.setdefault(name, []).append(value)
    values: dict[str, Any] = {}
    for parameter in operation.parameters:
        name = parameter["name"]
        if parameter["in"] != "query":
            continue
        if name in given:
            schema = operation.document.resolve(parameter["schema"])
            values[name] = coerced(given[name], schema)
            _check(operation.document, parameter["schema"], values[name], f"querystring/{name}")
        elif parameter.get("required"):
            raise _invalid(f"querystring must have required property '{name}'")
    return values


def check_path(operation: Operation, values: Mapping[str, str]) -> None:
    """Check the values in the path.

    Raises:
        Refusal: a value is not valid.
    """
    for parameter in operation.parameters:
        if parameter["in"] == "path":
            name, schema = parameter["name"], operation.document.resolve(parameter["schema"])
            _check(operation.document, schema, coerced([values[name]], schema), f"params/{name}")


def read_body(operation: Operation, request: Request) -> Any:
    """The body: JSON, a form, or else a text; `MISSING` without a body.

    Raises:
        Refusal: the body is missing, not expected, or not valid.
    """
    given = request.headers.get("content-type", "")
    content_type = given.partition(";")[0].strip().lower()
    if request.method == "GET":
        return MISSING
    if not request.body:
        if content_type == "application/json":
            message = "Body cannot be empty when content-type is set to 'application/json'"
            raise Refusal(400, message, code=EMPTY_BODY)
        if operation.body_required:
            raise _invalid("body must be object")
        return MISSING
    if content_type != operation.body_type:
        raise Refusal(415, f"Unsupported Media Type: {content_type or 'none'}", code=WRONG_TYPE)
    try:
        if content_type in FORMS:
            body: Any = read_form(operation.document, operation.body or {}, given, request.body)
        elif content_type.endswith("json"):
            body = read_json(request.body)
        else:
            body = request.body.decode("utf-8", "replace")
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"Body is not valid JSON: {error}", code="FST_ERR_CTP_INVALID_JSON_BODY") from None
    if depth(body) > MAX_DEPTH:
        raise Refusal(400, f"Body has more than {MAX_DEPTH} levels", code="FST_ERR_CTP_INVALID_JSON_BODY")
    if operation.body is None:
        return MISSING
    body = _known(operation.document, operation.body, body)
    _check(operation.document, operation.body, body, "body")
    return body


def depth(value: Any) -> int:
    """The number of levels of a JSON value, at most one more than is allowed."""
    level, found = [value], 0
    while level and found <= MAX_DEPTH:
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        found += 1
    return found


def validator(document: Document, schema: Schema) -> jsonschema_rs.Draft202012Validator:
    """The validator of a schema of the document."""
    return document.validators.of(schema)


def _check(document: Document, schema: Schema, value: Any, place: str) -> None:
    for error in validator(document, schema).iter_errors(value):
        inner = "".join(f"/{part}" for part in error.instance_path)
        raise _invalid(f"{place}{inner} {_in_words(error)}")


def _known(document: Document, schema: Schema, value: Any) -> Any:
    """The value without fields that the schema does not know: the service ignores them."""
    schema = document.resolve(schema)
    if isinstance(value, list):
        return [_known(document, schema.get("items", {}), item) for item in value]
    if not isinstance(value, dict):
        return value
    fields, more = schema.get("properties"), schema.get("additionalProperties")
    if fields is not None:
        kept = value if more else {name: inner for name, inner in value.items() if name in fields}
        return {name: _known(document, fields.get(name, {}), inner) for name, inner in kept.items()}
    members = [document.resolve(member) for member in schema.get("oneOf") or schema.get("anyOf") or ()]
    # What another alternative knows is not unknown, but wrong here.
    named = value.keys() & {name for member in members for name in member.get("properties", ())}
    for known in (value, *(_known(document, member, value) for member in members)):
        if named <= known.keys() and validator(document, schema).is_valid(known):
            return known
    return value


def _in_words(error: jsonschema_rs.ValidationError) -> str:
    # Without the value: it may be anything, of any length.
    details = error.kind.as_dict()
    if isinstance(details.get("types"), list):
        details["types"] = ",".join(details["types"])
    return _WORDS.get(error.kind.name, "is not valid").format_map(details)


def _invalid(message: str) -> Refusal:
    return Refusal(400, message, code=INVALID)
