"""Records: a kind of object, and the usual five operations that create, list, read, change and delete it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..state.rows import Row
from ..state.workspaces import Entity, Workspace
from .context import RequestContext
from .document import REMOVED, Schema
from .pages import MAX_SIZE, containing, newest_first, page
from .registry import handles

MADE_BY_SERVER: dict[str, Callable[[RequestContext], Any]] = {
    "organization": lambda context: context.workspace.id,
    "organization_id": lambda context: context.workspace.id,
    "workspace_id": lambda context: context.workspace.id,
    "workspace": lambda context: context.workspace.id,
    "created_by": lambda context: context.workspace.owner,
    "user_id": lambda context: context.workspace.owner,
}

PERSONS = ("created_by", "user_id")
"""Who made an object. A key has no person behind it, so only objects that must name one do."""

STAMPS = ("timestamp_created", "timestamp_updated")


@dataclass(frozen=True)
class Records:
    """Records of a kind, and the handlers of their operations.

    Args:
        kind: the title of the object in the document.
        creates: the operationId that creates an object; None if the service has no such operation.
        lists: the operationId that lists the objects.
        gets: the operationId that reads an object.
        patches: the operationId that changes an object.
        deletes: the operationId that deletes an object.
        key: the field that identifies an object, and is its path value.
        search: the fields that the parameter `search` looks into.
        equal: query parameter -> field that it must equal.
        defaults: gives the fields of a new object that the request left out.
        filtered: decides whether the list has an object, after all other filters.
        on_delete: called with each object that was deleted.
        max_size: the maximum size of a page.
        nulls: optional fields that are null rather than left out.
        unsaid: fields that requests may have, and answers have not.
        cursor_at_end: whether a last page that is not full has a cursor.
    """

    kind: str
    creates: str | None = None
    lists: str | None = None
    gets: str | None = None
    patches: str | None = None
    deletes: str | None = None
    key: str = "id"
    search: tuple[str, ...] = ()
    equal: Mapping[str, str] = field(default_factory=dict)
    defaults: Callable[[RequestContext], Entity] = lambda context: {}
    filtered: Callable[[RequestContext, Entity], bool] = lambda context, row: True
    on_delete: Callable[[Workspace, Entity], None] = lambda workspace, row: None
    max_size: int = MAX_SIZE
    nulls: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    cursor_at_end: bool = True

    def __post_init__(self) -> None:
        for operation, handler, of in (
            (self.creates, self.created, None),
            (self.lists, self.listed, None),
            (self.gets, self.found, self.kind),
            (self.patches, self.patched, self.kind),
            (self.deletes, self.deleted, self.kind),
        ):
            if operation:
                handles(operation, of=of)(handler)

    def make(self, context: RequestContext, given: Mapping[str, Any]) -> Row:
        """Make an object from the fields that were given, and store it."""
        schema = context.runtime.document.component(self.kind)
        fields = _kept(schema)
        # All of them, where the document has no such object any more.
        known = {*given, *MADE_BY_SERVER, *STAMPS} if fields is None else set(fields)
        entity = {name: value for name, value in given.items() if name in known}
        required = schema.get("required", ())
        unknown = [name for name in PERSONS if name not in required]
        made = {name: make(context) for name, make in MADE_BY_SERVER.items() if name in known and name not in unknown}
        made |= dict.fromkeys((name for name in STAMPS if name in known), context.stamp())
        defaults = self.defaults(context)
        # Null is what was not given: it does not take the place of a default.
        entity = {**made, **defaults, **{k: v for k, v in entity.items() if v is not None or k not in defaults}}
        entity.setdefault(self.key, context.new_id())
        missing = [name for name in required if name not in entity]
        if missing:
            sampler = context.sampler()
            entity |= {name: sampler.draw(schema["properties"][name]) for name in missing}
        # In the order of the document. What is null is left out, as in the service.
        shown = {*required, *self.nulls}
        entity = {
            name: entity[name]
            for name in (fields or entity)
            if name in entity and name not in self.unsaid and (entity[name] is not None or name in shown)
        }
        rows = context.of(self.kind)
        rows[entity[self.key]] = entity
        return rows[entity[self.key]]

    def one(self, context: RequestContext) -> Row:
        """The object that the path names."""
        return context.find(self.kind, next(reversed(context.path.values())))

    def created(self, context: RequestContext) -> Entity:
        """Handler: create an object."""
        return self.make(context, context.body)

    def found(self, context: RequestContext) -> Entity:
        """Handler: read an object."""
        return self.one(context)

    def patched(self, context: RequestContext) -> Row:
        """Handler: change an object. Arrays are replaced as wholes, and null resets a field."""
        entity = self.one(context)
        fields = _kept(context.runtime.document.component(self.kind))
        known = context.body if fields is None else fields
        entity.update(
            {name: value for name, value in context.body.items() if name in known and name not in self.unsaid}
        )
        if "timestamp_updated" in known:
            entity["timestamp_updated"] = context.now
        return entity

    def deleted(self, context: RequestContext) -> Entity:
        """Handler: delete an object, and answer with it."""
        entity = self.one(context)
        del context.of(self.kind)[entity[self.key]]
        self.on_delete(context.workspace, entity)
        return entity

    def rows(self, context: RequestContext) -> list[Entity]:
        """The objects that pass the filters of the request, newest first."""
        rows = containing(context.of(self.kind).values(), context.query.get("search"), *self.search)
        wanted = {
            field: context.query[name] for name, field in self.equal.items() if context.query.get(name) is not None
        }
        return newest_first(
            row
            for row in rows
            if all(row.get(field) == value for field, value in wanted.items()) and self.filtered(context, row)
        )

    def listed(self, context: RequestContext) -> dict[str, Any]:
        """Handler: list the objects."""
        return page(context, self.rows(context), max_size=self.max_size, cursor_at_end=self.cursor_at_end)


def _kept(schema: Schema) -> list[str] | None:
    """The fields of a row of a kind; None where the document has no such object any more.

    What the document has no more stays in the row, for handlers may work with it; no answer has it.
    """
    return [*schema["properties"], *schema.get(REMOVED, ())] if "properties" in schema else None
