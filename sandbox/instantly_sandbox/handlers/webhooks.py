"""Webhooks: subscriptions to events. `webhook_deliveries` delivers the events."""

from __future__ import annotations

from typing import Any

from ..engine.context import RequestContext
from ..engine.records import Records
from ..engine.registry import handles
from ..simulation.receivers import post
from ..simulation.webhook_deliveries import record
from ..state.statuses import WebhookStatus
from ..state.workspaces import Entity

WEBHOOKS = Records(
    "Webhook",
    creates="createWebhook",
    lists="listWebhook",
    gets="getWebhook",
    patches="patchWebhook",
    deletes="deleteWebhook",
    equal={"campaign": "campaign", "event_type": "event_type"},
    defaults=lambda context: {"status": WebhookStatus.ACTIVE, "timestamp_error": None},
)


@handles("resumeWebhook")
def resume(context: RequestContext) -> Entity:
    webhook = WEBHOOKS.one(context)
    webhook.update(status=WebhookStatus.ACTIVE, timestamp_error=None)
    return webhook


@handles("listWebhookEventTypes")
def event_types(context: RequestContext) -> dict[str, Any]:
    known = context.runtime.document.component("Webhook")["properties"]["event_type"]["enum"]
    types = [
        {"id": name, "label": name.replace("_", " ").capitalize(), "type": "default"}
        for name in known
        if name is not None
    ]
    labels = [
        {"id": label["id"], "label": label["label"], "type": "custom"} for label in context.of("Lead Label").values()
    ]
    return {"event_types": types + labels}


@handles("testWebhook")
def test(context: RequestContext) -> dict[str, Any]:
    webhook = WEBHOOKS.one(context)
    payload = {
        "timestamp": context.now,
        "event_type": webhook.get("event_type") or "all_events",
        "workspace": context.workspace.id,
        "campaign_id": webhook.get("campaign"),
        "lead_email": "lead@example.com",
    }
    outcome = post(webhook["target_hook_url"], webhook.get("headers") or {}, payload)
    record(context, webhook["target_hook_url"], payload, outcome)
    result = {
        "success": outcome.success,
        "message": "The test was delivered" if outcome.success else "The test was not delivered",
        "response_time_ms": outcome.milliseconds,
        "status_code": outcome.status,
        "error": outcome.error,
    }
    return {name: value for name, value in result.items() if value is not None}
