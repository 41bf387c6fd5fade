"""Resources: what an operation without a handler does, as far as the document shows it.

An object is at the path of its collection and one placeholder. Operations of both that speak of one schema create,
list, read, change and delete it, and those of its path and a verb change its state; the sandbox keeps what they do, by
the path that was asked. A collection that nobody can add to has a few samples from the start. Everything else is a
sample, which repeats what was asked.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any, cast

from ..state.identity import uuid7
from ..state.rows import Collection
from ..state.workspaces import Entity
from .context import COUNTS, RequestContext
from .document import CURSOR, Document, Operation, Schema
from .messages import Refusal
from .pages import DEFAULT_SIZE, contains, newest_first, page
from .records import MADE_BY_SERVER, STAMPS
from .registry import HANDLERS, KINDS
from .repeats import repeating, with_fields
from .samples import Sampler
from .validation import validator
from .verbs import changes, initial

SAMPLES = 3
STARTED = "Sampled Collection"
"""Collections that nobody can add to, and that have got their samples."""

PAGING = ("limit", CURSOR, *COUNTS)
TEXTS = ("name", "title", "label", "email")
"""The fields that the parameter `search` looks into."""

_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Resource:
    """Resource: a collection that the document alone describes.

    Attributes:
        path: the path of the collection; an object is at this path and one placeholder.
        key: the field that identifies an object.
        id_schema: the schema of its value in a path.
        schema: of an object.
        creates: the operationId that creates an object; None if nobody can.
        max_objects: how many there can be at most; None if the document does not say.
        roles: operationId -> what the operation does.
    """

    path: str
    key: str
    id_schema: Schema
    schema: Schema
    creates: str | None
    max_objects: int | None
    roles: Mapping[str, Callable[[Resource, RequestContext], Any]]

    def rows(self, context: RequestContext) -> Collection:
        """The objects of the collection that a request asks for, by key."""
        path = _filled(self.path, context.path)
        rows = context.of(path)
        if self.creates is None and path not in context.of(STARTED):
            random = Random(f"{context.runtime.seed} {path}")
            sampler = Sampler(context.runtime.document, random, context.moment)
            for _ in range(SAMPLES):
                row = self._drawn(context, sampler, uuid7(context.time, random), rows)
                rows[str(row[self.key])] = row
            context.of(STARTED)[path] = {}
        return rows

    def created(self, context: RequestContext) -> Entity:
        """Create an object.

        Raises:
            Refusal: 400, if there are as many as there can be.
        """
        document, given, rows = context.runtime.document, _given(context), self.rows(context)
        if self.max_objects is not None and len(rows) >= self.max_objects:
            raise Refusal(400, f"There are {len(rows)} already, which is the maximum")
        made = self._drawn(context, context.sampler(), context.new_id(), rows)
        fields = document.fields(self.schema)
        begins = {name: value for name in made if (value := initial(fields.get(name, {}))) is not None}
        stamps = dict.fromkeys((name for name in STAMPS if name in made), context.stamp())
        entity = with_fields(document, self.schema, made, {**begins, **self._within(context), **stamps, **given})
        # Nobody said what was only drawn.
        required = document.required(self.schema)
        entity = {name: value for name, value in entity.items() if name in required or value is not made.get(name)}
        rows[str(entity[self.key])] = entity
        return entity

    def _within(self, context: RequestContext) -> Entity:
        """The id of the object that the collection belongs to, if an object has one field for it."""
        document, owner = context.runtime.document, next(reversed(context.path.values()), None)
        names = [
            name
            for name in document.required(self.schema)
            if name.endswith("_id") and name not in (self.key, *MADE_BY_SERVER)
        ]
        return {names[0]: owner} if owner and len(names) == 1 else {}

    def listed(self, context: RequestContext) -> Any:
        """List the objects."""
        rows = [row for row in newest_first(self.rows(context).values()) if self._asked(context, row)]
        if context.operation.cursor:
            cursor = None if self.key == "id" else lambda row: str(row[self.key])
            return {**context.sample(), **page(context, rows, cursor=cursor)}
        return {**context.sample(), "items": _counted(context, rows)}

    def _asked(self, context: RequestContext, row: Entity) -> bool:
        """Whether a list has an object: parameters with the name of a field select by its value."""
        fields = context.runtime.document.fields(self.schema)
        wanted = {name: value for name, value in context.query.items() if name in fields and name not in PAGING}
        return contains(row, context.query.get("search"), *TEXTS) and all(
            row.get(name) in value if isinstance(value, list) else row.get(name) == value
            for name, value in wanted.items()
        )

    def found(self, context: RequestContext) -> Entity:
        """Read an object."""
        return self.rows(context)[self._id(context)]

    def patched(self, context: RequestContext) -> Any:
        """Change an object."""
        return self._changed(context, _given(context))

    def acted(self, context: RequestContext) -> Any:
        """Change the state of an object, as the verb at the end of the path says."""
        verb = context.operation.path.rpartition("/")[2]
        return self._changed(context, {**_given(context), **changes(context, self.schema, verb)})

    def _changed(self, context: RequestContext, given: Entity) -> Any:
        rows, id = self.rows(context), self._id(context)
        moment = {"timestamp_updated": context.now} if "timestamp_updated" in rows[id] else {}
        given = {**moment, **{name: value for name, value in given.items() if name != self.key}}
        rows[id] = with_fields(context.runtime.document, self.schema, rows[id], given)
        return self._answer(context, rows[id])

    def deleted(self, context: RequestContext) -> Any:
        """Delete an object."""
        return self._answer(context, self.rows(context).pop(self._id(context)))

    def _id(self, context: RequestContext) -> str:
        return list(context.path.values())[-1]

    def _drawn(self, context: RequestContext, sampler: Sampler, id: str, rows: Collection) -> Entity:
        entity: Entity = sampler.fitting(self.schema)
        made = {name: make(context) for name, make in MADE_BY_SERVER.items() if name in entity}
        made[self.key] = self._new_key(context, sampler, id, rows)
        return with_fields(context.runtime.document, self.schema, entity, made)

    def _new_key(self, context: RequestContext, sampler: Sampler, id: str, rows: Collection) -> str:
        """A key that no object has: the id, or a text of the key's own form with a number at its end."""
        takes = validator(context.runtime.document, self.id_schema)
        drawn = str(sampler.fitting(self.id_schema))
        numbered = (f"{drawn.rstrip('0123456789')}{number}" for number in range(1, len(rows) + 2))
        fitting = (text for text in (id, drawn, *numbered) if text not in rows and takes.is_valid(text))
        return next(fitting, drawn)

    def _answer(self, context: RequestContext, entity: Entity) -> Any:
        """The answer to a change: the object, or a sample with the fields that both have."""
        schema = context.operation.success[2]
        if schema is None:
            return None
        takes = validator(context.runtime.document, schema)
        if takes.is_valid(entity):
            return entity
        sample = context.sample()
        shared = {name: entity[name] for name in sample if name in entity} if isinstance(sample, dict) else {}
        mixed = {**sample, **shared} if shared else sample
        return mixed if takes.is_valid(mixed) else sample


