"""API keys. A key is shown once, and works until it is deleted."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from ..engine.context import RequestContext
from ..engine.records import Records
from ..engine.registry import handles
from ..state.workspaces import Entity, Grant

KEYS = Records("API Key")


@handles("createAPIKey")
def create(context: RequestContext) -> Entity:
    id = context.new_id()
    secret = f"{context.random.getrandbits(96):024x}"
    key = KEYS.make(context, {**context.body, "id": id, "key": b64encode(f"{id}:{secret}".encode()).decode()})
    context.runtime.state.keys[key["key"]] = Grant(context.workspace.id, tuple(key["scopes"]))
    return key


@handles("listAPIKey")
def listed(context: RequestContext) -> dict[str, Any]:
    listing = KEYS.listed(context)
    return {**listing, "items": [_without_key(row) for row in listing["items"]]}


@handles("deleteAPIKey", of=KEYS.kind)
def delete(context: RequestContext) -> Entity:
    key = KEYS.deleted(context)
    del context.runtime.state.keys[key["key"]]
    return _without_key(key)


def _without_key(key: Entity) -> Entity:
    return {**key, "key": ""}
