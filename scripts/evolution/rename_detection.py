"""Find again in a new document what the one before it had, under whatever name the vendor has given it since.

The answer is the registry that the new document is read with: names on record stay, and what was renamed or moved is
noted in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from scripts.naming.hoist import NamedDocument
from scripts.naming.names import Namer, primary_tag
from scripts.spec.document import (
    COMBINATORS,
    SCHEMA_REF,
    Document,
    Operation,
    Schema,
    address,
    all_schemas,
    component_key,
    component_place,
    component_schemas,
    component_title,
    operations,
    resolve,
    root_of,
    schemas_by_title,
)
from scripts.spec.registry import Registry
from scripts.spec.renames import apply_renames

ALIKE = 0.8
"""The share of two schemas that has to agree for one to be the other under a new title."""


def detect_renames(old: Document, new: Document, named: NamedDocument, registry: Registry) -> Registry:
    """The registry to read `new` with; `old` is aligned, and `named` has the names that it gave.

    An operation is the same if method and path are, a schema if nearly all its fields are, and a tag if its operations
    are, most of them, those of one that is there no more.
    """
    registry = note_renames(old, new, registry)
    return _moved(old, apply_renames(new, registry), named, registry)


def note_renames(old: Document, new: Document, registry: Registry) -> Registry:
    """The registry with what `new` calls operations, schemas and tags of `old`, which is aligned.

    What was written out, and is a component now, is noted with its place.
    """
    registry = _without_reused_names(old, new, registry)
    sections = (("operations", _operations), ("schemas", _schemas), ("tags", _tags), ("places", _places))
    for section, found in sections:
        renamed = found(old, apply_renames(new, registry))
        if renamed:
            noted = registry.renamed.get(section, {})
            registry = replace(registry, renamed={**registry.renamed, section: {**noted, **renamed}})
    return registry


def _without_reused_names(old: Document, new: Document, registry: Registry) -> Registry:
    """The registry without notes of renamed operations whose new name the vendor has given to another one since."""
    noted = registry.renamed.get("operations", {})
    known = {_address(operation): operation.id for operation in operations(old)}
    reused = {
        operation.id
        for operation in operations(new)
        if operation.id in noted and known.get(_address(operation), noted[operation.id]) != noted[operation.id]
    }
    if not reused:
        return registry
    kept = {id_: recorded for id_, recorded in noted.items() if id_ not in reused}
    return replace(registry, renamed={**registry.renamed, "operations": kept})


def _operations(old: Document, new: Document) -> dict[str, str]:
    there = {operation.id for operation in operations(new)}
    left = {_address(operation): operation.id for operation in operations(old) if operation.id not in there}
    known = {operation.id for operation in operations(old)}
    return {
        operation.id: left[_address(operation)]
        for operation in operations(new)
        if operation.id not in known and _address(operation) in left
    }


def _address(operation: Operation) -> tuple[str, str]:
    return address(operation.method, operation.path)


def _tags(old: Document, new: Document) -> dict[str, str]:
    before = {operation.id: primary_tag(operation) for operation in operations(old)}
    after = {operation.id: primary_tag(operation) for operation in operations(new)}
    renamed: dict[str, str] = {}
    for tag in dict.fromkeys(after.values()):
        origins = Counter(before[id_] for id_, other in after.items() if other == tag and id_ in before)
        # Others may have come from tags that are still there, on the same day.
        gone = [origin for origin in origins if origin not in after.values()]
        is_most = len(gone) == 1 and 2 * origins[gone[0]] > origins.total()
        if tag not in before.values() and is_most and gone[0] not in renamed.values():
            renamed[tag] = gone[0]
    return renamed


# Schemas


def _schemas(old: Document, new: Document) -> dict[str, str]:
    before, after = schemas_by_title(old), schemas_by_title(new)
    removed = {title: schema for title, schema in before.items() if title not in after}
    unknown = {title: schema for title, schema in after.items() if title not in before}
    old_uses, new_uses = _uses(old), _uses(new)
    pairs = sorted(
        (
            (score, title, other)
            for title, schema in unknown.items()
            for other, known in removed.items()
            if (score := _likeness(known, schema, bool(old_uses.get(other, set()) & new_uses.get(title, set()))))
            >= ALIKE
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    renamed: dict[str, str] = {}
    for _, title, other in pairs:
        if title not in renamed and other not in renamed.values():
            renamed[title] = other
    return renamed


def _places(old: Document, new: Document) -> dict[str, str]:
    """The new components that were written out wherever they are used, with the first of these places."""
    written: dict[str, list[Schema]] = {}
    for place, schema in all_schemas(old):
        if "$ref" not in schema:
            written.setdefault(place, []).append(schema)
    known = {component_place(key, schema) for key, schema in component_schemas(old).items()}
    unknown = {
        component_place(key, schema): (component_title(key, schema), schema)
        for key, schema in component_schemas(new).items()
        if component_place(key, schema) not in known
    }
    used: dict[str, list[str]] = {}
    for place, schema in all_schemas(new):
        if str(schema.get("$ref", "")).startswith(SCHEMA_REF):
            used.setdefault(component_place(component_key(schema["$ref"]), resolve(new, schema)), []).append(place)
    found: dict[str, list[str]] = {}
    # A component can be in another one that was written out as well.
    while more := {
        component: places
        for component, (_, schema) in unknown.items()
        if component not in found
        and (places := [each for place in used.get(component, ()) for each in _as_written(place, found)])
        and all(any(_traits(other) & _traits(schema) for other in written.get(place, ())) for place in places)
    }:
        found |= more
    return {unknown[component][0]: places[0] for component, places in found.items()}


def _as_written(place: str, found: Mapping[str, list[str]]) -> list[str]:
    """The places of a place in a component, where that is `found` to have been written out."""
    root = root_of(place)
    return [f"{at}{place.removeprefix(root)}" for at in found[root]] if root in found else [place]


def _likeness(one: Schema, other: Schema, used_alike: bool) -> float:
    """Between 0 and 1; that operations use both in the same places counts for a fifth of it."""
    left, right = _traits(one), _traits(other)
    if not left or not right:
        return 0.0
    return 0.8 * len(left & right) / len(left | right) + (0.2 if used_alike else 0.05)


def _traits(schema: Schema) -> set[str]:
    """The fields of an object, or the values of an enumeration."""
    members = [schema, *(member for combinator in COMBINATORS for member in schema.get(combinator, []))]
    fields = {f"field {name}" for member in members for name in member.get("properties", {})}
    return fields | {f"value {value!r}" for member in members for value in member.get("enum", [])}


def _uses(document: Document) -> dict[str, set[str]]:
    """Title -> the operations that mention it, with which part of them does."""
    titles = {key: component_title(key, schema) for key, schema in component_schemas(document).items()}
    found: dict[str, set[str]] = {}
    for operation in operations(document):
        for part in ("parameters", "requestBody", "responses"):
            for reference in _references(document, operation.raw.get(part)):
                found.setdefault(titles.get(reference, ""), set()).add(f"{operation.id}:{part}")
    return found


def _references(document: Document, node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for inner in node:
            yield from _references(document, inner)
    elif isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(SCHEMA_REF):
            yield component_key(reference)
        elif isinstance(reference, str):
            yield from _references(document, resolve(document, node))
        else:
            for inner in node.values():
                yield from _references(document, inner)


# Operations under another tag


def _moved(old: Document, new: Document, named: NamedDocument, registry: Registry) -> Registry:
    """The registry with an alias for each operation whose resource is another than before."""
    before = {operation.id: named.resources[primary_tag(operation)] for operation in operations(old)}
    there = list(operations(new))
    resources = Namer(registry).resources(new)
    after = {operation.id: resources[primary_tag(operation)] for operation in there}
    moved = {id_ for id_, resource in after.items() if id_ in before and before[id_] != resource}
    if not moved:
        return registry
    aliases = dict(registry.aliases)
    names = {**registry.operations, **named.methods}
    for id_ in sorted(moved):
        aliases.setdefault(f"{before[id_]}.{names[id_]}", id_)
    for id_ in [operation.id for operation in there if operation.id in moved]:
        others = {*after, *aliases.values()} - {id_}
        taken = {names[other] for other in others if after.get(other) == after[id_] and other in names}
        taken |= {_method(alias) for alias, other in aliases.items() if other != id_ and _resource(alias) == after[id_]}
        returned = next((a for a, other in aliases.items() if other == id_ and _resource(a) == after[id_]), "")
        if returned:
            names[id_] = _method(returned)
        elif names[id_] in taken:
            # It gets another one in its new resource; the old one stays, in the old resource.
            del names[id_]
    kept = {id_: names[id_] for id_ in registry.operations if id_ in names}
    return replace(registry, operations=kept, aliases=aliases)


def _resource(alias: str) -> str:
    return alias.partition(".")[0]


def _method(alias: str) -> str:
    return alias.partition(".")[2]
