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
    defaults=lambda context: {"status": WebhookStatus.ACTIVE},
    cursor_at_end=False,
)

UNLISTED = ("all_events", "lead_no_show", "supersearch_enrichment_completed")
"""Types that a webhook can subscribe to, and that the list of types has not."""

CUSTOM = "custom_label"
ANY_LABEL = {f"{CUSTOM}_any_{kind}": f"Any {kind} custom label" for kind in ("positive", "negative")}


@handles("resumeWebhook")
def resume(context: RequestContext) -> Entity:
    webhook = WEBHOOKS.one(context)
    webhook.change(status=WebhookStatus.ACTIVE, timestamp_error=None)
    return webhook


@handles("listWebhookEventTypes")
def event_types(context: RequestContext) -> dict[str, Any]:
    known = context.runtime.document.component("Webhook")["properties"]["event_type"]["enum"]
    labels = {label["id"]: label["label"] for label in context.of("Lead Label").values()}
    standard = {name: _in_words(name) for name in known if name is not None and name not in UNLISTED}
    return {
        "event_types": [
            {"id": id, "label": label, "type": kind}
            for kind, found in (("standard", standard), (CUSTOM, {**ANY_LABEL, **labels}))
            for id, label in found.items()
        ]
    }


def _in_words(name: str) -> str:
    return name.replace("_", " ").capitalize()


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
    outcome = post(webhook["target_hook_url"], webhook.get("headers") or {}, payload, context.runtime.deliver_to)
    record(context, webhook["target_hook_url"], payload, outcome)
    result = {
        "success": outcome.success,
        "message": "The test was delivered" if outcome.success else "The test was not delivered",
        "response_time_ms": outcome.milliseconds,
        "status_code": outcome.status,
        "error": outcome.error,
    }
    return {name: value for name, value in result.items() if value is not None}
