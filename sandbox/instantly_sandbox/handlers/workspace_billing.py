"""Billing of a workspace. A sandbox has one plan."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..engine.context import RequestContext
from ..engine.registry import handles

PLAN = "Hypergrowth"
PRODUCT = "pid_hg_v1"
LEADS = 25_000
DOLLARS = 97
DAYS = 30


@handles("getWorkspacePlanDetails")
def plan(context: RequestContext) -> dict[str, Any]:
    outreach = {
        "plan_name": PLAN,
        "addons_qty": 0,
        "total_lead_limit": LEADS,
        "current_lead_count": len(context.of("Lead")),
    }
    workspace = context.find("Workspace", context.workspace.id)
    return {
        "organization_id": workspace["id"],
        "organization_name": workspace["name"],
        "subscriptions": {"outreach": outreach},
    }


@handles("getWorkspaceSubscriptionDetails")
def subscriptions(context: RequestContext) -> dict[str, Any]:
    began = datetime.fromisoformat(context.find("Workspace", context.workspace.id)["timestamp_created"]).timestamp()
    period = DAYS * 24 * 3600
    periods = int((context.runtime.clock.time() - began) // period) + 1
    outreach = {
        "workspace_id": context.workspace.id,
        "interval": "month",
        "quantity": 1,
        "product_id": PRODUCT,
        "product_type": "prt_outreach",
        "plan_type": "plt_primary",
        "current_period_end": int(began) + periods * period,
        "cancel_at_time": None,
        "price_in_dollars": DOLLARS,
        "price_id": "price_sandbox",
    }
    return {"subscriptions": [outreach], "all_subs_cancelled": False}
