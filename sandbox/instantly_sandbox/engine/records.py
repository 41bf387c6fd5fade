"""Objects that are created, listed, read, changed and deleted by the usual five calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..state.workspaces import Entity, Workspace
from .context import RequestContext
from .pages import containing, newest_first, page
from .registry import handles

MADE_BY_SERVER: dict[str, Callable[[RequestContext], Any]] = {
    "organization": lambda context: context.workspace.id,
    "organization_id": lambda context: context.workspace.id,
    "workspace_id": lambda context: context.workspace.id,
    "workspace": lambda context: context.workspace.id,
    "created_by": lambda context: context.workspace.owner,
    "user_id": lambda context: context.workspace.owner,
}

STAMPS = ("timestamp_created", "timestamp_updated")


@dataclass(frozen=True)
class Records:
    """A kind of object and the operations that keep it.

    Args:
        kind: its title in the document.
        creates: the operationId, as the four that follow; None where the service has no such call.
        lists: of the list.
        gets: of reading one.
        patches: of changing one.
        deletes: of deleting one.
        key: the field that identifies one, which is also what its path value is.
        search: the fields that the parameter `search` looks into.
        equal: query parameter -> field that it must equal.
        defaults: fields that a new object has where the caller gave none.
        filtered: what narrows the list further.
        gone: told of each object that was deleted.
        most: the largest page of its list.
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
    gone: Callable[[Workspace, Entity], None] = lambda workspace, row: None
    most: int = 100

    def __post_init__(self) -> None:
        for operation, handler in (
            (self.creates, self.created),
            (self.lists, self.listed),
            (self.gets, self.found),
            (self.patches, self.patched),
            (self.deletes, self.deleted),
        ):
            if operation:
                handles(operation)(handler)

    def make(self, context: RequestContext, given: Mapping[str, Any]) -> Entity:
        """Make an object from the fields that a caller gave, and remember it."""
        schema = context.runtime.document.component(self.kind)
        known = schema["properties"]
        entity = {name: value for name, value in given.items() if name in known}
        made = {name: make(context) for name, make in MADE_BY_SERVER.items() if name in known}
        made |= dict.fromkeys((name for name in STAMPS if name in known), context.stamp())
        entity = {**made, **self.defaults(context), **entity}
        entity.setdefault(self.key, context.new_id())
        missing = [name for name in schema.get("required", ()) if name not in entity]
        if missing:
            sampler = context.sampler()
            entity |= {name: sampler.draw(known[name]) for name in missing}
        entity = {name: entity[name] for name in known if name in entity}  # in the order of the document
        context.of(self.kind)[entity[self.key]] = entity
        return entity

    def one(self, context: RequestContext) -> Entity:
        """The object that the path names."""
        return context.find(self.kind, next(iter(context.path.values())))

    def created(self, context: RequestContext) -> Entity:
        """Answer the call that creates one."""
        return self.make(context, context.body)

    def found(self, context: RequestContext) -> Entity:
        """Answer the call that reads one."""
        return self.one(context)

    def patched(self, context: RequestContext) -> Entity:
        """Answer the call that changes one: arrays are replaced as wholes, null resets a field."""
        entity = self.one(context)
        known = context.runtime.document.component(self.kind)["properties"]
        entity.update({name: value for name, value in context.body.items() if name in known})
        if "timestamp_updated" in known:
            entity["timestamp_updated"] = context.now
        return entity

    def deleted(self, context: RequestContext) -> Entity:
        """Answer the call that deletes one, with what it was."""
        entity = self.one(context)
        del context.of(self.kind)[entity[self.key]]
        self.gone(context.workspace, entity)
        return entity

    def rows(self, context: RequestContext) -> list[Entity]:
        """What the list has, with its filters applied, newest first."""
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
        """Answer the call that lists them."""
        return page(context, self.rows(context), most=self.most)
