"""Objects that are created, listed, read, changed and deleted by the usual five calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..state.workspaces import Entity, Workspace
from .context import Call, handles
from .pages import containing, newest_first, page

MADE_BY_SERVER: dict[str, Callable[[Call], Any]] = {
    "organization": lambda call: call.workspace.id,
    "organization_id": lambda call: call.workspace.id,
    "workspace_id": lambda call: call.workspace.id,
    "workspace": lambda call: call.workspace.id,
    "created_by": lambda call: call.workspace.owner,
    "user_id": lambda call: call.workspace.owner,
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
    defaults: Callable[[Call], Entity] = lambda call: {}
    filtered: Callable[[Call, Entity], bool] = lambda call, row: True
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

    def make(self, call: Call, given: Mapping[str, Any]) -> Entity:
        """Make an object from the fields that a caller gave, and remember it."""
        schema = call.service.document.component(self.kind)
        known = schema["properties"]
        entity = {name: value for name, value in given.items() if name in known}
        made = {name: make(call) for name, make in MADE_BY_SERVER.items() if name in known}
        made |= dict.fromkeys((name for name in STAMPS if name in known), call.stamp())
        entity = {**made, **self.defaults(call), **entity}
        entity.setdefault(self.key, call.new_id())
        missing = [name for name in schema.get("required", ()) if name not in entity]
        if missing:
            sampler = call.sampler()
            entity |= {name: sampler.draw(known[name]) for name in missing}
        entity = {name: entity[name] for name in known if name in entity}  # in the order of the document
        call.of(self.kind)[entity[self.key]] = entity
        return entity

    def one(self, call: Call) -> Entity:
        """The object that the path names."""
        return call.find(self.kind, next(iter(call.path.values())))

    def created(self, call: Call) -> Entity:
        """Answer the call that creates one."""
        return self.make(call, call.body)

    def found(self, call: Call) -> Entity:
        """Answer the call that reads one."""
        return self.one(call)

    def patched(self, call: Call) -> Entity:
        """Answer the call that changes one: arrays are replaced as wholes, null resets a field."""
        entity = self.one(call)
        known = call.service.document.component(self.kind)["properties"]
        entity.update({name: value for name, value in call.body.items() if name in known})
        if "timestamp_updated" in known:
            entity["timestamp_updated"] = call.now
        return entity

    def deleted(self, call: Call) -> Entity:
        """Answer the call that deletes one, with what it was."""
        entity = self.one(call)
        del call.of(self.kind)[entity[self.key]]
        self.gone(call.workspace, entity)
        return entity

    def rows(self, call: Call) -> list[Entity]:
        """What the list has, with its filters applied, newest first."""
        rows = containing(call.of(self.kind).values(), call.query.get("search"), *self.search)
        wanted = {field: call.query[name] for name, field in self.equal.items() if call.query.get(name) is not None}
        return newest_first(
            row
            for row in rows
            if all(row.get(field) == value for field, value in wanted.items()) and self.filtered(call, row)
        )

    def listed(self, call: Call) -> dict[str, Any]:
        """Answer the call that lists them."""
        return page(call, self.rows(call), most=self.most)
