"""Retention of removed parts: one in five comes back, and code that uses them goes on working.

`openapi/tombstones.json` keeps of each operation, schema, parameter, field and enumeration value what the document said
of it. A run puts them back into the document, marked with `x-removed`, the day of their removal; the generated client
warns of their use.
"""

from __future__ import annotations

import copy
import datetime
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

from scripts.lib.identifiers import identifier, pascal_case
from scripts.lib.report import refused
from scripts.spec.document import (
    COMBINATORS,
    SCHEMA_REF,
    Document,
    Operation,
    Schema,
    all_schemas,
    component_key,
    component_place,
    component_schemas,
    component_title,
    operations,
    parameters,
    resolve,
    schemas_by_title,
    successes,
)
from scripts.spec.normalise.types import label_key

KINDS = ("schema", "operation", "parameter", "field", "value")
"""In the order in which they are put back: what comes later may be in what comes earlier."""


@dataclass(frozen=True)
class Tombstone:
    """One part that was removed: `name` is its place, `since` the day of the document that had it no more."""

    kind: str
    name: str
    since: str
    content: Any

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.name


def read_tombstones(path: Path) -> list[Tombstone]:
    """The tombstones in the file `path`, none if there is no such file; raises `Refused` where it is not as written."""
    if not path.exists():
        return []
    why = "what the vendor dropped would be lost; bring the file back from version control"
    try:
        stones = [Tombstone(**entry) for entry in json.loads(path.read_text("utf-8"))]
        for stone in stones:
            datetime.date.fromisoformat(stone.since)
            if stone.kind not in KINDS:
                raise ValueError(f"{stone.kind!r} is no kind of tombstone")
    except (OSError, ValueError, TypeError) as error:
        raise refused("tombstones", f"{path} cannot be read: {error}", why) from error
    return stones


def write_tombstones(stones: Iterable[Tombstone]) -> str:
    """The tombstones as text, the same for the same ones."""
    return json.dumps([asdict(stone) for stone in sorted(stones, key=_order)], indent=1, ensure_ascii=True) + "\n"


def _order(stone: Tombstone) -> tuple[int, str]:
    return KINDS.index(stone.kind), stone.name


# Back into the document


def restore_removed(document: Document, stones: Iterable[Tombstone]) -> tuple[Document, list[Tombstone]]:
    """A copy of an aligned document with removed parts put back, and the tombstones that it has a place for.

    What the document has again, or what would have to be in something that is purged, is left out.
    """
    document = copy.deepcopy(document)
    waiting = sorted(stones, key=_order)
    kept: list[Tombstone] = []
    # A schema may refer to one that comes back after it.
    while restored := [stone for stone in waiting if _restore(document, stone)]:
        kept += restored
        waiting = [stone for stone in waiting if stone not in restored]
    return document, kept


def _restore(document: Document, stone: Tombstone) -> bool:
    keys = {component_title(key, schema): key for key, schema in component_schemas(document).items()}
    if stone.kind == "schema":
        keys.setdefault(stone.name, _unused_key(pascal_case(stone.name), component_schemas(document)))
    try:
        content = _with_keys(stone.content, keys)
    except KeyError:  # it refers to a schema that is purged
        return False
    return _RESTORE[stone.kind](document, Tombstone(stone.kind, stone.name, stone.since, content))


def _restore_schema(document: Document, stone: Tombstone) -> bool:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    if stone.name in schemas_by_title(document):
        return False
    schemas[_unused_key(pascal_case(stone.name), schemas)] = {**stone.content, "x-removed": stone.since}
    return True


def _unused_key(name: str, schemas: Mapping[str, Any]) -> str:
    return next(key for number in count(1) if (key := name if number == 1 else f"{name}{number}") not in schemas)


def _restore_operation(document: Document, stone: Tombstone) -> bool:
    content = stone.content
    item = document["paths"].get(content["path"], {})
    if content["method"] in item or any(operation.id == stone.name for operation in operations(document)):
        return False
    raw = {**content["operation"], "x-removed": stone.since}
    document["paths"].setdefault(content["path"], {})[content["method"]] = raw
    return True


def _restore_parameter(document: Document, stone: Tombstone) -> bool:
    operation = next((o for o in operations(document) if o.id == stone.name.split(":")[0]), None)
    raw = stone.content
    if operation is None or any(
        (other["in"], other["name"]) == (raw["in"], raw["name"]) for other in parameters(document, operation)
    ):
        return False
    raw = {**raw, "required": False, "x-removed": stone.since}
    operation.raw["parameters"] = [*operation.raw.get("parameters", []), raw]
    return True


def _restore_field(document: Document, stone: Tombstone) -> bool:
    place, name = stone.content["in"], stone.content["name"]
    found = [schema for at, schema in all_schemas(document) if at == place and "properties" in schema]
    if not found or any(name in schema["properties"] for schema in found):
        return False
    marks = {"x-removed": stone.since, **({"x-removed-required": True} if stone.content["required"] else {})}
    found[0]["properties"][name] = {**stone.content["schema"], **marks}
    return True


