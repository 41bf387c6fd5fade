"""The recipes do in the sandbox what they say, and their pages show the programs that are in examples/."""

from __future__ import annotations

import asyncio
import csv
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from examples import (
    analytics_table,
    answer_unread,
    dfy_domains,
    fastapi_service,
    import_leads,
    pause_by_bounce_rate,
    reply_bot,
    ten_workspaces,
    three_steps,
    verify_addresses,
)
from instantly_client import Instantly, errors
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


def test_a_file_of_leads_is_imported_and_goes_on_where_it_stopped(
    sandbox: Sandbox, client: Instantly, tmp_path: Path
) -> None:
    campaign = active(client)
    rows = [
        {"E-mail": f"reader{number}@new.example", "Firm": "Ek", "City": "Bern", "Notes": "x"} for number in range(3)
    ]
    path = tmp_path / "leads.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows([*rows, {**rows[0], "E-mail": "READER0@new.example"}])
    sandbox.faults.drop_after(operation="bulkAddLeads")
    with pytest.raises(errors.RowImportError):
        import_leads.import_leads(client, path, campaign)
    assert (tmp_path / "leads.report.csv").read_text("utf-8").count("in doubt") == 3
    report = import_leads.import_leads(client, path, campaign)
    assert [row.outcome for row in report.rows] == [*["refused"] * 3, "duplicate"]
    lead = client.leads.list(campaign=campaign, search="reader0@new.example").first()
    assert lead is not None
    assert lead.payload
    assert (lead.company_name, lead.payload["City"]) == ("Ek", "Bern")


def test_only_verified_addresses_are_kept(sandbox: Sandbox, client: Instantly, tmp_path: Path) -> None:
    rows = [f"reader{number}@new.example,Ann" for number in range(30)]
    (tmp_path / "leads.csv").write_text("\n".join(["email,name", *rows, "no address,Bob"]), "utf-8")
    results, why = verify_addresses.verify_file(client, tmp_path / "leads.csv", tmp_path / "good.csv")
    assert not why
    kept = (tmp_path / "good.csv").read_text("utf-8").splitlines()
    assert kept == ["email,name", *[row for row, result in zip(rows, results, strict=False) if result.is_verified]]
    assert 1 < len(kept) < len(rows) + 1
    sandbox.faults.status(402, times=None, operation="createEmailVerification")
    assert "402" in verify_addresses.verify_file(client, tmp_path / "leads.csv", tmp_path / "good.csv")[1]


def test_domains_are_quoted_before_they_are_ordered(sandbox: Sandbox, client: Instantly) -> None:
    domains = dfy_domains.free_domains(client, "brunn-mail.com", count=2)
    assert len(domains) == 2
    quote = dfy_domains.order(client, domains, budget=1)
    assert quote.order_is_valid
    assert not quote.order_placed
    placed = dfy_domains.order(client, domains, budget=quote.total_price)
    assert placed.order_placed
    assert {order.domain for order in client.dfy_orders.list()} >= set(domains)
    assert not set(dfy_domains.free_domains(client, "brunn-mail.com", count=2)) & set(domains)


def test_all_workspaces_are_reported_and_one_that_fails_is_named(sandbox: Sandbox) -> None:
    for number in range(10):
        sandbox.add_workspace(f"Workspace {number}", under=sandbox.workspace_id)
    sandbox.faults.status(403, operation="getCampaignAnalytics")
    figures = asyncio.run(ten_workspaces.report(sandbox.async_client()))
    assert [each.name for each in figures] == [f"Workspace {number}" for number in range(10)]
    assert [bool(each.problem) for each in figures].count(True) == 1


def test_a_service_answers_and_says_what_failed(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fastapi_service, "AsyncInstantly", lambda **options: sandbox.async_client(**options))

    async def main() -> None:
        app = fastapi_service.app
        async with fastapi_service.lifespan(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://service") as browser:
                campaigns = (await browser.get("/campaigns")).json()
                id = next(each["id"] for each in campaigns if each["status"] == "ACTIVE")
                assert (await browser.post(f"/campaigns/{id}/pause")).json()["status"] == CampaignStatus.PAUSED
                found = (await browser.get(f"/campaigns/{id}/obstacles")).json()
                assert "campaign_paused" in [each["code"] for each in found]
                missing = await browser.get("/campaigns/019cc043-aee6-7ae9-a545-d7de53430e37/obstacles")
                assert missing.status_code == 404
                assert (await browser.post("/campaigns/none/pause")).status_code == 400
                sandbox.faults.rate_limit(retry_after=7, times=None)
                busy = await browser.get("/campaigns")
                assert (busy.status_code, busy.headers["Retry-After"]) == (503, "7")

    asyncio.run(main())


def test_the_reply_bot_answers_each_reply_once(
    sandbox: Sandbox, client: Instantly, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.clock.advance(timedelta(days=10))
    received = client.emails.list(email_type="received", max_items=1).first()
    assert received is not None
    secret = {"X-Webhook-Secret": "secret"}
    body = {
        "event_type": "reply_received",
        "timestamp": "2026-05-14T09:00:00.000Z",
        "lead_email": received.lead,
        "email_account": received.eaccount,
        "email_id": received.id,
        "reply_subject": "Re: hello",
        "reply_text": "What is the price?",
        "firstName": "Ann",
    }
    for name, value in (("WEBHOOK_SECRET", "secret"), ("PUBLIC_URL", "https://ours.example")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("INBOX", str(tmp_path / "inbox.sqlite"))
    monkeypatch.setattr(reply_bot, "Instantly", sandbox.client)

    async def deliver(times: int, **changes: Any) -> list[int]:
        async with reply_bot.lifespan(reply_bot.app):
            transport = httpx.ASGITransport(reply_bot.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://bot") as service:
                posts = [
                    await service.post(reply_bot.PATH, json={**body, **changes}, headers=secret) for _ in range(times)
                ]
                refused = await service.post(reply_bot.PATH, json=body)
                broken = await service.post(reply_bot.PATH, content=b"{", headers=secret)
        return [post.status_code for post in (*posts, refused, broken)]

    def replies() -> list[str]:
        return [request.json["body"]["text"] for request in sandbox.requests if request.operation == "replyToEmail"]

    assert asyncio.run(deliver(2)) == [204, 204, 401, 400]
    assert replies() == ["Hello Ann, 49 a month."]
    assert asyncio.run(deliver(1)) == [204, 401, 400]  # It has been started anew.
    assert len(replies()) == 1
    assert asyncio.run(deliver(1, event_type="auto_reply_received", timestamp="2026-05-14T10:00:00.000Z"))[0] == 204
    assert len(replies()) == 1
    sandbox.faults.drop_after(operation="replyToEmail")
    asyncio.run(deliver(1, timestamp="2026-05-14T11:00:00.000Z"))
    asyncio.run(deliver(1, timestamp="2026-05-14T11:00:00.000Z"))
    assert len(replies()) == 2  # What broke half-way is left to a person.
    assert reply_bot.Inbox(str(tmp_path / "inbox.sqlite")).left() == 1
    assert len([each for each in client.webhooks.list() if each.event_type == "reply_received"]) == 1


@pytest.mark.slow
def test_the_tests_of_the_recipe_pass() -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "instantly_sandbox.plugin",
        "-q",
        "examples/test_your_integration.py",
    ]
    done = subprocess.run(command, cwd=PROJECT.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


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
        ("dfy_domains", ["brunn-mail.com", "1000"]),
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
