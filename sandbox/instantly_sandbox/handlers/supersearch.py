"""SuperSearch: finds people, adds them to a list or campaign over time, and enriches leads.

The people are made up. The same filters find the same number of them, with the same seed.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

from ..engine.context import RequestContext
from ..engine.messages import Refusal
from ..engine.registry import handles
from ..engine.scheduler import action
from ..simulation.events import announce
from ..simulation.seed_data import person
from ..state.rows import Row
from ..state.workspaces import Entity
from . import background_jobs, leads
from .lead_filters import leads_of

KIND, AI_KIND, HISTORY = "SuperSearch Enrichment", "AI Enrichment", "SuperSearch Run"
CAMPAIGN, LIST = 1, 2
KINDS = {"Campaign": CAMPAIGN, "Lead List": LIST}
ENRICHED = 1
RUNNING, DONE = 2, 3
SECONDS_BETWEEN_BATCHES = 10.0
BATCH = 25
PREVIEWED = 10
MAX_FOUND = 5000
TYPE = "work_email_enrichment"
COMPLETED = "supersearch_enrichment_completed"
SETTINGS = ("auto_update", "skip_rows_without_email", "is_evergreen")
SIGNALS = ("hiring", "funding", "expansion", "partnership", "launch")


def _resource(context: RequestContext, id: str) -> tuple[Row, int]:
    """The list or campaign that an enrichment is of, and its type."""
    for kind, code in KINDS.items():
        if id in context.of(kind):
            return context.of(kind)[id], code
    raise context.not_found("Resource")


def _people(context: RequestContext) -> Random:
    return Random(f"{context.runtime.seed} {json.dumps(context.body['search_filters'], sort_keys=True)}")


@handles("countLeadsFromSupersearch")
def count(context: RequestContext) -> dict[str, Any]:
    return {"number_of_leads": _people(context).randint(BATCH, MAX_FOUND)}


@handles("previewLeadsFromSupersearch")
def preview(context: RequestContext) -> dict[str, Any]:
    random = _people(context)
    found = random.randint(BATCH, MAX_FOUND)
    shown = [_previewed(person(random, number)) for number in range(1, PREVIEWED + 1)]
    return {"number_of_leads": found, "number_of_redacted_results": found - len(shown), "leads": shown}


def _previewed(someone: dict[str, Any]) -> dict[str, Any]:
    first, last = someone["first_name"], someone["last_name"]
    return {
        "firstName": first,
        "lastName": last,
        "fullName": f"{first} {last}",
        "jobTitle": someone["job_title"],
        "companyName": someone["company_name"],
        "isOwned": False,
    }


@handles("signalKeywordsFacet")
def keywords(context: RequestContext) -> dict[str, Any]:
    random = Random(f"{context.runtime.seed} {context.body['category']} {context.body['field']}")
    prefix, limit = context.body.get("prefix", "").lower(), int(context.body.get("limit", len(SIGNALS)))
    found = [{"keyword": word, "count": random.randint(1, 900)} for word in SIGNALS]
    return {"keywords": [each for each in found if str(each["keyword"]).startswith(prefix)][:limit]}


@handles("enrichLeadsFromSupersearch")
def find(context: RequestContext) -> dict[str, Any]:
    asked = context.body
    id = asked.get("resource_id")
    if id:
        resource, kind = _resource(context, id)
    else:
        from .lead_lists import LISTS

        resource, kind = (
            LISTS.make(context, {"name": asked.get("list_name") or asked.get("search_name") or "List"}),
            LIST,
        )
        id = resource["id"]
    if kind == LIST:
        resource["has_enrichment_task"] = True
    job = background_jobs.start(
        context, "import-leads", {LIST: "list", CAMPAIGN: "campaign"}[kind], id, does=WORK, arguments={}, echo={}
    )
    background_jobs.take(context, job["id"])  # It ends when all leads are found.
    made = _begin(context, id, kind, {name: True for name in (TYPE, "fully_enriched_profile") if asked.get(name)})
    made.update(search_filters=asked["search_filters"], limit=asked["limit"], job=job["id"])
    made.update({name: asked[name] for name in SETTINGS if name in asked})
    context.schedule(
        SECONDS_BETWEEN_BATCHES,
        "enrichment-finds",
        resource_id=id,
        filters=asked["search_filters"],
        left=min(int(asked["limit"]), MAX_FOUND),
        number=0,
    )
    told = {"id": made["id"], "organization_id": context.workspace.id, "resource_id": id, "resource_type": kind}
    told |= {"search_filters": asked["search_filters"], "limit": asked["limit"], "background_job_id": job["id"]}
    return told | {name: asked[name] for name in ("list_name", "custom_flow") if name in asked}


WORK = "find-leads"
background_jobs.work(WORK)(lambda context: {})


def _settings(context: RequestContext, resource_id: str, kind: int) -> Row:
    """The settings of the enrichment of a list or campaign, made at first use."""
    known = context.of(KIND)
    if resource_id not in known:
        made = {"id": context.new_id(), "resource_type": kind, "enrichment_payload": {TYPE: False}}
        known[resource_id] = {**made, "resource_id": resource_id}
    return known[resource_id]


def _begin(context: RequestContext, resource_id: str, kind: int, payload: dict[str, Any]) -> Row:
    """The enrichment of a list or campaign, which begins to run."""
    made = _settings(context, resource_id, kind)
    made.update(in_progress=True, enrichment_payload={**made["enrichment_payload"], **payload})
    run = context.new_id()
    context.of(HISTORY)[run] = {
        "id": run,
        "resource_id": resource_id,
        "status": "in_progress",
        "enrichment_payload": payload,
        "timestamp_created": context.now,
    }
    return made


@action("enrichment-finds")
def add(context: RequestContext, resource_id: str, filters: Any, left: int, number: int) -> None:
    """Add the next leads that a search finds to its list or campaign."""
    try:
        _, kind = _resource(context, resource_id)
    except Refusal:
        return  # It was deleted meanwhile.
    random = Random(f"{context.runtime.seed} {json.dumps(filters, sort_keys=True)} {number}")
    place: dict[str, Any] = {"campaign" if kind == CAMPAIGN else "list_id": resource_id}
    for each in range(min(BATCH, left)):
        someone = person(random, number + each + 1)
        someone["email"] = f"found.{resource_id[-4:]}.{someone['email']}"
        made = leads.make(context, someone, **place)
        made.update(enrichment_status=ENRICHED)
    left -= min(BATCH, left)
    if left:
        arguments = {"resource_id": resource_id, "filters": filters, "left": left, "number": number + BATCH}
        context.schedule(SECONDS_BETWEEN_BATCHES, "enrichment-finds", **arguments)
    else:
        finish(context, resource_id)


@action("enrichment-ends")
def finish(context: RequestContext, resource_id: str) -> None:
    """End an enrichment: its job, its leads, its event."""
    made = context.of(KIND).get(resource_id)
    if made is None:
        return
    made["in_progress"] = False
    job = context.of("Background Job").get(made.get("job") or "")
    if job is not None and job["status"] in background_jobs.UNFINISHED:
        job.update(status="success", progress=100, updated_at=context.now)
    for row in context.of(HISTORY).values():
        if row["resource_id"] == resource_id and row["status"] == "in_progress":
            row.update(status="completed", timestamp_completed=context.now)
    for row in context.of(AI_KIND).values():
        if row["resource_id"] == resource_id:
            row["status"] = DONE
    for field in ("campaign", "list_id"):
        for lead in leads_of(context, **{field: resource_id}):
            lead["enrichment_status"] = ENRICHED
    campaign = context.of("Campaign").get(resource_id)
    announce(context, COMPLETED, **({"campaign": campaign} if campaign else {}), more={"resource_id": resource_id})


@handles("createSuperSearchEnrichment")
def create(context: RequestContext) -> dict[str, Any]:
    asked = context.body
    _, kind = _resource(context, asked["resource_id"])
    made = _begin(context, asked["resource_id"], kind, {asked.get("type", TYPE): True})
    made.update(type=asked.get("type", TYPE), **{name: asked[name] for name in ("limit",) if name in asked})
    context.schedule(SECONDS_BETWEEN_BATCHES, "enrichment-ends", resource_id=asked["resource_id"])
    return _shown(context, asked["resource_id"], made, "limit", "enrichment_payload")


@handles("runEnrichment")
def run(context: RequestContext) -> dict[str, Any]:
    id = context.body["resource_id"]
    _, kind = _resource(context, id)
    made = _begin(context, id, kind, {TYPE: True})
    context.schedule(SECONDS_BETWEEN_BATCHES, "enrichment-ends", resource_id=id)
    return {"id": made["id"], "resource_id": id, "enrichment_payload": made["enrichment_payload"]}


@handles("getEnrichmentForResource")
def get(context: RequestContext) -> dict[str, Any]:
    id = context.path["resource_id"]
    _resource(context, id)
    made: Entity = context.of(KIND).get(id) or {}
    empty = not any(leads_of(context, **{field: id}) for field in ("campaign", "list_id"))
    return {
        "resource_id": id,
        "exists": bool(made),
        "in_progress": made.get("in_progress", False),
        "has_no_leads": empty,
        "enrichment_payload": made.get("enrichment_payload", {TYPE: False}),
        **{name: made[name] for name in ("auto_update", "is_evergreen", "search_filters") if name in made},
    }


@handles("updateEnrichmentSettingsForResource")
def settings(context: RequestContext) -> dict[str, Any]:
    id = context.path["resource_id"]
    _, kind = _resource(context, id)
    made = _settings(context, id, kind)
    made.update({name: context.body[name] for name in SETTINGS if name in context.body})
    shown = ("limit", "enrichment_payload", "auto_update", "skip_rows_without_email", "in_progress", "type")
    return {**_shown(context, id, made, *shown), "resource_type": kind}


@handles("getEnrichmentHistory")
def history(context: RequestContext) -> list[Entity]:
    id = context.path["resource_id"]
    _resource(context, id)
    rows = [row for row in context.of(HISTORY).values() if row["resource_id"] == id][::-1]
    start = int(context.query.get("offset", 0))
    return list(rows[start : start + int(context.query.get("limit", len(rows) or 1))])


@handles("createAIEnrichment")
def create_ai(context: RequestContext) -> dict[str, Any]:
    asked = context.body
    _, kind = _resource(context, asked["resource_id"])
    id = context.new_id()
    context.of(AI_KIND)[id] = {**asked, "id": id, "status": RUNNING, "overwrite": asked.get("overwrite", False)}
    _begin(context, asked["resource_id"], kind, {"ai_enrichment": {"output_column": asked["output_column"]}})
    context.schedule(SECONDS_BETWEEN_BATCHES, "enrichment-ends", resource_id=asked["resource_id"])
    shown = ("resource_id", "resource_type", "output_column", "model_version", "input_columns", "limit", "template_id")
    found = context.of(AI_KIND)[id]
    told = {name: found[name] for name in shown if name in found}
    always = {"overwrite": found["overwrite"], "auto_update": asked.get("auto_update", False)}
    return {"id": id, "status": RUNNING, **always, **told}


@handles("getAiEnrichmentForResource")
def in_progress(context: RequestContext) -> list[dict[str, Any]]:
    id = context.path["resource_id"]
    _resource(context, id)
    return [
        {
            "id": row["id"],
            "organization_id": context.workspace.id,
            **{name: row[name] for name in ("resource_id", "resource_type", "output_column", "status")},
        }
        for row in context.of(AI_KIND).values()
        if row["resource_id"] == id and row["status"] == RUNNING
    ]


def _shown(context: RequestContext, resource_id: str, made: Row, *names: str) -> dict[str, Any]:
    own = {"id": made["id"], "organization_id": context.workspace.id, "resource_id": resource_id}
    return own | {name: made[name] for name in names if name in made}
