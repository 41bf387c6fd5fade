"""A walk through these operations: each has a handler, and each answer is as the document says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from instantly_sandbox import Clock, Sandbox
from instantly_sandbox.engine.context import RequestContext
from instantly_sandbox.engine.messages import Request
from instantly_sandbox.engine.registry import HANDLERS
from instantly_sandbox.engine.validation import validator
from instantly_sandbox.handlers.emails import EMAILS, RECEIVED

SUBJECTS = (
    "accounts", "account-campaign-mappings", "background-jobs", "webhooks", "webhook-events", "emails", "api-keys",
    "audit-logs", "workspaces", "workspace-members", "workspace-group-members", "workspace-billing", "oauth",
    "inbox-placement-tests", "inbox-placement-analytics", "inbox-placement-reports", "dfy-email-account-orders",
    "crm-actions",
)  # fmt: skip
MAIL = "mara@example.com"
ACCOUNT = {
    "email": MAIL, "first_name": "Mara", "last_name": "Lindqvist", "provider_code": 1, "imap_username": "mara",
    "imap_password": "secret", "imap_host": "imap.example.com", "imap_port": 993, "smtp_username": "mara",
    "smtp_password": "secret", "smtp_host": "smtp.example.com", "smtp_port": 587,
}  # fmt: skip
TEST = {
    "name": "Spring", "type": 1, "sending_method": 1, "email_subject": "Hello", "email_body": "<p>Hi</p>",
    "emails": ["me@example.org"],
}  # fmt: skip
MAILBOX = {"email_address_prefix": "mara", "first_name": "Mara", "last_name": "Lindqvist"}
ORDER = {"order_type": "dfy", "items": [{"domain": "halden.com", "accounts": [MAILBOX]}]}
SENT = {"eaccount": MAIL, "subject": "Re", "body": {"text": "Gladly."}}


class Walk:
    """Makes requests, and holds every answer against the document."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.key = sandbox.key
        self.seen: set[str] = set()

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"authorization": f"Bearer {self.key}", "user-agent": "tests"}
        sent = b"" if body is None else json.dumps(body).encode()
        headers |= {"content-type": "application/json"} if sent else {}
        told = self.sandbox.service.handle(Request(method, f"/api/v2/{path}", headers, sent))
        operation = self.sandbox.requests[-1].operation
        assert operation is not None, path
        assert told.status < 300, (operation, told.body)
        document = self.sandbox.runtime.document
        schema = document.operations[operation].success[2]
        assert schema is not None
        wrong = [error.message for error in validator(document, schema).iter_errors(told.json())]
        assert wrong == [], operation
        self.seen.add(operation)
        return told.json()


@pytest.fixture
def walk() -> Walk:
    return Walk(Sandbox(clock=Clock(datetime(2026, 3, 2, 9, tzinfo=UTC), frozen=True)))


def test_every_answer_is_as_the_document_says(walk: Walk) -> None:
    _accounts(walk)
    _emails(walk)
    _webhooks(walk)
    _workspaces(walk)
    _placement(walk)
    _orders(walk)
    document = walk.sandbox.runtime.document
    mine = {operation.id for operation in document if operation.path.split("/")[3] in SUBJECTS}
    assert mine <= set(HANDLERS)
    assert mine == walk.seen


def _accounts(walk: Walk) -> None:
    walk("POST", "accounts", ACCOUNT)
    walk("GET", "accounts?limit=1")
    walk("GET", f"accounts/{MAIL}")
    walk("PATCH", f"accounts/{MAIL}", {"daily_limit": None})
    for verb in ("pause", "resume", "mark-fixed"):
        walk("POST", f"accounts/{MAIL}/{verb}")
    for verb in ("disable", "enable"):
        job = walk("POST", f"accounts/warmup/{verb}", {"include_all_emails": True})
    walk.sandbox.clock.advance(3)
    walk("GET", f"background-jobs/{job['id']}")
    walk("GET", "background-jobs?limit=1")
    walk("POST", "accounts/warmup-analytics", {"emails": [MAIL]})
    walk("GET", "accounts/ctd/status?host=track.example.com")
    walk("POST", "accounts/test/vitals", {"accounts": [MAIL]})
    campaigns = walk.sandbox.runtime.state.workspaces[walk.sandbox.workspace_id].of("Campaign")
    about = {"name": "Spring", "timestamp_created": "2026-03-02T09:00:00.000Z", "status": 1, "email_list": [MAIL]}
    campaigns["one"] = {"id": "019cc043-aee6-7ae9-a545-d7de53430e37", **about}
    walk("GET", f"account-campaign-mappings/{MAIL}?limit=1")


def _emails(walk: Walk) -> None:
    call = RequestContext.internal(
        walk.sandbox.runtime, walk.sandbox.runtime.state.workspaces[walk.sandbox.workspace_id]
    )
    about = {"subject": "Robots", "body": {"text": "Hi"}, "eaccount": MAIL, "lead": "tomas@example.org"}
    about |= {"from_address_email": "tomas@example.org", "to_address_email_list": MAIL}
    id = EMAILS.make(call, {**about, "ue_type": RECEIVED, "timestamp_email": call.now})["id"]
    sent = walk("POST", "emails/reply", {**SENT, "reply_to_uuid": id})
    walk("POST", "emails/forward", {**SENT, "reply_to_uuid": id, "to_address_email_list": "me@example.com"})
    test = {**SENT, "to_address_email_list": "me@example.com", "body": {"html": "<p>Hi</p>"}}
    walk("POST", "emails/test", test)
    walk("POST", "emails/test", {**test, "eaccount": "nobody@example.com"})
    walk("GET", "emails?limit=1&preview_only=true")
    walk("GET", f"emails/{id}")
    walk("PATCH", f"emails/{id}", {"is_unread": 1})
    walk("GET", "emails/unread/count")
    walk("POST", f"emails/threads/{sent['thread_id']}/mark-as-read")
    walk("DELETE", f"emails/{sent['id']}")
    walk("GET", "accounts/analytics/daily")


