"""Deliveries of events to webhooks, with retries. A webhook whose receiver keeps failing is disabled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from ..engine.context import RequestContext
from ..engine.records import Records
from ..engine.scheduler import action
from ..state.clock import timestamp
from ..state.statuses import WebhookStatus
from ..state.workspaces import Entity
from .audit_log import WEBHOOK_ERROR, log
from .events import LISTENERS
from .receivers import Outcome, post

EVENTS = Records("Webhook Event")
MAX_RETRIES = 3
SECONDS_TO_RETRY = 10.0

# Some events have another name in the payload than in subscriptions.
DELIVERED = {"email_link_clicked": "link_clicked"}
AUTO_REPLY = "auto_reply_received"
"""Nobody can subscribe to it: only a subscription to all events gets it."""

REPLIES = ("reply_received", AUTO_REPLY)
SENT = "email_sent"
UNIBOX = "https://app.instantly.ai/app/unibox"
SNIPPET = 100
ANNOUNCED = "Announced Event"
"""The types of events that each lead had."""


def deliver(context: RequestContext, event_type: str, about: dict[str, Any]) -> None:
    """Listener: deliver an event to the webhooks that subscribe to it."""
    payload = _payload(context, event_type, about)
    for webhook in list(context.of("Webhook").values()):
        if _wants(context, webhook, event_type, about):
            _send(context, webhook, payload, retry=0, group=context.new_id())


LISTENERS.append(deliver)


def record(context: RequestContext, url: str, payload: dict[str, Any], outcome: Outcome, **more: Any) -> Entity:
    """Record an attempt at a delivery; `more` are further fields of the event."""
    made = {
        "timestamp_created": context.now,
        "payload": payload,
        "success": outcome.success,
        "retry_count": 0,
        "will_retry": False,
        "webhook_url": url,
        "status_code": outcome.status,
        "error_message": outcome.error,
        "lead_email": payload.get("lead_email"),
        "response_time_ms": outcome.milliseconds,
        **more,
    }
    return EVENTS.make(context, {**made, "timestamp_created_date": made["timestamp_created"][:10]})


@action("webhook-retries")
def retry(context: RequestContext, webhook: str, payload: dict[str, Any], retry: int, group: str) -> None:
    known = context.of("Webhook").get(webhook)
    if known is not None and known.get("status") == WebhookStatus.ACTIVE:
        _send(context, known, payload, retry, group)


def _wants(context: RequestContext, webhook: Entity, event_type: str, about: dict[str, Any]) -> bool:
    campaign = (about.get("campaign") or {}).get("id") or (about.get("lead") or {}).get("campaign")
    if webhook.get("status") != WebhookStatus.ACTIVE or webhook.get("campaign") not in (None, campaign):
        return False
    wanted = webhook.get("event_type")
    if wanted is not None:
        return wanted == "all_events" or (wanted == event_type and event_type != AUTO_REPLY)
    label = webhook.get("custom_interest_value")
    texts = [row["label"] for row in context.of("Lead Label").values() if row["interest_status"] == label]
    return event_type in texts


def _payload(context: RequestContext, event_type: str, about: dict[str, Any]) -> dict[str, Any]:
    lead, campaign, email = (about.get(name) or {} for name in ("lead", "campaign", "email"))
    address = lead.get("email") or email.get("lead")
    fields = {
        "timestamp": context.now,
        "event_type": DELIVERED.get(event_type, event_type),
        "workspace": context.workspace.id,
        "campaign_id": campaign.get("id"),
        "campaign_name": campaign.get("name"),
        "lead_email": address,
        "email_account": email.get("eaccount") or about.get("account"),
        "email_id": email.get("id"),
        "step": about.get("step"),
        "variant": None if about.get("variant") is None else about["variant"] + 1,
        "is_first": _is_first(context, address, event_type) if address else None,
        **_texts(context, event_type, email),
        **(about.get("more") or {}),
        # The lead's own data replace the fields above that have the same name.
        **({"email": address} if address else {}),
        **(lead.get("payload") or {}),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _texts(context: RequestContext, event_type: str, email: Entity) -> dict[str, Any]:
    """The texts of an e-mail, which have other names if it is a reply."""
    body = email.get("body") or {}
    if event_type == SENT:
        return {"email_subject": email.get("subject"), "email_text": body.get("text"), "email_html": body.get("html")}
    if event_type not in REPLIES:
        return {}
    text = body.get("text") or ""
    query = urlencode(
        {"thread_search": f"thread:{email.get('thread_id')}", "selected_wks": context.workspace.id}, safe=":"
    )
    return {
        "reply_subject": email.get("subject"),
        "reply_text": text,
        "reply_text_snippet": text[:SNIPPET],
        "reply_html": body.get("html"),
        "unibox_url": f"{UNIBOX}?{query}",
    }


def _is_first(context: RequestContext, address: str, event_type: str) -> bool:
    known, key = context.of(ANNOUNCED), f"{event_type} {address}"
    first = key not in known
    if first:
        known[key] = {}
    return first


def _send(context: RequestContext, webhook: Entity, payload: dict[str, Any], retry: int, group: str) -> None:
    # Random choices are made here, in the order of the requests, and not in the thread of the queue.
    runtime, workspace, id = context.runtime, context.workspace, webhook["id"]
    url, headers = webhook["target_hook_url"], dict(webhook.get("headers") or {})
    event = {"id": context.new_id(), "retry_count": retry, "retry_group_id": group}

    def delivery() -> None:
        outcome = post(url, headers, payload, runtime.deliver_to)
        with runtime.lock:
            _settle(RequestContext.internal(runtime, workspace), id, url, payload, outcome, event)

    if not runtime.deliveries.add(delivery):
        _settle(context, id, url, payload, Outcome(False, error="Too many deliveries are waiting"), event)


def _settle(
    context: RequestContext, id: str, url: str, payload: dict[str, Any], outcome: Outcome, event: dict[str, Any]
) -> None:
    webhook, retries = context.of("Webhook").get(id), event["retry_count"]
    if retries:
        event["retry_successful"] = outcome.success
    if webhook is not None and outcome.contacted and not outcome.success:
        if retries < MAX_RETRIES:
            next_retry = context.runtime.clock.now() + timedelta(seconds=SECONDS_TO_RETRY)
            event |= {"will_retry": True, "timestamp_next_retry": timestamp(next_retry)}
            arguments = {"webhook": id, "payload": payload, "retry": retries + 1, "group": event["retry_group_id"]}
            context.schedule(SECONDS_TO_RETRY, "webhook-retries", **arguments)
        else:
            webhook.update(status=WebhookStatus.DISABLED, timestamp_error=context.now)
            log(context, WEBHOOK_ERROR, webhook_id=id, from_api=False, audit_metadata={"target_hook_url": url})
    record(context, url, payload, outcome, **event)
