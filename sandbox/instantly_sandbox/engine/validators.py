"""Validators of schemas. The parts of an `allOf` are one object: what one of them does not name, another may."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import jsonschema_rs

_DOCUMENT = "urn:document"
_COMPONENTS = f"{_DOCUMENT}#/components/schemas/"
_PARTS = f"{_DOCUMENT}#/components/parts/"
"""Components for the use in an `allOf`, where they are open."""


class Validators:
    """Validators of the schemas of an OpenAPI 3.1 document, made at first use.

    Args:
        raw: the document.
    """

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        self._known: dict[int, jsonschema_rs.Draft202012Validator] = {}
        """By the identity of their schemas, which live as long as the document."""

    def of(self, schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
        """The validator of a schema of the document."""
        found = self._known.get(id(schema))
        if found is None:
            found = self._known[id(schema)] = self.made(schema)
        return found

    def of_fields(self, fields: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
        """The validator of an object with some of these fields of the document."""
        found = self._known.get(id(fields))
        if found is None:
            found = self._known[id(fields)] = self.made({"type": "object", "properties": fields})
        return found

    def made(self, schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
        """A new validator of a schema that refers to the document."""
        return jsonschema_rs.Draft202012Validator(_joined(schema), registry=self._components, validate_formats=True)

    @cached_property
    def _components(self) -> jsonschema_rs.Registry:
        # In a registry they are read once; written into each schema, they would be read with each.
        components: dict[str, Any] = _joined(self._raw.get("components", {}))
        parts = {name: _part(schema) for name, schema in components.get("schemas", {}).items()}
        return jsonschema_rs.Registry([(_DOCUMENT, {"components": {**components, "parts": parts}})])


def _joined(node: Any) -> Any:
    """A schema, or whatever is in one, with every `allOf` as one object, and references into the registry."""
    if isinstance(node, list):
        return [_joined(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    joined = {key: _joined(value) for key, value in node.items()}
    if str(joined.get("$ref", "")).startswith("#"):
        joined["$ref"] = _DOCUMENT + joined["$ref"]
    if isinstance(joined.get("allOf"), list):
        joined["allOf"] = [_part(part) for part in joined["allOf"]]
        if joined.get("additionalProperties") is False:
            joined["unevaluatedProperties"] = joined.pop("additionalProperties")
    return joined


def _part(schema: Any) -> Any:
    """A schema as a part of an `allOf`."""
    if "$ref" in schema:
        return {**schema, "$ref": schema["$ref"].replace(_COMPONENTS, _PARTS)}
    closing = ("additionalProperties", "unevaluatedProperties")
    return {key: value for key, value in schema.items() if key not in closing or value is not False}
