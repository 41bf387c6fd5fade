"""Nothing that carries data may be dropped: compare what is at each place before and after."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from scripts.lib.report import Failed, refused
from scripts.spec.document import COMBINATORS, Document, Schema, inner_schemas, resolve, root_schemas

Schemas = dict[int, Schema]
"""Schemas of a document by their identity."""


def check_conserved(before: Document, after: Document) -> None:
    """Raise `Failed`, naming each loss, unless every field and value of `before` is in `after` at the same place.

    A union's members count for its place, what a reference points at for the place of the reference, and null is no
    value. What is lost only in the repetition of schemas that contain themselves is `Refused`.
    """
    losses = list(_losses(before, after))
    lost = [place for place, repeated in losses if not repeated]
    if losses and not lost:
        roots = ", ".join(sorted({re.split(r"[.:\[{]", place)[0] for place, _ in losses}))
        what = f"arrays and maps of {roots} contain themselves by way of unions alone: they go in circles"
        raise refused(
            "normalise", what, "no type in Python says that; an object around one of them would end the circle"
        )
    if lost:
        raise Failed("normalise", f"{len(lost)} fields or values would be lost: {', '.join(lost[:20])}")


def _losses(before: Document, after: Document) -> Iterator[tuple[str, bool]]:
    """Each loss, and whether it is in the repetition of a schema that contains itself."""
    old_roots, new_roots = (_by_place(root_schemas(document)) for document in (before, after))
    waiting = deque(
        (place, schemas, new_roots.get(place, []), frozenset[int](), False) for place, schemas in old_roots.items()
    )
    compared: set[tuple[frozenset[int], frozenset[int]]] = set()
    while waiting:
        place, old_schemas, new_schemas, above, repeated = waiting.popleft()
        old, new = _parts(before, old_schemas), _parts(after, new_schemas)
        # Many references lead to one component; what is the same on both sides is walked once.
        pair = frozenset(old), frozenset(new)
        if pair in compared or (any(map(_holds_anything, new.values())) and pair[0] <= above):
            continue
        compared.add(pair)
        repeated = repeated or not pair[0].isdisjoint(above)
        above |= pair[0]
        fields = _fields(old) - _fields(new)
        yield from ((f"{place}.{name}", repeated) for name in sorted(fields))
        yield from ((f"{place} = {value!r}", repeated) for _, value in sorted(_values(old) - _values(new), key=repr))
        inner = _by_place(each for schema in new.values() for each in inner_schemas("", schema))
        for step, schemas in _by_place(each for schema in old.values() for each in inner_schemas("", schema)).items():
            if step.removeprefix(".") not in fields:
                waiting.append((place + step, schemas, inner.get(step, []), above, repeated))


def _by_place(schemas: Iterable[tuple[str, Schema]]) -> dict[str, list[Schema]]:
    """The schemas at each place, but for the members of unions, which are at the place "" inside them."""
    found: dict[str, list[Schema]] = {}
    for place, schema in schemas:
        if place:
            found.setdefault(place, []).append(schema)
    return found


def _parts(document: Document, schemas: list[Schema]) -> Schemas:
    """What schemas at one place say together: they themselves, and what they refer to or combine."""
    found: Schemas = {}
    waiting = list(schemas)
    while waiting:
        schema = waiting.pop()
        if id(schema) in found:
            continue
        if "$ref" in schema:
            waiting.append(resolve(document, schema))
            continue
        found[id(schema)] = schema
        waiting += [member for combinator in COMBINATORS for member in schema.get(combinator, [])]
    return found


def _holds_anything(schema: Schema) -> bool:
    """Whether a schema is what is left of one that contains itself by way of unions, arrays and maps alone."""
    return not {"type", "properties", "items", "additionalProperties", "enum", *COMBINATORS} & schema.keys()


def _fields(schemas: Schemas) -> set[str]:
    return {name for schema in schemas.values() for name in schema.get("properties", {})}


def _values(schemas: Schemas) -> set[tuple[str, Any]]:
    """Values with their JSON type, because True == 1 in Python."""
    return {
        ("boolean" if isinstance(value, bool) else "number" if isinstance(value, int | float) else "string", value)
        for schema in schemas.values()
        for value in (*schema.get("enum", []), *schema.get("x-values", []), schema.get("const"))
        if value is not None
    }