def answer(context: RequestContext) -> Any:
    """Answer an operation without a handler, as the document describes it.

    Raises:
        Refusal: 404, if the path names an object that is not there.
    """
    for name, item in placeholders(context.operation.path):
        known = objects(context, item)
        if known is not None and context.path[name] not in known:
            raise Refusal(404, f"{name} {context.path[name]} not found")
    for resource in resources(context.runtime.document).values():
        if context.operation.id in resource.roles:
            return resource.roles[context.operation.id](resource, context)
    return repeating(context, context.sample())


def _given(context: RequestContext) -> Entity:
    """The fields of the body."""
    return dict(context.body) if isinstance(context.body, dict) else {}


def placeholders(path: str) -> Iterator[tuple[str, str]]:
    """The placeholders of a path, each with the path up to it."""
    for found in _PLACE.finditer(path):
        yield found[1], path[: found.end()]


def objects(context: RequestContext, item: str) -> Mapping[str, Entity] | None:
    """The objects of which a path with a placeholder at its end names one; None if the sandbox keeps none there."""
    document = context.runtime.document
    kinds = kinds_at(document, item)
    if kinds:
        return ChainMap(*(cast(dict[str, Entity], context.of(kind)) for kind in kinds))
    resource = resources(document).get(item.rpartition("/")[0])
    return resource.rows(context) if resource else None


