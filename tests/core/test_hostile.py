"""Whatever a service answers, a call ends with the right error, in bounded time and memory, and no write is doubled.

The services that drip or flood never stop: a call that did not end by itself would hang.
"""

from __future__ import annotations

import gzip
import tracemalloc
from typing import Any, NamedTuple

import pytest

from instantly_core import errors
from tests.core.engine import CREATE, EXPORT, GET, ID, KEY, Engine
from tests.core.hostile import HEAD, PACKED, Act, Hostile, bomb, drips, floods, keeps_silent, says, with_body

MEGABYTE = 1_000_000
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"


class Case(NamedTuple):
    """What a service does, the error of a read and of a write, and whether each is sent once more."""

    act: Act
    read: type[errors.APIError]
    write: type[errors.APIError]
    read_again: bool = False
    write_again: bool = False
    sent: bool | None = None


REFUSED = Case(says(b""), errors.RateLimitError, errors.RateLimitError, True, True)
LOST = Case(says(b""), errors.APIConnectionError, errors.APIConnectionError, True, False, True)
LATE = Case(says(b""), errors.APITimeoutError, errors.APITimeoutError, sent=True)
UNREADABLE = Case(says(b""), errors.DecodeError, errors.DecodeError, True)
TOO_LARGE = Case(says(b""), errors.DecodeError, errors.DecodeError)
FAILED = Case(says(b""), errors.ServerError, errors.ServerError, True)


def status(kind: type[errors.APIError]) -> Case:
    return Case(says(b""), kind, kind)