def _restore_value(document: Document, stone: Tombstone) -> bool:
    place, value = stone.content["in"], stone.content["value"]
    found = [schema for at, schema in all_schemas(document) if at == place and "enum" in schema]
    if not found or any(_among(value, schema["enum"]) for schema in found):
        return False
    schema = found[0]
    schema["enum"] = [*schema["enum"], value]
    schema["x-removed-values"] = {**schema.get("x-removed-values", {}), label_key(value): stone.since}
    if stone.content.get("label"):
        labels = schema.get("x-enumDescriptions", {})
        schema["x-enumDescriptions"] = {label_key(value): stone.content["label"], **labels}
    return True


_RESTORE = {
    "schema": _restore_schema,
    "operation": _restore_operation,
    "parameter": _restore_parameter,
    "field": _restore_field,
    "value": _restore_value,
}


# Parts that were removed


def vanished(old: Document, new: Document, since: str) -> list[Tombstone]:
    """Tombstones for all that `old` has and `new` has not, both aligned; what `old` has marked keeps its day.

    An operation, schema, parameter, field or value is found where only itself was removed: of what changed its type or
    lost the object that it was in nothing can be kept.
    """
    return list({stone.key: stone for stone in _Comparison(old, new, since).stones()}.values())


class _Comparison:
    def __init__(self, old: Document, new: Document, since: str) -> None:
        self._old = old
        self._new = new
        self._since = since
        self._seen: set[tuple[int, int]] = set()

    def stones(self) -> Iterator[Tombstone]:
        yield from self._schemas()
        there = {operation.id: operation for operation in operations(self._new)}
        for operation in operations(self._old):
            if operation.id in there:
                yield from self._operation(operation, there[operation.id])
            else:
                yield self._stone("operation", operation.id, operation.raw, self._whole(operation))

    def _stone(self, kind: str, name: str, node: Mapping[str, Any], content: Any) -> Tombstone:
        return Tombstone(kind, name, node.get("x-removed", self._since), content)

    def _whole(self, operation: Operation) -> dict[str, Any]:
        raw = _kept(self._old, {**operation.raw, "parameters": parameters(self._old, operation)})
        return {"path": operation.path, "method": operation.method, "operation": raw}

    def _schemas(self) -> Iterator[Tombstone]:
        new = schemas_by_title(self._new)
        for title, schema in schemas_by_title(self._old).items():
            if title in new:
                yield from self._schema(component_place(title, schema), schema, component_place(title, new[title]),
                                        new[title])  # fmt: skip
            else:
                yield self._stone("schema", title, schema, _kept(self._old, schema))

    def _operation(self, old: Operation, new: Operation) -> Iterator[Tombstone]:
        known = parameters(self._old, old)
        there = {(raw["in"], raw["name"]): raw for raw in parameters(self._new, new)}
        for raw in known:
            place = f"{old.id}:{raw['in']}.{raw['name']}"
            names = {name for at, name in there if at == raw["in"]}
            spelled = _spelled(raw["name"], names, {other["name"] for other in known})
            if spelled is not None:
                other = there[raw["in"], spelled]
                at = f"{old.id}:{other['in']}.{other['name']}"
                yield from self._schema(place, raw.get("schema", {}), at, other.get("schema", {}))
            elif raw["in"] != "path":
                # A removed parameter is never required, so that what is kept of it stays the same from pin to pin.
                content = {key: value for key, value in _kept(self._old, raw).items() if key != "required"}
                yield self._stone("parameter", place, raw, content)
        for place, before, after in (
            (f"{old.id}:body", self._body(self._old, old), self._body(self._new, new)),
            (f"{old.id}:response", self._answer(self._old, old), self._answer(self._new, new)),
        ):
            if before is not None and after is not None:
                yield from self._schema(place, before, place, after)

    def _body(self, document: Document, operation: Operation) -> Schema | None:
        return _media_schema(resolve(document, operation.raw.get("requestBody", {})))

    def _answer(self, document: Document, operation: Operation) -> Schema | None:
        return next((_media_schema(resolve(document, response)) for _, response in successes(operation)), None)

    def _schema(self, old_place: str, old: Schema, new_place: str, new: Schema) -> Iterator[Tombstone]:
        if (id(old), id(new)) in self._seen:
            return
        self._seen.add((id(old), id(new)))
        before, after = list(_leaves(self._old, old_place, old)), list(_leaves(self._new, new_place, new))
        components = {place for place, schema, component in before if component}
        # A reference to another schema than before, which was there before, is another type.
        if any(component and place not in components and self._was_there(place) for place, _, component in after):
            return
        objects = [(place, schema) for place, schema, _ in after if "properties" in schema]
        fields = {
            name: (f"{place}.{name}", inner)
            for place, schema in objects
            for name, inner in schema["properties"].items()
        }
        known = {name for _, schema, _ in before for name in schema.get("properties", {})}
        for place, schema, component in before:
            if component and old_place != place and any(component for *_, component in after):
                continue  # components are compared by themselves
            for name, inner in schema.get("properties", {}).items():
                if (spelled := _spelled(name, fields, known)) is not None:
                    yield from self._schema(f"{place}.{name}", inner, *fields[spelled])
                elif objects:
                    at = objects[0][0]
                    required = name in schema.get("required", []) or "x-removed-required" in inner
                    content = {"in": at, "name": name, "schema": _kept(self._old, inner), "required": required}
                    yield self._stone("field", f"{at}.{name}", inner, content)
            yield from self._values(schema, after)
        for key, sign in (("items", "[]"), ("additionalProperties", "{}")):
            inners = [(place, schema[key]) for place, schema, _ in before if isinstance(schema.get(key), dict)]
            others = [(place, schema[key]) for place, schema, _ in after if isinstance(schema.get(key), dict)]
            if inners and others:
                yield from self._schema(inners[0][0] + sign, inners[0][1], others[0][0] + sign, others[0][1])

    def _was_there(self, place: str) -> bool:
        return any(component_place(title, schema) == place for title, schema in schemas_by_title(self._old).items())

    def _values(self, schema: Schema, after: list[tuple[str, Schema, bool]]) -> Iterator[Tombstone]:
        listed = [(place, other) for place, other, _ in after if "enum" in other]
        labels = schema.get("x-enumDescriptions", {})
        for value in schema.get("enum", []):
            alike = [(place, other) for place, other in listed if any(_alike(value, v) for v in other["enum"])]
            if alike and value is not None and not any(_among(value, other["enum"]) for _, other in listed):
                key = label_key(value)
                content = {"in": alike[0][0], "value": value, "label": labels.get(key)}
                since = schema.get("x-removed-values", {}).get(key, self._since)
                yield Tombstone("value", f"{alike[0][0]}={key}", since, content)


