"""Nothing of anybody gets into a recording, and what is left is still worth recording."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly_contract.cassettes import Recording, dumps, recordings, write
from instantly_contract.check import check
from instantly_core.secret import key_forms
from instantly_sandbox.recording.exchange import Exchange
from instantly_sandbox.recording.known import known
from instantly_sandbox.recording.pseudonyms import Pseudonyms
from instantly_sandbox.recording.scrub import REDACTED, Leak, Scrubber
from tests.contract.replay import replay
from tests.contract.settings import RECORDINGS, examples
from tests.contract.unknown import FIELD

KEY = base64.b64encode(b"019cc043-aee6-7ae9-a545-d7de53430e37:zQvXkPwRtYsD").decode()
ID = "019cc043-aee6-7ae9-a545-d7de53430e37"
MOMENT = "2026-01-30T09:00:18.593Z"
JSON = {"content-type": "application/json; charset=utf-8"}
URL = "https://api.instantly.ai/api/v2"


def scrubber(**options: Any) -> Scrubber:
    return Scrubber(KEY, salt=b"pepper", **options)


def exchange(uri: str = f"{URL}/campaigns", sent: Any = None, told: Any = None, **changes: Any) -> Exchange:
    body = b"" if sent is None else json.dumps(sent).encode()
    made = Exchange("POST", uri, JSON, body, 200, JSON, json.dumps(told).encode())
    return made._replace(**changes)


def text_of(exchange: Exchange) -> str:
    """All that would be written, and what the URL is once it is unescaped."""
    headers = [*exchange.request_headers.items(), *exchange.headers.items()]
    bodies = exchange.request_body.decode(), exchange.body.decode()
    return "\n".join([exchange.uri, unquote(exchange.uri), *map(str, headers), *bodies])


# --- what goes ---

letters = st.text(st.sampled_from("bcdfghjklmnpqrstvwxz"), min_size=5, max_size=9)
names = letters.map(lambda word: f"Zq{word}")
emails = st.builds(lambda local, host: f"{local}@{host}.org", names, names)
PLANTS = st.one_of(
    st.just(KEY),
    st.sampled_from([KEY.partition("=")[0], quote(KEY, safe=""), base64.b64encode(KEY.encode()).decode()]),
    names,
    st.builds(lambda first, last: f"{first} {last}", names, names),
    emails,
    emails.map(str.upper),
    names.map(lambda name: f"https://user:{name}@{name.lower()}.io/hook/{name}?token={name}"),
    st.integers(10**6, 10**7 - 1).map(lambda number: f"+49 171 {number}"),
    st.integers(10**6, 10**7 - 1).map(lambda number: f"(030) {number // 1000}-{number % 1000:03}"),
    st.tuples(*[st.integers(11, 250)] * 4).map(lambda parts: ".".join(map(str, parts))),
    st.integers(0x1000, 0xFFFF).map(lambda number: f"fe80::{number:x}:{number:x}"),
    names.map(lambda name: base64.b64encode(f"{name}:{name}".encode()).decode()),
)
AROUND: list[Callable[[str], str]] = [
    str,
    lambda plant: f"Dear {plant}, thank you",
    lambda plant: f"<p style='x'>Dear <b>{plant}</b></p>",
    lambda plant: f"{plant}, {plant}",
    lambda plant: f"{MOMENT}&{plant}",
    lambda plant: json.dumps({"inner": plant}),
    lambda plant: f"Campaign {plant} not found",
]
around = st.sampled_from(AROUND)
fields = st.sampled_from([*sorted(known(scrubber()._document).fields), FIELD])


@st.composite
def planted(draw: st.DrawFn) -> tuple[Exchange, list[str]]:
    """An exchange with something in every place, and what that is."""
    plants: list[str] = []

    def plant(bare: bool = False) -> str:
        plants.append(draw(PLANTS))
        return plants[-1] if bare else draw(around)(plants[-1])

    def value(depth: int = 0) -> Any:
        kinds: list[Callable[[], Any]] = [
            plant,
            lambda: [plant(), plant()],
            lambda: {draw(fields): plant(), plant(): plant()},
        ]
        if depth < 3:
            kinds.append(lambda: {draw(fields): value(depth + 1), plant(bare=True): value(depth + 1)})
        return draw(st.sampled_from(kinds))()

    def query() -> str:
        pairs = [(draw(fields), plant()), ("token", plant()), (plant(bare=True), plant())]
        return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)

    def headers(content_type: str) -> dict[str, str]:
        own = {"Authorization": f"Bearer {KEY}", "Cookie": plant(), "Set-Cookie": plant(), plant(bare=True): plant()}
        return {**own, "X-Forwarded-For": plant(), "Retry-After": plant(), "content-type": content_type}

    def body(kind: str) -> bytes:
        if kind == "text/csv":
            rows = [["email", "name", plant()], [plant(), plant(), "x", plant()]]
            return "\n".join(",".join(f'"{cell.replace(chr(34), "")}"' for cell in row) for row in rows).encode()
        return (json.dumps(value()) if "json" in kind else plant()).encode()

    kinds = st.sampled_from(["application/json", "text/csv", "text/plain", f"text/html; name={plant(bare=True)}"])
    path = draw(st.sampled_from(["accounts/{}", "campaigns/{}/pause", "nowhere/{}", "{}"]))
    place = path.format(quote(plant(), safe=""))
    sent, told = draw(kinds), draw(kinds)
    uri = f"https://{draw(names)}:{KEY[:9]}@api.instantly.ai/api/v2/{place}?{query()}#{quote(plant())}"
    return Exchange("POST", uri, headers(sent), body(sent), 200, headers(told), body(told)), plants


@pytest.mark.slow
@given(planted())
@examples(150)
def test_nothing_that_was_planted_anywhere_is_written(example: tuple[Exchange, list[str]]) -> None:
    exchange, plants = example
    scrubbed = scrubber().exchange(exchange)
    text = text_of(scrubbed)
    for plant in plants:
        assert plant.lower() not in text.lower()
    assert KEY not in dumps(Recording("pauseCampaign", "success", "live", "", "", [scrubbed]))
    assert "zq" not in text.lower(), "part of what was planted"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phone", 491711234567),
        ("password", 12345678),
        ("password", ["one", {"two": "active"}]),
        ("headers", {"X-Crm": "active", "Authorization": "campaign"}),
        ("custom_variables", {"born": "1980-02-03", "salary": 64000, "plan": "active"}),
        ("company_name", "Internet"),
        ("subject", "active"),
        (FIELD, "active"),
        (FIELD, {"status": "active", "when": MOMENT, "count": 12}),
        ("imap_password", "active"),
    ],
)
def test_where_something_personal_stands_not_even_what_looks_harmless_stays(field: str, value: Any) -> None:
    (told,) = scrubber().json({field: value}).values()
    assert leaves(told).isdisjoint(leaves(value))


def leaves(value: Any) -> set[Any]:
    if isinstance(value, dict):
        return {leaf for inner in value.values() for leaf in leaves(inner)}
    if isinstance(value, list):
        return {leaf for inner in value for leaf in leaves(inner)}
    return {value}


def test_headers_that_say_nothing_to_the_client_are_left_out() -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Accept": "application/json", "X-As-Workspace": ID, "Server": "x"}
    told = {"Set-Cookie": "a=b", "Content-Type": "text/html; charset=UTF-8", "Retry-After": "30", "Allow": "GET, POST"}
    scrubbed = scrubber().exchange(exchange(request_headers=headers, headers=told))
    assert scrubbed.request_headers == {"accept": "application/json", "x-as-workspace": ID}
    assert scrubbed.headers == {"content-type": "text/html; charset=UTF-8", "retry-after": "30", "allow": "GET, POST"}


def test_the_address_of_the_service_is_always_the_same() -> None:
    assert scrubber().exchange(exchange("http://127.0.0.1:8080/api/v2/campaigns?limit=2")).uri == (
        f"{URL}/campaigns?limit=2"
    )


def test_what_would_still_hold_the_key_or_an_address_is_not_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Leak, match="key") as leak:
        Scrubber("unauthorized", salt=b"").exchange(exchange(told={"message": "unauthorized"}))
    assert "unauthorized" not in str(leak.value)
    monkeypatch.setattr(Pseudonyms, "email", lambda self, value: value)
    with pytest.raises(Leak, match="address"):
        scrubber().exchange(exchange(told={"email": "ada@example.org"}))


@given(st.text(st.characters(codec="ascii"), min_size=8), st.binary(), st.binary())
@examples(100)
def test_a_key_is_recognised_amid_other_things_in_base64(key: str, before: bytes, after: bytes) -> None:
    whole = base64.b64encode(before + key.encode() + after).decode()
    for text in (whole, whole.replace("+", "-").replace("/", "_"), quote(whole, safe=""), quote(key, safe="")):
        assert any(form in text for form in key_forms(key))


def test_a_key_that_is_base64_is_recognised_by_what_is_in_it_too() -> None:
    assert any(form in base64.b64decode(KEY + "==").decode() + "x" for form in key_forms(KEY)) is False
    assert any(form in base64.b64encode(b"user:" + base64.b64decode(KEY)).decode() for form in key_forms(KEY))


# --- what stays ---


def test_what_tells_of_nobody_stays() -> None:
    body = {
        "id": ID,
        "organization": ID,
        "status": "active",
        "timestamp_created": MOMENT,
        "timestamp_last_contact": MOMENT,
        "timing": {"from": "09:00", "to": "17:00"},
        "days": {"1": True},
        "timezone": "Europe/Belgrade",
        "daily_limit": 123456,
        "code": "FST_ERR_VALIDATION",
        "message": "body/leads/0 must have required property 'email'",
        "next_starting_after": "697b3de260ff8212feea2fc7",
        "key": "",
        "note": None,
    }
    assert scrubber().json(body) == {**{name: value for name, value in body.items() if name != "note"}, **NOTE}


NOTE = {scrubber()._field("note")[0]: None}


def test_of_a_refusal_the_words_of_the_service_stay() -> None:
    told = scrubber().prose(f"Lead Zora (zora@acme.org) not found at 10.1.2.3 {MOMENT}: https://acme.org/x")
    lead, email = "Lead", Pseudonyms(b"pepper").email("zora@acme.org")
    assert told.startswith(f"{lead} {REDACTED} ({email}) not found at 198.18.")
    assert f" {MOMENT}: https://" in told
    assert scrubber().prose("error code: 1010") == "error code: 1010"


def test_stand_ins_are_of_the_form_of_what_they_stand_for() -> None:
    told = scrubber().json(
        {
            "email": "Ada@Acme.org",
            "website": "https://acme.org/private?x=1",
            "company_domain": "acme.org",
            "phone": "+49 171 1234567",
            "ip_address": "10.1.2.3",
            "html": "<p>Dear Ada</p>",
            "first_name": "Ada",
            "message_id": "<1@acme.org>",
        }
    )
    domain = told["company_domain"]
    assert domain.endswith(".example.com")
    assert told["email"].endswith(f"@{domain}")
    assert told["website"].startswith(f"https://{domain}/")
    assert told["phone"].startswith("+1555")
    assert told["ip_address"].startswith("198.18.")
    assert told["html"].startswith("<p>")
    assert told["message_id"].startswith("<")
    assert told["message_id"].endswith(f"@{domain}>")


def test_ids_are_replaced_where_that_is_asked_for() -> None:
    asked = scrubber(ids=True)
    scrubbed = asked.exchange(
        exchange(f"{URL}/campaigns/{ID}", told={"id": ID, "next_starting_after": "697b3de260ff8212feea2fc7"})
    )
    told = scrubbed.json()
    assert told["id"] != ID
    assert len(told["next_starting_after"]) == 24
    assert scrubbed.uri == f"{URL}/campaigns/{told['id']}"
    assert scrubber().exchange(exchange(f"{URL}/campaigns/{ID}", told={"id": ID})).json()["id"] == ID


# --- who is the same ---


def test_the_same_person_is_the_same_everywhere() -> None:
    ada = "ada@acme.org"
    scrubbed = scrubber().exchange(
        exchange(
            f"{URL}/accounts/{quote(ada)}?starting_after={quote(f'{MOMENT}&{ada}', safe='')}&search=ADA%40acme.org",
            sent={"emails": [ada], "search": ada},
            told={
                "items": [{"email": ada, "name": "Ada"}],
                "next_starting_after": f"{MOMENT}&{ada}",
                ada: {"name": "Ada"},
            },
        )
    )
    told = scrubbed.json()
    stand_in = told["items"][0]["email"]
    assert told["next_starting_after"] == f"{MOMENT}&{stand_in}"
    assert told[stand_in]["name"] == told["items"][0]["name"]
    assert json.loads(scrubbed.request_body) == {"emails": [stand_in], "search": stand_in}
    path, _, query = scrubbed.uri.partition("?")
    assert unquote(path) == f"{URL}/accounts/{stand_in}"
    assert query == f"starting_after={quote(f'{MOMENT}&{stand_in}', safe='')}&search={quote(stand_in)}"


@given(st.lists(st.text(min_size=1), unique=True, max_size=50))
@examples(50)
def test_others_are_others(values: list[str]) -> None:
    given = Pseudonyms(b"pepper")
    stand_ins = [given.word(value) for value in values]
    assert len(set(stand_ins)) == len(values)
    assert stand_ins == [given.word(value) for value in values]


def test_who_does_not_know_the_salt_cannot_tell_by_trial() -> None:
    assert Pseudonyms(b"one").email("ada@acme.org") != Pseudonyms(b"other").email("ada@acme.org")


# --- what is left ---

SAMPLE = [
    (name, recording)
    for name, recording in recordings(RECORDINGS)
    if recording.case not in ("401", "402", "403", "404", "429")
]


@pytest.mark.slow
def test_what_is_scrubbed_still_fits_the_document_and_the_client() -> None:
    own = scrubber()
    for name, recording in SAMPLE:
        for each in recording.exchanges:
            scrubbed = own.exchange(each)
            assert check(recording.operation, scrubbed) == [], name
            assert own.exchange(scrubbed).status == each.status


@pytest.mark.parametrize("resource", ["accounts", "campaigns", "leads", "emails", "webhooks", "block_list_entries"])
def test_what_is_scrubbed_can_still_be_replayed(resource: str, tmp_path: Path) -> None:
    own = scrubber()
    for name, recording in SAMPLE:
        if name.startswith(f"{resource}/"):
            scrubbed = Recording(
                recording.operation, recording.case, "live", "", "", list(map(own.exchange, recording.exchanges))
            )
            write(tmp_path / name, scrubbed)
            assert replay(tmp_path / name, "sync") == []
