"""The workspace, its members, keys, group and bill, what was done in it, and how accounts are connected to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from instantly_client import Instantly, errors
from instantly_sandbox import Clock, Sandbox

DAY = 24 * 3600


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=Clock(datetime(2026, 3, 2, 9, tzinfo=UTC), frozen=True)) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Instantly:
    return sandbox.client(strict=True)


# API keys


def test_a_key_is_shown_once_and_opens_what_it_is_for(sandbox: Sandbox, client: Instantly) -> None:
    made = client.api_keys.create(name="Reader", scopes=["accounts:read"])
    reader = sandbox.client(api_key=made.key, strict=True)
    assert list(reader.accounts.list()) == []
    with pytest.raises(errors.PermissionDeniedError):
        reader.accounts.pause("mara@example.com")
    assert [(key.id, key.key) for key in client.api_keys.list()] == [(made.id, "")]


def test_a_deleted_key_opens_nothing(sandbox: Sandbox, client: Instantly) -> None:
    made = client.api_keys.create(name="All", scopes=["all:all"])
    assert client.api_keys.delete(made.id).key == ""
    with pytest.raises(errors.AuthenticationError):
        sandbox.client(api_key=made.key).workspace.get_current()
    assert list(client.api_keys.list()) == []


# The workspace


def test_the_workspace_is_renamed(client: Instantly) -> None:
    assert client.workspace.update(name="Northwind", org_logo_url=None).name == "Northwind"
    assert client.workspace.get_current().name == "Northwind"


def test_an_agency_domain_is_verified_after_a_while(sandbox: Sandbox, client: Instantly) -> None:
    with pytest.raises(errors.NotFoundError):
        client.workspace.get_whitelabel_domain()
    assert client.workspace.set_whitelabel_domain(domain="clients.example.com").org_client_domain
    info = client.workspace.get_whitelabel_domain()
    assert (info.name, info.verified) == ("clients.example.com", False)
    assert info.verification
    sandbox.clock.advance(60)
    assert client.workspace.get_whitelabel_domain().verified
    assert client.workspace.delete_whitelabel_domain().org_client_domain is None
    with pytest.raises(errors.NotFoundError):
        client.workspace.get_whitelabel_domain()


def test_a_member_becomes_the_owner(client: Instantly) -> None:
    [first] = client.workspace_members.list()
    heir = client.workspace_members.create(email="ines@example.com", role="editor")
    assert client.workspace.change_owner(email="ines@example.com", sec="secret").owner == heir.user_id
    assert client.workspace_members.get(heir.id).role == "owner"
    assert client.workspace_members.get(first.id).role == "admin"
    with pytest.raises(errors.NotFoundError):
        client.workspace.change_owner(email="nobody@example.com", sec="secret")


def test_members_come_and_go_but_not_as_owners(client: Instantly) -> None:
    [owner] = client.workspace_members.list()
    member = client.workspace_members.create(email="ines@example.com", role="view", permissions=["unibox.all"])
    assert not member.accepted
    assert client.workspace_members.update(member.id, role="admin").role == "admin"
    with pytest.raises(errors.ValidationError):
        client.workspace_members.create(email="ines@example.com", role="view")
    with pytest.raises(errors.ValidationError):
        client.workspace_members.create(email="otto@example.com", role="owner")
    for change in (client.workspace_members.delete, lambda id: client.workspace_members.update(id, role="view")):
        with pytest.raises(errors.ValidationError):
            change(owner.id)
    assert client.workspace_members.delete(member.id).id == member.id


# Groups


def test_an_invited_workspace_joins_a_moment_later(sandbox: Sandbox, client: Instantly) -> None:
    id = sandbox.add_workspace("Client")
    sub = sandbox.client(api_key=sandbox.add_key(workspace=id), strict=True)
    assert not sub.workspace_group_members.get_admin().has_admin_workspace
    invited = client.workspace_group_members.create(sub_workspace_id=id)
    assert (invited.status, invited.sub_workspace_name) == ("pending", "Client")
    acting = client.for_workspace(id)
    with pytest.raises(errors.PermissionDeniedError):
        acting.workspace.get_current()
    sandbox.clock.advance(5)
    assert acting.workspace.get_current().id == id
    assert client.workspace_group_members.get(invited.id).status == "accepted"
    assert [member.id for member in client.workspace_group_members.list()] == [invited.id]
    above = sub.workspace_group_members.get_admin()
    assert (above.workspace_name, above.workspace_group_member_id) == ("Sandbox", invited.id)
    with pytest.raises(errors.ValidationError):
        client.workspace_group_members.create(sub_workspace_id=id)


def test_a_workspace_that_is_not_there_cannot_be_invited(client: Instantly) -> None:
    with pytest.raises(errors.NotFoundError):
        client.workspace_group_members.create(sub_workspace_id="019cc043-aee6-7ae9-a545-d7de53430e37")


def test_a_workspace_leaves_its_group(sandbox: Sandbox, client: Instantly) -> None:
    id = sandbox.add_workspace("Client", under=sandbox.workspace_id)
    sub = sandbox.client(api_key=sandbox.add_key(workspace=id), strict=True)
    member = sub.workspace_group_members.get_admin().workspace_group_member_id
    assert sub.workspace_group_members.delete(str(member)).sub_workspace_id == id
    assert list(client.workspace_group_members.list()) == []


# Billing and phone numbers


def test_the_bill_is_of_this_workspace(sandbox: Sandbox, client: Instantly) -> None:
    plan = client.billing.get_plan_details()
    assert (plan.organization_id, plan.organization_name) == (sandbox.workspace_id, "Sandbox")
    assert plan.subscriptions
    assert plan.subscriptions.outreach
    assert plan.subscriptions.outreach.current_lead_count == 0
    for days in (0, 45):
        sandbox.clock.advance(days * DAY)
        details = client.billing.get_subscription_details()
        assert details.subscriptions
        assert details.subscriptions[0].workspace_id == sandbox.workspace_id
        end = details.subscriptions[0].current_period_end
        assert end
        assert 0 < end - sandbox.clock.time() <= 30 * DAY


def test_phone_numbers_are_given_back(client: Instantly) -> None:
    [number] = client.crm.list_phone_numbers()
    assert number.id
    assert client.crm.delete_phone_number(number.id).phone_number == number.phone_number
    assert client.crm.list_phone_numbers() == []
    with pytest.raises(errors.NotFoundError):
        client.crm.delete_phone_number(number.id)


# OAuth


def test_a_session_ends_with_a_connected_account(sandbox: Sandbox, client: Instantly) -> None:
    session = client.oauth.init_google()
    assert session.session_id
    assert str(session.expires_at).startswith("2026-03-02 09:10:00")
    assert client.oauth.get_session_status(session.session_id).status == "pending"
    sandbox.clock.advance(5)
    done = client.oauth.get_session_status(session.session_id)
    assert done.status == "success"
    assert client.accounts.get(str(done.email)).provider_code == 2
    with pytest.raises(errors.NotFoundError):
        client.oauth.get_session_status(session.session_id)


def test_a_session_that_nobody_asked_about_expires(sandbox: Sandbox, client: Instantly) -> None:
    session = client.oauth.init_microsoft()
    sandbox.clock.advance(600)
    assert client.oauth.get_session_status(str(session.session_id)).status == "expired"


def test_a_session_can_be_made_to_fail(sandbox: Sandbox, client: Instantly) -> None:
    sandbox.faults.oauth("access_denied")
    session = client.oauth.init_microsoft()
    sandbox.clock.advance(5)
    with pytest.raises(errors.OperationFailedError) as caught:
        client.oauth.get_session_status(str(session.session_id))
    assert caught.value.body["error"] == "access_denied"
    assert list(client.accounts.list()) == []


# The audit log


def test_what_was_done_is_logged(sandbox: Sandbox, client: Instantly) -> None:
    first = client.webhooks.create(target_hook_url="https://example.com/one", event_type="all_events")
    sandbox.clock.advance(DAY)
    client.webhooks.update(first.id, name="One")
    client.webhooks.resume(first.id)
    client.webhooks.get(first.id)
    with pytest.raises(errors.NotFoundError):
        client.webhooks.resume(sandbox.workspace_id)
    entries = list(client.audit_logs.list())
    assert [entry.activity_type for entry in entries] == [21, 19, 18]
    assert {entry.webhook_id for entry in entries} == {first.id}
    assert all(entry.from_api and entry.user_agent for entry in entries)
    assert len(list(client.audit_logs.list(activity_type=18))) == 1
    assert len(list(client.audit_logs.list(start_date="2026-03-03"))) == 2
    assert len(list(client.audit_logs.list(end_date="2026-03-02"))) == 1
    assert len(list(client.audit_logs.list(search="EXAMPLE.com/one"))) == 3
    assert list(client.audit_logs.list(search="nothing")) == []


def test_a_page_of_the_audit_log_has_up_to_a_thousand(client: Instantly) -> None:
    webhook = client.webhooks.create(target_hook_url="https://example.com/one", event_type="all_events")
    for _ in range(150):
        client.webhooks.resume(webhook.id)
    assert len(client.audit_logs.list(limit=1000).items) == 151
