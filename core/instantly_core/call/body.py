"""Bodies of requests: JSON, forms, text and bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any

from ..http import library as http
from ..http.codec import dumps
from ..models.encode import UnsendableError, jsonable, plain_text, query_string, writable
from ..models.unset import UNSET


def json_body(operation: str, body: Any) -> bytes:
    """Write a body as JSON; what is UNSET in it is left out.

    Raises:
        TypeError: a value has no form in JSON.
        ValueError: a value cannot be sent, though others of its type can.
    """
    try:
        # What the methods of resources give is JSON already, apart from arguments that were not given.
        given = {name: value for name, value in body.items() if value is not UNSET} if body.__class__ is dict else body
        return dumps(given)
    except (TypeError, ValueError, RecursionError):
        try:
            return dumps(writable(jsonable(body)))
        except UnsendableError as problem:
            problem.call = operation
            raise problem from None


def encoded(content_type: str, body: Any) -> tuple[bytes, str]:
    """Encode a body; return it with the content type that says how.

    Raises:
        TypeError: a value has no form in a body of this type.
    """
    if content_type == "application/x-www-form-urlencoded":
        return query_string(jsonable(body)).encode(), content_type
    if content_type == "multipart/form-data":
        parts = list(_parts(body))
        content_type = f"{content_type}; boundary={_boundary(parts)}"
        return http.Request("POST", "", files=parts, headers={"content-type": content_type}).read(), content_type
    if content_type.endswith("json"):
        return dumps(jsonable(body)), content_type
    if isinstance(body, str):
        return body.encode(), f"{content_type}; charset=utf-8"
    if isinstance(body, bytes | bytearray):
        return bytes(body), content_type
    raise TypeError(f"a body of type {content_type} must be a str or bytes, not {type(body).__name__}")


def _boundary(parts: list[tuple[str, tuple[str | None, bytes, str | None]]]) -> str:
    """A boundary that the parts do not contain; the same for the same parts, so that recordings can be compared."""
    digest = blake2b(digest_size=16)
    for _, (_, content, _) in parts:
        digest.update(content)
    return digest.hexdigest()


def _parts(body: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str | None, bytes, str | None]]]:
    """The parts of a form: a file for bytes, alone or after a name; JSON for an object, a text for anything else."""
    for name, value in body.items():
        for item in value if isinstance(value, list) else [value]:
            if item is UNSET or item is None:
                continue
            if isinstance(item, bytes):
                yield name, (name, item, "application/octet-stream")
            elif isinstance(item, tuple):
                yield name, (*item, "application/octet-stream")
            elif isinstance(item, Mapping) or hasattr(item, "to_dict"):
                yield name, (None, dumps(jsonable(item)), "application/json")
            else:
                yield name, (None, plain_text(name, item).encode(), None)
