"""The recipes do in the sandbox what they say, and their pages show the programs that are in examples/."""

from __future__ import annotations

import csv
import re
import runpy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas  # type: ignore[import-untyped]
import pytest

from examples import analytics_table, answer_unread, import_leads, pause_by_bounce_rate, three_steps
from instantly_client import Instantly
from instantly_client.models import CampaignStatus
from instantly_sandbox import Clock, Sandbox
from scripts.lib.layout import PROJECT

PAGES = sorted((PROJECT.root / "docs" / "cookbook").glob("[!R]*.md"))
EXAMPLES = PROJECT.root / "examples"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(world="demo", clock=Clock(datetime(2026, 5, 4, 8, tzinfo=UTC))) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Instantly:
    return sandbox.client()


def active(client: Instantly) -> str:
    campaign = client.campaigns.list(status=CampaignStatus.ACTIVE).first()
    assert campaign is not None
    return campaign.id


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_shows_the_program_as_it_is(page: Path) -> None:
    (shown,) = re.findall(r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    name = f"{page.stem.replace('-', '_')}.py"
    assert shown == (EXAMPLES / name).read_text("utf-8")
    assert f"]({page.name}) | `examples/{name}` |" in (page.parent / "README.md").read_text("utf-8")


def rows_of_a_file(tmp_path: Path, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    path = tmp_path / "leads.csv"
    pandas.DataFrame(rows).to_csv(path, index=False)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rows_of_a_frame(tmp_path: Path, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    frame: list[dict[str, Any]] = pandas.DataFrame(rows).to_dict("records")
    return frame


@pytest.mark.parametrize("read", [rows_of_a_file, rows_of_a_frame])
def test_leads_are_imported_with_a_report_for_each_row(
    read: Callable[[Path, list[dict[str, Any]]], list[dict[str, Any]]], client: Instantly, tmp_path: Path
) -> None:
    campaign = active(client)
    known = client.leads.list(campaign=campaign).first()
    assert known is not None
    rows: list[dict[str, Any]] = [
        {"E-mail": "ann@new.example", "First name": "Ann", "City": "Bern"},
        {"E-mail": "bob@new.example", "First name": None, "City": None},
        {"E-mail": "ANN@new.example", "First name": "Again", "City": "Basel"},
        {"E-mail": None, "First name": "Nobody", "City": None},
        {"E-mail": known.email, "First name": "Known", "City": None},
    ]
    report = import_leads.import_leads(client, read(tmp_path, rows), campaign)
    assert [row.outcome for row in report] == [
        "added",
        "added",
        "the same address as row 1",
        "no address",
        "skipped by the service",
    ]
    ann, bob = (client.leads.list(campaign=campaign, search=f"{name}@new.example").first() for name in ("ann", "bob"))
    assert ann is not None
    assert bob is not None
    assert ann.payload
    assert (ann.first_name, ann.payload["City"], bob.first_name or "") == ("Ann", "Bern", "")
    assert "City" not in (bob.payload or {})


def test_campaigns_that_bounce_too_much_are_paused(sandbox: Sandbox, client: Instantly) -> None:
    sandbox.clock.advance(timedelta(days=1))
    before = {each.campaign_id: each for each in client.campaigns.get_analytics()}
    rates = {
        id: each.bounced_count / each.emails_sent_count
        for id, each in before.items()
        if each.campaign_status is CampaignStatus.ACTIVE and each.emails_sent_count
    }
    assert rates
    limit = sum(rates.values()) / len(rates) * 0.99
    paused = pause_by_bounce_rate.pause_by_bounce_rate(client, limit, min_sent=1)
    assert {campaign.id for campaign in paused} == {id for id, rate in rates.items() if rate > limit}
    assert pause_by_bounce_rate.pause_by_bounce_rate(client, limit, min_sent=1) == []


def test_each_unread_reply_is_answered_once(sandbox: Sandbox, client: Instantly) -> None:
    sandbox.clock.advance(timedelta(days=10))
    unread = client.emails.list(is_unread=True, email_type="received").collect()
    assert len(unread) > 1
    left = unread[0].id
    answered = answer_unread.answer_unread(client, lambda email: None if email.id == left else "Thank you!")
    assert answered == len(unread) - 1
    assert [email.id for email in client.emails.list(is_unread=True, email_type="received")] == [left]
    replies = [request for request in sandbox.requests if request.operation == "replyToEmail"]
    assert [request.json["reply_to_uuid"] for request in replies] == [email.id for email in unread[1:]]


def test_a_campaign_with_three_steps_sends_and_follows_up(sandbox: Sandbox, client: Instantly) -> None:
    sender = client.accounts.list().first()
    assert sender is not None
    campaign = three_steps.create_campaign(client, "Three", [sender.email])
    assert campaign.status is CampaignStatus.DRAFT
    client.leads.add_many(
        [{"email": f"reader{n}@three.example", "first_name": "Ann"} for n in range(5)], campaign_id=campaign.id
    )
    client.campaigns.activate(campaign.id)
    sandbox.clock.advance(timedelta(days=20))
    steps = {figures.step for figures in client.campaigns.get_step_analytics(campaign_id=campaign.id)}
    assert len(steps) == len(three_steps.STEPS)


def test_the_figures_of_campaigns_are_a_table(sandbox: Sandbox, client: Instantly, tmp_path: Path) -> None:
    sandbox.clock.advance(timedelta(days=5))
    rows = analytics_table.figures(client)
    assert len(rows) == len(client.campaigns.list().collect())
    assert [row["replies"] for row in rows] == sorted((row["replies"] for row in rows), reverse=True)
    analytics_table.write(rows, tmp_path / "figures.csv")
    assert len((tmp_path / "figures.csv").read_text("utf-8").splitlines()) == len(rows) + 1


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("pause_by_bounce_rate", ["0.05"]),
        ("answer_unread", []),
        ("three_steps", ["mara@sender.example.com"]),
        ("analytics_table", ["figures.csv"]),
    ],
)
def test_a_program_runs_by_itself(
    name: str, arguments: list[str], sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sandbox.client()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", [name, *arguments])
    monkeypatch.setattr("instantly_client.Instantly", lambda: client)
    runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    assert sandbox.requests
