"""Answers that are too large for memory."""

from __future__ import annotations

import gzip
import pkgutil
import tracemalloc
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest

from instantly_client import AsyncInstantly, Instantly, resources
from instantly_contract.calls import call
from instantly_core import Operation, as_text, errors
from tests.contract.service import arguments
from tests.core.engine import EXPORT, GET, ID, LIST, Engine, Script
from tests.core.hostile import with_body
from tests.core.wire import Wire

MEGABYTE = 1_000_000


def streamed(engine: Engine, client: Any, operation: Any = EXPORT, *arguments: Any) -> Any:
    return engine.result(client.with_streaming_response.call(operation, *arguments))


@pytest.mark.slow
def test_a_large_answer_takes_little_memory(engine: Engine, wire: Wire, tmp_path: Path) -> None:
    wire.answers = [with_body(b"ada@example.org\r\n" * (2 * MEGABYTE))]
    client = engine.client(base_url=wire.url, max_response_bytes=MEGABYTE)
    engine.result(client.with_streaming_response.request("GET", "/api/v2/small")).close()
    tracemalloc.start()
    try:
        with streamed(engine, client) as response:
            assert sum(map(len, response.iter_bytes())) == 34 * MEGABYTE
            assert sum(line == "ada@example.org" for line in response.iter_lines()) == 2 * MEGABYTE
            saved = response.save(tmp_path / "list.csv")
        assert tracemalloc.get_traced_memory()[1] < 5 * MEGABYTE
    finally:
        tracemalloc.stop()
    assert saved.stat().st_size == 34 * MEGABYTE
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]


@pytest.mark.slow
def test_an_answer_goes_to_a_file_in_little_memory(engine: Engine, wire: Wire, tmp_path: Path) -> None:
    wire.answers = [with_body(b"ada@example.org\r\n" * (2 * MEGABYTE))]
    client = engine.client(base_url=wire.url, max_response_bytes=MEGABYTE)
    engine.call(client, EXPORT, to=tmp_path / "first.csv")
    tracemalloc.start()
    try:
        engine.call(client, EXPORT, to=tmp_path / "list.csv")
        assert tracemalloc.get_traced_memory()[1] < 5 * MEGABYTE
    finally:
        tracemalloc.stop()
    assert (tmp_path / "list.csv").stat().st_size == 34 * MEGABYTE


@pytest.mark.parametrize("kind", [str, Path])
def test_an_answer_replaces_a_file(engine: Engine, tmp_path: Path, kind: type[Any]) -> None:
    file = tmp_path / "list.csv"
    file.write_text("before, and longer than the answer")
    client = engine.client(Script(httpx.Response(200, content=b"ada@example.org\r\n\xff")))
    assert engine.call(client, EXPORT, to=kind(file)) == str(file)
    assert file.read_bytes() == b"ada@example.org\r\n\xff"
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]


