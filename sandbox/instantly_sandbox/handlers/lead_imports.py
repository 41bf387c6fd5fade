"""Imports of leads, one or up to a thousand at a time, and the rules that leave leads out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..engine.addresses import is_address, normal
from ..engine.context import RequestContext
from ..engine.messages import Refusal
from ..engine.registry import handles
from ..engine.scheduler import action
from ..state.workspaces import Entity
from .block_list import blocks
from .email_verifications import PENDING, SECONDS, verdict
from .leads import make

NO_GATEWAY = 0
UPLOADS_OF_PLAN = 25_000
SKIPS: dict[str, tuple[str, ...]] = {
    "skip_if_in_workspace": ("campaign", "list_id"),
    "skip_if_in_campaign": ("campaign",),
    "skip_if_in_list": ("list_id",),
}
"""Fields that the leads of each place have. A rule skips leads that are in its place."""


class _ImportRules:
    """Import rules: decide which leads are left out, and which counter of a bulk import they go to.

    Args:
        context: of a request with `skip_if_...` rules in its body.
        campaign: the campaign of the new leads, or None.
        list_id: the list of the new leads, or None.
    """

    def __init__(self, context: RequestContext, campaign: str | None, list_id: str | None) -> None:
        self._for_campaign = campaign is not None
        self._seen: set[str] = set()
        self._blocks = blocks(context)
        fields = {field for rule, fields in SKIPS.items() if context.body.get(rule) for field in fields}
        self._fields = fields
        self._place = {"campaign": campaign} if campaign else {"list_id": list_id} if list_id else {}
        self._leads = context.of("Lead")

    def refuses(self, given: Mapping[str, Any]) -> str | None:
        """The counter of a lead that is left out; None for a lead to import."""
        email = given.get("email")
        if not email:
            named = given.get("first_name") or given.get("last_name")
            return "invalid_email_count" if self._for_campaign else None if named else "incomplete_count"
        if not is_address(email):
            return "invalid_email_count"
        email = normal(email)
        if email in self._seen:
            return "duplicate_email_count"
        self._seen.add(email)
        if self._blocks(email):
            return "in_blocklist"
        if self.elsewhere(email):
            return "skipped_count"
        return "duplicated_leads" if self.here(email) else None

    def here(self, email: str) -> Entity | None:
        """The lead with this address in the campaign or list of the new leads."""
        known = self._leads.by("email", email)
        return next((lead for lead in known if self._place and self._place.items() <= lead.items()), None)

    def elsewhere(self, email: str) -> Entity | None:
        """The lead with this address that a rule skips."""
        known = self._leads.by("email", email)
        return next((lead for lead in known if any(lead.get(field) for field in self._fields)), None)


@handles("createLead")
def create(context: RequestContext) -> Entity | None:
    """Create a lead, or answer with the lead that exists already."""
    given = context.body
    campaign, list_id = given.get("campaign"), given.get("list_id")
    if campaign and list_id:
        raise Refusal(400, "A lead goes to a campaign or to a list, not to both")
    _find_place(context, campaign, list_id)
    rules = _ImportRules(context, campaign, list_id)
    match rules.refuses(given):
        case None:
            lead = make(context, given, campaign=campaign, list_id=list_id)
            if given.get("verify_leads_on_import"):
                _verify(context, [lead])
            return lead
        case "skipped_count":
            return rules.elsewhere(normal(given["email"]))
        case "duplicated_leads":
            return rules.here(normal(given["email"]))
        case "in_blocklist":
            raise Refusal(400, "The lead is on the block list")
        case "incomplete_count":
            raise Refusal(400, "A lead needs an email, a first_name or a last_name")
    raise Refusal(400, "The lead needs a valid email")


@handles("bulkAddLeads")
def add_many(context: RequestContext) -> dict[str, Any]:
    asked = context.body
    campaign, list_id = asked.get("campaign_id"), asked.get("list_id")
    if (campaign is None) == (list_id is None):
        raise Refusal(400, "Give either campaign_id or list_id")
    _find_place(context, campaign, list_id)
    rules, refused = _ImportRules(context, campaign, list_id), Counter[str]()
    assigned = {"assigned_to": asked.get("assigned_to", context.workspace.owner)}
    created: dict[int, Entity] = {}
    for index, given in enumerate(asked["leads"]):
        reason = rules.refuses(given)
        if reason:
            refused[reason] += 1
        else:
            created[index] = make(context, {**assigned, **given}, campaign=campaign, list_id=list_id)
    if asked.get("verify_leads_on_import"):
        _verify(context, list(created.values()))
    return {
        "status": "success",
        "total_sent": len(asked["leads"]),
        "leads_uploaded": len(created),
        "in_blocklist": refused["in_blocklist"],
        "blocklist_used": asked.get("blocklist_id"),
        "duplicated_leads": refused["duplicated_leads"],
        "skipped_count": refused["skipped_count"],
        "invalid_email_count": refused["invalid_email_count"],
        "incomplete_count": refused["incomplete_count"],
        "duplicate_email_count": refused["duplicate_email_count"],
        "remaining_in_plan": max(0, UPLOADS_OF_PLAN - len(context.of("Lead"))) if campaign else None,
        "created_leads": [
            {"index": index, **{name: lead.get(name) for name in ("id", "email", "first_name", "last_name", "phone")}}
            for index, lead in created.items()
        ],
    }


def _find_place(context: RequestContext, campaign: str | None, list_id: str | None) -> None:
    for kind, id in (("Campaign", campaign), ("Lead List", list_id)):
        if id is not None:
            context.find(kind, id)


def _verify(context: RequestContext, leads: list[Entity]) -> None:
    for lead in leads:
        lead["verification_status"] = PENDING
    context.schedule(SECONDS, "leads-verified", ids=[lead["id"] for lead in leads])


@action("leads-verified")
def verified(context: RequestContext, ids: list[str]) -> None:
    for id in ids:
        lead = context.of("Lead").get(id)
        if lead is not None:
            lead.update(verification_status=verdict(context, lead.get("email") or ""), esg_code=NO_GATEWAY)
