"""A delivery counts only with the secret header, in whatever form a framework has the headers."""

from __future__ import annotations

import email.message
import hmac
from collections.abc import Callable
from importlib import import_module
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from starlette.datastructures import Headers

from instantly_client import errors, webhooks
from instantly_core.webhooks import verification

SECRET = "correct horse"
Pairs = list[tuple[str, str]]


def django_request(pairs: Pairs) -> Any:
    request = import_module("django.http").HttpRequest()
    for name, value in pairs:
        request.META["HTTP_" + name.upper().replace("-", "_")] = value
    return request


def message(pairs: Pairs) -> email.message.Message:
    found = email.message.Message()
    for name, value in pairs:
        found[name] = value
    return found


FORMS: dict[str, Callable[[Pairs], Any]] = {
    "dict": dict,
    "pairs": list,
    "ASGI": lambda pairs: [(name.lower().encode(), value.encode()) for name, value in pairs],
    "http.server": message,
    "httpx": httpx.Headers,
    "lists of values": lambda pairs: {name: [value] for name, value in pairs},
    "Starlette": lambda pairs: Headers(raw=FORMS["ASGI"](pairs)),
    "Django": lambda pairs: django_request(pairs).headers,
    "Django's META": lambda pairs: django_request(pairs).META,
}


@pytest.fixture(autouse=True, scope="module")
def django_is_configured() -> None:
    settings = import_module("django.conf").settings
    if not settings.configured:
        settings.configure()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["X-Webhook-Secret", "x-webhook-secret", "X-WEBHOOK-SECRET"])
def test_the_secret_is_found_in_the_headers_of_each_framework(form: str, name: str) -> None:
    webhooks.verify(FORMS[form]([("Content-Type", "application/json"), (name, SECRET)]), SECRET)
    with pytest.raises(errors.WebhookVerificationError, match="X-Webhook-Secret of the delivery is wrong"):
        webhooks.verify(FORMS[form]([(name, SECRET + "x")]), SECRET)
    with pytest.raises(errors.WebhookVerificationError, match="has no header X-Webhook-Secret"):
        webhooks.verify(FORMS[form]([("X-Other", SECRET)]), SECRET)


def test_the_header_may_have_any_name() -> None:
    webhooks.verify({"AUTHORIZATION": "Bearer abc"}, "Bearer abc", header="Authorization")
    webhooks.verify([("x_hook", "abc")], "abc", header="X-Hook")


@pytest.mark.parametrize(
    "headers",
    [
        [("X-Webhook-Secret", SECRET), ("x-webhook-secret", SECRET)],
        [(b"x-webhook-secret", b"wrong"), (b"x-webhook-secret", SECRET.encode())],
        {"X-Webhook-Secret": SECRET, "X_Webhook_Secret": SECRET},
        {"X-Webhook-Secret": [SECRET, "wrong"]},
        message([("X-Webhook-Secret", SECRET), ("X-Webhook-Secret", SECRET)]),
        Headers(raw=[(b"x-webhook-secret", SECRET.encode())] * 2),
        httpx.Headers([("X-Webhook-Secret", SECRET), ("X-Webhook-Secret", SECRET)]),
    ],
)
def test_a_repeated_header_is_refused(headers: Any) -> None:
    with pytest.raises(errors.WebhookVerificationError):
        webhooks.verify(headers, SECRET)


@pytest.mark.parametrize("secret", ["", None, [], [None], ["new", ""], " x", "x\n", "naïve", b"bytes", 17])
def test_a_secret_that_protects_nothing_is_a_mistake_of_the_configuration(secret: Any) -> None:
    with pytest.raises((errors.ConfigurationError, TypeError)) as caught:
        webhooks.verify({"X-Webhook-Secret": ""}, secret)
    assert "naïve" not in str(caught.value)


@pytest.mark.parametrize("secret", ["", None])
def test_a_secret_that_is_not_set_says_so(secret: str | None) -> None:
    with pytest.raises(errors.ConfigurationError, match="it is empty or None; set it"):
        webhooks.verify({"X-Webhook-Secret": "guess"}, secret)


@pytest.mark.parametrize("secret", [b"bytes", 17, SecretStr("secret")])
def test_a_secret_of_another_type_is_named_with_its_type(secret: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match=f"not of type {type(secret).__name__}"):
        webhooks.verify({"X-Webhook-Secret": "secret"}, secret)


def test_a_header_without_a_value_is_missing() -> None:
    with pytest.raises(errors.WebhookVerificationError, match="has no header"):
        webhooks.verify({"X-Webhook-Secret": None}, "None")


@pytest.mark.parametrize("header", ["", "X Secret", "X-Secret:", "ü", None, b"X-Secret"])
def test_the_name_is_one_that_a_header_can_have(header: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match="no name of a header"):
        webhooks.verify({}, SECRET, header=header)


@pytest.mark.parametrize(
    "headers", [None, 17, "X-Webhook-Secret: x", b"x", ["X-Webhook-Secret", "x"], [("a", "b", "c")], [None]]
)
def test_what_no_headers_are_is_a_mistake_of_the_program(headers: Any) -> None:
    with pytest.raises(TypeError, match="headers are a mapping or pairs"):
        webhooks.verify(headers, SECRET)


def test_while_it_is_replaced_the_old_secret_counts_too() -> None:
    for sent in ("old", "new"):
        webhooks.verify({"X-Webhook-Secret": sent}, ["new", "old"])
    with pytest.raises(errors.WebhookVerificationError) as caught:
        webhooks.verify({"X-Webhook-Secret": "guess"}, ["new", "old"])
    assert not any(word in str(caught.value) for word in ("new", "old", "guess"))


def test_the_comparison_takes_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return hmac.compare_digest(one, other)

    monkeypatch.setattr(verification, "compare_digest", compare)
    webhooks.verify({"X-Webhook-Secret": "a"}, ["a", "longer"])
    assert [len(each) for pair in compared for each in pair] == [32] * 4


@given(st.text(st.characters(exclude_categories=())))
def test_only_the_secret_itself_passes(value: str) -> None:
    if value == SECRET:
        return
    with pytest.raises(errors.WebhookVerificationError):
        webhooks.verify({"X-Webhook-Secret": value}, SECRET)
