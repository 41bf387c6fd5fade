"""Arguments for any operation: required ones only, with ids of objects that are there."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

from instantly_contract.calls import call
from instantly_core import UNSET, errors
from instantly_sandbox import Clock, Sandbox
from instantly_sandbox.engine.document import Operation
from instantly_sandbox.engine.samples import Sampler
from instantly_sandbox.state.workspaces import Workspace

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ME = "mara@sender.example.com"
ADDRESS = "ada@example.org"
NOBODY = "http://127.0.0.1:9/"
CAMPAIGN: dict[str, Any] = {
    "name": "Spring",
    "campaign_schedule": {
        "schedules": [
            {
                "name": "Office hours",
                "timing": {"from": "09:00", "to": "17:00"},
                "days": {"1": True},
                "timezone": "Europe/Belgrade",
            }
        ]
    },
}
MAILBOX = {"email_address_prefix": "mara", "first_name": "Mara", "last_name": "Lindqvist"}
SUCCESSOR = "ines@example.com"

KINDS = {
    "account-campaign-mappings": "Account",
    "accounts": "Account",
    "api-keys": "API Key",
    "background-jobs": "Background Job",
    "block-lists-entries": "Block List Entry",
    "campaigns": "Campaign",
    "custom-tags": "Custom Tag",
    "email-verification": "Email Verification",
    "emails": "Email",
    "inbox-placement-analytics": "Inbox Placement Analytics",
    "inbox-placement-reports": "Inbox Placement Blacklist & SpamAssassin Report",
    "inbox-placement-tests": "Inbox Placement Test",
    "lead-labels": "Lead Label",
    "lead-lists": "Lead List",
    "leads": "Lead",
    "phone-numbers": "Phone Number",
    "status": "OAuth Session",
    "subsequences": "Campaign Subsequence",
    "webhook-events": "Webhook Event",
    "webhooks": "Webhook",
    "workspace-group-members": "Workspace Group Member",
    "workspace-members": "Workspace Member",
    # And the fields of queries and bodies.
    "campaign": "Campaign",
    "parent_campaign": "Campaign",
    "resource_id": "Lead List",
    "lead_id": "Lead",
    "subsequence_id": "Campaign Subsequence",
    "reply_to_uuid": "Email",
    "test_id": "Inbox Placement Test",
}
"""The kind of the object whose id is a segment of a path, or that a field names."""


class Arguments(NamedTuple):
    """The arguments of an operation, by the document's names."""

    path: dict[str, Any]
    query: dict[str, Any]
    body: dict[str, Any]


