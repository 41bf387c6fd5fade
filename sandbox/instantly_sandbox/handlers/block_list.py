"""Block list: addresses and domains that get no mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..engine.addresses import domain_of, is_address, is_domain, normal
from ..engine.context import RequestContext
from ..engine.messages import Refusal
from ..engine.records import Records
from ..engine.registry import handles
from ..state.workspaces import Entity


def _wanted(context: RequestContext, entry: Entity) -> bool:
    domains_only = context.query.get("domains_only")
    return domains_only is None or entry["is_domain"] == domains_only


ENTRIES = Records(
    "Block List Entry",
    lists="listBlockListEntry",
    gets="getBlockListEntry",
    deletes="deleteBlockListEntry",
    search=("bl_value",),
    filtered=_wanted,
)


def blocks(context: RequestContext) -> Callable[[str], bool]:
    """A function that decides whether an address is blocked, itself or by its domain."""
    values = {entry["bl_value"] for entry in context.of("Block List Entry").values()}
    return lambda address: not values.isdisjoint((normal(address), domain_of(address)))


@handles("createBlockListEntry")
def create(context: RequestContext) -> Entity:
    return _entries(context, [_checked(context.body["bl_value"])])[0]


@handles("createblukBlockListEntry")
def create_many(context: RequestContext) -> dict[str, Any]:
    values = context.body["bl_values"]
    valid = [normal(value) for value in values if is_address(value) or is_domain(value)]
    return {"items": _entries(context, valid), "valid_count": len(valid), "invalid_count": len(values) - len(valid)}


@handles("patchBlockListEntry")
def patch(context: RequestContext) -> Entity:
    entry = ENTRIES.one(context)
    if "bl_value" in context.body:
        value = _checked(context.body["bl_value"])
        entry.update(bl_value=value, is_domain=is_domain(value))
    return entry


@handles("deleteallBlockListEntry")
def delete_all(context: RequestContext) -> list[Entity]:
    return _forget(context, ENTRIES.rows(context))


@handles("deletebulkBlockListEntry")
def delete_many(context: RequestContext) -> list[Entity]:
    entries = context.of("Block List Entry")
    return _forget(context, [entries[id] for id in dict.fromkeys(context.body["ids"]) if id in entries])


@handles("downloadBlockListEntry")
def download(context: RequestContext) -> str:
    # No value needs quotes: addresses and domains contain neither commas nor quotes.
    lines = [
        "value,type",
        *(f"{row['bl_value']},{'domain' if row['is_domain'] else 'email'}" for row in ENTRIES.rows(context)),
    ]
    return "".join(f"{line}\r\n" for line in lines)


def _checked(value: str) -> str:
    if not is_address(value) and not is_domain(value):
        raise Refusal(400, "bl_value is neither an e-mail address nor a domain")
    return normal(value)


def _entries(context: RequestContext, values: list[str]) -> list[Entity]:
    """An entry for each value: the existing entry, or a new one."""
    known = {entry["bl_value"]: entry for entry in context.of("Block List Entry").values()}
    for value in values:
        if value not in known:
            known[value] = ENTRIES.make(context, {"bl_value": value, "is_domain": is_domain(value)})
    return [known[value] for value in dict.fromkeys(values)]


def _forget(context: RequestContext, entries: list[Entity]) -> list[Entity]:
    for entry in entries:
        del context.of("Block List Entry")[entry["id"]]
    return entries
