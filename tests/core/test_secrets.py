"""Secrets are planted wherever a program can put them; none may come out where it could be seen."""

from __future__ import annotations

import base64
import io
import logging
import os
import pickle
import pprint
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly_core import DriftEvent, Event, LocalLimiter, errors
from instantly_core.secret import Secret
from tests.core.engine import CREATE, GET, KEY, LIST, TEST, Engine, Script
from tests.core.wire import DROP, Wire

HERE = Path(__file__).parent
PERSON = "jo.doe@example.com"
WORKSPACE = "workspace-7d1c"
ID_OF_NOBODY = "nobody"
BODY = "body-of-a-private-message"
HEADER = "header-of-the-caller"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that the library logs, at the finest level."""
    logger = logging.getLogger("instantly_client")
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(message)s %(args)r"))
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield text
    logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)


ECHO = {"message": f"Bearer {KEY} is wrong", "headers": {"authorization": f"Bearer {KEY}"}, KEY: [KEY]}

ANSWERS: list[Any] = [
    {"id": PERSON, "legs": BODY, PERSON: BODY},
    httpx.Response(401, json=ECHO),
    httpx.Response(403, text=f"error code: 1010 {KEY}"),
    httpx.Response(500, text=f"<html>{KEY}</html>"),
    httpx.Response(200, text=f"<html>{KEY}</html>"),
    httpx.Response(429, headers={"retry-after": "99"}, json=ECHO),
    {"success": False, "error": f"with {KEY}", **ECHO},
    httpx.ConnectError(f"cannot reach it with {KEY}"),
    httpx.ReadTimeout("slow"),
    httpx.LocalProtocolError(f"Illegal header value b'Bearer {KEY}'"),
]


def forms(secret: str) -> set[str]:
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    return {secret, repr(secret.encode())[2:-1], encoded}


@pytest.mark.usefixtures("no_jitter")
@pytest.mark.parametrize("answer", ANSWERS, ids=range(len(ANSWERS)))
@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("operation", [GET, CREATE, LIST, TEST], ids=lambda operation: operation.name)
def test_nothing_comes_out(engine: Engine, log: io.StringIO, operation: Any, strict: bool, answer: Any) -> None:
    events: list[Event | DriftEvent] = []
    client = engine.client(
        Script(answer),
        strict=strict,
        on_event=events.append,
        limiter=LocalLimiter(),
        default_headers={"x-mine": HEADER},
    ).for_workspace(WORKSPACE)
    outputs: list[str] = []
    kept: list[str] = []
    path = (PERSON,) if operation is GET else ()
    body = {"name": BODY} if operation is CREATE else {}
    error = failure(engine, client, operation, path, body)
    if error is not None:
        kept += [repr(error), str(error), repr(vars(error)), repr(pickle.loads(pickle.dumps(error)))]
        kept += [pickle.dumps(error).decode("latin-1"), "".join(traceback.format_exception(error))]
        if not isinstance(answer, dict):  # The answer itself is a local variable where a success is decoded.
            kept.append(locals_of(error))
        assert all(getattr(one, "_request", None) is None for one in chain(error))
    outputs += [repr(client), str(client), pprint.pformat(vars(client)), repr(client._options), repr(client._limiter)]
    outputs += [log.getvalue(), repr(events)]
    for text in outputs + kept:
        assert not [form for form in forms(KEY) if form in text]
    for text in outputs[-2:]:
        assert not [secret for secret in (PERSON, BODY, HEADER) if secret in text]
    assert WORKSPACE not in log.getvalue()
    assert log.getvalue()


def failure(engine: Engine, client: Any, operation: Any, path: Any, body: Any) -> errors.APIError | None:
    try:
        if operation is LIST:
            engine.items(client.page(operation, query={"search": PERSON}))
        else:
            engine.call(client, operation, path, {"search": PERSON}, body)
    except errors.APIError as error:
        return error
    return None


def locals_of(error: BaseException) -> str:
    """What a reporter of errors collects of the frames of the library, and of those below it."""
    frames = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), capture_locals=True)
    return repr([frame.locals for frame in frames if not frame.filename.startswith(str(HERE))])


def chain(error: BaseException | None) -> Iterator[Any]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.mark.usefixtures("no_jitter")
def test_nothing_comes_out_of_a_broken_connection(engine: Engine, wire: Wire, log: io.StringIO) -> None:
    wire.answers = [DROP]
    client = engine.client(base_url=wire.url)
    with pytest.raises(errors.APIConnectionError) as caught:
        engine.call(client, GET, (PERSON,))
    error = caught.value
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "_send" in shown
    assert KEY in wire.received[0].headers["authorization"]
    assert KEY not in shown + pickle.dumps(error).decode("latin-1") + log.getvalue()
    assert PERSON not in log.getvalue()


def test_nothing_but_the_headers_knows_the_key(engine: Engine) -> None:
    client = engine.client(Script())
    engine.call(client, GET, ("x",))
    for name, value in vars(client).items():
        assert KEY not in repr(value), name
    with pytest.raises(TypeError):
        pickle.dumps(client._options)


def test_the_error_says_that_a_key_is_not_pickled() -> None:
    with pytest.raises(TypeError, match=r"^an API key is not pickled$"):
        pickle.dumps(Secret(KEY))


def test_a_key_is_scrubbed_at_every_depth() -> None:
    echo = {KEY: [f"a {KEY}", {"b": [KEY]}], "number": 5, "nothing": None}
    hidden = {"[api key]": ["a [api key]", {"b": ["[api key]"]}], "number": 5, "nothing": None}
    assert Secret(KEY).scrub(echo) == hidden


@pytest.mark.parametrize("key", ["k", "no", "un", "a.b", "-", "test"])
def test_a_short_key_is_hidden_as_a_word_of_its_own_and_leaves_other_words_whole(key: str) -> None:
    text = "unknown tests know aab.b kk"
    echo = f"{text} ({key}) Bearer {key}, {key}"
    assert Secret(key).scrub(echo) == f"{text} ([api key]) Bearer [api key], [api key]"


@given(st.text("aZ0_-+/=", min_size=16, max_size=80), st.text(max_size=5), st.text(max_size=5))
def test_a_key_as_long_as_real_ones_is_hidden_within_words_too(key: str, before: str, after: str) -> None:
    assert key not in Secret(key).scrub(f"{before}{key}{after}")


FORMS = {
    "plain": KEY,
    "percent-encoded": quote(KEY, safe=""),
    "percent-encoded in lower case": quote(KEY, safe="").replace("%3D", "%3d"),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "base64 with text before it": base64.b64encode(b"Bearer " + KEY.encode()).decode(),
    "hex": KEY.encode().hex(),
    "HEX": KEY.encode().hex().upper(),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_key_is_removed_in_every_form_and_from_every_place(engine: Engine, log: io.StringIO, form: str) -> None:
    echo = FORMS[form]
    answer = httpx.Response(
        400,
        headers={"x-request-id": echo},
        json={"message": echo, "more": [echo]},
        extensions={"reason_phrase": echo.encode()},
    )
    error = failure(engine, engine.client(Script(answer)), GET, (PERSON,), None)
    assert error is not None
    shown = [str(error), repr(error), repr(vars(error)), pickle.dumps(error).decode("latin-1"), log.getvalue()]
    # Without the letters of base64 that it shares with the text next to it.
    assert echo[12:-4] not in "".join(shown)


HARMFUL = "\x1b[2J\x07\u202egnp.exe\u2028\x9b31m\x00"


def test_what_a_terminal_would_obey_is_escaped(engine: Engine, log: io.StringIO) -> None:
    answer = httpx.Response(
        400,
        headers=[(b"x-request-id", b"\x9b31m")],
        json={"message": HARMFUL},
        extensions={"reason_phrase": b"Bad\x1b[2J"},
    )
    error = failure(engine, engine.client(Script(answer)), GET, (ID_OF_NOBODY,), None)
    assert error is not None
    for text in (str(error), str(error.request_id), log.getvalue().rstrip("\n").replace("\n", " ")):
        assert text.isprintable()
    assert "gnp.exe" in str(error)


def test_what_is_shown_is_short(engine: Engine) -> None:
    answer = httpx.Response(
        400,
        headers={"x-request-id": "x" * 50_000},
        json={"message": "y" * 50_000},
        extensions={"reason_phrase": b"z" * 50_000},
    )
    error = failure(engine, engine.client(Script(answer)), GET, (ID_OF_NOBODY,), None)
    assert error is not None
    assert len(str(error)) < 1_000
    assert len(str(error.request_id)) <= 200


@pytest.mark.slow
def test_the_log_of_the_http_library_is_silent_unless_somebody_wants_it() -> None:
    program = (
        "import logging, sys\n"
        "if sys.argv[1:]: logging.getLogger('httpx').setLevel(sys.argv[1])\n"
        "from instantly_client import Instantly\n"
        "print(logging.getLevelName(logging.getLogger('httpx').level))"
    )
    for wanted, level in (((), "WARNING"), (("INFO",), "INFO")):
        done = subprocess.run(
            [sys.executable, "-c", program, *wanted],
            capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip
        assert done.stdout.strip() == level
