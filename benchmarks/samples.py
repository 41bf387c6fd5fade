"""JSON as the service would send it, put together from the examples in the document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml

from scripts.spec.document import Document, Schema, operations, resolve, successes

Kind = Literal["full", "sparse", "null"]
KINDS: tuple[Kind, ...] = ("full", "sparse", "null")
"""Every field present; the required ones only; every field present, and null where it may be."""

_TEXTS = ("text", "09:00", "https://example.com", "rule-0", "2026-01-01", "user@example.com")
"""Texts of which one fits most patterns."""
_FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T09:00:00.000Z",
    "uuid": "019cc043-aee6-7ae9-a545-d7de53430e37",
}
_LEAVES = {"string": "text", "number": 1, "integer": 1, "boolean": True, "object": {}, "array": [], "null": None}


class Sample(NamedTuple):
    """One answer to one operation. `typed` is true where the document names fields, so that a dict is no answer."""

    operation: str
    method: str
    path: str
    kind: Kind
    status: int
    content_type: str
    typed: bool
    value: Any


def success_samples(document: Document) -> Iterator[Sample]:
    """Each operation's success, in every kind."""
    for operation in operations(document):
        for code, response in successes(operation)[:1]:
            content = resolve(document, response).get("content", {})
            # Nothing comes with a 204, whatever the document says.
            content_type = next(iter(content), "") if code != "204" else ""
            schema = content[content_type].get("schema", {}) if content_type else {"type": "null"}
            for kind in KINDS:
                value = sample(document, schema, kind)
                typed = _names_fields(document, schema)
                place = (operation.id, operation.method.upper(), operation.path)
                yield Sample(*place, kind, int(code), content_type, typed, value)


def sample(document: Document, schema: Schema, kind: Kind) -> Any:
    """A value that fits `schema`."""
    schema = resolve(document, schema)
    members = [*schema.get("allOf", []), *schema.get("anyOf", [])[:1], *schema.get("oneOf", [])[:1]]
    if "properties" in schema or (members and "type" not in schema and "example" not in schema):
        parts = [sample(document, member, kind) for member in members if member.keys() - {"required", "title"}]
        if "properties" not in schema and parts and not isinstance(parts[0], dict):
            return parts[0]
        fields = {name: value for part in parts if isinstance(part, dict) for name, value in part.items()}
        return fields | _object(document, schema, kind)
    if isinstance(schema.get("items"), dict):
        return [sample(document, schema["items"], kind)]
    if isinstance(schema.get("additionalProperties"), dict):
        return _object(document, schema, kind)
    if schema.get("example") is not None:
        return schema["example"]
    leaf = _LEAVES[next((name for name in _types(schema) if name != "null"), "null")]
    if schema.get("enum"):
        # Some list values of another type than their own.
        return next((value for value in schema["enum"] if isinstance(value, type(leaf))), schema["enum"][0])
    if isinstance(leaf, str):
        formatted = _FORMATS.get(schema.get("format", ""))
        return formatted or next((text for text in _TEXTS if re.search(schema.get("pattern", ""), text)), leaf)
    return leaf


def page(document: Document, title: str, count: int) -> bytes:
    """A page of `count` full objects of the component that is called `title`, each with an id of its own."""
    (schema,) = (s for s in document["components"]["schemas"].values() if s.get("title") == title)
    row = sample(document, schema, "full")
    missing = schema["properties"].keys() - row.keys()
    assert not missing, f"the sample of {title} lacks {missing}"
    rows = [{**row, "id": f"019cc043-aee6-7ae9-a545-{number:012x}"} for number in range(count)]
    return json.dumps({"items": rows, "next_starting_after": rows[-1]["id"]}).encode()


def recorded_page(folder: Path, count: int, **more: Any) -> bytes:
    """A page of leads like the first one that was recorded, of the service itself if there is one, with more fields."""
    pages = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(folder.rglob("*.first-page.yaml"))]
    lists = [each for each in pages if each["metadata"]["operation"] == "listLeads"]
    recorded = max(lists, key=lambda each: bool(each["metadata"]["provenance"] == "live"))
    row = json.loads(recorded["interactions"][0]["response"]["body"]["string"])["items"][0]
    rows = [{**row, **more, "id": f"019cc043-aee6-7ae9-a545-{number:012x}"} for number in range(count)]
    return json.dumps({"items": rows, "next_starting_after": rows[-1]["id"]}).encode()


def one(document: Document, title: str) -> bytes:
    """A full object of the component that is called `title`."""
    row: dict[str, Any] = json.loads(page(document, title, 1))["items"][0]
    return json.dumps(row).encode()


def _object(document: Document, schema: Schema, kind: Kind) -> dict[str, Any]:
    fields = schema.get("properties", {})
    if kind == "sparse":
        fields = {name: fields[name] for name in schema.get("required", []) if name in fields}
    value = {
        name: None if kind == "null" and "null" in _types(resolve(document, field)) else sample(document, field, kind)
        for name, field in fields.items()
    }
    more = schema.get("additionalProperties")
    if isinstance(more, dict) and more and kind != "sparse":
        value["industry"] = sample(document, more, kind)
    return value


def _types(schema: Schema) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else list(types)


def _names_fields(document: Document, schema: Schema) -> bool:
    schema = resolve(document, schema)
    if isinstance(schema.get("items"), dict):
        return _names_fields(document, schema["items"])
    return "properties" in schema
