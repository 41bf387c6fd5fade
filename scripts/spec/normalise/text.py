"""Rules for what people read and the type system does not."""

from __future__ import annotations

from scripts.spec.document import Schema

TYPED_FORMATS = {"date", "date-time"}


def defaults_are_documented(schema: Schema) -> Schema:
    """A default is what the service does when a field is not sent; sending it would freeze it into every caller."""
    if "default" not in schema:
        return schema
    rest = {key: value for key, value in schema.items() if key != "default"}
    return {**rest, "x-default": schema["default"]}


def formats_are_documented(schema: Schema) -> Schema:
    """Only days and timestamps have a type of their own. The service answers with other text under `uuid`, `email`."""
    if "format" not in schema or schema["format"] in TYPED_FORMATS:
        return schema
    rest = {key: value for key, value in schema.items() if key != "format"}
    return {**rest, "x-format": schema["format"]}


def scalar_enumerations_are_documented(schema: Schema) -> Schema:
    """Booleans and fractions make no enumeration class; their values are in the docstring."""
    if "enum" not in schema or schema.get("type") not in ("boolean", "number"):
        return schema
    rest = {key: value for key, value in schema.items() if key not in ("enum", "x-enumDescriptions")}
    return {**rest, "x-values": schema["enum"]}
