"""Documents that are small to write and large to walk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.pipeline.documents import small_document

Schema = dict[str, Any]


def reference(number: int) -> Schema:
    return {"$ref": f"#/components/schemas/Step{number}"}


def with_schemas(schemas: dict[str, Schema], *, body: Schema | None = None) -> dict[str, Any]:
    """The small document with more components, the first of which a new operation answers with, or takes."""
    document = small_document()
    document["components"]["schemas"] |= schemas
    answer = next(iter(schemas))
    operation: dict[str, Any] = {
        "operationId": "paintRobot",
        "tags": ["Robot"],
        "responses": {
            "200": {
                "description": "",
                "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{answer}"}}},
            }
        },
    }
    if body is not None:
        operation["requestBody"] = {"content": {"application/json": {"schema": body}}}
    document["paths"]["/api/robots/paint"] = {"post": operation}
    return document


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


LINKS: dict[str, Callable[[int], Schema]] = {
    "property": lambda n: _object(one=reference(n), other=reference(n)),
    "allOf": lambda n: {"allOf": [_object(one=reference(n)), _object(other=reference(n))]},
    "allOf of references": lambda n: {
        "allOf": [reference(n), _object(**{f"own{n}": {"type": "string"}}), reference(n)]
    },
    "anyOf": lambda n: {"anyOf": [_object(one=reference(n)), _object(other=reference(n))]},
    "bare anyOf": lambda n: {"anyOf": [reference(n), reference(n), {"type": "string"}]},
    "anyOf of arrays": lambda n: {
        "anyOf": [{"type": "array", "items": reference(n)}, _object(one=reference(n), other=reference(n))]
    },
    "array": lambda n: {"type": "array", "items": {"anyOf": [reference(n), {"type": "array", "items": reference(n)}]}},
    "map": lambda n: {**_object(one=reference(n)), "additionalProperties": reference(n)},
}
"""Ways for a schema to refer twice to the next one."""


def ladder(link: str, steps: int) -> dict[str, Schema]:
    """Schemas each of which refers twice to the next: there are 2 to the power of `steps` ways through them."""
    end = _object(end={"type": "string"})
    return {**{f"Step{number}": LINKS[link](number + 1) for number in range(steps)}, f"Step{steps}": end}


def chain(link: str, steps: int) -> dict[str, Schema]:
    """Schemas each of which refers once to the next."""
    links: dict[str, Callable[[int], Schema]] = {
        "property": lambda n: _object(next=reference(n)),
        "allOf": lambda n: {"allOf": [reference(n), _object(**{f"own{n}": {"type": "string"}})]},
        "anyOf": lambda n: {"anyOf": [reference(n), _object(**{f"own{n}": {"type": "string"}})]},
        "reference": reference,
        "array": lambda n: {"type": "array", "items": reference(n)},
    }
    end = _object(end={"type": "string"})
    return {**{f"Step{number}": links[link](number + 1) for number in range(steps)}, f"Step{steps}": end}
