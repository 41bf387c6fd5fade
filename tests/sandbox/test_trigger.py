"""`instantly-sandbox trigger` lets something happen in a sandbox that is served, over a real socket."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from instantly_contract.recording.arguments import SeededSandbox
from instantly_sandbox import cli
from instantly_sandbox.engine.context import RequestContext
from instantly_sandbox.entry.admin import EVENTS
from instantly_sandbox.handlers import ai_lead_finder_agents, ai_sales_agents
from instantly_sandbox.simulation import events
from tests.sandbox.raw import target_of

# Events of agents, with the kind of agent.
AGENTS = {"proposal": ai_sales_agents.KIND, "nobody_found": ai_lead_finder_agents.KIND}

Trigger = Callable[..., tuple[int, Any]]


class Scene:
    """A served sandbox, and what it has that events are about."""

    def __init__(self, seeded: SeededSandbox, url: str) -> None:
        self.sandbox, self.url, self._seeded = seeded.sandbox, url, seeded
        client = self.sandbox.client()
        self.campaign = client.campaigns.list(status=1).items[0].id
        self.lead = client.leads.create(campaign=self.campaign, email="ada@customer.example.org").id
        self.account = client.accounts.list().items[0].email
        self.job = client.accounts.enable_warmup(include_all_emails=True).id
        self.session = str(client.oauth.init_google().session_id)
        search = {"search_filters": {"title": {"include": ["CEO"]}}, "limit": 5, "list_name": "Found"}
        path = target_of("enrichLeadsFromSupersearch")
        self.list = client.request("POST", path, json=search, confirm=True)["resource_id"]
        self.beginning = self.sandbox.snapshot()

    def first(self, kind: str) -> str:
        """The id of the first object of a kind."""
        return next(iter(self._seeded.workspace.of(kind)))

    def arguments(self, event: str) -> list[str]:
        """What an event needs on the command line."""
        return {
            **{stop: [self.campaign] for stop in ("bounce_protection", "unhealthy", "suspend")},
            **{name: [self.account] for name in ("account_error", "reconnect")},
            **{name: [self.first(kind)] for name, kind in AGENTS.items()},
            "interest": [self.lead, "1"],
            "job": [self.job],
            "oauth": [self.session],
            "enrichment_done": [str(self.list)],
            "change": ["Campaign", self.campaign, '{"status": 4}'],
        }.get(event, [self.lead])


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    seeded = SeededSandbox()
    seeded.sandbox.service.rate_limits = False
    with seeded.sandbox, seeded.sandbox.serve() as url:
        yield Scene(seeded, url)


@pytest.fixture
def trigger(scene: Scene, capsys: pytest.CaptureFixture[str]) -> Trigger:
    def trigger(*arguments: str) -> tuple[int, Any]:
        try:
            status = cli.main(["trigger", "--url", scene.url, *arguments])
        except SystemExit as end:
            status = int(end.code or 0)
        said = capsys.readouterr()
        return status, json.loads(said.out) if status == 0 else said.err

    return trigger


@pytest.mark.parametrize("event", EVENTS)
def test_each_event_happens(event: str, scene: Scene, trigger: Trigger) -> None:
    if event == "reconnect":
        scene.sandbox.happen.account_error(scene.account)
    before = scene.sandbox.snapshot()["state"]
    status, changed = trigger(event.replace("_", "-"), *scene.arguments(event))
    assert status == 0, changed
    # What it shows is the object that it changed, and the state has it.
    assert changed
    assert scene.sandbox.snapshot()["state"] != before
    scene.sandbox.restore(scene.beginning)


def test_options_are_the_arguments_of_the_event(
    scene: Scene, trigger: Trigger, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced: list[str] = []

    def listen(context: RequestContext, event_type: str, about: dict[str, Any]) -> None:
        announced.append(event_type)

    monkeypatch.setattr(events, "LISTENERS", [listen])
    options = ["--text", "Call me on Thursday.", "--interest", "2", "--campaign", scene.campaign]
    status, reply = trigger("reply", scene.lead, *options)
    assert (status, reply["body"]["text"]) == (0, "Call me on Thursday.")
    assert {"reply_received", "lead_meeting_booked"} <= set(announced)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["reply", "nobody@example.org"], "there is no lead 'nobody@example.org'"),
        (["account-error", "nobody@example.org"], "nobody@example.org"),
        (["interest", "{lead}", "high"], "argument STATUS: "),
        (["reply"], "the following arguments are required: LEAD"),
        (["rain"], "invalid choice: 'rain'"),
        ([], "the following arguments are required: EVENT"),
    ],
)
def test_what_cannot_happen_is_said_in_a_line(
    scene: Scene, trigger: Trigger, arguments: list[str], message: str
) -> None:
    status, said = trigger(*(each.format(lead=scene.lead) for each in arguments))
    assert status == 2
    assert message in said
    assert "Traceback" not in said


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://127.0.0.1:port", "http://[::1", "sandbox"])
def test_a_sandbox_that_does_not_answer_is_named(capsys: pytest.CaptureFixture[str], url: str) -> None:
    assert cli.main(["trigger", "--url", url, "open", "ada@example.org"]) == 2
    assert f"no sandbox answers at {url}/sandbox/events: " in capsys.readouterr().err
