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
    "a second file of gzip, cut": UNREADABLE._replace(
        act=says(with_body(PACKED + PACKED[:-9], "content-encoding: gzip"))
    ),
    "a checksum of gzip that is wrong": UNREADABLE._replace(
        act=says(with_body(PACKED[:-8] + bytes(8), "content-encoding: gzip"))
    ),
    "429, in an encoding that nobody asked for": REFUSED._replace(
        act=says(with_body(b"\xff", "content-encoding: br", "retry-after: 0", status="429 Slow"))
    ),
    "500, in an encoding that nobody asked for": FAILED._replace(
        act=says(with_body(b"\xff", "content-encoding: zstd", status="500 Oh"))
    ),
    "429, to come back before now": REFUSED._replace(act=says(with_body(b"{}", "retry-after: -5", status="429 Slow"))),
    "429, to come back at no time": REFUSED._replace(act=says(with_body(b"{}", "retry-after: nan", status="429 Slow"))),
    "429, to come back in a year that is none": REFUSED._replace(
        act=says(with_body(b"{}", "retry-after: Fri, 01 May 0000 12:00:00 GMT", status="429 Slow"))
    ),
    "429, to come back in no lifetime": REFUSED._replace(
        act=says(with_body(b"{}", "retry-after: 99999999999999999999999", status="429 Slow")),
        read_again=False,
        write_again=False,
    ),
    "a status that is none": FAILED._replace(act=says(with_body(b"{}", status="999 Oh"))),
    "a status of no digits": LOST._replace(act=says(with_body(b"{}", status="abc Oh"))),
    "10,000 headers of 100 bytes": LOST._replace(
        act=says(with_body(b"{}", *(f"x-{number}: {'y' * 100}" for number in range(10_000))))
    ),
    "a header of a megabyte": LOST._replace(act=says(with_body(b"{}", "x: " + "y" * MEGABYTE))),
    "a header without a name": LOST._replace(act=says(with_body(b"{}", "nonsense"))),
    "a header with a null byte": LOST._replace(act=says(with_body(b"{}", "x: y\x00z"))),
    "HTTP/2 without having asked": LOST._replace(act=says(b"\x00\x00\x12\x04" + bytes(24))),
    "bytes that are no text": Case(says(with_body(b'{"id": "\xff"}')), errors.DecodeError, errors.DecodeError),
    "an integer of 5,000 digits": Case(says(with_body(b"1" * 5000)), errors.DecodeError, errors.DecodeError),
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
            assert len(hostile.received) == 1 + again
            assert all(KEY not in str(one) for one in (caught.value, caught.value.__cause__))
        assert_nothing_is_open(client)


ROBOT = b'{"legs": 4}'
UNUSUAL = {
    "early hints": b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" + with_body(ROBOT),
    "200 interim answers": b"HTTP/1.1 100 Continue\r\n\r\n" * 200 + with_body(ROBOT),
    "extensions of a chunk": CHUNKED + b'b;a=b;c="d"\r\n' + ROBOT + b"\r\n0\r\n\r\n",
    "trailers": CHUNKED + b"b\r\n" + ROBOT + b"\r\n0\r\nstatus: 500\r\n\r\n",
    "HTTP/1.0, up to the end": b"HTTP/1.0 200 OK\r\n\r\n" + ROBOT,
    "no reason": b"HTTP/1.1 200\r\nconnection: close\r\n\r\n" + ROBOT,
    "lines without a carriage return": b"HTTP/1.1 200 OK\nconnection: close\n\n" + ROBOT,
    "headers that are no text": HEAD + b"x-request-id: \xff\xfe\r\nconnection: close\r\n\r\n" + ROBOT,
    "a header over two lines": with_body(ROBOT, "x-a: a", "  b"),
    "a long header": with_body(ROBOT, "content-security-policy: " + "y" * 60_000),
    "a hundred headers": with_body(ROBOT, *(f"x-{number}: y" for number in range(100))),
    "an offer of another protocol": with_body(ROBOT, "upgrade: h2c", 'alt-svc: h3=":443"'),
    "a second answer": with_body(ROBOT).replace(b"connection: close\r\n", b"") + with_body(b'{"legs": 5}'),
    "two files of gzip": with_body(gzip.compress(ROBOT[:4]) + gzip.compress(ROBOT[4:]), "content-encoding: gzip"),
    "padded gzip": with_body(gzip.compress(ROBOT) + bytes(512), "content-encoding: gzip"),
    "gzip in capitals": with_body(gzip.compress(ROBOT), "content-encoding: GZIP"),
    "gzip twice": with_body(gzip.compress(gzip.compress(ROBOT)), "content-encoding: gzip", "content-encoding: gzip"),
    "a mark of byte order": with_body(b"\xef\xbb\xbf" + ROBOT),
    "UTF-16": with_body(ROBOT.decode().encode("utf-16"), "content-type: application/json; charset=utf-16"),
    "a charset that is none": with_body(ROBOT, "content-type: application/json; charset=no-such"),
    "a success that asks to wait": with_body(ROBOT, "retry-after: 50"),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_what_is_unusual_and_allowed_is_understood(connected: Engine, name: str) -> None:
    with Hostile(says(UNUSUAL[name])) as hostile:
        client = connected.client(base_url=hostile.url, max_retries=0)
        for arguments in ((GET, (ID,)), (CREATE, (), None, {"legs": 4})):
            assert connected.call(client, *arguments) == {"legs": 4}
            # Not all services say that they close the connection.
            connected.result(client.close())
            client = connected.client(base_url=hostile.url, max_retries=0)
        assert len(hostile.received) == 2


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