def _leaves(document: Document, place: str, schema: Schema) -> Iterator[tuple[str, Schema, bool]]:
    """The schemas that a value there is checked against, with their places, and whether they are components."""

    def walk(place: str, schema: Schema, component: bool, seen: frozenset[int]) -> Iterator[tuple[str, Schema, bool]]:
        if id(schema) in seen:
            return
        seen |= {id(schema)}
        if "$ref" in schema:
            target = resolve(document, schema)
            if schema["$ref"].startswith(SCHEMA_REF):
                place, component = component_place(component_key(schema["$ref"]), target), True
            yield from walk(place, target, component, seen)
            return
        yield place, schema, component
        for combinator in COMBINATORS:
            for member in schema.get(combinator, []):
                yield from walk(place, member, component, seen)

    yield from walk(place, schema, False, frozenset())


def _spelled(name: str, there: Collection[str], before: Collection[str]) -> str | None:
    """The name as it is spelled in `there`: only a new spelling, which was not there `before`, is another one of it."""
    if name in there:
        return name
    return next((n for n in there if n not in before and identifier(n) == identifier(name)), None)


def _media_schema(node: Mapping[str, Any]) -> Schema | None:
    return next((media["schema"] for media in node.get("content", {}).values() if "schema" in media), None)


def _among(value: Any, values: list[Any]) -> bool:
    return any(_alike(value, other) and value == other for other in values)


def _alike(one: Any, other: Any) -> bool:
    """Whether two values are of one JSON type."""
    return isinstance(one, str) == isinstance(other, str) and isinstance(one, bool) == isinstance(other, bool)


# References by title: the vendor numbers the keys of its schemas anew


_MARKS = ("x-removed", "x-removed-required")


def _kept(document: Document, node: Mapping[str, Any]) -> Any:
    """The content of a tombstone for a node: by itself, without our marks."""
    return _with_titles(document, {key: value for key, value in node.items() if key not in _MARKS})


def _with_titles(document: Document, node: Any) -> Any:
    """A copy of `node` with references by title, and with whatever is no schema in the place of its reference."""
    if isinstance(node, list):
        return [_with_titles(document, inner) for inner in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str):
        if not reference.startswith(SCHEMA_REF):
            return _with_titles(document, resolve(document, node))
        key = component_key(reference)
        title = component_title(key, document["components"]["schemas"][key])
        return {**node, "$ref": SCHEMA_REF + _escaped(title)}
    return {key: _with_titles(document, inner) for key, inner in node.items()}


def _with_keys(node: Any, keys: Mapping[str, str]) -> Any:
    """A copy of `node` with references by key; raises KeyError where there is no such title."""
    if isinstance(node, list):
        return [_with_keys(inner, keys) for inner in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        return {**node, "$ref": SCHEMA_REF + _escaped(keys[component_key(node["$ref"])])}
    return {key: _with_keys(inner, keys) for key, inner in node.items()}


def _escaped(key: str) -> str:
    return key.replace("%", "%25").replace("~", "~0").replace("/", "~1")
