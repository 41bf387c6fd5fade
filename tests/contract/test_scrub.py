"""What is nobody's business never reaches a recording, wherever it stood."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly_sandbox.document import pinned
from instantly_sandbox.validation import validator
from tests.contract import cassettes
from tests.contract.cassettes import Exchange, Recording
from tests.contract.check import check
from tests.contract.scrub import LeakError, Scrubber
from tests.pipeline.settings import STEADY

KEY = base64.b64encode(b"0198f0a2-3c7b:very-secret-part").decode()
ADDRESS = "ada.byron@private-mail.org"
PLANTED = (
    KEY,
    ADDRESS,
    "Ada Byron",
    "Analytical Engines Ltd",
    "+44 20 7946 0958",
    "tok_9f8e7d6c5b4a39281706",
    "Meet me at the fountain at noon",
    "<p>Dear <b>Ada</b>, your invoice</p>",
    "203.0.113.77",
    "https://ada:hunter2@private-host.org/in?token=tok_9f8e7d6c5b4a39281706",
)
# Parts by which somebody would know them again.
TRACES = (
    *("very-secret-part", "ada.byron", "private-mail", "Byron", "Analytical", "7946", "tok_9f8e", "fountain"),
    *("invoice", "203.0.113.77", "hunter2", "private-host", KEY[:16], quote(KEY, safe="")),
)
FIELDS = st.sampled_from(
    [
        "email",
        "first_name",
        "company_name",
        "phone",
        "body",
        "subject",
        "payload",
        "headers",
        "api_key",
        "notes",
        "x",
        "id",
    ]
)
VALUES = st.one_of(
    st.sampled_from(PLANTED),
    st.tuples(st.sampled_from(PLANTED), st.sampled_from(PLANTED)).map(" and ".join),
    st.integers(0, 9999),
    st.none(),
)
TREES = st.recursive(
    VALUES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(FIELDS, st.sampled_from(PLANTED)), inner, max_size=4)
    ),
    max_leaves=8,
)
PATHS = st.sampled_from(
    ["/api/v2/accounts/{}", "/api/v2/leads/{}", "/api/v2/emails?search={}", "/elsewhere/{}?{}=1&sig={}"]
)


def scrubber() -> Scrubber:
    return Scrubber(KEY, salt=b"salt")


def written(exchange: Exchange) -> str:
    return cassettes.dumps(Recording("getLead", "success", "live", "2026-11-22", "0" * 64, [exchange]))


def exchange(uri: str = "https://api.instantly.ai/api/v2/leads", body: Any = None, **headers: str) -> Exchange:
    kind = {"content-type": "application/json"}
    return Exchange("GET", uri, {**kind, **headers}, b"", 200, kind, json.dumps(body).encode())


@STEADY
@given(PATHS, st.lists(st.sampled_from(PLANTED), min_size=3, max_size=3), TREES, TREES)
def test_nothing_planted_is_found(path: str, planted: list[str], sent: Any, told: Any) -> None:
    uri = "https://api.instantly.ai" + path.format(*(quote(one, safe="") for one in planted))
    headers = {"authorization": f"Bearer {KEY}", "cookie": f"session={planted[0]}", "x-note": planted[1]}
    given = Exchange(
        *("POST", uri, {**headers, "content-type": "application/json"}, json.dumps(sent).encode()),
        *(200, {"set-cookie": planted[2], "content-type": "application/json"}, json.dumps(told).encode()),
    )
    text = written(scrubber().exchange(given))
    assert [trace for trace in TRACES if trace in text] == []


@pytest.mark.parametrize("planted", PLANTED)
@pytest.mark.parametrize("kind", ["text/plain", "text/html", "text/csv", "application/json"])
def test_texts_that_are_no_json_keep_nothing_either(planted: str, kind: str) -> None:
    body = f"id,email,note\n1,{planted},Refused for {planted}".encode()
    given = Exchange("GET", "https://api.instantly.ai/api/v2/leads", {}, b"", 403, {"content-type": kind}, body)
    text = written(scrubber().exchange(given))
    assert [trace for trace in TRACES if trace in text] == []


def test_the_same_person_has_the_same_pseudonym_everywhere() -> None:
    one = scrubber()
    body = {
        "items": [{"email": ADDRESS}, {"email": "other@private-mail.org"}],
        "next_starting_after": f"2026-03-01T09:00:00.000Z&{ADDRESS}",
    }
    first = json.loads(one.exchange(exchange(body=body)).body)
    pseudonym = first["items"][0]["email"]
    assert pseudonym != first["items"][1]["email"]
    assert first["next_starting_after"] == f"2026-03-01T09:00:00.000Z&{pseudonym}"
    path = one.exchange(exchange(f"https://api.instantly.ai/api/v2/accounts/{quote(ADDRESS)}")).uri
    assert path == f"https://api.instantly.ai/api/v2/accounts/{quote(pseudonym, safe='')}"
    assert Scrubber(KEY, salt=b"another").text(ADDRESS, "email") != pseudonym


def test_ids_moments_and_numbers_stay() -> None:
    row = {"id": "019cc043-aee6-7ae9-a545-d7de53430e37", "timestamp_created": "2026-03-01T09:00:00.000Z", "status": 1}
    assert json.loads(scrubber().exchange(exchange(body=row)).body) == row


def test_what_is_scrubbed_still_fits_the_document() -> None:
    for _, recording in cassettes.recordings():
        if recording.case not in ("success", "first-page"):
            continue
        (given,) = recording.exchanges
        scrubbed = scrubber().exchange(given)
        assert check(recording.operation, scrubbed) == [], recording.operation
        schema = pinned().operations[recording.operation].success[2]
        if schema and "json" in scrubbed.headers.get("content-type", ""):
            errors = [error.message for error in validator(pinned(), schema).iter_errors(scrubbed.json())]
            assert errors == [], recording.operation


def test_a_leak_that_was_overlooked_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    one = scrubber()
    monkeypatch.setattr(one, "body", lambda body, headers: body)
    for secret in (KEY, ADDRESS):
        with pytest.raises(LeakError) as error:
            one.exchange(exchange(body={"note": secret}))
        assert secret not in str(error.value)
