"""Evidence: where in a document of the vendor the parts of its client are, as JSON pointers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scripts.codegen.client_model import KEYWORD, Argument, ClientModel, Operation
from scripts.codegen.pipeline import Prepared
from scripts.compatibility.judge import Change
from scripts.lib.report import child
from scripts.spec.document import COMBINATORS, all_schemas, component_key, resolve


def pointers(prepared: Prepared, model: ClientModel) -> dict[str, str]:
    """Subject of a change -> JSON pointer of its place in the document that `prepared`, and the client, are made of.

    A part that only we have, or that the overlay made, has none.
    """
    return dict(_Places(prepared).of(model))


def place_of(change: Change, found: Mapping[str, str]) -> str:
    """The pointer of what changed, else of what that belongs to; "" if neither has one."""
    subject = change.subject
    for name in (subject, subject.partition("(")[0], subject.rpartition(".")[0]):
        if name in found:
            return found[name]
    return ""


class _Places:
    def __init__(self, prepared: Prepared) -> None:
        # Its places are those of the vendor's file, though not all its names.
        self._document = document = prepared.aligned
        pointer_of = {id(node): pointer for pointer, node in _nodes(document, "")}
        at: dict[str, str] = {}
        for place, schema in all_schemas(document):
            at.setdefault(place, pointer_of[id(schema)])  # the alternatives in a schema have its place, too
        self._classes: dict[str, str] = {}
        for place, name in prepared.named.class_at.items():
            if place in at:
                self._classes.setdefault(name, at[place])

    def of(self, model: ClientModel) -> Iterator[tuple[str, str]]:
        for resource, operation in model.operations:
            method = operation.http_method.lower()
            raw = self._document["paths"].get(operation.path, {}).get(method)
            if raw is not None:
                call, pointer = f"client.{resource.name}.{operation.name}", child("", "paths", operation.path, method)
                yield call, pointer
                for argument in operation.arguments:
                    given = f"{argument.name}=" if argument.kind == KEYWORD else argument.name
                    yield f"{call}({given})", self._argument(pointer, raw, operation, argument) or pointer
        for name, each in model.classes.items():
            if name in self._classes:
                yield name, self._classes[name]
                schema = self._at(self._classes[name])
                for field in each.fields:
                    found = self._property(self._classes[name], schema, field.json_name)
                    yield f"{name}.{field.name}", found or self._classes[name]
        yield from ((name, self._classes[name]) for name in model.enumerations if name in self._classes)

    def _argument(self, pointer: str, raw: dict[str, Any], operation: Operation, argument: Argument) -> str:
        wanted = (argument.place, argument.json_name)
        for base, owner in (
            (pointer, raw),
            (child("", "paths", operation.path), self._document["paths"][operation.path]),
        ):
            for index, each in enumerate(owner.get("parameters", [])):
                parameter = resolve(self._document, each)
                if (parameter["in"], parameter["name"]) == wanted:
                    return child(base, "parameters", index)
        body = child(pointer, "requestBody")
        if "$ref" in raw.get("requestBody", {}):
            body = raw["requestBody"]["$ref"].removeprefix("#")
        for kind, media in resolve(self._document, raw.get("requestBody", {})).get("content", {}).items():
            place = child(body, "content", kind, "schema")
            if found := self._property(place, media.get("schema", {}), argument.json_name):
                return found
        return ""

    def _property(self, pointer: str, schema: dict[str, Any], name: str, seen: frozenset[str] = frozenset()) -> str:
        """The pointer of a property of a schema, through references and alternatives; "" if it has none."""
        if pointer in seen:
            return ""
        if "$ref" in schema:
            target = child("", "components", "schemas", component_key(schema["$ref"]))
            return self._property(target, resolve(self._document, schema), name, seen | {pointer})
        if name in schema.get("properties", {}):
            return child(pointer, "properties", name)
        inside = [(child(pointer, key, n), each) for key in COMBINATORS for n, each in enumerate(schema.get(key, []))]
        found = (self._property(place, each, name, seen | {pointer}) for place, each in inside)
        return next(filter(None, found), "")

    def _at(self, pointer: str) -> dict[str, Any]:
        node: Any = self._document
        for part in pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            node = node[int(key)] if isinstance(node, list) else node[key]
        assert isinstance(node, dict)
        return node


def _nodes(node: Any, pointer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a document with its pointer."""
    if isinstance(node, dict):
        yield pointer, node
        for key, inner in node.items():
            yield from _nodes(inner, child(pointer, key))
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from _nodes(inner, child(pointer, index))
