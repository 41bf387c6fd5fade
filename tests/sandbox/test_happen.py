"""What happens on demand changes the state, sends events and counts in analytics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from instantly_client import Instantly
from instantly_sandbox.engine.context import RequestContext
from instantly_sandbox.entry.admin import EVENTS
from instantly_sandbox.handlers.oauth import KIND as OAUTH
from instantly_sandbox.simulation import events
from instantly_sandbox.simulation.magic import DOMAIN
from tests.sandbox.outreach import DAY, SENDER, campaign, people, sandbox
from tests.sandbox.raw import send

ADA = "ada@customer.example.org"


class Scene:
    """A sandbox with an active campaign, two leads and an account, and the events that it announced."""

    def __init__(self) -> None:
        self.sandbox, self.client = sandbox()
        logins = {f"{kind}_{field}": "mail" for kind in ("imap", "smtp") for field in ("username", "password", "host")}
        self.client.accounts.create(
            email=SENDER, first_name="Mara", last_name="L", provider_code=1, imap_port=993, smtp_port=587, **logins
        )
        self.campaign = campaign(self.client)
        self.client.leads.bulk_add(campaign_id=self.campaign, leads=[{"email": ADA}, *people(1)])
        self.client.campaigns.activate(self.campaign)
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.kept = ""
        """The id of what a figure is of."""

    def totals(self) -> dict[str, Any]:
        totals: dict[str, Any] = self.client.campaigns.get_analytics_overview().to_dict()
        return totals

    def rows(self, kind: str) -> list[dict[str, Any]]:
        home = self.sandbox.runtime.state.workspaces[self.sandbox.workspace_id]
        return [dict(row) for row in home.of(kind).values()]

    @property
    def lead(self) -> Any:
        return next(iter(self.client.leads.list(contacts=[ADA])))

    @property
    def events(self) -> list[str]:
        return [name for name, _ in self.told]


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    made = Scene()

    def listen(context: RequestContext, event_type: str, about: dict[str, Any]) -> None:
        made.told.append((event_type, about))

    monkeypatch.setattr(events, "LISTENERS", [listen])
    with made.sandbox:
        yield made


def test_a_lead_replies_with_a_text(scene: Scene) -> None:
    reply = scene.sandbox.happen.reply(ADA, "Call me.", campaign="Spring", interest=2)
    assert scene.client.emails.get(reply["id"]).body.text == "Call me."
    assert scene.lead.lt_interest_status == 2
    assert scene.events == ["email_sent", "reply_received", "lead_meeting_booked"]
    assert (scene.totals()["reply_count"], scene.totals()["total_meeting_booked"]) == (1, 1)
    assert (
        scene.client.emails.reply(
            reply_to_uuid=reply["id"], eaccount=SENDER, subject="Re", body={"text": "Gladly."}
        ).thread_id
        == reply["thread_id"]
    )


@pytest.mark.parametrize(
    ("what", "event", "count", "status"),
    [
        ("auto_reply", "auto_reply_received", "reply_count_automatic", 1),
        ("open", "email_opened", "open_count", 1),
        ("click", "email_link_clicked", "link_click_count", 1),
        ("bounce", "email_bounced", "bounced_count", -1),
        ("unsubscribe", "lead_unsubscribed", "unsubscribed_count", -2),
    ],
)
def test_a_lead_reacts(scene: Scene, what: str, event: str, count: str, status: int) -> None:
    getattr(scene.sandbox.happen, what)(ADA)
    assert event in scene.events
    assert scene.totals()[count] == 1
    assert scene.lead.status == status


def test_an_account_fails_and_its_campaign_with_it(scene: Scene) -> None:
    for status in (-1, -2, -3):
        scene.sandbox.happen.account_error(SENDER, status, "550 No")
        found = scene.client.accounts.get(SENDER)
        assert (found.status, found.to_dict()["status_message"]["response"]) == (status, "550 No")
        assert scene.events.pop() == "account_error"
    assert scene.client.campaigns.get(scene.campaign).status == -1
    assert scene.client.campaigns.get_sending_status(scene.campaign).to_dict()["summary"]["status"] == (
        "campaign_accounts_unhealthy"
    )
    scene.sandbox.happen.reconnect(SENDER)
    assert "status_message" not in scene.client.accounts.get(SENDER).to_dict()
    assert scene.client.campaigns.get(scene.campaign).status == 1
    scene.sandbox.clock.advance(DAY)
    assert scene.totals()["emails_sent_count"] == 2


def test_an_account_that_did_not_fail_does_not_reconnect(scene: Scene) -> None:
    scene.client.accounts.pause(SENDER)
    assert scene.sandbox.happen.reconnect(SENDER)["status"] == 2


def test_a_campaign_is_stopped_by_the_service(scene: Scene) -> None:
    for what, status in (("bounce_protection", -2), ("unhealthy", -1), ("suspend", -99)):
        getattr(scene.sandbox.happen, what)("Spring")
        assert scene.client.campaigns.get(scene.campaign).status == status
        assert scene.client.campaigns.get_sending_status(scene.campaign)


def test_a_job_ends_now(scene: Scene) -> None:
    jobs = [scene.client.accounts.enable_warmup(emails=[SENDER, "x@example.com"]).id for _ in range(3)]
    done = scene.sandbox.happen.job(jobs[0])
    assert (done["status"], done["data"]["success_count"], done["data"]["failed_count"]) == ("success", 1, 1)
    assert {each["email"]: each["status"] for each in done["data"]["processed_emails"]} == {
        SENDER: "success",
        "x@example.com": "failed",
    }
    assert scene.sandbox.happen.job(jobs[1], "failed")["status"] == "failed"
    assert scene.sandbox.happen.job(jobs[2], "paused")["status"] == "paused"
    scene.sandbox.clock.advance(60)
    assert [scene.client.background_jobs.get(id).status for id in jobs] == ["success", "failed", "paused"]
    late = scene.sandbox.happen.job(jobs[2])
    assert (late["status"], late["data"]["success_count"]) == ("success", 1)


def test_somebody_signs_in_or_fails_to(scene: Scene) -> None:
    one, two = (str(scene.client.oauth.init_google().session_id) for _ in range(2))
    assert scene.sandbox.happen.oauth(one)["status"] == "success"
    assert scene.sandbox.happen.oauth(two, "access_denied")["error"] == "access_denied"
    assert scene.client.oauth.get_session_status(one).status == "success"


@pytest.mark.parametrize(
    ("happen", "message"),
    [
        (lambda it: it.reply("nobody@example.org"), "there is no lead 'nobody@example.org'"),
        (lambda it: it.reply(ADA, campaign="Autumn"), "there is no campaign 'Autumn'"),
        (lambda it: it.account_error(SENDER, 1), "status is 1"),
        (lambda it: it.account_error("nobody@example.org"), "there is no account"),
        (lambda it: it.job("0" * 24), "there is no background job"),
        (lambda it: it.oauth("x"), "there is no oauth session"),
        (lambda it: it.change("Robot", "x", {}), "the document has no object 'Robot'"),
        (lambda it: it.enrichment_done("x"), "nothing enriches 'x'"),
        (lambda it: it.interest(ADA, float("nan")), "status is nan: it is a finite number"),
        (lambda it: it.reply(ADA, interest=float("-inf")), "interest is -inf: it is a finite number"),
        (lambda it: it.change("Account", SENDER, {"email": ADA}), "email cannot be changed"),
        (lambda it: it.change("Account", SENDER, {5: ADA}), "there is no field of Account 5"),
    ],
)
def test_what_cannot_happen_is_refused(scene: Scene, happen: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        happen(scene.sandbox.happen)


class Way(NamedTuple):
    """How an event happens, what it announces, and a figure that it changes."""

    happen: Callable[[Scene], Any]
    event: str | None
    figure: Callable[[Scene], Any]


def total(name: str) -> Callable[[Scene], Any]:
    return lambda scene: scene.totals()[name]


def campaign_status(scene: Scene) -> Any:
    (figures,) = scene.client.campaigns.get_analytics(id=scene.campaign)
    return figures.campaign_status


def account_status(scene: Scene) -> Any:
    return scene.client.accounts.get(SENDER).status


def job(scene: Scene) -> Any:
    scene.kept = scene.kept or scene.client.accounts.enable_warmup(emails=[SENDER]).id
    return scene.client.background_jobs.get(scene.kept).status


def session(scene: Scene) -> Any:
    scene.kept = scene.kept or str(scene.client.oauth.init_google().session_id)
    return [row["status"] for row in scene.rows(OAUTH)]


def enrichment(scene: Scene) -> Any:
    if not scene.kept:
        scene.kept = scene.client.lead_lists.create(name="Visitors").id
        scene.client.supersearch.create_enrichment(resource_id=scene.kept, limit=5, confirm=True)
    return scene.client.supersearch.get_enrichment(scene.kept).in_progress


def activities(scene: Scene) -> Any:
    given: dict[str, Any] = {"agent_type": 2, "type_": "website", "input_": "https://a.example"}
    scene.kept = scene.kept or scene.client.ai_sales_agents.create(name="Sally", **given).id
    return len(list(scene.client.ai_sales_agents.list_activities(scene.kept)))


def finder(scene: Scene) -> Any:
    given: dict[str, Any] = {"min_active_leads": 10, "on_exhaustion": "pause", "confirm": True}
    given["search_filters"] = {"title": {"include": ["Buyer"]}}
    agents = scene.client.ai_lead_finder_agents
    scene.kept = scene.kept or agents.create(name="Finn", campaign_id=scene.campaign, **given).id
    return agents.get(scene.kept).status


WAYS = {
    "reply": Way(lambda it: it.sandbox.happen.reply(ADA), "reply_received", total("reply_count")),
    "auto_reply": Way(
        lambda it: it.sandbox.happen.auto_reply(ADA), "auto_reply_received", total("reply_count_automatic")
    ),
    "open": Way(lambda it: it.sandbox.happen.open(ADA), "email_opened", total("open_count")),
    "click": Way(lambda it: it.sandbox.happen.click(ADA), "email_link_clicked", total("link_click_count")),
    "bounce": Way(lambda it: it.sandbox.happen.bounce(ADA), "email_bounced", total("bounced_count")),
    "unsubscribe": Way(lambda it: it.sandbox.happen.unsubscribe(ADA), "lead_unsubscribed", total("unsubscribed_count")),
    "interest": Way(
        lambda it: it.sandbox.happen.interest(ADA, 2), "lead_meeting_booked", total("total_meeting_booked")
    ),
    "account_error": Way(lambda it: it.sandbox.happen.account_error(SENDER, -3), "account_error", account_status),
    "reconnect": Way(lambda it: it.sandbox.happen.reconnect(SENDER), None, account_status),
    "bounce_protection": Way(lambda it: it.sandbox.happen.bounce_protection("Spring"), None, campaign_status),
    "unhealthy": Way(lambda it: it.sandbox.happen.unhealthy("Spring"), None, campaign_status),
    "suspend": Way(lambda it: it.sandbox.happen.suspend("Spring"), None, campaign_status),
    "job": Way(lambda it: it.sandbox.happen.job(it.kept), None, job),
    "oauth": Way(lambda it: it.sandbox.happen.oauth(it.kept), None, session),
    "enrichment_done": Way(
        lambda it: it.sandbox.happen.enrichment_done(it.kept), "supersearch_enrichment_completed", enrichment
    ),
    "proposal": Way(lambda it: it.sandbox.happen.proposal(it.kept), None, activities),
    "nobody_found": Way(lambda it: it.sandbox.happen.nobody_found(it.kept), None, finder),
    "change": Way(lambda it: it.sandbox.happen.change("Campaign", it.campaign, {"status": 4}), None, campaign_status),
}


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_changes_a_figure_and_is_announced(scene: Scene, name: str) -> None:
    way = WAYS[name]
    if name == "reconnect":
        scene.sandbox.happen.account_error(SENDER)
    before, beginning = way.figure(scene), scene.sandbox.snapshot()["state"]
    scene.told.clear()
    way.happen(scene)
    assert way.figure(scene) != before
    assert scene.sandbox.snapshot()["state"] != beginning
    assert way.event is None or way.event in scene.events


def test_an_object_without_a_title_can_be_changed_too(scene: Scene) -> None:
    agents = scene.client.ai_deliverability_agents
    agent = agents.deploy().agent.id
    scene.sandbox.happen.account_error(SENDER)
    scene.sandbox.clock.advance(60)
    item = next(iter(agents.list_feed_items(agent))).id
    for status in ("dismissed", "failed"):
        scene.sandbox.happen.change("AI Deliverability Feed Item", item, {"status": status})
        assert status in {each.status.value for each in agents.list_feed_items(agent)}
    with pytest.raises(ValueError, match='status: "forgotten" is not one of'):
        scene.sandbox.happen.change("AI Deliverability Feed Item", item, {"status": "forgotten"})


def test_a_value_that_does_not_fit_changes_nothing(scene: Scene) -> None:
    for fields in ({"status": "seven"}, {"colour": 1}):
        with pytest.raises(ValueError, match=r"colour|status"):
            scene.sandbox.happen.change("Campaign", scene.campaign, fields)
    assert scene.client.campaigns.get(scene.campaign).status == 1


@pytest.mark.parametrize(
    ("name", "status", "interest"),
    [("bounce", -1, None), ("unsubscribes+2", -2, None), ("replies+interested", 3, 1), ("silent", 1, None)],
)
def test_a_magic_address_says_what_its_lead_does(scene: Scene, name: str, status: int, interest: int | None) -> None:
    lead = scene.client.leads.create(campaign=scene.campaign, email=f"{name}@{DOMAIN}").id
    scene.sandbox.clock.advance(300)
    found = scene.client.leads.get(lead).to_dict()
    assert (found["status"], found.get("lt_interest_status")) == (status, interest)


def test_events_happen_over_http_too(scene: Scene) -> None:
    told = send(scene.sandbox, "POST", "/sandbox/events", {"event": "reply", "lead": ADA, "text": "Yes."})
    assert (told.status, told.json()["body"]["text"]) == (200, "Yes.")
    refused = send(scene.sandbox, "POST", "/sandbox/events", {"event": "explode"})
    assert (refused.status, refused.json()["message"].startswith("event must be one of reply")) == (400, True)
    assert send(scene.sandbox, "POST", "/sandbox/events", {"event": "reply"}).status == 400


def test_a_client_sees_the_same(scene: Scene) -> None:
    client: Instantly = scene.client
    scene.sandbox.happen.interest(ADA, -3)
    assert client.leads.get(scene.lead.id).lt_interest_status == -3
