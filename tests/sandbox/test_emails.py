"""E-mails: lists with their filters, answers in the thread, and what is unread."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from instantly_client import Instantly, errors
from instantly_sandbox import Clock, Sandbox
from instantly_sandbox.engine.context import RequestContext
from instantly_sandbox.handlers.accounts import ACCOUNTS
from instantly_sandbox.handlers.emails import EMAILS, RECEIVED, SENT_FROM_CAMPAIGN
from tests.sandbox.raw import target_of

THREAD = "019cc043-aee6-7ae9-a545-d7de53430e37"
CAMPAIGN = "019cc043-aee6-7ae9-a545-d7de53430e38"
USER = "019cc043-aee6-7ae9-a545-d7de53430e39"
ACCOUNT = "mara@example.com"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=Clock(datetime(2026, 3, 2, 9, tzinfo=UTC), frozen=True)) as sandbox:
        call = RequestContext.internal(sandbox.runtime, sandbox.runtime.state.workspaces[sandbox.workspace_id])
        ACCOUNTS.make(call, {"email": ACCOUNT, "first_name": "Mara", "last_name": "Lindqvist"})
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Instantly:
    return sandbox.client(strict=True)


def mail(sandbox: Sandbox, kind: int, lead: str = "tomas@example.org", **more: Any) -> str:
    call = RequestContext.internal(sandbox.runtime, sandbox.runtime.state.workspaces[sandbox.workspace_id])
    about = {
        "subject": "Robots",
        "body": {"text": "Hello"},
        "eaccount": ACCOUNT,
        "lead": lead,
        "ue_type": kind,
        "from_address_email": lead if kind == RECEIVED else ACCOUNT,
        "to_address_email_list": ACCOUNT if kind == RECEIVED else lead,
        "message_id": f"<{call.new_id()}@example.com>",
        "is_unread": int(kind == RECEIVED),
        "timestamp_email": call.now,
        "thread_id": THREAD,
        **more,
    }
    made = EMAILS.make(call, about)
    sandbox.clock.advance(1)
    return str(made["id"])


def test_lists_are_narrowed(sandbox: Sandbox, client: Instantly) -> None:
    sent = mail(sandbox, SENT_FROM_CAMPAIGN, campaign_id=CAMPAIGN)
    received = mail(sandbox, RECEIVED, i_status=1, is_focused=1)
    other = mail(sandbox, RECEIVED, "ines@example.net", thread_id=None, reminder_ts="2026-03-05T09:00:00.000Z")

    def ids(**filters: Any) -> list[str]:
        return [email.id for email in client.emails.list(**filters)]

    assert ids() == [other, received, sent]
    assert ids(limit=1) == [other, received, sent]
    assert ids(sort_order="asc") == [sent, received, other]
    assert ids(search="TOMAS@example.org") == [received, sent]
    assert ids(search=f"thread:{THREAD}") == [received, sent]
    assert ids(campaign_id=CAMPAIGN) == [sent]
    assert ids(i_status=1) == [received]
    assert ids(lead="ines@example.net") == [other]
    assert ids(company_domain="example.net") == [other]
    assert ids(eaccount=f"{ACCOUNT},x@example.com") == [other, received, sent]
    assert ids(eaccount="x@example.com") == []
    assert ids(is_unread=True) == [other, received]
    assert ids(is_unread=False) == [sent]
    assert ids(has_reminder=True) == [other]
    assert ids(mode="emode_focused") == [received]
    assert ids(mode="emode_others") == [other, sent]
    assert ids(mode="emode_all") == [other, received, sent]
    assert ids(email_type="received") == [other, received]
    assert ids(scheduled_only=True) == []
    assert ids(marked_as_done=True) == []
    assert ids(latest_of_thread=True) == [other, received]
    assert ids(min_timestamp_created="2026-03-02T09:00:01.500Z") == [other]
    assert ids(max_timestamp_created="2026-03-02T09:00:00.500Z") == [sent]
    assert not client.emails.list(preview_only=True).items[0].body.text


def test_emails_are_read_changed_and_deleted(sandbox: Sandbox, client: Instantly) -> None:
    id = mail(sandbox, RECEIVED)
    assert client.emails.get(id).subject == "Robots"
    assert [email.id for email in client.emails.list(is_unread=True)] == [id]
    client.emails.update(id, is_unread=False)
    assert json.loads(sandbox.requests[-1].request.body) == {"is_unread": 0}
    assert not client.emails.list(is_unread=True).items
    assert client.emails.delete(id).id == id
    with pytest.raises(errors.NotFoundError):
        client.emails.get(id)


def test_a_reply_goes_into_the_thread(sandbox: Sandbox, client: Instantly) -> None:
    leads = sandbox.runtime.state.workspaces[sandbox.workspace_id].of("Lead")
    leads[USER] = {"id": USER}
    received = mail(sandbox, RECEIVED, campaign_id=CAMPAIGN, lead_id=USER)
    sent = client.emails.reply(
        eaccount=ACCOUNT,
        reply_to_uuid=received,
        subject="Re: Robots",
        body={"text": "Gladly."},
        cc_address_email_list="boss@example.com",
        assigned_to=USER,
    )
    assert (sent.thread_id, sent.campaign_id, sent.ue_type) == (THREAD, CAMPAIGN, 3)
    assert sent.to_address_email_list == "tomas@example.org"
    assert sent.cc_address_email_list == "boss@example.com"
    assert [email.id for email in client.emails.list(search=f"thread:{THREAD}")] == [sent.id, received]
    assert [email.id for email in client.emails.list(email_type="manual")] == [sent.id]
    assert len(list(client.emails.list(assigned_to=USER))) == 2


def test_an_email_without_a_thread_gets_one_with_its_first_reply(sandbox: Sandbox, client: Instantly) -> None:
    received = mail(sandbox, RECEIVED, thread_id=None)
    sent = client.emails.reply(eaccount=ACCOUNT, reply_to_uuid=received, subject="Re", body={"html": "<p>Yes</p>"})
    assert sent.thread_id
    assert client.emails.get(received).thread_id == sent.thread_id


def test_a_forward_goes_to_others(sandbox: Sandbox, client: Instantly) -> None:
    received = mail(sandbox, RECEIVED)
    sent = client.emails.forward(
        eaccount=ACCOUNT,
        reply_to_uuid=received,
        to_address_email_list="boss@example.com",
        subject="Fwd: Robots",
        body={"text": "See below."},
        reply_to="desk@example.com",
    )
    assert (sent.to_address_email_list, sent.reply_to) == ("boss@example.com", "desk@example.com")
    assert sent.thread_id == THREAD


def test_a_forward_without_a_text_of_its_own_passes_on_that_of_the_email(sandbox: Sandbox, client: Instantly) -> None:
    received = mail(sandbox, RECEIVED)
    sent = client.emails.forward(
        eaccount=ACCOUNT,
        reply_to_uuid=received,
        to_address_email_list="boss@example.com",
        subject="Fwd: Robots",
        include_original_body=True,
    )
    assert sent.body == client.emails.get(received).body


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"eaccount": "nobody@example.com"}, errors.NotFoundError),
        ({"reply_to_uuid": THREAD}, errors.NotFoundError),
        ({"body": {}}, errors.ValidationError),
    ],
)
def test_what_cannot_be_sent_is_refused(
    sandbox: Sandbox, client: Instantly, wrong: dict[str, Any], error: type[Exception]
) -> None:
    received = mail(sandbox, RECEIVED)
    right = {"eaccount": ACCOUNT, "reply_to_uuid": received, "subject": "Re", "body": {"text": "Yes"}}
    with pytest.raises(error):
        client.request("POST", target_of("replyToEmail"), json={**right, **wrong})
    assert len(list(client.emails.list())) == 1


def test_a_test_email_needs_an_account_that_sends(client: Instantly) -> None:
    test: dict[str, Any] = {"to_address_email_list": "me@example.com", "subject": "Test", "body": {"html": "<p>Hi</p>"}}
    assert client.emails.send_test(eaccount=ACCOUNT, **test).status == "success"
    client.accounts.pause(ACCOUNT)
    for account in ("nobody@example.com", ACCOUNT):
        with pytest.raises(errors.OperationFailedError) as caught:
            client.emails.send_test(eaccount=account, **test)
        assert caught.value.status_code == 200
        assert caught.value.body["error"].startswith("ACC_")


def test_unread_emails_are_counted_until_the_thread_is_read(sandbox: Sandbox, client: Instantly) -> None:
    mail(sandbox, SENT_FROM_CAMPAIGN)
    mail(sandbox, RECEIVED)
    mail(sandbox, RECEIVED)
    mail(sandbox, RECEIVED, thread_id=None)
    assert client.emails.count_unread().count == 3
    assert client.emails.mark_thread_as_read(THREAD).success
    assert client.emails.count_unread().count == 1
    with pytest.raises(errors.NotFoundError):
        client.emails.mark_thread_as_read(USER)
