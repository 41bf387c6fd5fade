"""Events on their way to webhooks: tried, tried again, and the receiver that keeps failing is switched off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ..engine.context import Call, Entity
from ..engine.scheduler import action
from ..handlers.audit_logs import WEBHOOK_ERROR, log
from ..handlers.webhook_events import record
from ..handlers.webhooks import ACTIVE, DISABLED
from ..state.clock import timestamp
from .events import LISTENERS
from .receivers import Outcome, post

MOST_RETRIES = 2
SECONDS_TO_RETRY = 30.0

# Some events have another name for those who subscribe, or when they arrive.
SUBSCRIBED = {"auto_reply_received": "reply_received"}
DELIVERED = {"email_link_clicked": "link_clicked"}

LEAD_FIELDS = ("first_name", "last_name", "company_name", "job_title", "phone", "website", "personalization")


def tell(call: Call, event_type: str, about: dict[str, Any]) -> None:
    """Deliver an event to the webhooks that want it."""
    payload = _payload(call, event_type, about)
    for webhook in list(call.of("Webhook").values()):
        if _wants(call, webhook, event_type, about):
            _send(call, webhook, payload, retry=0, group=call.new_id())


LISTENERS.append(tell)


@action("webhook-retries")
def retry(call: Call, webhook: str, payload: dict[str, Any], retry: int, group: str) -> None:
    known = call.of("Webhook").get(webhook)
    if known is not None and known.get("status") == ACTIVE:
        _send(call, known, payload, retry, group)


def _wants(call: Call, webhook: Entity, event_type: str, about: dict[str, Any]) -> bool:
    campaign = (about.get("campaign") or {}).get("id") or (about.get("lead") or {}).get("campaign")
    if webhook.get("status") != ACTIVE or webhook.get("campaign") not in (None, campaign):
        return False
    wanted = webhook.get("event_type")
    if wanted is not None:
        return wanted in ("all_events", SUBSCRIBED.get(event_type, event_type))
    label = webhook.get("custom_interest_value")
    texts = [row["label"] for row in call.of("Lead Label").values() if row["interest_status"] == label]
    return event_type in texts


def _payload(call: Call, event_type: str, about: dict[str, Any]) -> dict[str, Any]:
    lead, campaign, email = (about.get(name) or {} for name in ("lead", "campaign", "email"))
    body = email.get("body") or {}
    told = {
        "timestamp": call.now,
        "event_type": DELIVERED.get(event_type, event_type),
        "workspace": call.workspace.id,
        "campaign_id": campaign.get("id"),
        "campaign_name": campaign.get("name"),
        "lead_email": lead.get("email") or email.get("lead"),
        "email_account": email.get("eaccount"),
        "email_id": email.get("id"),
        "email_subject": email.get("subject"),
        "email_text": body.get("text"),
        "email_html": body.get("html"),
        "step": about.get("step"),
        "variant": about.get("variant"),
        # The fields of the lead stand beside these, and go before them.
        **{name: lead.get(name) for name in LEAD_FIELDS},
        **(lead.get("payload") or {}),
    }
    return {name: value for name, value in told.items() if value is not None}


def _send(call: Call, webhook: Entity, payload: dict[str, Any], retry: int, group: str) -> None:
    # Whatever is left to chance is drawn here, where the order is that of the calls.
    service, workspace, id = call.service, call.workspace, webhook["id"]
    url, headers = webhook["target_hook_url"], dict(webhook.get("headers") or {})
    event = {"id": call.new_id(), "retry_count": retry, "retry_group_id": group}

    def deliver() -> None:
        outcome = post(url, headers, payload)
        with service.lock:
            _settle(service.internal(workspace), id, url, payload, outcome, event)

    if not service.deliveries.add(deliver):
        _settle(call, id, url, payload, Outcome(False, error="Too many deliveries are waiting"), event)


def _settle(call: Call, id: str, url: str, payload: dict[str, Any], outcome: Outcome, event: dict[str, Any]) -> None:
    webhook, retries = call.of("Webhook").get(id), event["retry_count"]
    if retries:
        event["retry_successful"] = outcome.success
    if webhook is not None and outcome.contacted and not outcome.success:
        if retries < MOST_RETRIES:
            next_retry = call.service.clock.now() + timedelta(seconds=SECONDS_TO_RETRY)
            event |= {"will_retry": True, "timestamp_next_retry": timestamp(next_retry)}
            arguments = {"webhook": id, "payload": payload, "retry": retries + 1, "group": event["retry_group_id"]}
            call.later(SECONDS_TO_RETRY, "webhook-retries", **arguments)
        else:
            webhook.update(status=DISABLED, timestamp_error=call.now)
            log(call, WEBHOOK_ERROR, webhook_id=id, from_api=False, audit_metadata={"target_hook_url": url})
    record(call, url, payload, outcome, **event)
