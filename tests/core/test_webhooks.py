"""Deliveries become typed events, whatever comes, and hostile bodies an error that shows nothing of them."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO
from typing import Annotated, Any, assert_type

import fastapi
import httpx
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

import instantly_core.webhooks
from instantly_client import UNSET, DriftEvent, errors, models, tables, webhooks
from instantly_core.models.fields import fields_of
from instantly_core.webhooks.body import MAX_BYTES, MAX_DEPTH
from instantly_core.webhooks.events import CLASSES, class_of
from instantly_core.webhooks.names import ALL_EVENTS, DELIVERED, SUBSCRIBED
from instantly_sandbox import Sandbox

CAMPAIGN = "019cc043-aee6-7ae9-a545-d7de53430e37"
EMAIL = "019cc043-aee6-7ae9-a545-d7de53430e38"
REPLY = {
    "timestamp": "2026-03-02T09:00:00.000Z",
    "event_type": "reply_received",
    "workspace": "019cc043-aee6-7ae9-a545-d7de53430e39",
    "campaign_id": CAMPAIGN,
    "campaign_name": "Spring",
    "lead_email": "tomas@lead.example",
    "email_account": "me@ours.example",
    "unibox_url": "https://app.example/unibox",
    "step": 1,
    "variant": 2,
    "is_first": True,
    "email_id": EMAIL,
    "reply_subject": "Re: Quick question",
    "reply_text_snippet": "Tell me",
    "reply_text": "Tell me more",
    "reply_html": "<p>Tell me more</p>",
    "email": "tomas@lead.example",
    "firstName": "Tomas",
    "companyName": "Fjord",
    "city": "Oslo",
}
TEXT = json.dumps(REPLY)


def reply(**changes: Any) -> webhooks.ReplyReceived:
    event = webhooks.parse({**REPLY, **changes})
    assert isinstance(event, webhooks.ReplyReceived)
    return event


# --- what it is ---


@pytest.mark.parametrize(
    "body", [json.dumps(REPLY), json.dumps(REPLY).encode(), b"\xef\xbb\xbf" + json.dumps(REPLY).encode()]
)
def test_a_delivery_becomes_an_event_with_typed_fields(body: Any) -> None:
    event = webhooks.parse(body)
    assert isinstance(event, webhooks.ReplyReceived)
    assert_type(event.lead_email, str)
    assert event.timestamp == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert (event.email_id, event.step, event.is_first) == (EMAIL, 1, True)
    assert (event.reply_text, event.email_html) == ("Tell me more", UNSET)
    assert event.subscription == "reply_received"
    assert event.to_dict() == REPLY


def test_the_face_has_all_that_the_engine_has() -> None:
    assert webhooks.__all__ == instantly_core.webhooks.__all__
    assert all(getattr(webhooks, name) is getattr(instantly_core.webhooks, name) for name in webhooks.__all__)


@pytest.mark.parametrize("name", SUBSCRIBED)
def test_every_name_has_a_class_and_a_subscription(name: str) -> None:
    event = webhooks.parse({**REPLY, "event_type": name})
    assert type(event) is CLASSES.get(name, webhooks.LeadStatusChanged)
    assert type(event).__name__ in webhooks.__all__
    assert event.subscription == SUBSCRIBED[name]
    assert name in (type(event).__doc__ or "") or isinstance(event, webhooks.LeadStatusChanged)


@pytest.mark.parametrize("subscribed", sorted({member.value for member in models.WebhookEventType}))
def test_what_one_subscribes_to_is_known(subscribed: str) -> None:
    if subscribed not in {ALL_EVENTS, *DELIVERED}:
        pytest.skip(f"the document has a new type, which arrives as UnknownEvent until names.py has it: {subscribed}")
    assert subscribed == ALL_EVENTS or SUBSCRIBED[DELIVERED[subscribed]] == subscribed
    # Should it be delivered by this name one day, its class is the same.
    assert subscribed == ALL_EVENTS or class_of(subscribed) is class_of(DELIVERED[subscribed])


@pytest.mark.parametrize(
    ("event_type", "expected", "label"),
    [
        ("lead_meeting_booked", webhooks.LeadStatusChanged, "meeting_booked"),
        ("Call back", webhooks.CustomLabel, "Call back"),
        ("vip", webhooks.CustomLabel, "vip"),
        ("Später", webhooks.CustomLabel, "Später"),
    ],
)
def test_a_label_arrives_as_its_text(event_type: str, expected: type[Any], label: str) -> None:
    event = webhooks.parse({**REPLY, "event_type": event_type})
    assert type(event) is expected
    assert isinstance(event, webhooks.LeadStatusChanged)
    assert event.label == label


@pytest.mark.parametrize("event_type", ["domain_expired", "all_events", "", "  ", None, 17, ["reply_received"], {}])
def test_an_unknown_type_is_an_unknown_event(event_type: Any) -> None:
    event = webhooks.parse({**REPLY, "event_type": event_type})
    assert type(event) is webhooks.UnknownEvent
    assert event.subscription == "all_events"
    assert event.to_dict()["event_type"] == event_type


def test_an_event_is_an_object_like_all_others() -> None:
    event = reply()
    assert pickle.loads(pickle.dumps(event)) == copy.deepcopy(event) == event
    assert json.loads(event.to_json()) == REPLY
    assert "tomas" not in repr(event)
    assert "lead_email='tomas@lead.example'" in str(event)
    assert "Tell me more" in event._repr_html_()
    assert tables.rows([event])[0]["city"] == "Oslo"
    assert event.FIELDS["email_id"] == "email_id"
    assert "email_id: UUID of the reply." in (webhooks.ReplyReceived.__doc__ or "")


class Job(pydantic.BaseModel):
    event: webhooks.DeliveredEvent
    reply: webhooks.ReplyReceived | None = None


def test_pydantic_makes_the_event_of_its_class_and_refuses_no_odd_value() -> None:
    job = Job(event={**REPLY, "event_type": "link_clicked", "step": ["odd"]})  # type: ignore[arg-type]
    assert type(job.event) is webhooks.LinkClicked
    assert Job.model_validate_json(job.model_dump_json()) == job
    assert job.model_dump()["event"]["timestamp"] == datetime(2026, 3, 2, 9, tzinfo=UTC)
    for mode in ("validation", "serialization"):
        schema = Job.model_json_schema(mode=mode)["$defs"]["DeliveredEvent"]
        assert schema["properties"]["email_id"]["description"].startswith("UUID of the email")
    with pytest.raises(pydantic.ValidationError, match="Input should be: ReplyReceived; it is: LinkClicked"):
        Job(event=REPLY, reply={**REPLY, "event_type": "link_clicked"})  # type: ignore[arg-type]
    with pytest.raises(pydantic.ValidationError, match="the delivery is no JSON object, but of type int"):
        Job(event=17)  # type: ignore[arg-type]


def test_fastapi_takes_a_delivery_as_the_body_of_a_route() -> None:
    app = fastapi.FastAPI()

    @app.post("/hook")
    def receive(event: Annotated[webhooks.DeliveredEvent, fastapi.Body()]) -> str:
        return type(event).__name__

    async def post(body: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ours.example") as http:
            return await http.post("/hook", json=body)

    assert asyncio.run(post({**REPLY, "step": "odd"})).json() == "ReplyReceived"
    assert asyncio.run(post([REPLY])).status_code == 422
    assert "reply_text" in app.openapi()["components"]["schemas"]["DeliveredEvent"]["properties"]


# --- the lead's data ---


def test_the_data_of_the_lead_is_apart() -> None:
    data = reply().lead_data
    assert dict(data) == {"email": "tomas@lead.example", "firstName": "Tomas", "companyName": "Fjord", "city": "Oslo"}
    with pytest.raises(TypeError):
        data["city"] = "Bergen"  # type: ignore[index]


def test_a_replaced_campaign_is_recovered() -> None:
    sent = {**REPLY, "campaign_id": "their own", "campaign": CAMPAIGN}
    event = reply(campaign_id="their own", campaign=CAMPAIGN)
    assert event.campaign_id == CAMPAIGN
    assert event.lead_data["campaign_id"] == "their own"
    for again in (event, pickle.loads(pickle.dumps(event)), webhooks.parse(event.to_json())):
        assert again == event
        assert again.to_dict() == sent
        assert again.key == event.key == reply().key


@pytest.mark.parametrize(
    "changes",
    [
        {"campaign_id": CAMPAIGN, "campaign": EMAIL},
        {"campaign_id": "their own", "campaign": "Spring"},
        {"campaign_id": None, "campaign": CAMPAIGN},
    ],
)
def test_a_campaign_that_is_right_or_nowhere_else_stays(changes: dict[str, Any]) -> None:
    assert reply(**changes).campaign_id == changes["campaign_id"]


def test_a_replaced_address_is_recovered() -> None:
    assert reply(lead_email=["old@lead.example"]).lead_email == "tomas@lead.example"
    assert reply(lead_email=["old@lead.example"]).lead_data["lead_email"] == ["old@lead.example"]


def test_a_value_of_another_type_is_kept_and_is_the_lead_s() -> None:
    found: list[DriftEvent] = []
    event = webhooks.parse({**REPLY, "step": "mine", "is_first": 3, "timestamp": "soon"}, on_drift=found.append)
    assert [event.step, event.is_first, event.timestamp] == ["mine", 3, "soon"]
    assert {"step", "is_first", "timestamp"} <= event.lead_data.keys()
    assert {(each.operation, each.pointer, each.expected) for each in found} == {
        ("ReplyReceived", "/step", "integer"),
        ("ReplyReceived", "/is_first", "boolean"),
        ("ReplyReceived", "/timestamp", "timestamp"),
    }


def test_drift_is_logged_once_without_the_value(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for _ in range(2):
        webhooks.parse({**REPLY, "event_type": "email_opened", "variant": "secret"})
    assert caplog.messages == ["EmailOpened: the delivery deviates at /variant: expected integer"]


def test_a_hook_that_fails_loses_no_event(caplog: pytest.LogCaptureFixture) -> None:
    def fail(event: DriftEvent) -> None:
        raise RuntimeError("down")

    assert webhooks.parse({**REPLY, "step": "mine"}, on_drift=fail).lead_data["step"] == "mine"
    assert "on_drift raised an error, which is ignored" in caplog.text


def test_a_whole_number_is_an_integer_in_each_spelling() -> None:
    assert repr(webhooks.parse(json.dumps(REPLY).replace('"step": 1,', '"step": 1.0,')).step) == "1"


# --- repeats ---


def test_a_repeated_delivery_has_the_same_key() -> None:
    key = reply().key
    # On record: a new version has to know what an earlier one has seen.
    assert key == "b1d9a7037bac5ad583564e5203d045069a0dc9aaf92b7e56a1455bdec4980306"
    assert reply(city="Bergen", is_first=False, reply_text="").key == key
    assert webhooks.parse(json.dumps(dict(reversed(REPLY.items())))).key == key


@pytest.mark.parametrize(
    "changes",
    [
        {"event_type": "auto_reply_received"},
        {"timestamp": "2026-03-02T09:00:00.001Z"},
        {"lead_email": "other@lead.example"},
        {"campaign_id": EMAIL},
        {"email_id": CAMPAIGN},
        {"email_account": "other@ours.example"},
        {"step": 2},
        {"variant": 1},
    ],
)
def test_another_event_has_another_key(changes: dict[str, Any]) -> None:
    assert webhooks.parse({**REPLY, **changes}).key != reply().key


def test_events_of_which_little_is_known_are_told_apart_by_all_that_they_have() -> None:
    bare = {"event_type": "email_sent", "timestamp": "2026-03-02T09:00:00.000Z"}
    for event in ({}, bare, {**REPLY, "timestamp": "soon"}, {**REPLY, "event_type": "domain_expired"}):
        assert webhooks.parse({**event, "domain": "a"}).key != webhooks.parse({**event, "domain": "b"}).key


# --- replies ---


class Sent:
    """A client that keeps what it would send."""

    def __init__(self) -> None:
        self.emails = self
        self.arguments: dict[str, Any] = {}

    def reply(self, **arguments: Any) -> str:
        self.arguments = arguments
        return "sent"


def test_a_reply_has_the_email_the_account_and_the_subject_of_the_event() -> None:
    client = Sent()
    assert reply().reply(client, text="Gladly", html="<p>Gladly</p>", cc_address_email_list="a@b.example") == "sent"
    assert client.arguments == {
        "eaccount": "me@ours.example",
        "reply_to_uuid": EMAIL,
        "subject": "Re: Quick question",
        "body": {"html": "<p>Gladly</p>", "text": "Gladly"},
        "cc_address_email_list": "a@b.example",
    }
    reply().reply(client, text="x", subject="Mine", eaccount="other@ours.example")
    assert (client.arguments["subject"], client.arguments["eaccount"]) == ("Mine", "other@ours.example")


@pytest.mark.parametrize(
    ("changes", "subject"),
    [
        ({"reply_subject": "Quick question"}, "Re: Quick question"),
        ({"reply_subject": "RE[2]: Quick"}, "RE[2]: Quick"),
        ({"reply_subject": "AW: Frage"}, "AW: Frage"),
        ({"reply_subject": "Reply wanted"}, "Re: Reply wanted"),
        ({"reply_subject": ""}, "Re:"),
        ({"reply_subject": "a\r\nBcc: all@lead.example"}, "Re: a Bcc: all@lead.example"),
        ({"reply_subject": "cut \ud83d"}, "Re: cut ?"),
        ({"reply_subject": 17, "email_subject": "Quick"}, "Re: Quick"),
    ],
)
def test_the_subject_is_that_of_a_reply(changes: dict[str, Any], subject: str) -> None:
    client = Sent()
    reply(**changes).reply(client, text="x")
    assert client.arguments["subject"] == subject


@pytest.mark.parametrize(
    ("changes", "arguments", "reason"),
    [
        ({}, {}, "a reply needs text= or html="),
        ({}, {"text": ""}, "a reply needs text= or html="),
        (
            {"email_id": UNSET},
            {"text": "x"},
            "email_id of this ReplyReceived is missing: there is no email",
        ),
        ({"email_id": "7"}, {"text": "x"}, "email_id of this ReplyReceived is no UUID: there"),
        ({"email_account": None}, {"text": "x"}, "email_account of this ReplyReceived is missing; pass eaccount="),
        ({"email_account": "gmail"}, {"text": "x"}, "is no address; pass eaccount="),
        ({"reply_subject": UNSET}, {"text": "x"}, "reply_subject of this ReplyReceived is missing; pass subject="),
    ],
)
def test_what_cannot_be_replied_to_says_why(changes: dict[str, Any], arguments: Any, reason: str) -> None:
    client, sent = Sent(), {name: value for name, value in {**REPLY, **changes}.items() if value is not UNSET}
    with pytest.raises(ValueError, match=reason):
        webhooks.parse(sent).reply(client, **arguments)
    assert client.arguments == {}


def test_a_reply_goes_out_by_both_clients() -> None:
    with Sandbox(world="demo") as sandbox, sandbox.client() as client:
        email = next(each for each in client.emails.list() if each.ue_type is models.EmailType.RECEIVED)
        event = reply(email_id=email.id, email_account=email.eaccount)
        sent = assert_type(event.reply(client, text="Gladly"), models.Email)
        assert sent.body.text == "Gladly"

        async def again() -> models.Email:
            async with sandbox.async_client() as client:
                return assert_type(await event.reply(client, text="Again"), models.Email)

        assert asyncio.run(again()).eaccount == email.eaccount
        assert [request.json["reply_to_uuid"] for request in sandbox.requests[-2:]] == [email.id, email.id]


# --- hostile bodies ---


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is empty"),
        (" \n", "is empty"),
        (b"{", "is not JSON"),
        (b"\xff\xfe\xfa", "is not JSON"),
        (b"[]", "is no JSON object, but of type list"),
        ([], "is no JSON object, but of type list"),
        ([{"event_type": "email_sent"}], "is no JSON object, but of type list"),
        (None, "is no JSON object, but of type NoneType"),
        (17, "is no JSON object, but of type int"),
        ("null", "is no JSON object, but of type NoneType"),
        ('"tomas@lead.example"', "of type str"),
        (b'{"a": NaN}', "a number is not finite"),
        (b'{"a": [1e999]}', "a number is not finite"),
        (b'{"a": ' + b"1" * 5000 + b"}", "is not JSON"),
        (b'{"a": ' + b"[" * 100_000, "nested more than 64 levels deep|is not JSON"),
        ('{"a": ' * MAX_DEPTH + "1" + "}" * MAX_DEPTH, None),
        ('{"a": ' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1), "nested more than 64 levels deep"),
        (b" " * (MAX_BYTES + 1), "which is more than 10485760"),
        ({"a": {1: 2}}, "a name is not a text"),
        ({"a": b"x"}, "a value is of type bytes"),
        ({"a": float("inf")}, "a number is not finite"),
    ],
)
def test_what_is_no_delivery_is_refused(body: Any, reason: str | None) -> None:
    if reason is None:
        assert type(webhooks.parse(body)) is webhooks.UnknownEvent
        return
    with pytest.raises(errors.WebhookParseError, match=reason) as caught:
        webhooks.parse(body)
    assert "lead.example" not in str(caught.value)
    assert isinstance(caught.value, errors.InstantlyError)


def test_a_mapping_that_contains_itself_is_refused() -> None:
    body: dict[str, Any] = {}
    body["a"] = [body]
    with pytest.raises(errors.WebhookParseError, match="nested"):
        webhooks.parse(body)


@pytest.mark.parametrize("body", [("event_type", "x"), BytesIO(b"{}"), object()])
def test_what_no_body_is_is_a_mistake_of_the_program(body: Any) -> None:
    with pytest.raises(TypeError, match="a body is bytes, a str or a mapping, not of type"):
        webhooks.parse(body)


def test_an_event_keeps_nothing_of_the_caller_s_mapping() -> None:
    body: dict[str, Any] = {**REPLY, "tags": ["a"]}
    event = webhooks.parse(body)
    body["tags"].append("b")
    assert event.lead_data["tags"] == ["a"]


def test_the_last_of_equal_names_counts() -> None:
    assert (
        webhooks.parse('{"event_type": "email_sent", "event_type": "link_clicked"}').subscription
        == "email_link_clicked"
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=()), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
NAMES = st.sampled_from([field.json_name for field in fields_of(webhooks.DeliveredEvent)])
TYPES = st.sampled_from([*SUBSCRIBED, "Call back", "domain_expired"])


@pytest.mark.slow
@given(st.dictionaries(NAMES | st.sampled_from(["campaign", "email", "city"]), JSON, max_size=5), TYPES | JSON)
def test_any_object_is_an_event_with_all_it_has_or_refused(fields: dict[str, Any], event_type: Any) -> None:
    text = json.dumps({**fields, "event_type": event_type})
    try:
        event = webhooks.parse(text)
    except errors.WebhookParseError:
        assert "NaN" in text or "Infinity" in text
        return
    sent = json.loads(text)
    assert event.to_dict().keys() == sent.keys()
    again = webhooks.parse(event.to_json())
    assert (again, again.key) == (event, event.key)
    assert pickle.loads(pickle.dumps(event)) == event
    assert event.lead_data.keys() <= sent.keys()
    assert event.subscription in {ALL_EVENTS, *SUBSCRIBED.values()}
    repr(event), str(event), event._repr_html_(), tables.rows([event])


@given(st.binary() | st.text(st.characters(exclude_categories=())) | st.builds(json.dumps, JSON))
def test_any_body_is_an_event_or_a_parse_error(body: bytes | str) -> None:
    try:
        event = webhooks.parse(body)
    except errors.WebhookParseError:
        return
    assert isinstance(event, webhooks.DeliveredEvent)


def test_repeats_are_dropped_whoever_asks() -> None:
    repeats = webhooks.Repeats()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda step: repeats.is_new(reply(step=step % 5)), range(40)))
    assert sum(found) == 5
    assert repr(repeats) == "<Repeats of 5 events>"


def test_the_oldest_events_are_forgotten_first() -> None:
    repeats = webhooks.Repeats(max_events=2)
    assert [repeats.is_new(reply(step=step)) for step in (1, 2, 1, 3)] == [True, True, False, True]
    assert [repeats.is_new(reply(step=step)) for step in (1, 2)] == [False, True]
    with pytest.raises(ValueError, match="max_events is 0: it is at least 1"):
        webhooks.Repeats(0)