class SeededSandbox:
    """A sandbox with an object of each kind, and the arguments that lead to them."""

    def __init__(self) -> None:
        self.sandbox = Sandbox(world="demo", clock=Clock(NOW, frozen=True))
        self.document = self.sandbox.runtime.document
        home = self.sandbox.workspace_id
        self._below = [self.sandbox.add_workspace(name, under=home) for name in ("One", "Two")]
        self._free = self.sandbox.add_workspace("Three")
        self._seed()

    @property
    def workspace(self) -> Workspace:
        """The sandbox's workspace."""
        return self.sandbox.runtime.state.workspaces[self.sandbox.workspace_id]

    def of(self, operation: Operation) -> Arguments:
        """Arguments that the operation accepts, and carries out."""
        sampler = Sampler(self.document, Random(operation.id), NOW)
        own = self._of_their_own().get(operation.id, {})

        def value(name: str, schema: Any) -> Any:
            return own[name] if name in own else self._first(KINDS[name]) if name in KINDS else sampler.draw(schema)

        path, query = {}, {}
        for parameter in operation.parameters:
            name = parameter["name"]
            if parameter["in"] == "path":
                path[name] = own[name] if name in own else self._place(operation, name)
            elif parameter.get("required"):
                query[name] = value(name, parameter["schema"])
        schema = self.document.resolve(operation.body) if operation.takes_body else {}
        fields = schema.get("properties", {})
        needed = [*schema.get("required", ()), *list(fields)[: schema.get("minProperties", 0)]]
        wanted = dict.fromkeys([*needed, *(name for name in own if name in fields)])
        return Arguments(path, query, {name: value(name, fields[name]) for name in wanted})

    def _place(self, operation: Operation, name: str) -> str:
        segments = operation.path.split("/")
        before = segments[segments.index(f"{{{name}}}") - 1]
        return self._first(KINDS.get(name) or KINDS[before])

    def _first(self, kind: str) -> str:
        return next(iter(self.workspace.of(kind)))

    def _account(self) -> dict[str, Any]:
        logins = {
            f"{way}_{field}": value
            for way, port in (("imap", 993), ("smtp", 587))
            for field, value in (("username", "otto"), ("password", "x"), ("host", "mail"), ("port", port))
        }
        names = {"first_name": "Otto", "last_name": "Lindqvist"}
        return {"email": "otto@sender.example.com", "provider_code": 1, **names, **logins}

    def _of_their_own(self) -> dict[str, dict[str, Any]]:
        """Values that no schema gives: operationId -> values in the path and the body."""
        (one, two), leads = self._below, list(self.workspace.of("Lead").values())
        campaign, other, *_ = self.workspace.of("Campaign")
        *_, member = self.workspace.of("Workspace Member")
        inner = next(lead for lead in leads if lead.get("campaign") == campaign)
        mail = {"eaccount": ME, "subject": "Hello", "body": {"html": "<p>Hi</p>", "text": "Hi"}}
        emails = {"emails": [ME]}
        return {
            "createAccount": self._account(),
            "createCampaign": CAMPAIGN,
            "enableWarmupForAccounts": emails,
            "disableWarmupForAccounts": emails,
            "getWarmupAnalytics": emails,
            "testAccountVitals": {"accounts": [ME]},
            "moveAccounts": {
                "emails": [f"{one}@example.com"],
                "source_workspace_id": one,
                "destination_workspace_id": two,
            },
            "createCampaignSubsequence": {
                "conditions": {"lead_activity": [2]},
                "subsequence_schedule": CAMPAIGN["campaign_schedule"],
                "sequences": [{"steps": []}],
            },
            "toggleTagResource": {
                "tag_ids": [self._first("Custom Tag")],
                "resource_type": 2,
                "resource_ids": [campaign],
            },
            "createDFYEmailAccountOrder": {
                "order_type": "dfy",
                "items": [{"domain": "halden.com", "accounts": [MAILBOX]}],
            },
            "cancelDFYEmailAccounts": {"accounts": ["mara@halden.com"]},
            "sendTestEmail": {**mail, "to_address_email_list": "me@example.com"},
            "replyToEmail": mail,
            "forwardEmail": {**mail, "to_address_email_list": "me@example.com"},
            "createInboxPlacementTest": {"type": 1, "sending_method": 1, "emails": ["me@example.org"]},
            "deletebulkBlockListEntry": {"ids": [self._first("Block List Entry")]},
            "deleteLeadLabel": {"reassigned_status": 0},
            "createLead": {"email": ADDRESS, "campaign": campaign},
            "bulkAddLeads": {"leads": [{"email": ADDRESS}], "campaign_id": campaign},
            "bulkDeleteLeads": {"campaign_id": campaign},
            "mergeLeads": {"destination_lead_id": leads[1]["id"]},
            "updateLeadInterestStatus": {"lead_email": leads[0]["email"], "interest_value": 1},
            "bulkAssignLeads": {"organization_user_ids": [self.workspace.owner], "ids": [leads[0]["id"]]},
            "moveLeads": {"ids": [inner["id"]], "campaign": campaign, "to_campaign_id": other},
            "moveLeadToSubsequence": {"id": inner["id"]},
            "removeLeadFromSubsequence": {"id": inner["id"]},
            "createWorkspaceGroupMember": {"sub_workspace_id": self._free},
            "createWorkspaceMember": {"email": ADDRESS, "role": "view"},
            "patchWorkspaceMember": {"id": member},
            "deleteWorkspaceMember": {"id": member},
            "getInboxPlacementAnalyticsStatsByTestId": {"test_ids": [*self.workspace.of("Inbox Placement Test")]},
            "changeWorkspaceOwner": {"email": SUCCESSOR, "sec": "secret"},
            "addWorkspaceAgencyDomain": {"domain": "clients.example.com"},
            "createEmailVerification": {"email": ADDRESS},
            "duplicate": {"name": "Again"},
            "addVariables": {"variables": ["city"]},
            "createWebhook": {"target_hook_url": NOBODY},
            "createCustomTag": {"label": "South"},
            "markThreadAsRead": {"thread_id": next(iter(self.workspace.of("Email").values()))["thread_id"]},
        }

    def _seed(self) -> None:
        client = self.sandbox.client()
        for workspace in self._below:
            mailbox = {**self._account(), "email": f"{workspace}@example.com"}
            call(client.for_workspace(workspace), "createAccount", body=mailbox)
        made: dict[str, dict[str, Any]] = {
            "createAPIKey": {"scopes": ["leads:read"]},
            "enableWarmupForAccounts": {},
            "createEmailVerification": {},
            "initGoogleOAuth": {},
            "createWorkspaceMember": {"email": SUCCESSOR, "role": "admin"},
            "addWorkspaceAgencyDomain": {},
            "createWebhook": {},
            "createCampaignSubsequence": {},
            "createDFYEmailAccountOrder": {},
            "createInboxPlacementTest": {},
            "shareCampaign": {},
        }
        for operation, more in made.items():
            path, query, body = self.of(self.document.operations[operation])
            call(client, operation, path, query, {**body, **more} or UNSET)
        with suppress(errors.OperationFailedError):
            client.webhooks.test(self._first("Webhook"))
        self.sandbox.clock.advance(5)
        client.crm.list_phone_numbers()
