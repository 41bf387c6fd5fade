"""Audit log: lists its entries, and adds an entry after each request that the service logs."""

from __future__ import annotations

import json
from typing import Any

from ..engine.context import RequestContext
from ..engine.filters import within
from ..engine.messages import Request
from ..engine.pages import newest_first, page
from ..engine.registry import AFTER_REQUEST, handles
from ..simulation.audit_log import log

ACTIVITIES = {
    "deleteLead": 2,
    "bulkDeleteLeads": 2,
    "deleteCampaign": 3,
    "activateCampaign": 4,
    "pauseCampaign": 5,
    "createAccount": 6,
    "deleteAccount": 7,
    "moveLeads": 8,
    "createLead": 9,
    "bulkAddLeads": 9,
    "mergeLeads": 10,
    "patchCampaign": 11,
    "patchCampaignSubsequence": 12,
    "createWebhook": 18,
    "patchWebhook": 19,
    "resumeWebhook": 21,
}

# Objects that are answers of logged operations, and the field of the entry that has their id.
OBJECTS = {"Campaign": "campaign_id", "Webhook": "webhook_id", "Campaign Subsequence": "subsequence_id"}
GIVEN = ("campaign_id", "list_id")


MAX_PAGE = 1000


@handles("listAuditLog")
def listed(context: RequestContext) -> dict[str, Any]:
    ask = context.query
    text = ask.get("search", "").lower()
    rows = [
        entry
        for entry in context.of("Audit Log").values()
        if ask.get("activity_type") in (None, entry["activity_type"])
        and within(entry["timestamp"], ask.get("start_date"), ask.get("end_date"))
        and text in json.dumps(entry, ensure_ascii=False).lower()
    ]
    return page(context, newest_first(rows), max_size=MAX_PAGE)


def log_request(context: RequestContext, request: Request, value: Any) -> None:
    """After-request hook: add an entry if the service logs this operation."""
    activity = ACTIVITIES.get(context.operation.id)
    if activity is None:
        return
    body = context.body if isinstance(context.body, dict) else {}
    about = {name: body[name] for name in GIVEN if body.get(name)}
    named = OBJECTS.get(context.runtime.document.title(context.operation.success[2]) or "")
    if named:
        about[named] = value["id"]
    names = ("name", "email", "target_hook_url")
    about["audit_metadata"] = {name: value[name] for name in names if isinstance(value, dict) and value.get(name)}
    log(context, activity, user_agent=request.headers.get("user-agent"), **about)


AFTER_REQUEST.append(log_request)
