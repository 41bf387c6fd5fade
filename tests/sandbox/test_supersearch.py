"""SuperSearch fills a list over time, ends its job, and announces that it is done."""

from __future__ import annotations

from typing import Any

import pytest

from instantly_client import errors
from instantly_sandbox.engine.context import RequestContext
from instantly_sandbox.simulation import events
from tests.sandbox.outreach import NOBODY, campaign, sandbox

FILTERS = {"title": {"include": ["CEO"]}}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []

    def listen(context: RequestContext, event_type: str, about: dict[str, Any]) -> None:
        names.append(event_type)

    monkeypatch.setattr(events, "LISTENERS", [listen])
    return names


def find(client: Any, limit: int) -> dict[str, Any]:
    found: dict[str, Any] = client.supersearch.enrich_leads(
        search_filters=FILTERS, limit=limit, list_name="Q", confirm=True
    ).to_dict()
    return found


def test_a_search_fills_a_new_list_over_time(told: list[str]) -> None:
    box, client = sandbox()
    made = find(client, 60)
    listed = client.lead_lists.get(made["resource_id"])
    assert (listed.name, listed.has_enrichment_task, made["organization_id"]) == ("Q", True, box.workspace_id)
    assert made["search_filters"] == FILTERS
    counts = []
    for _ in range(4):
        counts.append(len(list(client.leads.list(list_id=listed.id))))
        box.clock.advance(10)
    assert counts == [0, 25, 50, 60]
    assert client.background_jobs.get(made["background_job_id"]).status == "success"
    assert told == ["supersearch_enrichment_completed"]
    state = client.supersearch.get_enrichment(listed.id).to_dict()
    assert (state["resource_id"], state["in_progress"], state["exists"]) == (listed.id, False, True)
    assert len(list(client.supersearch.get_enrichment_history(listed.id))) == 1


def test_an_enrichment_can_be_done_at_once(told: list[str]) -> None:
    box, client = sandbox()
    made = find(client, 60)
    box.happen.enrichment_done(made["resource_id"])
    assert len(list(client.leads.list(list_id=made["resource_id"]))) == 60
    assert told == ["supersearch_enrichment_completed"]


def test_the_same_filters_find_the_same_people() -> None:
    _, client = sandbox()
    count = client.supersearch.count_leads(search_filters=FILTERS).number_of_leads
    preview = client.supersearch.preview_leads(search_filters=FILTERS)
    assert preview.number_of_leads == count == client.supersearch.count_leads(search_filters=FILTERS).number_of_leads


def test_a_list_and_a_campaign_can_be_enriched(told: list[str]) -> None:
    box, client = sandbox()
    for id in (client.lead_lists.create(name="Fair").id, campaign(client)):
        client.supersearch.create_enrichment(resource_id=id, type_="work_email_enrichment", limit=5, confirm=True)
        client.supersearch.update_enrichment_settings(id, auto_update=True)
        assert client.supersearch.get_enrichment(id).in_progress
        box.clock.advance(10)
        state = client.supersearch.get_enrichment(id)
        assert (state.in_progress, state.auto_update) == (False, True)
    with pytest.raises(errors.NotFoundError):
        client.supersearch.get_enrichment(NOBODY)
