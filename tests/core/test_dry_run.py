"""In a dry run reads go out; writes are built, checked, logged and raise `DryRun`, and nothing of them is sent."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
from typing import Any

import httpx
import pytest

from instantly_client import AsyncInstantly, BulkAddProgress, DryRun, Instantly, errors
from instantly_client.resources import campaigns, leads
from instantly_contract.calls import call, located
from instantly_core import Operation
from instantly_core.call.guards import Paid
from instantly_core.call.retry import is_safe
from tests.contract.service import OPERATIONS, arguments
from tests.core.engine import COUNT, CREATE, DELETE, EXPORT, GET, ID, LIST, PAUSE, SEARCH, UPDATE, Engine, Script

PERSON = "jo@example.com"
BUILD: Operation[Any] = Operation("build", "POST", "/api/v2/robots/build", paid=Paid("build robots", "trial"))


def dry(engine: Engine, script: Script) -> Any:
    return engine.client(script, dry_run=True)


@pytest.mark.parametrize("operation", [GET, LIST, SEARCH, COUNT, EXPORT], ids=lambda operation: operation.name)
def test_reads_go_out(engine: Engine, operation: Operation[Any]) -> None:
    script = Script({"items": []})
    client = dry(engine, script)
    if operation.cursor:
        assert engine.items(client.page(operation)) == []
    else:
        engine.call(client, operation, (ID,) if "{" in operation.path else ())
    assert len(script.requests) == 1


@pytest.mark.parametrize("view", ["", "with_raw_response", "with_streaming_response"])
@pytest.mark.parametrize("operation", [CREATE, UPDATE, DELETE, PAUSE], ids=lambda operation: operation.name)
def test_writes_do_not(engine: Engine, operation: Operation[Any], view: str) -> None:
    script = Script()
    client = dry(engine, script)
    client = getattr(client, view) if view else client
    with pytest.raises(DryRun) as caught:
        engine.result(client.call(operation, (ID,) if "{" in operation.path else (), {"a": [1, 2], "b": "x"}, {"c": 3}))
    run = caught.value
    assert (run.operation, run.method) == (operation.name, operation.method)
    assert run.path == operation.path.replace("{id}", ID)
    assert (run.query, run.body) == ({"a": ["1", "2"], "b": "x"}, {"c": 3})
    assert not script.requests


def test_nobody_who_tries_again_after_an_error_takes_it_for_one() -> None:
    assert not issubclass(DryRun, errors.InstantlyError)
    run = pickle.loads(pickle.dumps(DryRun("would", operation="o", method="POST", path="/x", query={"a": 1}, body=[2])))
    assert (str(run), run.operation, run.method, run.path) == ("would", "o", "POST", "/x")
    assert (run.query, run.body) == ({"a": 1}, [2])


def test_neither_the_log_nor_the_text_has_values_or_ids(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    body = {"leads": [{"email": PERSON}] * 3, "campaign": ID, "note": PERSON}
    with caplog.at_level(logging.INFO, "instantly_client"), pytest.raises(DryRun) as caught:
        engine.call(dry(engine, Script()), UPDATE, (ID,), {"search": PERSON}, body)
    assert caplog.messages == ["would PATCH /api/v2/robots/{id} with search, leads (3), campaign, note"]
    assert str(caught.value) == caplog.messages[0]
    assert caught.value.body == body


def test_what_cannot_be_sent_is_refused_in_a_dry_run_too(engine: Engine) -> None:
    client = dry(engine, Script())
    with pytest.raises(ValueError, match=r"(?i)nan|float"):
        engine.call(client, CREATE, (), None, {"a": float("nan")})
    with pytest.raises(ValueError, match="another resource"):
        engine.call(client, PAUSE, ("..",))


def test_a_request_by_method_and_path_is_a_write_unless_it_is_known_to_be_none(engine: Engine) -> None:
    script = Script({})
    client = dry(engine, script)
    engine.result(client.request("GET", "/api/v2/robots"))
    engine.result(client.request("POST", "/api/v2/robots/count", safe=True))
    assert len(script.requests) == 2
    with pytest.raises(DryRun) as caught:
        engine.result(client.request("POST", f"/api/v2/robots/{PERSON}", query={"a": 1}, json={"b": 2}))
    assert str(caught.value) == "would POST /api/v2/robots/… with a, b"
    assert (caught.value.operation, caught.value.path) == ("request", f"/api/v2/robots/{PERSON}")
    assert len(script.requests) == 2


def test_a_request_by_method_and_path_is_the_operation_of_the_document() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={"items": []})

    with Instantly(api_key="k", transport=httpx.MockTransport(answer), dry_run=True) as client:
        client.request("POST", leads.LIST.path, json={})  # A POST that reads, as the library knows.
        assert len(sent) == 1
        with pytest.raises(DryRun) as caught:
            client.request("POST", campaigns.PAUSE.path.replace("{id}", ID), safe=True)
    assert str(caught.value) == f"would POST {campaigns.PAUSE.path}"
    assert caught.value.operation == campaigns.PAUSE.name
    assert len(sent) == 1


def test_asking_for_a_price_is_a_read(engine: Engine) -> None:
    script = Script(httpx.Response(200))
    client = dry(engine, script)
    engine.call(client, BUILD, body={"trial": True})
    assert len(script.requests) == 1
    with pytest.raises(DryRun):
        engine.call(client, BUILD, body={"trial": False})
    assert len(script.requests) == 1


def test_each_operation_is_sent_or_not() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(400)

    with Instantly(api_key="k", transport=httpx.MockTransport(answer), dry_run=True, limiter=None) as client:
        for name in OPERATIONS:
            _, _, operation = located()[name]
            path, query, body = arguments(name)
            safe = is_safe(operation.method, operation.safe)
            with pytest.raises(errors.ValidationError if safe else DryRun):
                call(client, name, path, query, body)
            assert len(sent) == safe, name
            sent.clear()


def test_a_view_can_be_one(engine: Engine) -> None:
    script = Script({})
    client = engine.client(script)
    with pytest.raises(DryRun):
        engine.call(client.with_options(dry_run=True), CREATE)
    with pytest.raises(DryRun):
        engine.call(client.with_options(dry_run=True).for_workspace("w"), CREATE)
    engine.call(client.with_options(dry_run=True).with_options(dry_run=False), CREATE)
    engine.call(client, CREATE)
    assert len(script.requests) == 2
    assert "dry_run=True" in repr(client.with_options(dry_run=True))
    assert "dry_run" not in repr(client)


@pytest.mark.parametrize(
    ("text", "runs_dry"),
    [("1", True), (" TRUE ", True), ("yes", True), ("on", True), ("0", False), ("false", False), ("", False)],
)
def test_the_environment_can_ask_for_one(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, text: str, runs_dry: bool
) -> None:
    monkeypatch.setenv("INSTANTLY_DRY_RUN", text)
    script = Script({})
    client = engine.client(script)
    if runs_dry:
        with pytest.raises(DryRun):
            engine.call(client, CREATE)
        engine.call(client.with_options(dry_run=False), CREATE)
    else:
        engine.call(client, CREATE)
    engine.call(engine.client(script, dry_run=False), CREATE)
    assert len(script.requests) == 2


@pytest.mark.parametrize("kind", [Instantly, AsyncInstantly])
def test_an_environment_that_cannot_be_understood_is_refused(
    monkeypatch: pytest.MonkeyPatch, kind: type[Instantly]
) -> None:
    monkeypatch.setenv("INSTANTLY_DRY_RUN", "maybe")
    with pytest.raises(errors.ConfigurationError, match="INSTANTLY_DRY_RUN must be 1 or 0") as caught:
        kind(api_key="k")
    assert "maybe" not in str(caught.value)


# Many leads at once.


@pytest.mark.parametrize("kind", [Instantly, AsyncInstantly])
@pytest.mark.parametrize("iterator", [False, True])
def test_all_requests_of_many_leads_are_checked_before_it_says_so_once(
    caplog: pytest.LogCaptureFixture, kind: type[Any], iterator: bool
) -> None:
    people = [{"email": f"{number}@example.com"} for number in range(25)]
    client: Any = kind(api_key="k", transport=httpx.MockTransport(lambda request: httpx.Response(500)), dry_run=True)
    reported: list[Any] = []

    async def add() -> None:
        added = client.leads.add_many(
            iter(people) if iterator else people, campaign_id=ID, chunk_size=10, on_progress=reported.append
        )
        if kind is AsyncInstantly:
            await added

    with caplog.at_level(logging.INFO, "instantly_client"), pytest.raises(DryRun) as caught:
        asyncio.run(add())
    path = leads.BULK_ADD.path
    assert str(caught.value) == f"would POST {path} in 3 requests, with 25 leads"
    assert caplog.messages == [f"would POST {path} with campaign_id, leads ({count})" for count in (10, 10, 5)]
    assert caught.value.operation == leads.BULK_ADD.name
    assert caught.value.body == {"campaign_id": ID, "leads": people[:10]}
    assert reported == []


def test_what_cannot_be_sent_stops_many_leads_in_a_dry_run_too() -> None:
    people: list[Any] = [*({"email": f"{number}@example.com"} for number in range(15)), {"email": b"jo@example.com"}]
    with Instantly(api_key="k", transport=httpx.MockTransport(lambda request: httpx.Response(500)), dry_run=True) as c:
        with pytest.raises(errors.BulkAddError) as caught:
            c.leads.add_many(people, campaign_id=ID, chunk_size=10)
        assert not caught.value.progress.in_doubt
        assert caught.value.progress.confirmed == 0


def test_progress_stays_as_it_was() -> None:
    people = [{"email": f"{number}@example.com"} for number in range(12)]
    progress: BulkAddProgress[Any] = BulkAddProgress(confirmed=5)
    requests: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(json.loads(request.content))
        return httpx.Response(200, json={"status": "success"})

    with Instantly(api_key="k", transport=httpx.MockTransport(answer), limiter=None) as client:
        with pytest.raises(DryRun, match=r"in 1 request, with 7 leads$"):
            client.with_options(dry_run=True).leads.add_many(people, campaign_id=ID, progress=progress)
        assert (progress.confirmed, progress.in_doubt) == (5, False)
        client.leads.add_many(people, campaign_id=ID, progress=progress)
    assert [len(request["leads"]) for request in requests] == [7]
