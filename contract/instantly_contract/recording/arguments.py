"""Arguments for any operation: required ones only, with ids of objects that are there."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

from instantly_contract.calls import call
from instantly_core import UNSET, errors
from instantly_sandbox import Clock, Sandbox
from instantly_sandbox.engine.context import RequestContext
from instantly_sandbox.engine.document import Operation
from instantly_sandbox.engine.registry import KINDS
from instantly_sandbox.engine.resources import objects, placeholders, resources
from instantly_sandbox.engine.samples import Sampler
from instantly_sandbox.engine.scheduler import run_due
from instantly_sandbox.engine.validation import validator
from instantly_sandbox.handlers.ai_deliverability_agents import ITEM as FEED_ITEM
from instantly_sandbox.state.workspaces import Workspace

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ME = "mara@sender.example.com"
BROKEN, BOUNCING = "nils@sender.example.com", "olga@sender.example.com"
SECONDS_OF_AGENTS = 120
ADDRESS = "ada@example.org"
NOBODY = "http://127.0.0.1:9/"
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
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
FEED_ACTIONS = {
    "pause_affected_accounts": ["pauseDeliverabilityAffectedAccounts"],
    "pause_campaign_sending": ["pauseDeliverabilityCampaignSending"],
    "complete": ["completeDeliverabilityFeedItem"],
}
"""Action of a recommendation -> the operation that carries it out."""


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
        guide = self.guides().get(operation.id, {})
        sampler = Sampler(self.document, Random(operation.id), NOW)

        def value(name: str, schema: Any) -> Any:
            if name in guide:
                return guide[name]
            id = self._named(name, self.document.resolve(schema))
            return sampler.fitting(schema) if id is None else id

        path: dict[str, Any] = {}
        for name, item in placeholders(operation.path):
            known = self._known(operation, path, item)
            # Where an object has moved away from its path, the segment before it still has its name.
            segment = item.split("/")[-2].removesuffix("s").replace("-", "_")
            schema = next(p["schema"] for p in operation.parameters if (p["name"], p["in"]) == (name, "path"))
            found = next(iter(known), None) if known else self._named(f"{segment}_id", schema)
            path[name] = value(name, schema) if name in guide or found is None else found
        query = {
            each["name"]: value(each["name"], each["schema"])
            for each in operation.parameters
            if each["in"] == "query" and each.get("required")
        }
        return Arguments(path, query, self._body(operation, guide, value) if operation.takes_body else {})

    def _body(self, operation: Operation, guide: Mapping[str, Any], value: Callable[[str, Any], Any]) -> Any:
        schema = self.document.resolve(operation.body)
        fields = self.document.fields(schema)
        needed = [*self._required(schema), *list(fields)[: schema.get("minProperties", 0)]]
        names = dict.fromkeys(name for name in (*needed, *guide) if name in fields)
        body = {name: value(name, fields[name]) for name in names if not fields[name].get("readOnly")}
        if validator(self.document, schema).is_valid(body):
            return body
        # Its parts limit each other, or it is no object with fields at all.
        drawn = Sampler(self.document, Random(operation.id), NOW).fitting(schema)
        return {**drawn, **body} if isinstance(drawn, dict) and guide else drawn

    def _required(self, schema: Any) -> list[str]:
        schema = self.document.resolve(schema)
        return [
            *schema.get("required", ()),
            *(name for part in schema.get("allOf", ()) for name in self._required(part)),
        ]

    def _known(self, operation: Operation, path: dict[str, Any], item: str) -> Mapping[str, Any] | None:
        """The objects of which a place in an operation's path names one."""
        if "{" not in operation.path[len(item) :] and operation.id in KINDS:
            return ChainMap(*(self.workspace.of(kind) for kind in KINDS[operation.id]))
        return objects(self._context(path), item)

    def _context(self, path: dict[str, Any]) -> RequestContext:
        """A context of the sandbox's workspace, with these values in its path."""
        context = RequestContext.internal(self.sandbox.runtime, self.workspace)
        context.path = path
        return context

    def _named(self, name: str, schema: Any) -> str | None:
        """The id of the first object of the kind that a field such as `lead_id` names; None if it names none."""
        if not name.endswith("_id") and not ID.fullmatch(str(schema.get("example"))):
            return None
        kind = self.kind_of(name)
        return self._first(kind) if kind else None

    def kind_of(self, name: str) -> str | None:
        """The kind of object that a field such as `lead_id` names, as far as there are any; None if it names none."""
        word = name.removesuffix("_id").replace("resource", "lead_list")
        kinds = {kind.lower().replace(" ", "_"): kind for kind, rows in self.workspace.collections.items() if rows}
        fitting = [kind for known, kind in kinds.items() if f"_{known}".endswith(f"_{word}")]
        fitting += [kind for known, kind in kinds.items() if word.endswith(f"_{known}")]
        return min(fitting, key=len) if fitting else None

    def _first(self, kind: str) -> str:
        return next(iter(self.workspace.of(kind)))

    def _waiting(self) -> list[str]:
        """The activities of AI sales agents that wait for approval."""
        rows = self.workspace.of("AI Sales Agent Activity").values()
        return [row["id"] for row in rows if row["action_status"] == "pending"]

    def _agent(self, activity: str) -> str:
        return str(self.workspace.of("AI Sales Agent Activity")[activity]["ai_sdr_id"])

    def _account(self) -> dict[str, Any]:
        logins = {
            f"{way}_{field}": value
            for way, port in (("imap", 993), ("smtp", 587))
            for field, value in (("username", "otto"), ("password", "x"), ("host", "mail"), ("port", port))
        }
        names = {"first_name": "Otto", "last_name": "Lindqvist"}
        return {"email": "otto@sender.example.com", "provider_code": 1, **names, **logins}

    def guides(self) -> dict[str, dict[str, Any]]:
        """Values that no schema gives: operationId -> values in the path and the body.

        A guide of an operation that the document has no more does nothing.
        """
        (one, two), leads = self._below, list(self.workspace.of("Lead").values())
        campaign, other, *_ = self.workspace.of("Campaign")
        *_, member = self.workspace.of("Workspace Member")
        inner = next(lead for lead in leads if lead.get("campaign") == campaign)
        email = next(iter(self.workspace.of("Email").values()))
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
                "parent_campaign": campaign,
                "conditions": {"lead_activity": [2]},
                "subsequence_schedule": CAMPAIGN["campaign_schedule"],
                "sequences": [{"steps": []}],
            },
            "duplicateSubsequence": {"parent_campaign": campaign},
            "toggleTagResource": {
                "tag_ids": [self._first("Custom Tag")],
                "resource_type": 2,
                "resource_ids": [campaign],
            },
            "createLeadFinderAgent": {"campaign_id": campaign, "search_filters": {"title": {"include": ["Buyer"]}}},
            "createInboxManagerAgent": {"payload": {"configuration_type": 1}},
            "createImportedLeadsActivity": {"master_list_id": self._first("Lead List")},
            **{
                operation: {"id": self._agent(activity), "activity_id": activity, "activity_ids": [activity]}
                for activity in self._waiting()
                for operation in (
                    *("approveSalesAgentActivity", "approveAiSdrActivity", "approveSalesAgentActivities"),
                    *("rejectSalesAgentActivity", "rejectAiSdrActivity", "rejectSalesAgentActivities"),
                )
            },
            **{
                operation: {"id": item["id"]}
                for item in self.workspace.of(FEED_ITEM).values()
                for operation in FEED_ACTIONS.get(item["action_code"], ())
            },
            "createDFYEmailAccountOrder": {
                "order_type": "dfy",
                "items": [{"domain": "halden.com", "accounts": [MAILBOX]}],
            },
            "cancelDFYEmailAccounts": {"accounts": ["mara@halden.com"]},
            "sendTestEmail": {**mail, "to_address_email_list": "me@example.com"},
            "replyToEmail": {**mail, "reply_to_uuid": email["id"]},
            "forwardEmail": {**mail, "reply_to_uuid": email["id"], "to_address_email_list": "me@example.com"},
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
            "markThreadAsRead": {"thread_id": email["thread_id"]},
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
            "createSalesAgent": {},
            "createInboxManagerAgent": {},
            "createLeadFinderAgent": {},
            "deployDeliverabilityAgent": {},
            "createDFYEmailAccountOrder": {},
            "createInboxPlacementTest": {},
            "shareCampaign": {},
        }
        # Objects lie in others, whose paths are shorter.
        derived = sorted(resources(self.document).values(), key=lambda resource: resource.path.count("{"))
        made |= {resource.creates: {} for resource in derived if resource.creates}
        made |= {"testWebhook": {}}
        for operation, more in made.items():
            if operation in self.document.operations:
                path, query, body = self.of(self.document.operations[operation])
                with suppress(errors.OperationFailedError):
                    call(client, operation, path, query, {**body, **more} or UNSET)
        self._let_agents_act()
        run_due(self.sandbox.runtime, self.workspace)

    def _let_agents_act(self) -> None:
        """Let the AI agents find something to answer, to approve and to recommend."""
        happen, client = self.sandbox.happen, self.sandbox.client()
        contacted = next(iter(self.workspace.of("Email").values()))
        happen.reply(contacted["lead"])
        for account, status in ((BROKEN, -1), (BOUNCING, -2)):
            happen.account_error(account, status)
        self.sandbox.clock.advance(SECONDS_OF_AGENTS)
        tracked = [each for each in self.workspace.of("Campaign").values() if each.get("open_tracking")]
        # The cause of a recommendation has to be removed before it is complete.
        for campaign in tracked:
            call(client, "patchCampaign", {"id": campaign["id"]}, body={"open_tracking": False})
        for item in [each for each in self.workspace.of(FEED_ITEM).values() if each["action_code"] == "complete"]:
            call(client, "completeDeliverabilityFeedItem", {"id": item["id"]})
        for campaign in tracked:
            call(client, "patchCampaign", {"id": campaign["id"]}, body={"open_tracking": True})
