"""API keys: shown once, good for what they open until they are deleted."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from ..engine.context import Call, Entity, handles
from ..engine.records import Records
from ..state.workspaces import Grant

KEYS = Records("API Key")


@handles("createAPIKey")
def create(call: Call) -> Entity:
    id = call.new_id()
    secret = f"{call.random.getrandbits(96):024x}"
    key = KEYS.make(call, {**call.body, "id": id, "key": b64encode(f"{id}:{secret}".encode()).decode()})
    call.service.state.keys[key["key"]] = Grant(call.workspace.id, tuple(key["scopes"]))
    return key


@handles("listAPIKey")
def listed(call: Call) -> dict[str, Any]:
    told = KEYS.listed(call)
    return {**told, "items": [_without_key(row) for row in told["items"]]}


@handles("deleteAPIKey")
def delete(call: Call) -> Entity:
    key = KEYS.deleted(call)
    del call.service.state.keys[key["key"]]
    return _without_key(key)


def _without_key(key: Entity) -> Entity:
    return {**key, "key": ""}
