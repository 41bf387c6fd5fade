"""A walk through these operations: each has a handler, and each answer is as the document says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from instantly_sandbox import Clock, Sandbox
from instantly_sandbox.engine.context import RequestContext
from instantly_sandbox.engine.registry import HANDLERS
from instantly_sandbox.engine.validation import validator
from instantly_sandbox.handlers.emails import EMAILS, RECEIVED
from tests.sandbox.raw import send, target_of

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
    """Makes requests, and checks every answer against the document."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.key = sandbox.key
        self.seen: set[str] = set()

    def __call__(self, id: str, *values: str, query: str = "", body: Any = None) -> Any:
        document = self.sandbox.runtime.document
        operation = document.operations[id]
        told = send(self.sandbox, operation.method, target_of(id, *values, query=query), body, key=self.key)
        assert told.status < 300, (id, told.body)
        schema = operation.success[2]
        assert schema is not None
        wrong = [error.message for error in validator(document, schema).iter_errors(told.json())]
        assert wrong == [], id
        self.seen.add(id)
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
    assert walk.seen <= set(HANDLERS)


def _accounts(walk: Walk) -> None:
    walk("createAccount", body=ACCOUNT)
    walk("listAccount", query="limit=1")
    walk("getAccount", MAIL)
    walk("patchAccount", MAIL, body={"daily_limit": None})
    for change in ("pauseAccount", "resumeAccount", "markAccountFixed"):
        walk(change, MAIL)
    for change in ("disableWarmupForAccounts", "enableWarmupForAccounts"):
        job = walk(change, body={"include_all_emails": True})
    walk.sandbox.clock.advance(3)
    walk("getBackgroundJob", job["id"])
    walk("listBackgroundJob", query="limit=1")
    walk("getWarmupAnalytics", body={"emails": [MAIL]})
    walk("getCtdStatus", query="host=track.example.com")
    walk("testAccountVitals", body={"accounts": [MAIL]})
    campaigns = walk.sandbox.runtime.state.workspaces[walk.sandbox.workspace_id].of("Campaign")
    about = {"name": "Spring", "timestamp_created": "2026-03-02T09:00:00.000Z", "status": 1, "email_list": [MAIL]}
    campaigns["one"] = {"id": "019cc043-aee6-7ae9-a545-d7de53430e37", **about}
    walk("getAccountCampaignMapping", MAIL, query="limit=1")


def _emails(walk: Walk) -> None:
    call = RequestContext.internal(
        walk.sandbox.runtime, walk.sandbox.runtime.state.workspaces[walk.sandbox.workspace_id]
    )
    about = {"subject": "Robots", "body": {"text": "Hi"}, "eaccount": MAIL, "lead": "tomas@example.org"}
    about |= {"from_address_email": "tomas@example.org", "to_address_email_list": MAIL}
    id = EMAILS.make(call, {**about, "ue_type": RECEIVED, "timestamp_email": call.now})["id"]
    sent = walk("replyToEmail", body={**SENT, "reply_to_uuid": id})
    walk("forwardEmail", body={**SENT, "reply_to_uuid": id, "to_address_email_list": "me@example.com"})
    test = {**SENT, "to_address_email_list": "me@example.com", "body": {"html": "<p>Hi</p>"}}
    walk("sendTestEmail", body=test)
    walk("sendTestEmail", body={**test, "eaccount": "nobody@example.com"})
    walk("listEmail", query="limit=1&preview_only=true")
    walk("getEmail", id)
    walk("patchEmail", id, body={"is_unread": 1})
    walk("countUnreadEmails")
    walk("markThreadAsRead", sent["thread_id"])
    walk("deleteEmail", sent["id"])
    walk("getDailyAccountAnalytics")


def _webhooks(walk: Walk) -> None:
    id = walk("createWebhook", body={"target_hook_url": "https://example.com/hook", "event_type": "email_sent"})["id"]
    walk("listWebhook", query="limit=1")
    walk("getWebhook", id)
    walk("patchWebhook", id, body={"headers": {"x-token": "secret"}})
    walk("listWebhookEventTypes")
    walk("testWebhook", id)
    walk("resumeWebhook", id)
    walk("deleteWebhook", id)
    [event] = walk("listWebhookEvent", query="limit=1")["items"]
    walk("getWebhookEvent", event["id"])
    walk("getWebhookEventsSummary")
    walk("getWebhookEventsSummaryByDate")
    walk("listAuditLog", query="limit=1")


