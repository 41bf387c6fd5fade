"""Forms, url-encoded or in parts, as the JSON that the document describes them with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from .document import Document, Schema
from .values import coerced

URL_ENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
FORMS = (URL_ENCODED, MULTIPART)


def read_form(document: Document, schema: Schema, content_type: str, body: bytes) -> dict[str, Any]:
    """The fields of a form, as values of their documented types; a file is a text.

    Raises:
        ValueError: it is no such form.
    """
    given: dict[str, list[Any]] = {}
    multipart = content_type.partition(";")[0].strip().lower() == MULTIPART
    for name, value in _parts(content_type, body) if multipart else parse_qsl(body.decode(), keep_blank_values=True):
        given.setdefault(name, []).append(value)
    fields = document.fields(schema)
    return {name: _typed(values, fields.get(name, {})) for name, values in given.items()}


def is_file(schema: Schema) -> bool:
    """Whether a part of a form is a file."""
    return schema.get("format") == "binary" or ("contentMediaType" in schema and "contentEncoding" not in schema)


def _parts(content_type: str, body: bytes) -> list[tuple[str, Any]]:
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body, policy=HTTP)
    if not message.is_multipart():
        raise ValueError("Multipart: Boundary not found")
    return [(_name(part), _value(part)) for part in message.iter_parts()]


def _name(part: Any) -> str:
    name = part.get_param("name", header="content-disposition")
    if not name:
        raise ValueError("Multipart: a part has no name")
    return str(name)


def _value(part: Any) -> Any:
    text = part.get_payload(decode=True).decode("utf-8", "replace")
    return json.loads(text) if part.get_content_type() == "application/json" else text


def _typed(values: list[Any], schema: Mapping[str, Any]) -> Any:
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) == len(values):
        return coerced(texts, schema)
    return values if "array" in schema.get("type", "") or len(values) > 1 else values[0]
