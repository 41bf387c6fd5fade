"""Texts of queries, paths and forms as values of their documented types."""

from __future__ import annotations

import math
from typing import Any

from .document import Schema


def coerced(given: list[str], schema: Schema) -> Any:
    """The values that were given under one name; what is not of the documented type stays a text."""
    types = schema.get("type", "string")
    names = [types] if isinstance(types, str) else list(types)
    if "array" in names:
        return [_scalar(value, schema.get("items", {})) for value in given]
    return _scalar(given[0], schema) if len(given) == 1 else given


def _scalar(text: str, schema: Schema) -> Any:
    types = schema.get("type")
    names = [types] if isinstance(types, str) else list(types or _union_types(schema))
    if "boolean" in names and text in ("true", "false"):
        return text == "true"
    for name, convert in (("integer", int), ("number", float)):
        if name in names:
            try:
                number = convert(text)
            except ValueError:
                continue
            if math.isfinite(number):
                return number
    if "null" in names and text in ("", "null"):
        return None
    return text


def _union_types(schema: Schema) -> list[str]:
    return [
        member["type"]
        for combinator in ("anyOf", "oneOf")
        for member in schema.get(combinator, ())
        if isinstance(member.get("type"), str)
    ]