def _workspaces(walk: Walk) -> None:
    walk("getWorkspace")
    walk("patchWorkspace", body={"name": "Northwind"})
    walk("addWorkspaceAgencyDomain", body={"domain": "clients.example.com"})
    walk("getWorkspaceDomainInfo")
    walk("deleteWorkspaceDomain")
    ids = [
        walk("createWorkspaceMember", body={"email": f"{name}@example.com", "role": "view"})["id"]
        for name in ("ines", "otto")
    ]
    walk("listWorkspaceMember", query="limit=1")
    walk("getWorkspaceMember", ids[0])
    walk("patchWorkspaceMember", ids[0], body={"role": "admin"})
    walk("deleteWorkspaceMember", ids[1])
    walk("changeWorkspaceOwner", body={"email": "ines@example.com", "sec": "secret"})
    walk("getAdminWorkspaceGroupMember")
    sub = [walk.sandbox.add_workspace(name) for name in ("One", "Two")]
    members = [walk("createWorkspaceGroupMember", body={"sub_workspace_id": id})["id"] for id in sub]
    walk.sandbox.clock.advance(5)
    walk("listWorkspaceGroupMember", query="limit=1")
    walk("getWorkspaceGroupMember", members[0])
    admin, walk.key = walk.key, walk.sandbox.add_key(workspace=sub[0])
    walk("createAccount", body={**ACCOUNT, "email": "moved@example.com"})
    walk("getAdminWorkspaceGroupMember")
    walk.key = admin
    moved = {"source_workspace_id": sub[0], "destination_workspace_id": sub[1], "emails": ["moved@example.com"]}
    walk("moveAccounts", body=moved)
    walk("deleteWorkspaceGroupMember", members[0])
    walk("getWorkspacePlanDetails")
    walk("getWorkspaceSubscriptionDetails")
    walk("listPhoneNumbers")
    walk("deletePhoneNumber", walk("listPhoneNumbers")[0]["id"])
    key = walk("createAPIKey", body={"name": "Reader", "scopes": ["accounts:read"]})
    walk("listAPIKey", query="limit=1")
    walk("deleteAPIKey", key["id"])
    for begin in ("initGoogleOAuth", "initMicrosoftOAuth"):
        session = walk(begin)["session_id"]
        walk("getOAuthSessionStatus", session)
        walk.sandbox.clock.advance(5)
        walk("getOAuthSessionStatus", session)
    walk("deleteAccount", MAIL)


def _placement(walk: Walk) -> None:
    id = walk("createInboxPlacementTest", body=TEST)["id"]
    walk.sandbox.clock.advance(5)
    walk("listInboxPlacementTest", query="limit=1")
    walk("getInboxPlacementTest", id, query="with_metadata=true")
    walk("patchInboxPlacementTest", id, body={"name": "Autumn"})
    walk("getInboxPlacementTestESPOptions")
    rows = walk("listInboxPlacementAnalytics", query=f"test_id={id}&limit=100")["items"]
    walk("getInboxPlacementAnalytics", rows[0]["id"])
    walk("getInboxPlacementAnalyticsStatsByTestId", body={"test_ids": [id]})
    walk("getInboxPlacementAnalyticsStatsByDate", body={"test_id": id})
    walk("getInboxPlacementAnalyticsDeliverabilityInsights", body={"test_id": id, "show_previous": True})
    [report, *_] = walk("listInboxPlacementBlacklist&SpamAssassinReport", query=f"test_id={id}&limit=1")["items"]
    walk("getInboxPlacementBlacklist&SpamAssassinReport", report["id"])
    walk("deleteInboxPlacementTest", id)


def _orders(walk: Walk) -> None:
    walk("createDFYEmailAccountOrder", body={**ORDER, "simulation": True})
    walk("createDFYEmailAccountOrder", body=ORDER)
    walk("createDFYEmailAccountOrder", body=ORDER)
    walk("listDFYEmailAccountOrder", query="limit=1")
    walk("listDFYEmailAccountOrdersAccounts", query="limit=1&with_passwords=true")
    walk("cancelDFYEmailAccounts", body={"accounts": ["mara@halden.com"]})
    walk("checkDomainsAvailability", body={"domains": ["halden.com"]})
    walk("generateSimilarDomains", body={"domain": "halden.com"})
    walk("preWarmedUpDomainsList", body={})
