"""What people see of an object: what identifies it in a line, all of it as a table; `repr` has no texts."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.pretty import pretty_repr

from instantly_client import UNSET, models
from instantly_client.models import CampaignStatus, Lead, LeadStatus
from instantly_core import Model
from instantly_sandbox import Sandbox


def test_a_lead_shows_address_name_status_and_campaign() -> None:
    lead = Lead.from_dict(
        {
            "id": "i",
            "organization": "o",
            "phone": "5",
            "last_name": "Lee",
            "first_name": "Ann",
            "job_title": "",
            "campaign": "c",
            "status": LeadStatus.ACTIVE.value,
            "email": "ann@a.example",
            "email_open_count": 3,
        }
    )
    shown = "Lead(email='ann@a.example', first_name='Ann', last_name='Lee', status=ACTIVE, campaign='c')"
    assert str(lead) == f"{lead}" == shown


def test_a_campaign_shows_its_name_and_status() -> None:
    campaign = models.Campaign.from_dict({"id": "i", "status": CampaignStatus.DRAFT.value, "name": "Spring"})
    assert str(campaign) == "Campaign(name='Spring', status=DRAFT)"


def test_a_status_alone_identifies_nothing() -> None:
    webhook = models.Webhook.from_dict({"status": 1, "target_hook_url": "https://ours.example/hook"})
    assert "target_hook_url='https://ours.example/hook'" in str(webhook)


def test_what_nothing_identifies_shows_its_first_fields() -> None:
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    entry = models.BlockListEntry(
        id="i", timestamp_created=moment, organization_id="o", bl_value="a.example", is_domain=True
    )
    shown = (
        "id='i', timestamp_created=2026-05-01 00:00:00+00:00, organization_id='o', bl_value='a.example', is_domain=True"
    )
    assert str(entry) == f"BlockListEntry({shown})"


def test_what_has_nothing_to_show_names_its_fields() -> None:
    assert str(models.SendingStatus.from_dict({"diagnostics": {}})) == "SendingStatus(diagnostics=...)"


def test_custom_variables_are_shown_to_people_but_not_in_logs() -> None:
    payload = models.LeadPayload.from_dict({"city": "Bern"})
    assert str(payload) == "LeadPayload(city='Bern')"
    assert repr(payload) == "LeadPayload(...)"


def test_a_long_text_is_cut() -> None:
    shown = str(models.Campaign.from_dict({"name": "x" * 1000}))
    assert shown == f"Campaign(name='{'x' * 59}…')"


def test_every_model_shows_each_field() -> None:
    for model in (each for name in models.__all__ if issubclass(each := getattr(models, name), Model)):
        for name, attribute in model.FIELDS.items():
            found = model.from_dict({name: "text"})
            assert f"{attribute.lstrip('_')}=" in repr(found)
            assert f"{attribute.lstrip('_')}=" in str(found)


class Reader(HTMLParser):
    """The tags and the text of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@given(st.dictionaries(st.text(), st.text(max_size=200) | st.none() | st.integers(), max_size=5))
def test_a_notebook_shows_what_people_wrote_as_text_and_never_as_html(fields: dict[str, Any]) -> None:
    reader = Reader()
    html = models.LeadPayload.from_dict({"company": "<b>A & Söhne</b>", **fields})._repr_html_()
    reader.feed(html)
    assert reader.tags <= {"table", "caption", "tr", "th", "td"}
    assert "<b>A & Söhne</b>" in reader.texts or "company" in fields


def test_a_notebook_obeys_no_text_and_gets_none_that_it_cannot_write() -> None:
    html = models.LeadPayload.from_dict({"a\u202e": "\x1b[31mred\n two\x00 \ud800"})._repr_html_()
    assert r"<th>a\u202e</th><td>\x1b[31mred two\x00 \ud800</td>" in html
    assert html.isprintable()


def test_a_table_is_small() -> None:
    fields = {f"column {number}": "x" * 1000 for number in range(100)}
    html = models.LeadPayload.from_dict(fields)._repr_html_()
    assert html.count("<tr>") == 31
    assert "and 70 more" in html
    assert len(html) < 10_000


def test_a_table_has_names_of_members_and_no_unset() -> None:
    html = models.Campaign.from_dict({"name": "Spring", "status": CampaignStatus.PAUSED.value})._repr_html_()
    assert "<th>status</th><td>PAUSED</td>" in html
    assert "UNSET" not in html
    assert "daily_limit" not in html


@pytest.mark.parametrize(
    ("model", "field"),
    [(models.ApiKey, "key"), (models.DfyEmailAccount, "password"), (models.LeadPayload, "api_token")],
)
def test_keys_and_passwords_are_not_shown(model: type[Model], field: str) -> None:
    found = model.from_dict({field: "hush"})
    for shown in (str(found), repr(found), found._repr_html_(), pretty_repr(found)):
        assert "hush" not in shown


def test_ipython_prints_the_line() -> None:
    printed: list[str] = []

    class Printer:
        text = printed.append

    campaign = models.Campaign.from_dict({"name": "Spring"})
    campaign._repr_pretty_(Printer(), False)
    assert printed == [str(campaign)]
    # IPython asks the first class that has either as its own, and prefers this one.
    asked = next(each for each in type(campaign).__mro__ if {"__repr__", "_repr_pretty_"} & {*vars(each)})
    assert "_repr_pretty_" in vars(asked)


def test_rich_prints_the_fields_that_are_set() -> None:
    campaign = models.Campaign.from_dict({"name": "Spring", "campaign_schedule": {"schedules": []}, "new": 1})
    assert pretty_repr(campaign) == ("Campaign(name='Spring', campaign_schedule=CampaignSchedule(schedules=[]), new=1)")


def test_a_format_is_that_of_the_line() -> None:
    campaign = models.Campaign.from_dict({"name": "Spring"})
    assert f"{campaign:>30}|{campaign:.8}|{campaign}" == f"{campaign!s:>30}|Campaign|{campaign}"


def test_all_that_the_sandbox_lists_can_be_told_apart() -> None:
    with Sandbox(world="demo") as sandbox:
        client = sandbox.client()
        for resource in (client.accounts, client.campaigns, client.custom_tags, client.emails, client.lead_lists):
            items = [*resource.list(max_items=50)]
            assert items
            assert UNSET not in items
            assert len({str(item) for item in items}) > len(items) / 2
