"""The block list: addresses and domains that get no mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..engine.addresses import domain_of, is_address, is_domain, normal
from ..engine.context import Call, Entity, Refusal, handles
from ..engine.records import Records


def _wanted(call: Call, entry: Entity) -> bool:
    domains_only = call.query.get("domains_only")
    return domains_only is None or entry["is_domain"] == domains_only


ENTRIES = Records(
    "Block List Entry",
    lists="listBlockListEntry",
    gets="getBlockListEntry",
    deletes="deleteBlockListEntry",
    search=("bl_value",),
    filtered=_wanted,
)


def blocks(call: Call) -> Callable[[str], bool]:
    """What tells whether an address is blocked, itself or by its domain."""
    values = {entry["bl_value"] for entry in call.of("Block List Entry").values()}
    return lambda address: not values.isdisjoint((normal(address), domain_of(address)))


@handles("createBlockListEntry")
def create(call: Call) -> Entity:
    return _entries(call, [_checked(call.body["bl_value"])])[0]


@handles("createblukBlockListEntry")
def create_many(call: Call) -> dict[str, Any]:
    values = call.body["bl_values"]
    valid = [normal(value) for value in values if is_address(value) or is_domain(value)]
    return {"items": _entries(call, valid), "valid_count": len(valid), "invalid_count": len(values) - len(valid)}


@handles("patchBlockListEntry")
def patch(call: Call) -> Entity:
    entry = ENTRIES.one(call)
    if "bl_value" in call.body:
        value = _checked(call.body["bl_value"])
        entry.update(bl_value=value, is_domain=is_domain(value))
    return entry


@handles("deleteallBlockListEntry")
def delete_all(call: Call) -> list[Entity]:
    return _forget(call, ENTRIES.rows(call))


@handles("deletebulkBlockListEntry")
def delete_many(call: Call) -> list[Entity]:
    entries = call.of("Block List Entry")
    return _forget(call, [entries[id] for id in dict.fromkeys(call.body["ids"]) if id in entries])


@handles("downloadBlockListEntry")
def download(call: Call) -> str:
    # No value needs quotes: there are neither commas nor quotes in addresses and domains.
    lines = [
        "value,type",
        *(f"{row['bl_value']},{'domain' if row['is_domain'] else 'email'}" for row in ENTRIES.rows(call)),
    ]
    return "".join(f"{line}\r\n" for line in lines)


def _checked(value: str) -> str:
    if not is_address(value) and not is_domain(value):
        raise Refusal(400, "bl_value is neither an e-mail address nor a domain")
    return normal(value)


def _entries(call: Call, values: list[str]) -> list[Entity]:
    """An entry for each value: the one that is there, or a new one."""
    known = {entry["bl_value"]: entry for entry in call.of("Block List Entry").values()}
    for value in values:
        if value not in known:
            known[value] = ENTRIES.make(call, {"bl_value": value, "is_domain": is_domain(value)})
    return [known[value] for value in dict.fromkeys(values)]


def _forget(call: Call, entries: list[Entity]) -> list[Entity]:
    for entry in entries:
        del call.of("Block List Entry")[entry["id"]]
    return entries