def test_a_new_file_can_be_read_like_any_other(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    engine.call(engine.client(Script({})), EXPORT, to=tmp_path / "list.csv")
    assert (tmp_path / "list.csv").stat().st_mode == (tmp_path / "other").stat().st_mode


@pytest.mark.usefixtures("no_jitter")
def test_a_file_has_the_answer_to_the_last_attempt_alone(engine: Engine, wire: Wire, tmp_path: Path) -> None:
    wire.answers = [with_body(b"abcdef", length=99), with_body(b"{}", status="503 Busy"), with_body(b"xyz")]
    engine.call(engine.client(base_url=wire.url), EXPORT, to=tmp_path / "list.csv")
    assert (tmp_path / "list.csv").read_bytes() == b"xyz"


@pytest.mark.usefixtures("no_jitter")
@pytest.mark.parametrize("there", [False, True])
def test_a_failed_call_leaves_the_files_as_they_were(engine: Engine, wire: Wire, tmp_path: Path, there: bool) -> None:
    file = tmp_path / "list.csv"
    if there:
        file.write_text("before")
    wire.answers = [with_body(b"abcdef", length=99)]
    with pytest.raises(errors.APIConnectionError):
        engine.call(engine.client(base_url=wire.url, max_retries=1), EXPORT, to=file)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == ({"list.csv": "before"} if there else {})


def test_a_file_that_cannot_be_made_is_noticed_before_the_request(engine: Engine, tmp_path: Path) -> None:
    script = Script({})
    with pytest.raises(FileNotFoundError):
        engine.call(engine.client(script), EXPORT, to=tmp_path / "missing" / "list.csv")
    assert not script.requests


def test_raw_and_streaming_views_and_files(engine: Engine, tmp_path: Path) -> None:
    client = engine.client(Script(httpx.Response(200, content=b"xyz", headers={"x-request-id": "17"})))
    raw: Any = engine.call(client._raw_view(), EXPORT, to=tmp_path / "list.csv")
    assert (raw.parsed, raw.request_id, raw.content) == (str(tmp_path / "list.csv"), "17", b"")
    with pytest.raises(TypeError, match=r"save\(\)"):
        engine.call(client.with_streaming_response, EXPORT, to=tmp_path / "other.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]


def test_an_answer_that_is_compressed_is_unpacked(engine: Engine, wire: Wire) -> None:
    wire.answers = [with_body(gzip.compress(b" " * 10 * MEGABYTE), "content-encoding: gzip")]
    with streamed(engine, engine.client(base_url=wire.url, max_response_bytes=MEGABYTE)) as response:
        assert sum(map(len, response.iter_bytes())) == 10 * MEGABYTE


@pytest.mark.usefixtures("no_jitter")
def test_an_answer_that_was_cut_is_asked_for_again(engine: Engine, wire: Wire) -> None:
    wire.answers = [with_body(b"abcdef", length=99), with_body(b"xyz")]
    with streamed(engine, engine.client(base_url=wire.url)) as response:
        assert list(response.iter_bytes()) == [b"xyz"]


@pytest.mark.usefixtures("no_jitter")
def test_a_failure_is_raised_with_its_body(engine: Engine) -> None:
    client = engine.client(Script(httpx.Response(404, json={"message": "no such robot"})))
    with pytest.raises(errors.NotFoundError, match="no such robot"):
        streamed(engine, client, GET, (ID,))


def test_json_and_pages_are_streamed_too(engine: Engine) -> None:
    script = Script({"items": [1], "next_starting_after": "a"})
    client = engine.client(script)
    with engine.result(client.with_streaming_response.page(LIST)) as response:
        assert b"".join(response.iter_bytes()).replace(b" ", b"") == b'{"items":[1],"next_starting_after":"a"}'
    assert response.status_code == 200
    assert len(script.requests) == 1


def test_a_file_that_cannot_be_written_leaves_nothing(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with streamed(engine, engine.client(Script({}))) as response, pytest.raises(OSError, match="taken"):
        response.save(tmp_path / "taken")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


TEXTS = [
    (module.name, name)
    for module in pkgutil.iter_modules(resources.__path__)
    for name, operation in vars(import_module(f"{resources.__name__}.{module.name}")).items()
    if isinstance(operation, Operation) and operation.response is as_text
]


@pytest.mark.parametrize(("resource", "constant"), TEXTS)
def test_each_method_that_returns_text_saves_it_too(
    engine: Engine, tmp_path: Path, resource: str, constant: str
) -> None:
    operation = getattr(import_module(f"{resources.__name__}.{resource}"), constant)
    options: Any = {
        "api_key": "k",
        "limiter": None,
        "transport": httpx.MockTransport(lambda _: httpx.Response(200, text="a,b")),
    }
    client = Instantly(**options) if engine.kind == "sync" else AsyncInstantly(**options)
    path, query, body = arguments(operation.name)
    assert engine.result(call(client, operation.name, path, query, body)) == "a,b"
    saved = engine.result(call(client, operation.name, path, query, body, to=tmp_path / "saved"))
    assert Path(saved).read_bytes() == b"a,b"
