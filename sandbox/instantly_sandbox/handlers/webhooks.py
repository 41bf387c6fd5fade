"""Webhooks: who wants to be told of what. How they are told is in `webhook_deliveries`."""

from __future__ import annotations

from typing import Any

from ..engine.context import Call, Entity, handles
from ..engine.records import Records
from ..simulation.receivers import post
from .webhook_events import record

ACTIVE, DISABLED = 1, -1

WEBHOOKS = Records(
    "Webhook",
    creates="createWebhook",
    lists="listWebhook",
    gets="getWebhook",
    patches="patchWebhook",
    deletes="deleteWebhook",
    equal={"campaign": "campaign", "event_type": "event_type"},
    defaults=lambda call: {"status": ACTIVE, "timestamp_error": None},
)


@handles("resumeWebhook")
def resume(call: Call) -> Entity:
    webhook = WEBHOOKS.one(call)
    webhook.update(status=ACTIVE, timestamp_error=None)
    return webhook


@handles("listWebhookEventTypes")
def event_types(call: Call) -> dict[str, Any]:
    known = call.service.document.component("Webhook")["properties"]["event_type"]["enum"]
    types = [
        {"id": name, "label": name.replace("_", " ").capitalize(), "type": "default"}
        for name in known
        if name is not None
    ]
    labels = [
        {"id": label["id"], "label": label["label"], "type": "custom"} for label in call.of("Lead Label").values()
    ]
    return {"event_types": types + labels}


@handles("testWebhook")
def test(call: Call) -> dict[str, Any]:
    webhook = WEBHOOKS.one(call)
    payload = {
        "timestamp": call.now,
        "event_type": webhook.get("event_type") or "all_events",
        "workspace": call.workspace.id,
        "campaign_id": webhook.get("campaign"),
        "lead_email": "lead@example.com",
    }
    outcome = post(webhook["target_hook_url"], webhook.get("headers") or {}, payload)
    record(call, webhook["target_hook_url"], payload, outcome)
    told = {
        "success": outcome.success,
        "message": "The test was delivered" if outcome.success else "The test was not delivered",
        "response_time_ms": outcome.milliseconds,
        "status_code": outcome.status,
        "error": outcome.error,
    }
    return {name: value for name, value in told.items() if value is not None}
