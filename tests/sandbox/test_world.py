"""The world to begin with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from instantly_sandbox import Sandbox
from instantly_sandbox.engine.context import RequestContext
from tests.sandbox.outreach import DAY, faults_of, sandbox


def test_the_demo_has_something_of_everything() -> None:
    _, client = sandbox(world="demo")
    assert {campaign.status for campaign in client.campaigns.list()} == {0, 1, 2, 3}
    assert len(list(client.leads.list(limit=100))) > 200
    for found in (client.lead_lists, client.lead_labels, client.custom_tags, client.block_list):
        assert list(found.list())
    assert len(list(client.custom_tag_mappings.list())) == 2
    totals = client.campaigns.get_analytics_overview()
    assert totals.emails_sent_count > totals.open_count_unique > totals.reply_count > 0
    assert totals.total_opportunities > 0
    assert len(client.campaigns.get_daily_analytics()) > 10


def test_the_demo_goes_on_by_itself() -> None:
    box, client = sandbox(world="demo")
    before = client.campaigns.get_analytics_overview().emails_sent_count
    box.clock.advance(10 * DAY)
    assert client.campaigns.get_analytics_overview().emails_sent_count > before
    assert {campaign.status for campaign in client.campaigns.list()} == {0, 2, 3}


@pytest.mark.slow
def test_the_demo_is_the_same_with_the_same_seed() -> None:
    def told(seed: int) -> str:
        box, _ = sandbox(world="demo", seed=seed)
        return str(box.runtime.state.to_json())

    assert told(3) == told(3) != told(4)


def test_everything_in_the_demo_fits_the_document_and_lies_in_the_past() -> None:
    box, _ = sandbox(world="demo")
    (workspace,) = box.runtime.state.workspaces.values()
    now = RequestContext.internal(box.runtime, workspace).now
    documented = {schema["title"] for schema in box.runtime.document.raw["components"]["schemas"].values()}
    for kind, rows in workspace.collections.items():
        for row in rows.values():
            if kind in documented:
                schema = box.runtime.document.component(kind)
                assert faults_of(box.runtime.document, schema, row) == []
            assert all(value <= now for name, value in row.items() if name.startswith("timestamp") and value)
    assert all(due["at"] > box.clock.time() for due in workspace.queue)


MARA = '[[accounts]]\nemail = "mara@sender.example.com"\n'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[[accounts]]\nemail = mara\n", r"Invalid value \(at line 2, column 9\)"),
        ("a = " + "[" * 2000, "nested too deeply|line 1"),
        ('[[accuonts]]\nemail = "a@b.example"\n', "there is no table 'accuonts'; did you mean 'accounts'"),
        ('[accounts]\nemail = "a@b.example"\n', r"accounts is no list of tables: write \[\[accounts\]\]"),
        (MARA + "emial = 1\n", r"no field of accounts\[1\] 'emial'; did you mean 'email'"),
        (MARA + "daily_limit = true\n", r"accounts\[1\].daily_limit is True: it is a whole number"),
        (MARA + "status = 7\n", r"accounts\[1\].status is 7: it is one of 1, 2"),
        (MARA + MARA, r"accounts\[2\]: There is an account with this address already"),
        ('[[accounts]]\nemail = "nobody"\n', r"accounts\[1\].email: .nobody. is not a .email."),
        (
            '[[webhooks]]\nurl = "http://a.example"\nevent = "clicked"\n',
            r"webhooks\[1\].event_type: .clicked.",
        ),
        ('[[lists]]\nname = "A"\nleads = "5"\n', r"lists\[1\].leads is '5': it is a whole number or a list"),
        ('[[lists]]\nname = "A"\nleads = [{}]\n', r"lists\[1\].leads\[1\] has no email"),
        (
            '[[lists]]\nname = "A"\nleads = [{email = "a@b.example"}, {email = "b@b.example", first_name = 5}]\n',
            r"lists\[1\].leads\[2\].first_name: 5 is not of types",
        ),
        (
            '[[lists]]\nname = "A"\nleads = [{email = "a@b.example", since = 2026-01-01}]\n',
            r"lists\[1\].leads\[1\].since is a date or a time: write it in quotes",
        ),
        ('[[campaigns]]\nname = "A"\naccounts = ["a@b.example"]\n', r"no account of campaigns\[1\] 'a@b.example'"),
        ('[[campaigns]]\nname = "A"\nsteps = [{subject = "Hi"}]\n', r"campaigns\[1\].steps\[1\] has no body"),
    ],
)
def test_a_mistake_in_a_world_is_named_with_file_and_place(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "team.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(ValueError, match=f"^{re.escape(str(path))}: .*({message})"):
        Sandbox(world=path)


def test_a_world_may_begin_with_the_mark_of_its_byte_order(tmp_path: Path) -> None:
    path = tmp_path / "team.toml"
    path.write_text(MARA, "utf-8-sig")
    assert [account.email for account in Sandbox(world=path).client().accounts.list()] == ["mara@sender.example.com"]


def test_there_is_no_other_world() -> None:
    with pytest.raises(ValueError, match="demo"):
        Sandbox(world="mars")