def _webhooks(walk: Walk) -> None:
    id = walk("POST", "webhooks", {"target_hook_url": "https://example.com/hook", "event_type": "email_sent"})["id"]
    walk("GET", "webhooks?limit=1")
    walk("GET", f"webhooks/{id}")
    walk("PATCH", f"webhooks/{id}", {"headers": {"x-token": "secret"}})
    walk("GET", "webhooks/event-types")
    walk("POST", f"webhooks/{id}/test")
    walk("POST", f"webhooks/{id}/resume")
    walk("DELETE", f"webhooks/{id}")
    [event] = walk("GET", "webhook-events?limit=1")["items"]
    walk("GET", f"webhook-events/{event['id']}")
    walk("GET", "webhook-events/summary")
    walk("GET", "webhook-events/summary-by-date")
    walk("GET", "audit-logs?limit=1")


def _workspaces(walk: Walk) -> None:
    walk("GET", "workspaces/current")
    walk("PATCH", "workspaces/current", {"name": "Northwind"})
    walk("POST", "workspaces/current/whitelabel-domain", {"domain": "clients.example.com"})
    walk("GET", "workspaces/current/whitelabel-domain")
    walk("DELETE", "workspaces/current/whitelabel-domain")
    ids = [
        walk("POST", "workspace-members", {"email": f"{name}@example.com", "role": "view"})["id"]
        for name in ("ines", "otto")
    ]
    walk("GET", "workspace-members?limit=1")
    walk("GET", f"workspace-members/{ids[0]}")
    walk("PATCH", f"workspace-members/{ids[0]}", {"role": "admin"})
    walk("DELETE", f"workspace-members/{ids[1]}")
    walk("POST", "workspaces/current/change-owner", {"email": "ines@example.com", "sec": "secret"})
    walk("GET", "workspace-group-members/admin")
    sub = [walk.sandbox.add_workspace(name) for name in ("One", "Two")]
    members = [walk("POST", "workspace-group-members", {"sub_workspace_id": id})["id"] for id in sub]
    walk.sandbox.clock.advance(5)
    walk("GET", "workspace-group-members?limit=1")
    walk("GET", f"workspace-group-members/{members[0]}")
    admin, walk.key = walk.key, walk.sandbox.add_key(workspace=sub[0])
    walk("POST", "accounts", {**ACCOUNT, "email": "moved@example.com"})
    walk("GET", "workspace-group-members/admin")
    walk.key = admin
    moved = {"source_workspace_id": sub[0], "destination_workspace_id": sub[1], "emails": ["moved@example.com"]}
    walk("POST", "accounts/move", moved)
    walk("DELETE", f"workspace-group-members/{members[0]}")
    walk("GET", "workspace-billing/plan-details")
    walk("GET", "workspace-billing/subscription-details")
    walk("GET", "crm-actions/phone-numbers")
    walk("DELETE", f"crm-actions/phone-numbers/{walk('GET', 'crm-actions/phone-numbers')[0]['id']}")
    key = walk("POST", "api-keys", {"name": "Reader", "scopes": ["accounts:read"]})
    walk("GET", "api-keys?limit=1")
    walk("DELETE", f"api-keys/{key['id']}")
    for provider in ("google", "microsoft"):
        session = walk("POST", f"oauth/{provider}/init")["session_id"]
        walk("GET", f"oauth/session/status/{session}")
        walk.sandbox.clock.advance(5)
        walk("GET", f"oauth/session/status/{session}")
    walk("DELETE", f"accounts/{MAIL}")


def _placement(walk: Walk) -> None:
    id = walk("POST", "inbox-placement-tests", TEST)["id"]
    walk.sandbox.clock.advance(5)
    walk("GET", "inbox-placement-tests?limit=1")
    walk("GET", f"inbox-placement-tests/{id}?with_metadata=true")
    walk("PATCH", f"inbox-placement-tests/{id}", {"name": "Autumn"})
    walk("GET", "inbox-placement-tests/email-service-provider-options")
    rows = walk("GET", f"inbox-placement-analytics?test_id={id}&limit=100")["items"]
    walk("GET", f"inbox-placement-analytics/{rows[0]['id']}")
    walk("POST", "inbox-placement-analytics/stats-by-test-id", {"test_ids": [id]})
    walk("POST", "inbox-placement-analytics/stats-by-date", {"test_id": id})
    walk("POST", "inbox-placement-analytics/deliverability-insights", {"test_id": id, "show_previous": True})
    [report, *_] = walk("GET", f"inbox-placement-reports?test_id={id}&limit=1")["items"]
    walk("GET", f"inbox-placement-reports/{report['id']}")
    walk("DELETE", f"inbox-placement-tests/{id}")


def _orders(walk: Walk) -> None:
    walk("POST", "dfy-email-account-orders", {**ORDER, "simulation": True})
    walk("POST", "dfy-email-account-orders", ORDER)
    walk("POST", "dfy-email-account-orders", ORDER)
    walk("GET", "dfy-email-account-orders?limit=1")
    walk("GET", "dfy-email-account-orders/accounts?limit=1&with_passwords=true")
    walk("POST", "dfy-email-account-orders/accounts/cancel", {"accounts": ["mara@halden.com"]})
    walk("POST", "dfy-email-account-orders/domains/check", {"domains": ["halden.com"]})
    walk("POST", "dfy-email-account-orders/domains/similar", {"domain": "halden.com"})
    walk("POST", "dfy-email-account-orders/domains/pre-warmed-up-list", {})
