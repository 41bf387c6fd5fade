"""Nothing that carries data may be dropped: compare what is at each place before and after."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

from scripts.lib.report import Failed
from scripts.spec.document import Document, Schema, inner_schemas, resolve, root_schemas


class Inventory(NamedTuple):
    """The field names and the enumeration values at each place of a document."""

    fields: dict[str, set[str]]
    values: dict[str, set[Any]]


def inventory(document: Document) -> Inventory:
    """The fields and values of a document, by place.

    A union's members count for its place, what a reference points at for the place of the reference, and null is no
    value.
    """
    fields: dict[str, set[str]] = defaultdict(set)
    values: dict[str, set[Any]] = defaultdict(set)

    def take(place: str, schema: Schema, above: frozenset[str]) -> None:
        target = schema.get("$ref")
        if target is not None:
            if target not in above:
                take(place, resolve(document, schema), above | {target})
            return
        fields[place].update(schema.get("properties", {}))
        values[place].update(_typed(value) for value in _values(schema) if value is not None)
        for inner_place, inner in inner_schemas(place, schema):
            take(inner_place, inner, above)

    for place, schema in root_schemas(document):
        take(place, schema, frozenset())
    return Inventory(fields, values)


def check_conserved(before: Document, after: Document) -> None:
    """Raise `Failed`, naming each loss, unless every field and value of `before` is in `after` at the same place."""
    old, new = inventory(before), inventory(after)
    lost = [f"{place}.{name}" for place, names in old.fields.items() for name in sorted(names - new.fields[place])]
    lost += [
        f"{place} = {value!r}"
        for place, values in old.values.items()
        for _, value in sorted(values - new.values[place], key=repr)
    ]
    if lost:
        raise Failed("normalise", f"{len(lost)} fields or values would be lost: {', '.join(lost[:20])}")


def _values(schema: Schema) -> list[Any]:
    values = [*schema.get("enum", []), *schema.get("x-values", [])]
    return [*values, schema["const"]] if "const" in schema else values


def _typed(value: Any) -> tuple[str, Any]:
    """Values with their JSON type, because True == 1 in Python."""
    if isinstance(value, bool):
        return "boolean", value
    return ("number" if isinstance(value, (int, float)) else "string"), value
