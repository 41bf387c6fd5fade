"""Accounts: their life, their warm-up, and what they sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from instantly_client import Instantly, errors
from instantly_client.models import Account
from instantly_sandbox import Clock, Sandbox
from instantly_sandbox.state.tags import resource_id
from tests.sandbox.raw import target_of

TAGS = ("019cc043-0000-7000-8000-00000000000a", "019cc043-0000-7000-8000-00000000000b")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=Clock(datetime(2026, 3, 2, 9, tzinfo=UTC), frozen=True)) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Instantly:
    return sandbox.client(strict=True)


def create(client: Instantly, name: str, **more: Any) -> Account:
    return client.accounts.create(
        email=f"{name}@example.com",
        first_name=name.capitalize(),
        last_name="Lindqvist",
        provider_code=more.pop("provider_code", 1),
        imap_username=name,
        imap_password="secret",
        imap_host="imap.example.com",
        imap_port=993,
        smtp_username=name,
        smtp_password="secret",
        smtp_host="smtp.example.com",
        smtp_port=587,
        **more,
    )


def names(accounts: Any) -> list[str]:
    return [account.email.partition("@")[0] for account in accounts]


def tag(sandbox: Sandbox, name: str, *tags: str) -> None:
    mappings = sandbox.runtime.state.workspaces[sandbox.workspace_id].of("Custom Tag Mapping")
    for id in tags:
        mappings[f"{name} {id}"] = {"tag_id": id, "resource_id": resource_id(f"{name}@example.com")}


def test_an_account_is_known_by_its_address(client: Instantly) -> None:
    made = create(client, "mara", daily_limit=30, warmup_custom_ftag="spring")
    assert made.status == 1
    assert made.warmup
    assert made.warmup.warmup_custom_ftag == "spring"
    assert "secret" not in str(made)
    assert client.accounts.get("mara@example.com") == made
    assert client.accounts.update("mara@example.com", daily_limit=None).daily_limit is None
    assert client.accounts.delete("mara@example.com").first_name == "Mara"
    with pytest.raises(errors.NotFoundError):
        client.accounts.get("mara@example.com")


def test_an_address_is_taken_once(client: Instantly) -> None:
    create(client, "mara")
    with pytest.raises(errors.ValidationError):
        create(client, "mara")


def test_accounts_pause_resume_and_are_mended(sandbox: Sandbox, client: Instantly) -> None:
    email = create(client, "mara").email
    assert client.accounts.pause(email).status == 2
    assert client.accounts.resume(email).status == 1
    stored = sandbox.runtime.state.workspaces[sandbox.workspace_id].of("Account")[email]
    stored.update(status=-1, status_message={"code": "EAUTH"})
    fixed = client.accounts.mark_fixed(email)
    assert fixed.status == 1
    assert not fixed.status_message


def test_many_accounts_pause_at_once_and_unknown_ones_fail(client: Instantly) -> None:
    mara, ines = create(client, "mara").email, create(client, "ines").email
    told = client.accounts.pause_many(emails=[mara, "nobody@example.com", mara])
    assert (told.paused_emails, told.failed_emails) == ([mara], ["nobody@example.com"])
    assert [client.accounts.get(email).status for email in (mara, ines)] == [2, 1]


def test_lists_are_narrowed(sandbox: Sandbox, client: Instantly) -> None:
    create(client, "mara")
    create(client, "tomas", provider_code=2)
    create(client, "ines")
    client.accounts.pause("ines@example.com")
    tag(sandbox, "mara", *TAGS)
    tag(sandbox, "tomas", TAGS[0])
    assert names(client.accounts.list()) == ["ines", "tomas", "mara"]
    assert names(client.accounts.list(search="TOM")) == ["tomas"]
    assert names(client.accounts.list(status=2)) == ["ines"]
    assert names(client.accounts.list(provider_code=2)) == ["tomas"]
    assert names(client.accounts.list(tag_ids=",".join(TAGS))) == ["tomas", "mara"]
    assert names(client.accounts.list(tag_ids_all=",".join(TAGS))) == ["mara"]
    client.accounts.delete("mara@example.com")
    assert names(client.accounts.list(tag_ids=TAGS[1])) == []


def test_cursors_are_of_time_and_address_and_the_older_ones_still_work(sandbox: Sandbox, client: Instantly) -> None:
    for name in ("mara", "tomas", "ines"):
        create(client, name)
        sandbox.clock.advance(1)
    page = client.accounts.list(limit=1)
    assert page.next_cursor == "2026-03-02T09:00:02.000Z&ines@example.com"
    assert names(client.accounts.list(limit=1)) == ["ines", "tomas", "mara"]
    assert names(client.accounts.list(starting_after="2026-03-02T09:00:02.000Z")) == ["tomas", "mara"]


def test_mappings_come_from_the_campaigns(sandbox: Sandbox, client: Instantly) -> None:
    create(client, "mara")
    campaigns = sandbox.runtime.state.workspaces[sandbox.workspace_id].of("Campaign")
    for number, emails in enumerate((["mara@example.com"], [], ["mara@example.com", "tomas@example.com"])):
        id = f"019cc043-0000-7000-8000-00000000000{number}"
        about = {"name": f"Campaign {number}", "timestamp_created": f"2026-03-0{number + 1}T09:00:00.000Z", "status": 1}
        campaigns[id] = {"id": id, "email_list": emails, **about}
    mapped = client.account_campaign_mappings.list("mara@example.com", limit=1)
    assert [mapping.campaign_name for mapping in mapped] == ["Campaign 2", "Campaign 0"]
    with pytest.raises(errors.NotFoundError):
        client.account_campaign_mappings.list("nobody@example.com", limit=1).items  # noqa: B018


def test_warmup_begins_when_its_job_is_done(sandbox: Sandbox, client: Instantly) -> None:
    for name in ("mara", "tomas", "ines"):
        create(client, name)
    job = client.accounts.enable_warmup(emails=["mara@example.com", "nobody@example.com"])
    assert job.status == "pending"
    assert client.accounts.get("mara@example.com").warmup_status == 0
    sandbox.clock.advance(3)
    done = client.background_jobs.wait(job.id)
    assert done.data
    assert done.data.additional_properties["success_count"] == 1
    assert client.accounts.get("mara@example.com").warmup_status == 1
    assert client.accounts.get("tomas@example.com").warmup_status == 0


def test_warmup_of_all_but_some(sandbox: Sandbox, client: Instantly) -> None:
    for name in ("mara", "tomas", "ines", "otto"):
        create(client, name)
    client.accounts.pause("ines@example.com")
    tag(sandbox, "otto", TAGS[0])

    def warm() -> list[str]:
        sandbox.clock.advance(3)
        return [account.email.partition("@")[0] for account in client.accounts.list() if account.warmup_status == 1]

    client.accounts.enable_warmup(include_all_emails=True, excluded_emails=["tomas@example.com"])
    assert warm() == ["otto", "ines", "mara"]
    client.accounts.disable_warmup(include_all_emails=True, filter_={"filter": "ACC_FILTER_PAUSED"})
    assert warm() == ["otto", "mara"]
    client.accounts.disable_warmup(include_all_emails=True, filter_={"tag_id": TAGS[0]})
    assert warm() == ["mara"]
    client.accounts.disable_warmup(include_all_emails=True, search="nobody")
    assert warm() == ["mara"]


def test_a_failed_job_leaves_warmup_as_it_was(sandbox: Sandbox, client: Instantly) -> None:
    email = create(client, "mara").email
    sandbox.faults.job()
    job = client.accounts.enable_warmup(emails=[email])
    sandbox.clock.advance(10)
    assert client.background_jobs.get(job.id).status == "failed"
    assert client.accounts.get(email).warmup_status == 0


def test_warmup_analytics_add_up(sandbox: Sandbox, client: Instantly) -> None:
    email = create(client, "mara").email
    create(client, "tomas")
    client.accounts.enable_warmup(emails=[email])
    sandbox.clock.advance(3)
    client.accounts.get(email)
    sandbox.clock.advance(2 * 24 * 3600)
    asked = [email, "tomas@example.com"]
    raw = client.request("POST", target_of("getWarmupAnalytics"), json={"emails": asked})
    days, total = raw["email_date_data"][email], raw["aggregate_data"][email]
    assert list(days) == ["2026-03-02", "2026-03-03", "2026-03-04"]
    for count in ("sent", "received", "landed_inbox", "landed_spam"):
        assert total[count] == sum(day[count] for day in days.values())
    assert total["sent"] == total["landed_inbox"] + total["landed_spam"]
    assert raw["aggregate_data"]["tomas@example.com"]["sent"] == 0
    assert client.accounts.get_warmup_analytics(emails=asked).aggregate_data


def test_daily_analytics_count_the_stored_emails(sandbox: Sandbox, client: Instantly) -> None:
    emails = sandbox.runtime.state.workspaces[sandbox.workspace_id].of("Email")

    def mail(kind: int, moment: str, lead: str, **more: Any) -> None:
        id = str(len(emails))
        about = {"id": id, "eaccount": "mara@example.com", "ue_type": kind, "lead": lead}
        emails[id] = {**about, "timestamp_email": f"{moment}:00.000Z", **more}

    mail(1, "2026-03-01T09:00", "a@example.org")
    mail(1, "2026-03-01T10:00", "b@example.org")
    mail(1, "2026-03-02T08:00", "a@example.org")
    mail(2, "2026-03-02T08:10", "a@example.org")
    mail(2, "2026-03-02T08:20", "a@example.org")
    mail(2, "2026-03-02T08:30", "b@example.org", is_auto_reply=1)
    mail(1, "2026-01-02T08:30", "c@example.org")
    first, second = client.accounts.get_daily_analytics()
    assert (first.date, first.sent, first.contacted, first.new_leads_contacted) == (date(2026, 3, 1), 2, 2, 2)
    assert (second.sent, second.contacted, second.new_leads_contacted) == (1, 1, 0)
    assert (second.replies, second.unique_replies, second.replies_automatic) == (2, 1, 1)
    assert len(client.accounts.get_daily_analytics(start_date="2026-01-01", end_date="2026-03-01")) == 2
    assert client.accounts.get_daily_analytics(emails=["tomas@example.com"]) == []


def test_tracking_domains_and_vitals(client: Instantly) -> None:
    create(client, "mara", tracking_domain_name="track.example.com")
    assert client.accounts.get_tracking_domain_status(host="track.example.com").cname
    assert not client.accounts.get_tracking_domain_status(host="else.example.com").cname
    assert client.accounts.update("mara@example.com", remove_tracking_domain=True).tracking_domain_name is None
    report = client.accounts.test_vitals(accounts=["mara@example.com", "x@example.org"])
    assert report.success_list
    assert report.failure_list
    assert [vital.domain for vital in report.success_list] == ["example.com"]
    assert [vital.all_pass for vital in report.failure_list] == [False]


def test_accounts_move_within_a_group(sandbox: Sandbox, client: Instantly) -> None:
    source, target = (sandbox.add_workspace(name, under=sandbox.workspace_id) for name in ("One", "Two"))
    one, two = (sandbox.client(api_key=sandbox.add_key(workspace=id), strict=True) for id in (source, target))
    create(one, "mara")
    ids = {"source_workspace_id": source, "destination_workspace_id": target}
    assert client.accounts.move(emails=["mara@example.com"], **ids).status == "success"
    assert names(one.accounts.list()) == []
    assert two.accounts.get("mara@example.com").organization == target
    with pytest.raises(errors.NotFoundError):
        client.accounts.move(emails=["mara@example.com"], **ids)
    with pytest.raises(errors.PermissionDeniedError):
        one.accounts.move(emails=["mara@example.com"], **ids)
