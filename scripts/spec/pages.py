"""The operations that answer with a page of a list, and the way from one page to the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scripts.lib.identifiers import snake_case
from scripts.spec.document import Document, Operation, Schema, operations, parameters, resolve, successes

CURSORS = {
    "next_starting_after": ("starting_after", "cursor", "after"),
    "next_cursor": ("cursor", "next_cursor", "starting_after", "after"),
    "next_page_token": ("page_token", "next_page_token"),
    "next_token": ("next_token", "token"),
    "next_page": ("page", "cursor"),
    "next": ("cursor", "starting_after", "after", "next"),
    "end_cursor": ("cursor", "after"),
    "cursor": ("cursor",),
}
"""Fields with the cursor of the next page, and the arguments that take it, each in snake case."""

COUNTS = {"offset": "items", "skip": "items", "page": "pages", "page_number": "pages", "page_index": "pages"}
"""Arguments that say where a page begins by a number, and what that counts."""

LIMITS = ("limit", "page_size", "per_page", "size", "take", "count", "max_results")
ENVELOPES = {"meta", "metadata", "page", "page_info", "paging", "pagination"}
"""Objects of an answer that speak of the page, and not of what is listed."""


@dataclass(frozen=True)
class Paging:
    """The way from page to page, in the terms of `instantly_core.call.operation.Paging`."""

    place: str
    parameter: str
    items: tuple[str, ...] = ("items",)
    cursor: tuple[str, ...] = ("next_starting_after",)
    limit: str = "limit"
    counts: str = ""
    first: int = 0


def paging(document: Document, operation: Operation) -> Paging | None:
    """The way from page to page of an operation of a normalised document; None if it answers with no page.

    What the vendor removed, and we keep, is no way while there is another.
    """
    if operation.method not in ("get", "post"):
        return None
    answers = [resolved(document, schema) for schema in _schemas(successes(operation)[0][1])]
    listed = [(answer, items) for answer in answers if (items := _items(document, answer)) is not None]
    for removed in (False, True):
        for place, arguments in _arguments(document, operation, removed=removed).items():
            for answer, items in listed:
                if way := _way(document, answer, items, place, arguments, removed=removed):
                    return way
    return None


def _way(
    document: Document,
    answer: Schema,
    items: tuple[str, ...],
    place: str,
    arguments: dict[str, Schema],
    *,
    removed: bool,
) -> Paging | None:
    """The way from page to page by these arguments; None if none of them leads on."""
    by_name = {snake_case(name): name for name in reversed(arguments)}
    sized = [by_name[name] for name in LIMITS if name in by_name and _is_number(arguments[by_name[name]])]
    limit = next(iter(sized), "limit")
    for cursor in _cursors(document, answer, items, removed=removed) if items else ():
        takers = [by_name[name] for name in CURSORS[snake_case(cursor[-1])] if name in by_name]
        takers = [name for name in takers if "string" in _types(document, arguments[name])]
        if takers:
            return Paging(place, takers[0], items, cursor, limit)
    for name in COUNTS if sized else ():
        if name in by_name and _is_number(schema := arguments[by_name[name]]):
            counts, first = COUNTS[name], 0
            if counts == "pages":
                first = next((int(schema[key]) for key in ("minimum", "x-default") if key in schema), 1)
            return Paging(place, by_name[name], items, (), limit, counts, first)
    return None


def page_places(document: Document) -> set[str]:
    """The places of the responses that are pages, and of the objects in them that are around the items."""
    found = set()
    for operation in operations(document):
        if how := paging(document, operation):
            place = f"{operation.id}:response"
            found |= {".".join([place, *how.items[:depth]]) for depth in range(max(1, len(how.items)))}
    return found


def items_of(document: Document, page: Schema, keys: tuple[str, ...]) -> Schema:
    """The array of the items of a page."""
    schema = resolved(document, page)
    for key in keys:
        schema = resolved(document, schema["properties"][key])
    return schema


def resolved(document: Document, schema: Schema) -> Schema:
    """The schema itself, or the component that it refers to, plainly or in the wrapper for annotations."""
    for member in schema.get("allOf", [schema])[:1]:
        return resolve(document, member)
    return schema


def fields_of(schema: Schema, *, removed: bool = False) -> dict[str, Schema]:
    """The fields of an object, on request with those that the vendor removed."""
    fields = schema.get("properties", {}).items()
    return {name: field for name, field in fields if removed or "x-removed" not in field}


def _items(document: Document, answer: Schema) -> tuple[str, ...] | None:
    """The keys that lead to the items of an answer; None where it could be this array or that."""
    if answer.get("type") == "array":
        return ()
    if keys := _array(document, answer):
        return keys
    inner = {
        name: resolved(document, field)
        for name, field in fields_of(answer).items()
        if snake_case(name) not in ENVELOPES and "object" in _types(document, field)
    }
    if len(inner) == 1:
        ((name, schema),) = inner.items()
        keys = _array(document, schema)
        return (name, *keys) if keys else None
    return None


def _array(document: Document, schema: Schema) -> tuple[str, ...]:
    """The key of the items in an object: `items`, or its only array."""
    fields = fields_of(schema)
    arrays = [name for name, field in fields.items() if _types(document, field) - {"null"} == {"array"}]
    chosen = [name for name in arrays if name == "items"] or arrays
    return tuple(chosen) if len(chosen) == 1 else ()


def _cursors(document: Document, answer: Schema, items: tuple[str, ...], *, removed: bool) -> Iterator[tuple[str, ...]]:
    """The keys that lead to what may be the cursor of the next page: near the items, or in what is about the page."""
    around = {(): answer, items[:-1]: items_of(document, answer, items[:-1])}
    for name, field in fields_of(answer).items():
        if snake_case(name) in ENVELOPES:
            around[(name,)] = resolved(document, field)
    for wanted in CURSORS:
        for keys, schema in around.items():
            for name, field in fields_of(schema, removed=removed).items():
                if snake_case(name) == wanted and _types(document, field) - {"null"} == {"string"}:
                    yield (*keys, name)


def _arguments(document: Document, operation: Operation, *, removed: bool) -> dict[str, dict[str, Schema]]:
    """The arguments of an operation that can take a cursor, by their place."""
    given = [p for p in parameters(document, operation) if p["in"] == "query" and (removed or "x-removed" not in p)]
    query = {parameter["name"]: parameter.get("schema", {}) for parameter in given}
    body: dict[str, Schema] = {}
    for schema in _schemas(operation.raw.get("requestBody", {})):
        body |= fields_of(resolved(document, schema), removed=removed)
    return {"query": query, "body": body}


def _types(document: Document, schema: Schema) -> set[str]:
    """The JSON types of a schema, of a union those of its members."""
    schema = resolved(document, schema)
    members = [resolved(document, member) for member in schema.get("anyOf", [schema])]
    return {str(member.get("type", "")) for member in members}


def _is_number(schema: Schema) -> bool:
    return schema.get("type") in ("integer", "number")


def _schemas(node: dict[str, Any]) -> list[Schema]:
    return [media.get("schema", {}) for media in node.get("content", {}).values()]