@cache
def kinds_at(document: Document, item: str) -> tuple[str, ...]:
    """The kinds of the objects at a path, if an operation that names one of them last has a handler."""
    named = (each for each in document if each.path.startswith(item) and "{" not in each.path[len(item) :])
    return next((KINDS[each.id] for each in named if each.id in KINDS), ())


def is_kept(operation: Operation) -> bool:
    """Whether the sandbox keeps all objects that the path of an operation names."""
    document = operation.document
    items = [item for _, item in placeholders(operation.path)]
    return all(kinds_at(document, item) or item.rpartition("/")[0] in resources(document) for item in items)


@cache
def is_sampled(operation: Operation) -> bool:
    """Whether the answers to an operation are samples: no handler gives them, and no state that the sandbox keeps."""
    kept = any(operation.id in resource.roles for resource in resources(operation.document).values())
    return operation.id not in HANDLERS and not kept


@cache
def resources(document: Document) -> dict[str, Resource]:
    """The resources of a document, by the path of their collection; those that a handler knows are none of them."""
    items = {operation.path for operation in document if _PLACE.fullmatch(operation.path.rpartition("/")[2])}
    found = (_resource(document, item) for item in sorted(items))
    return {resource.path: resource for resource in found if resource}


def _resource(document: Document, item: str) -> Resource | None:
    path = item.rpartition("/")[0]
    at_item, at_path = document.at(item), document.at(path)
    schema = next((each.success[2] for each in at_item if each.method in ("GET", "PATCH", "PUT")), None)
    fields = document.fields(schema)
    name = item.rpartition("/")[2][1:-1]
    key = next((key for key in (name, "id") if fields.get(key, {}).get("type") == "string"), None)
    if schema is None or key is None or any(each.id in HANDLERS for each in (*at_item, *at_path)):
        return None
    same = document.resolve(schema)
    roles: dict[str, Callable[[Resource, RequestContext], Any]] = {}
    for each in at_item:
        role = {"GET": Resource.found, "PATCH": Resource.patched, "PUT": Resource.patched, "DELETE": Resource.deleted}
        if each.method == "DELETE" or (each.method in role and document.resolve(each.success[2]) == same):
            roles[each.id] = role[each.method]
    for each in document:
        is_verb = each.method == "POST" and each.path.rpartition("/")[0] == item
        if is_verb and each.id not in HANDLERS and document.resolve(each.success[2]) == same:
            roles[each.id] = Resource.acted
    creates = next((e.id for e in at_path if e.method == "POST" and document.resolve(e.success[2]) == same), None)
    lists = next((e.id for e in at_path if e.method == "GET" and _items(document, e) == same), None)
    roles |= {creates: Resource.created} if creates else {}
    roles |= {lists: Resource.listed} if lists else {}
    ids = next(each["schema"] for each in at_item[0].parameters if (each["name"], each["in"]) == (name, "path"))
    # The longest page of a list that has pages says nothing about the whole of it.
    listed = document.operations[lists] if lists else None
    whole = document.fields(listed.success[2]).get("items", {}) if listed and not listed.cursor else {}
    return Resource(path, key, ids, schema, creates, whole.get("maxItems"), roles) if creates or lists else None


def _items(document: Document, operation: Operation) -> Any:
    items = document.fields(operation.success[2]).get("items", {})
    return document.resolve(items.get("items"))


def _counted(context: RequestContext, rows: list[Entity]) -> list[Entity]:
    """The rows of the page that a request asks for by counting rows or pages; all of them where it cannot."""
    names = [parameter["name"] for parameter in context.operation.parameters if parameter["name"] in COUNTS]
    if not names:
        return rows
    size = int(context.query.get("limit") or DEFAULT_SIZE)
    counted = int(context.query.get(names[0], COUNTS[names[0]])) - COUNTS[names[0]]
    start = counted * size if "page" in names[0] else counted
    return rows[start : start + size]


def _filled(path: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda found: values[found[1]], path)