CASES: dict[str, Case] = {
    "429, cut": REFUSED._replace(act=says(with_body(b"{", "retry-after: 0", length=500, status="429 Slow"))),
    "429, cut in its headers": REFUSED._replace(act=says(b"HTTP/1.1 429 Too Many Requests\r\nretry-af")),
    "429, its body dripped": REFUSED._replace(
        act=drips(b"HTTP/1.1 429 Slow\r\nretry-after: 0\r\ncontent-length: 99999\r\n\r\n", b" ")
    ),
    "401, cut": status(errors.AuthenticationError)._replace(act=says(with_body(b"{", length=9, status="401 No"))),
    "401, cut in its headers": status(errors.AuthenticationError)._replace(act=says(b"HTTP/1.1 401 No\r\nx")),
    "500, cut": FAILED._replace(act=says(with_body(b"{", length=9, status="500 Oh"))),
    "500, endless": FAILED._replace(act=floods(b"HTTP/1.1 500 Oh\r\n\r\n", b"x" * 65536)),
    "500, of no charset": FAILED._replace(
        act=says(with_body(b"\xff\xfe", "content-type: text/html; charset=undefined", status="500 Oh"))
    ),
    "500, of a charset that is none": FAILED._replace(
        act=says(with_body(b"\xff\xfe", "content-type: text/html; charset=zlib_codec", status="500 Oh"))
    ),
    "302": status(errors.StatusError)._replace(act=says(with_body(b"", "location: /elsewhere", status="302 There"))),
    "302 to no host": status(errors.StatusError)._replace(
        act=says(with_body(b"", "location: http://xn--a/", status="302 There"))
    ),
    "302 to no address": status(errors.StatusError)._replace(
        act=says(with_body(b"", "location: http://[", status="302 There"))
    ),
    "101": LOST._replace(act=says(b"HTTP/1.1 101 Upgrade\r\nupgrade: x\r\n\r\nxxx")),
    "nothing": LOST._replace(act=says(b"")),
    "half a status": LOST._replace(act=says(b"HTTP/1.1 4")),
    "another protocol": LOST._replace(act=says(b"SSH-2.0-OpenSSH_9.7\r\n")),
    "cut in its headers": LOST._replace(act=says(b"HTTP/1.1 200 OK\r\ncontent-le")),
    "cut in its body": LOST._replace(act=says(with_body(b'{"id": 1}', length=500))),
    "cut between chunks": LOST._replace(act=says(CHUNKED + b"2\r\n{}\r\n")),
    "two lengths": LOST._replace(act=says(with_body(b"{}", "content-length: 3"))),
    "a length below zero": LOST._replace(act=says(with_body(b"{}", length=-1))),
    "chunks of no length": LOST._replace(act=says(CHUNKED + b"zz\r\n{}\r\n")),
    "headers without end, at once": LOST._replace(act=floods(HEAD, b"x: " + b"y" * 65536 + b"\r\n")),
    "headers without end, dripped": LATE._replace(act=drips(HEAD, b"x: y\r\n")),
    "one header without end, dripped": LATE._replace(act=drips(HEAD + b"x: ", b"y")),
    "interim answers without end": LATE._replace(act=drips(b"", b"HTTP/1.1 102 Processing\r\n\r\n")),
    "a body of a known length, dripped": LATE._replace(act=drips(with_body(b"", length=99999), b" ")),
    "chunks without end, dripped": LATE._replace(
        act=drips(HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n")
    ),
    "a length of a chunk without end, dripped": LATE._replace(act=drips(CHUNKED + b"1;", b"x")),
    "silence": LATE._replace(act=keeps_silent),
    "a body without end, at once": TOO_LARGE._replace(act=floods(HEAD + b"\r\n", b" " * 65536)),
    "chunks without end, at once": TOO_LARGE._replace(act=floods(CHUNKED, b"1000\r\n" + b" " * 4096 + b"\r\n")),
    "a bomb of gzip": TOO_LARGE._replace(act=says(with_body(bomb(100), "content-encoding: gzip"))),
    "a bomb of deflate": TOO_LARGE._replace(act=says(with_body(bomb(60, -15), "content-encoding: deflate"))),
    "a bomb in a bomb": TOO_LARGE._replace(
        act=says(with_body(gzip.compress(bomb(100)), "content-encoding: gzip, gzip"))
    ),
    "gzip that is none": UNREADABLE._replace(act=says(with_body(b"{}", "content-encoding: gzip"))),
    "gzip, cut": UNREADABLE._replace(act=says(with_body(PACKED[:-9], "content-encoding: gzip"))),
    "an encoding that nobody asked for": UNREADABLE._replace(act=says(with_body(b"{}", "content-encoding: br"))),
    "too many encodings": UNREADABLE._replace(
        act=says(with_body(b"{}", "content-encoding: " + ", ".join(["gzip"] * 50)))
    ),
}


@pytest.mark.slow
@pytest.mark.usefixtures("no_jitter")
@pytest.mark.parametrize("name", CASES)
def test_what_a_hostile_service_answers(connected: Engine, name: str) -> None:
    case = CASES[name]
    with Hostile(case.act) as hostile:
        client = connected.client(
            base_url=hostile.url,
            timeout=5,
            deadline=3 if "429" in name else 0.5,
            max_retries=1,
            max_response_bytes=MEGABYTE,
        )
        for operation, arguments, expected, again in (
            (GET, ((ID,),), case.read, case.read_again),
            (CREATE, ((), None, {"legs": 4}), case.write, case.write_again),
        ):
            hostile.received.clear()
            with pytest.raises(errors.APIError) as caught:
                connected.call(client, operation, *arguments)
            assert type(caught.value) is expected
            assert getattr(caught.value, "sent", None) is case.sent
            # aiohttp keeps the connection of a 101, which the service has closed.
            assert len(hostile.received) == 1 + (again and (connected.kind, name) != ("aiohttp", "101"))
            assert all(KEY not in str(one) for one in (caught.value, caught.value.__cause__))
        assert_nothing_is_open(client)


def assert_nothing_is_open(client: Any) -> None:
    pool = client._pool
    sync = hasattr(pool, "_connections")
    for connections in [pool._connections] if sync else [own.connections for own in pool._loops.values()]:
        assert not connections._busy
        assert not [sock for idle in connections._idle for sock in idle.sockets._open]


@pytest.mark.parametrize("operation", [GET, EXPORT], ids=lambda operation: operation.name)
def test_a_bomb_costs_no_memory(connected: Engine, operation: Any) -> None:
    """Of 60 MB that a small answer unpacks to, no more than the bound and two pieces are ever in memory."""
    content = with_body(bomb(60), "content-encoding: gzip")
    with Hostile(says(content)) as hostile:
        client = connected.client(base_url=hostile.url, max_response_bytes=MEGABYTE)
        arguments = ((ID,),) if operation is GET else ()
        tracemalloc.start()
        try:
            with pytest.raises(errors.DecodeError, match="max_response_bytes"):
                connected.call(client, operation, *arguments)
            assert tracemalloc.get_traced_memory()[1] < 10 * MEGABYTE
        finally:
            tracemalloc.stop()
