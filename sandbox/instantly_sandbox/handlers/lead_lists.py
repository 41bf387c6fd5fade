"""Lead lists: leads outside campaigns."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..engine.context import RequestContext
from ..engine.records import Records
from ..engine.registry import handles
from ..state.workspaces import Entity, Workspace
from .lead_filters import leads_of

RESULTS = {
    "verified": 1,
    "invalid": -1,
    "risky": -2,
    "catch_all": -3,
    "job_change": -4,
    "verification_job_pending_leadfinder": 12,
    "verification_job_pending_user": 11,
}
"""Names of the verification statuses in the statistics."""


def _delete_leads(workspace: Workspace, lead_list: Entity) -> None:
    leads = workspace.of("Lead")
    for id in [id for id, lead in leads.items() if lead.get("list_id") == lead_list["id"]]:
        del leads[id]


def _enriched(context: RequestContext, row: Entity) -> bool:
    wanted = context.query.get("has_enrichment_task")
    return wanted is None or bool(row.get("has_enrichment_task")) == wanted


LISTS = Records(
    "Lead List",
    creates="createLeadList",
    lists="listLeadList",
    gets="getLeadList",
    patches="patchLeadList",
    deletes="deleteLeadList",
    search=("name",),
    filtered=_enriched,
    defaults=lambda context: {"has_enrichment_task": False},
    on_delete=_delete_leads,
)


@handles("getVerificationStats")
def verification_stats(context: RequestContext) -> dict[str, Any]:
    leads = leads_of(context, list_id=LISTS.one(context)["id"])
    counts = Counter(lead.get("verification_status") for lead in leads)
    return {"stats": {name: counts[status] for name, status in RESULTS.items()}, "total_leads": len(leads)}
