"""Answers that are too large for memory."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path
from typing import Any

import httpx
import pytest

from instantly_core import errors
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
