"""Whatever a transport raises or answers, only an error of the library's own tree comes out of a call."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import encodings.aliases
import json
import pickle
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instantly_core import UNSET, SyncClient, errors
from tests.core.engine import CREATE, EXPORT, GET, ID, KEY, LIST, Engine, Script, pages_of


class OddError(Exception):
    """An exception that has no text and cannot be made again."""

    def __init__(self, one: object, two: object) -> None:
        super().__init__(one, two)

    def __str__(self) -> str:
        raise ZeroDivisionError


def exceptions() -> Iterator[Exception]:
    yield OddError(1, 2)
    yield UnicodeDecodeError("utf-8", b"\xff", 0, 1, KEY)
    yield OSError(9, f"Bearer {KEY}")
    yield ExceptionGroup("several", [ValueError(KEY)])
    for kind in (*Exception.__subclasses__(), *httpx.RequestError.__subclasses__(), *OSError.__subclasses__()):
        if kind.__module__ in ("builtins", "httpx") and kind is not RuntimeWarning:
            with contextlib.suppress(TypeError):
                yield kind(KEY)


RAISED = list(exceptions())
STAGES = ("send", "first piece", "second piece", "close")


class Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, pieces: list[bytes], stage: str = "", error: Exception | None = None) -> None:
        self._pieces = pieces
        self._stage = stage
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        for stage, piece in zip(STAGES[1:], self._pieces, strict=False):
            if self._error is not None and self._stage == stage:
                raise self._error
            yield piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    def close(self) -> None:
        if self._error is not None and self._stage == "close":
            raise self._error

    async def aclose(self) -> None:
        self.close()


class Raising(httpx.BaseTransport, httpx.AsyncBaseTransport):
    def __init__(self, stage: str, error: Exception, status: int) -> None:
        self._stage = stage
        self._error = error
        self._status = status
        self.requests = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        if self._stage == "send":
            raise self._error
        return httpx.Response(self._status, stream=Stream([b"{", b"}"], self._stage, self._error))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


@pytest.mark.usefixtures("no_jitter")
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("status", [200, 403])
def test_whatever_a_transport_raises(engine: Engine, stage: str, status: int) -> None:
    for error in RAISED:
        for operation, arguments in ((GET, ((ID,),)), (CREATE, ((), None, {}))):
            transport: Any = Raising(stage, error, status)
            client = engine.client(transport, max_retries=1)
            with pytest.raises(errors.APIError) as caught:
                engine.call(client, operation, *arguments)
            found = caught.value
            if status == 403 and stage != "send":
                assert type(found) is errors.PermissionDeniedError
                assert transport.requests == 1
            else:
                assert isinstance(found, errors.APIConnectionError | errors.DecodeError)
                assert found.__cause__ is not error
                if getattr(found, "sent", True) and operation is CREATE:
                    assert transport.requests == 1
            shown = [str(found), repr(found), repr(found.__cause__), pickle.dumps(found).decode("latin-1")]
            assert KEY not in "".join(shown)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_what_ends_a_program_or_a_task_comes_out_as_it_is(engine: Engine, error: type[BaseException]) -> None:
    def transport(request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(error):
        engine.call(engine.client(transport), GET, (ID,))


@pytest.mark.parametrize("pieces", [[b"{}"], []], ids=["with a body", "without a body"])
@pytest.mark.parametrize("operation", [GET, CREATE], ids=lambda operation: operation.name)
def test_a_late_answer_of_a_given_transport_is_a_timeout(operation: Any, pieces: list[bytes]) -> None:
    """In a thread nothing can end the transport."""
    requests: list[httpx.Request] = []

    class Late(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            requests.append(request)
            threading.Event().wait(0.06)
            return httpx.Response(200, stream=Stream(pieces))

    client = SyncClient(api_key=KEY, limiter=None, transport=Late(), deadline=0.05)
    with pytest.raises(errors.APITimeoutError, match="deadline") as caught:
        client.call(operation, (ID,) if operation is GET else (), None, UNSET if operation is GET else {})
    assert caught.value.sent is True
    assert len(requests) == 1


HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            [b"content-type", b"content-encoding", b"retry-after", b"date", b"x-request-id", b"location", b"set-cookie"]
        ),
        st.binary(max_size=40)
        | st.sampled_from([b"gzip", b"text/html; charset=idna", b"text/csv; charset=\xff", b"nan", b"1e999", b"-1"]),
    ),
    max_size=5,
)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sync", "async"])
@settings(max_examples=300, deadline=None)
@given(status=st.integers(100, 999), headers=HEADERS, body=st.binary(max_size=60) | st.just(b'{"items": [1]}'))
def test_whatever_is_answered(kind: str, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    def transport(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers=headers, stream=Stream([body]))

    with contextlib.closing(Engine(kind)) as engine:
        client = engine.client(transport, max_retries=0)
        for operation, path in ((GET, (ID,)), (EXPORT, ()), (LIST, ())):
            with contextlib.suppress(errors.InstantlyError):
                if operation is LIST:
                    engine.items(client.page(operation, max_items=2))
                else:
                    engine.call(client, operation, path)
        with contextlib.suppress(errors.InstantlyError):
            engine.result(client.request("GET", "/api/v2/anything"))


def test_every_codec_of_python_as_the_charset_of_an_answer(engine: Engine) -> None:
    codec_names = {*encodings.aliases.aliases.values(), "idna", "undefined", "punycode", "unicode_escape", "none"}
    assert codecs.lookup("zlib_codec")
    for name in sorted(codec_names):
        answer = httpx.Response(
            200, headers={"content-type": f"text/csv; charset={name}"}, stream=Stream([b"a\xff,\x00b"])
        )
        assert isinstance(engine.call(engine.client(lambda _, answer=answer: answer), EXPORT), str)  # type: ignore[misc]


@pytest.mark.parametrize("cursor", ["x" * 1_000_000, "\ud800"], ids=["too long", "a lone surrogate"])
def test_a_cursor_that_cannot_be_sent_is_the_fault_of_the_service(engine: Engine, cursor: str) -> None:
    client = engine.client(
        lambda request: httpx.Response(200, content=json.dumps({"items": [1], "next_starting_after": cursor}))
    )
    with pytest.raises(errors.DecodeError, match="cursor"):
        engine.items(client.page(LIST))


def test_a_cursor_of_the_callers_that_cannot_be_sent_is_a_mistake(engine: Engine) -> None:
    script = pages_of([([], None)])
    with pytest.raises(ValueError, match="starting_after: it has a lone surrogate"):
        engine.items(engine.client(script).page(LIST, query={"starting_after": "\ud800"}))
    assert not script.requests


@pytest.mark.parametrize("headers", [{"x": "é"}, {"x": "a\r\nb: c"}, {"authorization": "Bearer x"}, {"host": "x"}])
def test_a_header_that_cannot_be_sent_is_refused(engine: Engine, headers: dict[str, str]) -> None:
    script = Script()
    with pytest.raises(errors.ConfigurationError, match=next(iter(headers))):
        engine.result(engine.client(script).request("GET", "/api/v2/x", headers=headers))
    assert not script.requests


def test_a_redirect_is_neither_followed_nor_given_the_key(engine: Engine) -> None:
    script = Script(httpx.Response(307, headers={"location": "https://elsewhere.example/"}))
    with pytest.raises(errors.StatusError) as caught:
        engine.call(engine.client(script), GET, (ID,))
    assert caught.value.status_code == 307
    assert [request.url.host for request in script.requests] == ["api.instantly.ai"]


@pytest.mark.parametrize("depth", [300, 900, 3_000, 100_000])
@pytest.mark.parametrize("strict", [False, True])
def test_an_answer_that_is_nested_deeply(engine: Engine, depth: int, strict: bool) -> None:
    """Some versions of Python parse what they cannot look through."""
    content = b'{"legs": ' + b"[" * depth + b"]" * depth + b"}"
    for status in (200, 400):
        client = engine.client(lambda _, status=status: httpx.Response(status, content=content), strict=strict)  # type: ignore[misc]
        with contextlib.suppress(errors.InstantlyError):
            engine.call(client, GET, (ID,))
        assert strict or status == 400 or depth > 900 or engine.call(client, GET, (ID,))
