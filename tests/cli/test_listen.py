"""`instantly webhooks listen`: deliveries on a port of this machine."""

from __future__ import annotations

import http.client
import json
import re
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from instantly_cli.commands import webhooks_listen
from tests.cli.conftest import Cli, Done

SERVER = webhooks_listen._Server
EVENT = {
    "timestamp": "2026-05-01T10:00:00.000Z",
    "event_type": "reply_received",
    "workspace": "019cc043-aee6-7ae9-a545-d7de53430e37",
    "lead_email": "ann@a.example",
    "campaign_name": "Spring \x1b[31m",
    "city": "Bern",
}


@pytest.fixture
def listen(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """The command, and what is delivered to it once it listens."""

    def call(deliver: Callable[[int], Any], *arguments: str) -> Done:
        with ThreadPoolExecutor(1) as threads:

            class Server(SERVER):
                def __enter__(self) -> Any:
                    self.deliveries = threads.submit(deliver, self.server_port)
                    return super().__enter__()

            monkeypatch.setattr(webhooks_listen, "_Server", Server)
            return cli("webhooks", "listen", "--port", "0", *arguments)

    return call


def post(port: int, body: bytes, **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/", body, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_delivery_is_a_line_of_what_identifies_it(listen: Callable[..., Done]) -> None:
    done = listen(lambda port: post(port, json.dumps(EVENT).encode()), "--count", "1")
    assert done.status == 0
    assert done.rows == [["2026-05-01T10:00:00.000Z", "reply_received", "ann@a.example", "Spring \\x1b[31m"]]
    assert re.fullmatch(r"listening on http://127\.0\.0\.1:\d+\n", done.err)


def test_a_delivery_is_json_on_request_with_any_fields(listen: Callable[..., Done]) -> None:
    done = listen(lambda port: post(port, json.dumps(EVENT).encode()), "--count", "1", "--json")
    assert json.loads(done.out) == EVENT
    done = listen(lambda port: post(port, json.dumps(EVENT).encode()), "--count", "1", "--fields", "city")
    assert done.out == "Bern\n"


def test_what_is_no_delivery_is_refused_and_the_next_one_is_taken(listen: Callable[..., Done]) -> None:
    answered: list[int] = []

    def deliver(port: int) -> None:
        answered.append(post(port, b"[]"))
        answered.append(post(port, b"", **{"Content-Length": str(2**40)}))
        answered.append(post(port, json.dumps(EVENT).encode()))

    done = listen(deliver, "--count", "1")
    assert (done.status, answered) == (0, [400, 413, 200])
    assert len(done.rows) == 1
    assert done.err.count("a delivery is refused") == 2


def test_a_port_that_is_taken_is_named(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = cli("webhooks", "listen", "--port", str(port))
    assert done.status == 2
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in done.err
