"""The hand-written help on resources: waiting for jobs and verifications, and adding leads without end."""

from __future__ import annotations

import asyncio
import copy
import json
import math
import pickle
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import closing
from inspect import signature
from itertools import islice
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instantly_client import AsyncInstantly, BulkAddProgress, BulkAddResult, Instantly
from instantly_client.models import BackgroundJobStatus, CreatedLead, LeadBulkAddResult, NewLead
from instantly_core import UNSET, errors
from instantly_core.clock import CLOCK
from instantly_core.stop import Stop
from tests.core.engine import KEY, Engine, Handler, Script

ID = "65f1a2b3c4d5e6f708192a3b"
ADDRESS = "jo.secret@example.org"


def client_of(engine: Engine, handler: Handler, **options: Any) -> Any:
    kind = AsyncInstantly if engine.kind == "async" else Instantly
    transport = httpx.MockTransport(handler)
    client = kind(**{"api_key": KEY, "limiter": None, "max_retries": 0, "transport": transport, **options})
    engine._clients.append(client)
    return client


# Waiting.


class FakeClock:
    """Time that passes by sleeping only."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.pauses: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float, stop: Stop) -> None:
        self.pauses.append(seconds)
        self.time += seconds

    async def sleep_async(self, seconds: float, stop: Stop) -> None:
        self.sleep(seconds, stop)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    fake = FakeClock()
    for name in ("now", "sleep", "sleep_async"):
        monkeypatch.setattr(CLOCK, name, getattr(fake, name))
    return fake


def job(status: Any, **more: Any) -> dict[str, Any]:
    return {"id": ID, "status": status, "progress": 50, **more}


def verification(status: Any) -> dict[str, Any]:
    return {"email": ADDRESS, "verification_status": status, "status": "success"}


def test_a_job_is_looked_at_until_it_has_succeeded(engine: Engine, clock: FakeClock) -> None:
    script = Script(*map(job, ["pending", "in-progress", "draining", "paused", "brand-new", None, 7, ["x"], "success"]))
    seen: list[Any] = []
    client = client_of(engine, script)
    result = engine.result(client.background_jobs.wait(ID, on_progress=seen.append))
    assert result.status is BackgroundJobStatus.SUCCESS
    assert [one.status for one in seen] == [
        "pending", "in-progress", "draining", "paused", "brand-new", None, 7, ["x"], "success"
    ]  # fmt: skip
    assert seen[-1] is result
    assert {request.url.path for request in script.requests} == {f"/api/v2/background-jobs/{ID}"}
    assert len(script.requests) == 9
    assert len(clock.pauses) == 8


@pytest.mark.parametrize("answer", [None, [], "text", {}])
def test_an_odd_answer_is_no_end(engine: Engine, clock: FakeClock, answer: Any) -> None:
    script = Script(httpx.Response(200, content=json.dumps(answer)), job("success"))
    assert engine.result(client_of(engine, script).background_jobs.wait(ID)).status == "success"


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_a_job_that_failed(engine: Engine, clock: FakeClock, status: str) -> None:
    seen: list[Any] = []
    client = client_of(engine, Script(job("pending"), job(status, data={"reason": "no"})))
    with pytest.raises(errors.JobFailedError, match=f"(?m)^Background job {ID}: {status}$") as caught:
        engine.result(client.background_jobs.wait(ID, on_progress=seen.append))
    assert caught.value.job is seen[-1]
    for other in (pickle.loads(pickle.dumps(caught.value)), copy.deepcopy(caught.value)):
        assert type(other) is errors.JobFailedError
        assert str(other) == str(caught.value)
        assert other.job == caught.value.job


def test_the_pauses_grow_and_end_with_the_time(engine: Engine, clock: FakeClock) -> None:
    script = Script(job("in-progress"))
    with pytest.raises(errors.WaitTimeoutError, match="still in-progress after 60 s") as caught:
        engine.result(client_of(engine, script).background_jobs.wait(ID, timeout=60, poll=2))
    assert isinstance(caught.value, TimeoutError)
    assert isinstance(caught.value, errors.InstantlyError)
    assert caught.value.last.status == "in-progress"
    assert pickle.loads(pickle.dumps(caught.value)).last == caught.value.last
    assert clock.time == pytest.approx(1060)
    assert clock.pauses[0] == 2
    assert all(before <= after <= 1.5 * before for before, after in zip(clock.pauses, clock.pauses[1:-1], strict=False))
    assert max(clock.pauses) == 10
    assert clock.pauses[-1] <= 10
    assert len(script.requests) == len(clock.pauses) + 1


@pytest.mark.slow
@given(timeout=st.floats(0, 1000), poll=st.floats(0.5, 100), slow=st.floats(0, 30))
@settings(max_examples=50, deadline=None)
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_no_pause_exceeds_the_time_left(kind: str, timeout: float, poll: float, slow: float) -> None:
    fake = FakeClock()

    def answer(request: httpx.Request) -> httpx.Response:
        fake.time += slow
        return httpx.Response(200, json=job("pending"))

    with pytest.MonkeyPatch.context() as patch, closing(Engine(kind)) as engine:
        for name in ("now", "sleep", "sleep_async"):
            patch.setattr(CLOCK, name, getattr(fake, name))
        with pytest.raises(errors.WaitTimeoutError):
            engine.result(client_of(engine, answer).background_jobs.wait(ID, timeout=timeout, poll=poll))
    assert all(0 < pause <= 5 * poll for pause in fake.pauses)
    assert fake.time - 1000 <= timeout + slow + 1e-6
    assert sum(fake.pauses) <= timeout + 1e-6


def test_no_time_is_one_look(engine: Engine, clock: FakeClock) -> None:
    script = Script(job("pending"))
    with pytest.raises(errors.WaitTimeoutError):
        engine.result(client_of(engine, script).background_jobs.wait(ID, timeout=0))
    assert len(script.requests) == 1
    assert clock.pauses == []
    done = Script(job("success"))
    assert engine.result(client_of(engine, done).background_jobs.wait(ID, timeout=0)).status == "success"


def test_waiting_for_ever(engine: Engine, clock: FakeClock) -> None:
    script = Script(*[job("pending")] * 500, job("success"))
    engine.result(client_of(engine, script).background_jobs.wait(ID, timeout=math.inf))
    assert len(script.requests) == 501


@pytest.mark.parametrize("resource", ["background_jobs", "email_verifications"])
@pytest.mark.parametrize(
    "arguments",
    [{"timeout": -1}, {"timeout": math.nan}, {"poll": 0}, {"poll": -1}, {"poll": math.inf}, {"poll": math.nan}],
)
def test_times_that_cannot_be(engine: Engine, resource: str, arguments: dict[str, float]) -> None:
    script = Script(job("success"))
    with pytest.raises(ValueError, match="must be a"):
        engine.result(getattr(client_of(engine, script), resource).wait(ID, **arguments))
    assert script.requests == []


def test_a_failure_to_look_is_raised_as_it_is(engine: Engine, clock: FakeClock) -> None:
    script = Script(job("pending"), httpx.Response(404, json={"message": "gone"}))
    with pytest.raises(errors.NotFoundError):
        engine.result(client_of(engine, script).background_jobs.wait(ID))


@pytest.mark.parametrize("status", ["verified", "invalid", "risky"])
def test_a_verification_is_looked_at_until_there_is_a_result(engine: Engine, clock: FakeClock, status: str) -> None:
    script = Script(verification("pending"), {"email": ADDRESS}, verification(None), verification(status))
    seen: list[Any] = []
    result = engine.result(client_of(engine, script).email_verifications.wait(ADDRESS, on_progress=seen.append))
    assert result.verification_status == status
    assert result is seen[-1]
    assert [request.method for request in script.requests] == ["GET"] * 4
    assert script.requests[0].url.path == f"/api/v2/email-verification/{ADDRESS}"


def test_a_verification_that_takes_too_long(engine: Engine, clock: FakeClock) -> None:
    with pytest.raises(errors.WaitTimeoutError, match=r"(?m)^Email verification: still pending after 30 s$") as caught:
        engine.result(
            client_of(engine, Script(verification("pending"))).email_verifications.wait(ADDRESS, timeout=30, poll=1)
        )
    assert caught.value.last.email == ADDRESS
    assert ADDRESS not in str(caught.value) + repr(caught.value)
    assert clock.time == pytest.approx(1030)
    assert max(clock.pauses) == 5


def test_real_time_passes(engine: Engine) -> None:
    script = Script(job("pending"), job("pending"), job("success"))
    before = CLOCK.now()
    engine.result(client_of(engine, script).background_jobs.wait(ID, poll=0.01))
    assert CLOCK.now() - before >= 0.02


@pytest.mark.parametrize(
    ("resource", "method", "wrong", "right"),
    [
        ("background_jobs", "wait", {"timeuot": 1}, "timeout"),
        ("email_verifications", "wait", {"pol": 1}, "poll"),
        ("leads", "add_many", {"campain_id": ""}, "campaign_id"),
    ],
)
def test_the_argument_that_was_meant_is_named(
    engine: Engine, resource: str, method: str, wrong: dict[str, Any], right: str
) -> None:
    client = client_of(engine, Script({}))
    with pytest.raises(TypeError, match=f"did you mean '{right}'"):
        engine.result(getattr(getattr(client, resource), method)("x", **wrong))


# Adding leads.

CREATED_FIELDS = {"first_name": None, "last_name": None, "phone": None}
OK, REFUSED, NOT_SENT, LOST, BROKEN, UNREADABLE = "ok", "refused", "not sent", "lost", "broken", "unreadable"
CARRIED_OUT = {OK, LOST, BROKEN, UNREADABLE}


class Service:
    """Adds leads, and fails as it is set to: one word for each request, then all is well."""

    def __init__(self, *outcomes: str, **more: Any) -> None:
        self._outcomes = list(outcomes)
        self._more = more
        self.added: list[Any] = []
        self.sizes: list[int] = []
        self.bodies: list[Any] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/api/v2/leads/add"
        body = json.loads(request.content)
        self.bodies.append(body)
        outcome = self._outcomes.pop(0) if self._outcomes else OK
        leads = [lead["email"] for lead in body["leads"]]
        if outcome in CARRIED_OUT:
            self.added += leads
            self.sizes.append(len(leads))
        if outcome == OK:
            return httpx.Response(200, json=self.result(leads))
        if outcome == REFUSED:
            return httpx.Response(400, json={"message": "no"})
        if outcome == NOT_SENT:
            raise httpx.ConnectError("no way")
        if outcome == BROKEN:
            return httpx.Response(500, json={})
        if outcome == UNREADABLE:
            return httpx.Response(200, text="<html>")
        raise httpx.ReadError("lost")

    def result(self, leads: list[Any]) -> dict[str, Any]:
        created = [{"index": i, "id": f"id of {lead}", "email": lead} for i, lead in enumerate(leads)]
        return {
            "status": "success", "total_sent": len(leads), "leads_uploaded": len(leads), "in_blocklist": 1,
            "blocklist_used": None, "duplicated_leads": 2, "skipped_count": 3, "invalid_email_count": 4,
            "incomplete_count": 5, "duplicate_email_count": 6, "remaining_in_plan": 10_000 - len(self.added),
            "created_leads": created, **self._more,
        }  # fmt: skip


def emails(count: int) -> list[str]:
    return [f"{number}@example.org" for number in range(count)]


def leads_of(addresses: Iterable[str]) -> Iterator[Any]:
    for number, address in enumerate(addresses):
        yield NewLead(email=address) if number % 2 else {"email": address}


async def async_leads_of(addresses: Iterable[str]) -> AsyncIterator[Any]:
    for lead in leads_of(addresses):
        await asyncio.sleep(0)
        yield lead


def test_all_leads_are_sent_and_the_results_added_up(engine: Engine) -> None:
    service = Service()
    client = client_of(engine, service)
    result = engine.result(client.leads.add_many(leads_of(emails(2500)), campaign_id="c", skip_if_in_list=True))
    assert service.added == emails(2500)
    assert service.sizes == [1000, 1000, 500]
    assert [set(body) for body in service.bodies] == [{"campaign_id", "leads", "skip_if_in_list"}] * 3
    assert (result.status, result.total_sent, result.leads_uploaded) == ("success", 2500, 2500)
    assert (result.in_blocklist, result.duplicated_leads, result.skipped_count) == (3, 6, 9)
    assert (result.invalid_email_count, result.incomplete_count, result.duplicate_email_count) == (12, 15, 18)
    assert result.blocklist_used is None
    assert result.remaining_in_plan == 7500
    assert [lead.index for lead in result.created_leads] == list(range(2500))
    assert [lead.email for lead in result.created_leads] == emails(2500)
    assert "@" not in repr(result)
    assert result.to_dict()["created_leads"][1001]["index"] == 1001


def test_results_and_progress_can_be_named_with_what_they_hold() -> None:
    assert isinstance(BulkAddProgress[CreatedLead]().result, BulkAddResult)
    assert BulkAddResult[CreatedLead]() == BulkAddResult()


def test_every_option_of_a_request_is_passed_on(engine: Engine) -> None:
    options = {
        "campaign_id": "a", "list_id": "b", "blocklist_id": None, "assigned_to": "d", "verify_leads_on_import": True,
        "skip_if_in_workspace": False, "skip_if_in_campaign": True, "skip_if_in_list": False,
    }  # fmt: skip
    service = Service()
    engine.result(client_of(engine, service).leads.add_many([{"email": "a"}], **options))
    assert service.bodies == [{**options, "leads": [{"email": "a"}]}]


@pytest.mark.parametrize("client", [Instantly, AsyncInstantly])
def test_options_have_the_names_and_defaults_of_bulk_add(client: Any) -> None:
    leads = client(api_key="k").leads
    theirs = signature(leads.bulk_add).parameters
    own = {name: each for name, each in signature(leads.add_many).parameters.items() if each.default is UNSET}
    assert own
    assert all(theirs[name].default is UNSET for name in own)


def test_nothing_of_a_result_is_lost(engine: Engine) -> None:
    later = dict.fromkeys(set(LeadBulkAddResult.FIELDS) - set(BulkAddResult.FIELDS), 1)
    service = Service(**later, new_count=2, new_ids=["x"], new_text="t", new_flag=True, skipped_count="odd")
    result = engine.result(client_of(engine, service).leads.add_many(leads_of(emails(6)), chunk_size=2))
    assert result.additional_properties == {
        **dict.fromkeys(later, 3), "new_count": 6, "new_ids": ["x", "x", "x"], "new_text": "t", "new_flag": True
    }  # fmt: skip
    assert result.skipped_count == 0


@pytest.mark.parametrize(
    "answer", [None, [], {}, {"created_leads": None}, {"created_leads": [None, 5, {"index": "x"}]}]
)
def test_an_odd_result_stops_nothing(engine: Engine, answer: Any) -> None:
    script = Script(httpx.Response(200, content=json.dumps(answer)))
    result = engine.result(client_of(engine, script).leads.add_many(leads_of(emails(4)), chunk_size=2))
    assert len(script.requests) == 2
    assert result.total_sent == 0


def test_no_leads_are_no_request(engine: Engine) -> None:
    service = Service()
    client = client_of(engine, service)
    nothings: list[Any] = [[], iter(()), async_leads_of(()) if engine.kind == "async" else ()]
    for nothing in nothings:
        assert engine.result(client.leads.add_many(nothing, list_id="x")) == BulkAddResult()
    assert service.bodies == []


@pytest.mark.parametrize("chunk_size", [0, -1, 1001])
def test_a_chunk_size_that_cannot_be(engine: Engine, chunk_size: int) -> None:
    service, source = Service(), leads_of(emails(3))
    with pytest.raises(ValueError, match="chunk_size must be between 1 and 1000"):
        engine.result(client_of(engine, service).leads.add_many(source, chunk_size=chunk_size))
    assert len(list(source)) == 3
    assert service.bodies == []


@pytest.mark.parametrize("leads", [{"email": "a"}, "text", b"bytes", 5])
def test_what_is_no_iterable_of_leads(engine: Engine, leads: Any) -> None:
    service = Service()
    with pytest.raises(TypeError):
        engine.result(client_of(engine, service).leads.add_many(leads))
    assert service.bodies == []


@pytest.mark.parametrize("asynchronous", [False, True])
def test_leads_are_read_no_sooner_than_needed(engine: Engine, asynchronous: bool) -> None:
    if asynchronous and engine.kind == "sync":
        with pytest.raises(TypeError, match="not iterable"):
            client_of(engine, Service()).leads.add_many(async_leads_of(emails(1)))
        return
    read = 0
    ahead: list[int] = []

    def counted() -> Iterator[str]:
        nonlocal read
        for address in emails(50):
            read += 1
            yield address

    service = Service()
    client = client_of(engine, service)
    source = async_leads_of(counted()) if asynchronous else leads_of(counted())
    engine.result(
        client.leads.add_many(
            source, chunk_size=10, on_progress=lambda progress: ahead.append(read - progress.confirmed)
        )
    )
    assert ahead == [0] * 5
    assert service.added == emails(50)


def test_progress_is_told_after_each_chunk(engine: Engine) -> None:
    told: list[Any] = []

    def note(progress: BulkAddProgress[Any]) -> None:
        told.append((progress.confirmed, progress.result.total_sent, progress.in_doubt, progress.chunk))

    engine.result(client_of(engine, Service()).leads.add_many(leads_of(emails(5)), chunk_size=2, on_progress=note))
    assert told == [(2, 2, False, []), (4, 4, False, []), (5, 5, False, [])]


# Failures of a chunk.


def stopped(engine: Engine, client: Any, leads: Any, **options: Any) -> errors.BulkAddError:
    with pytest.raises(errors.BulkAddError) as caught:
        engine.result(client.leads.add_many(leads, **options))
    assert isinstance(caught.value, errors.InstantlyError)
    return caught.value


@pytest.mark.parametrize(
    ("answer", "cause", "in_doubt"),
    [
        (httpx.Response(400, json={}), errors.ValidationError, False),
        (httpx.Response(401, json={}), errors.AuthenticationError, False),
        (httpx.Response(402, json={}), errors.PaymentRequiredError, False),
        (httpx.Response(403, text="error code: 1010"), errors.EdgeBlockedError, False),
        (httpx.Response(408, json={}), errors.StatusError, True),
        (httpx.Response(429, json={}), errors.RateLimitError, False),
        (httpx.Response(500, json={}), errors.ServerError, True),
        (httpx.Response(524, text="<html>"), errors.ServerError, True),
        (httpx.Response(200, text="<html>"), errors.DecodeError, True),
        (httpx.ConnectError("x"), errors.APIConnectionError, False),
        (httpx.ConnectTimeout("x"), errors.APITimeoutError, False),
        (httpx.PoolTimeout("x"), errors.APITimeoutError, False),
        (httpx.ReadTimeout("x"), errors.APITimeoutError, True),
        (httpx.WriteTimeout("x"), errors.APITimeoutError, True),
        (httpx.RemoteProtocolError("x"), errors.APIConnectionError, True),
        (ZeroDivisionError("x"), errors.APIConnectionError, True),
        (ValueError("x"), errors.APIConnectionError, True),
    ],
)
def test_whether_a_chunk_may_have_been_carried_out(
    engine: Engine, answer: Any, cause: type[Exception], in_doubt: bool
) -> None:
    script = Script({"total_sent": 2, "leads_uploaded": 1}, answer)
    error = stopped(engine, client_of(engine, script), leads_of(emails(10)), chunk_size=2)
    assert len(script.requests) == 2
    assert type(error.__cause__) is cause
    assert error.progress.confirmed == 2
    assert error.progress.in_doubt is in_doubt
    assert (error.progress.result.total_sent, error.progress.result.leads_uploaded) == (2, 1)
    assert error.progress.chunk == list(islice(leads_of(emails(10)), 2, 4))
    assert str(error).startswith("Stopped after 2 leads, the next 2 ")
    assert ("may have been added" in str(error)) is in_doubt
    assert "@" not in str(error) + repr(error) + repr(error.progress)


def test_a_lead_that_cannot_be_sent(engine: Engine) -> None:
    for odd in ({"email": b"bytes"}, {"pl": math.inf}, {"email": object()}):
        service = Service()
        error = stopped(engine, client_of(engine, service), [{"email": "a"}, odd], chunk_size=1)
        assert isinstance(error.__cause__, TypeError | ValueError)
        assert (error.progress.confirmed, error.progress.in_doubt) == (1, False)
        assert service.added == ["a"]


def test_a_closed_client(engine: Engine) -> None:
    client = client_of(engine, Service())
    engine.result(client.close())
    error = stopped(engine, client, leads_of(emails(2)))
    assert isinstance(error.__cause__, errors.ClientClosedError)
    assert error.progress.in_doubt is False


def test_the_engine_repeats_what_is_safe_and_nothing_else(engine: Engine, no_jitter: None) -> None:
    service = Service(NOT_SENT, OK, LOST)
    client = client_of(engine, service, max_retries=2)
    error = stopped(engine, client, leads_of(emails(6)), chunk_size=2)
    assert error.progress.in_doubt
    assert len(service.bodies) == 3
    assert service.added == emails(4)


def test_the_error_can_be_pickled_and_goes_on_in_another_process(engine: Engine) -> None:
    service = Service(OK, REFUSED)
    client = client_of(engine, service)
    error = stopped(engine, client, leads_of(emails(7)), chunk_size=3)
    for other in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert str(other) == str(error)
        assert other.progress == error.progress
        assert other.progress.result.created_leads[2].email == emails(3)[2]
    result = engine.result(
        client.leads.add_many(leads_of(emails(7)), progress=pickle.loads(pickle.dumps(error)).progress)
    )
    assert service.added == emails(7)
    assert [lead.index for lead in result.created_leads] == list(range(7))


def test_a_number_is_enough_to_go_on(engine: Engine) -> None:
    service = Service()
    progress: BulkAddProgress[Any] = BulkAddProgress(confirmed=5)
    engine.result(client_of(engine, service).leads.add_many(leads_of(emails(8)), progress=progress))
    assert service.added == emails(8)[5:]
    assert progress.confirmed == 8
    engine.result(client_of(engine, service).leads.add_many(leads_of(emails(8)), progress=progress))
    assert service.added == emails(8)[5:]


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize("again", [False, True], ids=["the same iterator", "from the first one on"])
def test_a_chunk_in_doubt_is_sent_again_only_if_that_is_said(engine: Engine, carried_out: bool, again: bool) -> None:
    service = Service(OK, LOST)
    client = client_of(engine, service)
    source = leads_of(emails(7))
    progress = stopped(engine, client, source, chunk_size=2).progress
    source = leads_of(emails(7)) if again else source
    for _ in range(2):
        with pytest.raises(ValueError, match=r"say so, or not, with progress.settle\(\)"):
            engine.result(client.leads.add_many(source, progress=progress, chunk_size=2))
    assert len(service.bodies) == 2
    progress.settle(carried_out=carried_out)
    progress.settle(carried_out=not carried_out)  # It is settled.
    result = engine.result(client.leads.add_many(source, progress=progress, chunk_size=2))
    assert service.added == emails(4) + emails(7)[4 if carried_out else 2 :]
    assert progress.confirmed == 7
    assert result.total_sent == (5 if carried_out else 7)


def test_the_rest_of_the_leads(engine: Engine) -> None:
    service = Service(OK, LOST)
    client = client_of(engine, service)
    progress = stopped(engine, client, leads_of(emails(7)), chunk_size=2).progress
    # Who cuts the rest himself has decided about the chunk in doubt.
    engine.result(client.leads.add_many(leads_of(emails(7)[4:]), progress=progress, skip_confirmed=False))
    assert service.added == emails(7)


def test_too_few_leads_to_go_on(engine: Engine) -> None:
    service = Service(OK, OK, REFUSED)
    client = client_of(engine, service)
    progress = stopped(engine, client, leads_of(emails(6)), chunk_size=2).progress
    rest = leads_of(emails(6)[4:])
    for _ in range(2):
        with pytest.raises(ValueError, match="4 leads are confirmed, but there are only"):
            engine.result(client.leads.add_many(rest, progress=progress))
    engine.result(client.leads.add_many(leads_of(emails(6)), progress=progress))
    assert service.added == emails(6)


@pytest.mark.parametrize("asynchronous", [False, True])
def test_leads_that_cannot_be_read(engine: Engine, asynchronous: bool) -> None:
    if asynchronous and engine.kind == "sync":
        return

    def failing() -> Iterator[str]:
        yield from emails(5)
        raise OSError(f"no such {ADDRESS}")

    service = Service()
    client = client_of(engine, service)
    source = (async_leads_of if asynchronous else leads_of)(failing())
    error = stopped(engine, client, source, chunk_size=2)
    assert isinstance(error.__cause__, OSError)
    assert str(error) == "Stopped after 4 leads, the leads could not be read: OSError"
    assert (error.progress.confirmed, error.progress.in_doubt, len(error.progress.chunk)) == (4, False, 1)
    with pytest.raises(ValueError, match="this iterator has failed"):
        engine.result(client.leads.add_many(source, progress=error.progress))
    engine.result(client.leads.add_many(leads_of(emails(7)), progress=error.progress))
    assert service.added == emails(7)


class Interrupted(BaseException):
    pass


def test_an_interruption_leaves_the_progress_behind(engine: Engine) -> None:
    service = Service()
    interrupts = [False, True]

    def answer(request: httpx.Request) -> httpx.Response:
        response = service(request)
        if interrupts and interrupts.pop(0):
            raise Interrupted
        return response

    client = client_of(engine, answer)
    progress: BulkAddProgress[Any] = BulkAddProgress()
    with pytest.raises(Interrupted):
        engine.result(client.leads.add_many(leads_of(emails(7)), chunk_size=2, progress=progress))
    assert (progress.confirmed, progress.in_doubt, len(progress.chunk)) == (2, True, 2)
    progress.settle(carried_out=True)
    engine.result(client.leads.add_many(leads_of(emails(7)), chunk_size=2, progress=progress))
    assert service.added == emails(7)


def test_an_exception_of_the_hook_is_logged_and_stops_nothing(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    def fail(progress: BulkAddProgress[Any]) -> None:
        raise ZeroDivisionError

    service = Service()
    client = client_of(engine, service)
    progress: BulkAddProgress[Any] = BulkAddProgress()
    engine.result(client.leads.add_many(leads_of(emails(5)), chunk_size=2, progress=progress, on_progress=fail))
    assert (progress.confirmed, progress.in_doubt) == (5, False)
    assert service.added == emails(5)
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "on_progress raised an error, which is ignored"
    ]


def too_large(bound: int) -> Any:
    """A service that takes so many bytes."""
    service = Service()

    def answer(request: httpx.Request) -> httpx.Response:
        if len(request.content) > bound:
            return httpx.Response(413, json={"message": "Payload too large"})
        return service(request)

    return service, answer


def test_a_chunk_that_is_too_large_is_halved(engine: Engine) -> None:
    service, answer = too_large(5_000)
    leads = [{"email": email, "personalization": "x" * 100} for email in emails(1_000)]
    sizes: list[int] = []
    client = client_of(engine, answer)
    engine.result(client.leads.add_many(iter(leads), on_progress=lambda progress: sizes.append(progress.confirmed)))
    assert service.added == emails(1_000)
    assert sizes[0] == 31
    assert sizes == sorted(set(sizes))


def test_a_lead_that_is_too_large_by_itself_stops_the_run(engine: Engine) -> None:
    _, answer = too_large(500)
    leads = [{"email": "a"}, {"email": "b"}, {"email": "c", "personalization": "x" * 1000}, {"email": "d"}]
    error = stopped(engine, client_of(engine, answer), leads)
    assert isinstance(error.__cause__, errors.PayloadTooLargeError)
    assert (error.progress.confirmed, error.progress.in_doubt) == (2, False)
    assert error.progress.chunk == [leads[2]]


def test_the_created_leads_are_not_collected_unless_wanted(engine: Engine) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        count = len(json.loads(request.content)["leads"])
        created = [{"index": index, "id": ID, "email": "a"} for index in range(count)]
        return httpx.Response(200, json={"leads_uploaded": count, "created_leads": created, "odd": [1]})

    seen: list[int] = []
    client = client_of(engine, answer)
    result = engine.result(
        client.leads.add_many(
            leads_of(emails(10)),
            chunk_size=4,
            collect=False,
            on_progress=lambda progress: seen.extend(lead.index for lead in progress.latest.created_leads),
        )
    )
    assert (result.leads_uploaded, result.created_leads, result.additional_properties) == (10, [], {})
    assert seen == list(range(10))


def test_a_task_that_is_cancelled() -> None:
    service = Service()

    async def run() -> BulkAddProgress[Any]:
        started = asyncio.Event()

        async def answer(request: httpx.Request) -> httpx.Response:
            response = service(request)
            if len(service.bodies) == 2:
                started.set()
                await asyncio.Event().wait()
            return response

        progress: BulkAddProgress[Any] = BulkAddProgress()
        async with AsyncInstantly(api_key=KEY, limiter=None, transport=httpx.MockTransport(answer)) as client:
            task = asyncio.create_task(client.leads.add_many(leads_of(emails(5)), chunk_size=2, progress=progress))
            await started.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        return progress

    progress = asyncio.run(run())
    assert (progress.confirmed, progress.in_doubt) == (2, True)


# No lead is sent twice and none is lost, wherever it fails and however it goes on.

Make = Callable[[Iterable[str]], Any]
SOURCES: dict[str, Make] = {
    "list": lambda addresses: list(leads_of(addresses)),
    "generator": leads_of,
    "async generator": async_leads_of,
}
sizes = st.one_of(st.integers(1, 9), st.just(1000))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sync", "async"])
@given(data=st.data(), count=st.integers(0, 40))
@settings(max_examples=150, deadline=None)
def test_no_lead_is_sent_twice_and_none_is_lost(kind: str, data: st.DataObject, count: int) -> None:
    makes = st.sampled_from([make for name, make in SOURCES.items() if kind == "async" or "async" not in name])
    outcomes = data.draw(st.lists(st.sampled_from([OK, OK, REFUSED, NOT_SENT, LOST, BROKEN, UNREADABLE, "away"])))
    everything = emails(count)
    service = Service(*outcomes)
    with closing(Engine(kind)) as engine:
        result, uncounted = add_all(engine, service, data, everything, makes)
    assert service.added == everything
    assert result.total_sent == count - uncounted
    positions = [lead.index for lead in result.created_leads]
    assert [everything[position] for position in positions] == [lead.email for lead in result.created_leads]


def add_all(
    engine: Engine, service: Service, data: st.DataObject, everything: list[str], makes: st.SearchStrategy[Make]
) -> tuple[BulkAddResult[Any], int]:
    """Go on until all is done; also return how many leads are in no result, since their answer never came."""
    client = client_of(engine, service)
    source = data.draw(makes)(everything)
    uncounted = 0
    arguments: dict[str, Any] = {}
    while True:
        chunk_size = data.draw(sizes)
        try:
            result = engine.result(client.leads.add_many(source, chunk_size=chunk_size, **arguments))
        except errors.BulkAddError as error:
            progress = error.progress
        else:
            return result, uncounted
        assert service.added[: progress.confirmed] == everything[: progress.confirmed]
        if progress.in_doubt:
            carried_out = len(service.added) > progress.confirmed
            uncounted += len(progress.chunk) if carried_out else 0
            progress.settle(carried_out=carried_out)
        assert service.added == everything[: progress.confirmed]
        arguments = {"progress": progress}
        way = data.draw(st.sampled_from(["the same", "anew", "the rest", "elsewhere"]))
        if way == "the rest":
            source = data.draw(makes)(everything[progress.confirmed :])
            arguments["skip_confirmed"] = False
        elif way == "elsewhere":
            arguments["progress"] = pickle.loads(pickle.dumps(progress))
            source = data.draw(makes)(everything)
        elif way == "anew" or (isinstance(source, list) and len(source) < len(everything)):
            source = data.draw(makes)(everything)


def test_a_chunk_that_is_filled_up_is_no_larger_than_it_may_be(engine: Engine) -> None:
    service = Service(OK, REFUSED)
    client = client_of(engine, service)
    source = leads_of(emails(20))
    progress = stopped(engine, client, source, chunk_size=3).progress
    engine.result(client.leads.add_many(source, progress=progress, chunk_size=5))
    assert [len(body["leads"]) for body in service.bodies] == [3, 3, 5, 5, 5, 2]
    assert service.added == emails(20)


def test_a_chunk_is_either_in_doubt_or_not(engine: Engine) -> None:
    service = Service(LOST)
    client = client_of(engine, service)
    progress = stopped(engine, client, leads_of(emails(4)), chunk_size=2).progress
    progress.settle(carried_out=True)
    assert progress.in_doubt is False

    def failing() -> Iterator[Any]:
        raise OSError
        yield

    error = stopped(engine, client, failing(), progress=progress)
    assert (error.progress.in_doubt, error.progress.chunk) == (False, [])


def test_why_leads_cannot_be_added_is_told(engine: Engine) -> None:
    client = client_of(engine, Service(REFUSED))
    why = "the next 2 cannot have been added: bulkAddLeads: 400 Bad Request: no"
    assert str(stopped(engine, client, leads_of(emails(2)))) == f"Stopped after 0 leads, {why}"
    with pytest.raises(TypeError, match=r"^leads must be an iterable of leads, not one dict$"):
        engine.result(client.leads.add_many({"email": "a"}))


def test_what_to_do_about_leads_that_cannot_go_on_is_told(engine: Engine) -> None:
    def failing() -> Iterator[Any]:
        yield from emails(1)
        raise OSError

    client = client_of(engine, Service(LOST))
    source = leads_of(failing())
    progress = stopped(engine, client, source).progress
    told = "this iterator has failed: give the leads from the first one on, in a new one"
    with pytest.raises(ValueError, match=f"^{told}$"):
        engine.result(client.leads.add_many(source, progress=progress))
    progress = stopped(engine, client, leads_of(emails(2))).progress
    told = "the last chunk may have been carried out: say so, or not, with progress.settle()"
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        engine.result(client.leads.add_many(leads_of(emails(2)), progress=progress))
    told = (
        "5 leads are confirmed, but there are only 2: give all leads from the first one on, or skip_confirmed=False "
        "with those that remain"
    )
    with pytest.raises(ValueError, match=f"^{told}$"):
        engine.result(client.leads.add_many(leads_of(emails(2)), progress=BulkAddProgress(confirmed=5)))


@pytest.mark.parametrize("resource", ["background_jobs", "email_verifications"])
def test_ten_minutes_are_waited_with_two_seconds_between_the_first_looks(
    engine: Engine, clock: FakeClock, resource: str
) -> None:
    script = Script({"status": "pending", "verification_status": "pending"})
    with pytest.raises(errors.WaitTimeoutError, match=r"(?m)after 600 s$"):
        engine.result(getattr(client_of(engine, script), resource).wait(ID))
    assert clock.pauses[0] == 2
    assert clock.time == pytest.approx(1600)


@pytest.mark.parametrize(
    ("status", "told"), [("paused", "paused"), (None, "without a status"), (7, "without a status")]
)
def test_a_job_that_takes_too_long_is_named(engine: Engine, clock: FakeClock, status: Any, told: str) -> None:
    with pytest.raises(errors.WaitTimeoutError, match=f"(?m)^Background job {ID}: still {told} after 5 s$"):
        engine.result(client_of(engine, Script(job(status))).background_jobs.wait(ID, timeout=5))


@pytest.mark.parametrize("answer", [None, [], "text", {}])
def test_an_odd_answer_is_no_result_of_a_verification(engine: Engine, clock: FakeClock, answer: Any) -> None:
    script = Script(httpx.Response(200, content=json.dumps(answer)), verification("verified"))
    result = engine.result(client_of(engine, script).email_verifications.wait(ADDRESS))
    assert result.verification_status == "verified"


def test_an_option_that_cannot_be_sent_leaves_nothing_in_doubt(engine: Engine) -> None:
    service = Service()
    error = stopped(engine, client_of(engine, service), leads_of(emails(2)), verify_leads_on_import=math.nan)
    assert isinstance(error.__cause__, ValueError)
    assert error.progress.in_doubt is False
    assert service.bodies == []


def test_what_an_answer_leaves_out_stays_as_the_one_before_said(engine: Engine) -> None:
    script = Script(
        {"status": "success", "blocklist_used": "b", "remaining_in_plan": 10, "new_text": "t"},
        {"status": None, "remaining_in_plan": "odd", "new_text": None, "created_leads": 5},
        {},
    )
    result = engine.result(client_of(engine, script).leads.add_many(leads_of(emails(6)), chunk_size=2))
    assert (result.status, result.blocklist_used, result.remaining_in_plan) == ("success", "b", 10)
    assert (result.created_leads, result.additional_properties) == ([], {"new_text": "t"})
