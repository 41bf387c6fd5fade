"""A Redis that cannot be used from the start, is another than expected, or forgets what it knew."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import trustme

from benchmarks.figure import Unavailable
from benchmarks.servers import RedisServer, free_port
from instantly_core import Fallback, Limit, errors
from instantly_core.ratelimit.limits import WORKSPACE_LIMITS
from tests.core.test_limits import most_in, told

pytest.importorskip("redis", reason="the extra redis is not installed")

import redis

from instantly_core import RedisLimiter
from instantly_core.ratelimit.redis_errors import configuration_error

pytestmark = pytest.mark.redis

KINDS = pytest.mark.parametrize("kind", ["sync", "async"])

Start = Callable[..., RedisServer]


@pytest.fixture
def start() -> Iterator[Start]:
    with ExitStack() as stack:

        def start(*options: str, tls: bool = False) -> RedisServer:
            try:
                server = RedisServer(*options, tls=tls)
            except Unavailable as reason:
                pytest.skip(str(reason))
            stack.callback(server.kill)
            return server

        yield start


def do(server: RedisServer, *command: str | int) -> Any:
    with redis.Redis.from_url(server.url) as client:
        return client.execute_command(*command)


def acquire(kind: str, limiter: RedisLimiter, bucket: str = "", *limits: Limit, budget: float = 5.0) -> float:
    if kind == "sync":
        wait = limiter.acquire(bucket, limits, budget, told)
        limiter.close()
        return wait

    async def main() -> float:
        try:
            return await limiter.acquire_async(bucket, limits, budget, told)
        finally:
            await limiter.close_async()

    return asyncio.run(main())


@KINDS
@pytest.mark.parametrize("situation", ["down", "full"])
def test_four_processes_stay_within_the_limits_before_redis_is_known(
    kind: str, situation: str, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    server = start()
    if situation == "down":
        server.kill()
    else:
        do(server, "CONFIG", "SET", "maxmemory-policy", "noeviction")
        do(server, "CONFIG", "SET", "maxmemory", "1")
    changes: list[Fallback] = []
    limiters = [RedisLimiter(server.url, on_fallback=changes.append) for _ in range(4)]
    assert [acquire(kind, limiter) for limiter in limiters] == [0.0] * 4
    for position, limit in enumerate(WORKSPACE_LIMITS):
        parts = [limiter._breaker.part(WORKSPACE_LIMITS)[position] for limiter in limiters]
        assert sum(part.requests for part in parts) <= limit.requests
    assert [(change.active, change.share, change.processes) for change in changes] == [(True, 0.1, None)] * 4
    assert caplog.text.count("keeps to 10 % of the limits by itself: how many processes there are is not known") == 4


@KINDS
def test_a_number_of_processes_bounds_the_fallback(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    limiter = RedisLimiter("redis://127.0.0.1:9/0", share=4)
    assert acquire(kind, limiter) == 0.0
    assert "keeps to 25 % of the limits by itself: as share= says" in caplog.text


def wrong_password(server: RedisServer) -> str:
    return server.url.replace("guessed", "mistaken")


def no_password(server: RedisServer) -> str:
    return server.url.replace(":guessed@", "")


def no_database(server: RedisServer) -> str:
    return server.url.removesuffix("0") + "999"


def replica(server: RedisServer) -> str:
    do(server, "REPLICAOF", "127.0.0.1", 9)
    return server.url


def other_type(server: RedisServer) -> str:
    do(server, "SET", "{instantly-client}:workspace", "x")
    return server.url


def other_type_of_members(server: RedisServer) -> str:
    do(server, "SET", "{instantly-client}:members", "x")
    return server.url


def not_permitted(server: RedisServer) -> str:
    do(server, "ACL", "SETUSER", "worker", "on", ">guessed", "~*", "+@all", "-@scripting")
    return server.url.replace(":guessed", "worker:guessed")


def other_keys(server: RedisServer) -> str:
    do(server, "ACL", "SETUSER", "worker", "on", ">guessed", "~other:*", "+@all")
    return server.url.replace(":guessed", "worker:guessed")


@KINDS
@pytest.mark.parametrize(
    ("break_it", "advice"),
    [
        (wrong_password, "correct that in the url"),
        (no_password, "correct that in the url"),
        (no_database, "no database of this number"),
        (replica, "url of the master"),
        (other_type, "another `name`"),
        (other_type_of_members, "another `name`"),
        (not_permitted, "may not run scripts"),
        (other_keys, "may not run scripts, or not on these keys"),
    ],
)
def test_what_does_not_heal_is_an_error_at_first_use_that_says_what_to_do(
    kind: str, start: Start, break_it: Callable[[RedisServer], str], advice: str
) -> None:
    limiter = RedisLimiter(break_it(start()))
    for _ in range(2):
        with pytest.raises(errors.ConfigurationError, match=advice) as caught:
            acquire(kind, limiter)
        assert "guessed" not in str(caught.value)
        assert "mistaken" not in str(caught.value)


def test_what_breaks_after_redis_has_answered_is_no_reason_to_stop(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    server = start()
    limiter = RedisLimiter(server.url, share=0.5)
    assert acquire("sync", limiter) == 0.0
    replica(server)
    assert acquire("sync", limiter) == 0.0
    assert "(ReadOnlyError); this process keeps to 50 %" in caplog.text


def test_a_number_of_processes_that_was_seen_only_just_now_is_not_known(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    server = start()
    limiter = RedisLimiter(server.url)
    assert acquire("sync", limiter) == 0.0
    server.kill()
    assert acquire("sync", limiter) == 0.0
    assert "keeps to 10 % of the limits" in caplog.text


@KINDS
def test_flushes_are_made_up_for(kind: str, start: Start) -> None:
    server = start()
    limiters = [RedisLimiter(server.url) for _ in range(4)]
    three = Limit(3, 600)
    assert [acquire(kind, limiter, "emails", three) for limiter in limiters[:3]] == [0.0] * 3
    do(server, "FLUSHALL")
    # Each knows its own departures, and puts them back.
    for limiter in limiters[:3]:
        acquire(kind, limiter, "emails", three, budget=0.0)
    assert do(server, "ZCARD", "{instantly-client}:emails") <= 4
    assert acquire(kind, limiters[3], "emails", three, budget=0.0) > 500


@pytest.mark.slow
def test_four_processes_stay_near_the_limits_although_redis_is_flushed_all_the_time(start: Start) -> None:
    server = start()
    limiters = [RedisLimiter(server.url) for _ in range(4)]
    end = time.monotonic() + 4
    departures: list[float] = []

    def work(limiter: RedisLimiter) -> None:
        while (left := end - time.monotonic()) > 0:
            if limiter.acquire("", (), left, told) == 0.0:
                departures.append(time.monotonic())

    threads = [threading.Thread(target=work, args=(limiter,)) for limiter in limiters for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(6):
        time.sleep(0.6)
        do(server, "FLUSHALL")
    for thread in threads:
        thread.join()
    for limiter in limiters:
        limiter.close()
    assert most_in(1.0, departures) < 110


def test_a_cancelled_wait_gives_its_place_back(start: Start) -> None:
    server = start()
    limiter = RedisLimiter(server.url, limits=(Limit(2, 1),))

    async def main() -> None:
        assert await limiter.acquire_async("", (), 5.0, told) == 0.0
        task = asyncio.create_task(limiter.acquire_async("", (), 5.0, told))
        while await client.zcard("{instantly-client}:workspace") < 2:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await limiter.acquire_async("", (), 5.0, told) == 0.0
        assert await client.zcard("{instantly-client}:workspace") == 2
        await client.aclose()
        await limiter.close_async()

    client = redis.asyncio.Redis.from_url(server.url)
    asyncio.run(main())


def test_a_request_that_is_not_sent_gives_its_place_back(start: Start) -> None:
    limiter = RedisLimiter(start().url)
    for _ in range(5):
        assert acquire("sync", limiter, "emails", Limit(1, 600)) == 0.0
        limiter.cancel("emails", 0.0)
    assert acquire("sync", limiter, "emails", Limit(1, 600)) == 0.0
    assert acquire("sync", limiter, "emails", Limit(1, 600)) > 500


@KINDS
def test_a_node_of_a_cluster_leads_to_the_node_with_the_keys(kind: str, start: Start, tmp_path: Path) -> None:
    nodes = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        options = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()), "--dir", str(tmp_path / name))
        nodes.append(start(*options))
    one, two = nodes
    slot = do(one, "CLUSTER", "KEYSLOT", "{instantly-client}:workspace")
    assert slot == do(one, "CLUSTER", "KEYSLOT", "{instantly-client}:members")
    for first, last in ((0, slot - 1), (slot + 1, 16383)):
        do(one, "CLUSTER", "ADDSLOTSRANGE", first, last)
    do(two, "CLUSTER", "ADDSLOTS", slot)
    do(two, "CONFIG", "SET", "cluster-announce-ip", "127.0.0.1")
    do(one, "CLUSTER", "MEET", "127.0.0.1", two.port, int(do(two, "CONFIG", "GET", "cluster-port")[b"cluster-port"]))
    end = time.monotonic() + 30
    while any("cluster_state:ok" not in str(do(node, "CLUSTER", "INFO")) for node in nodes):
        assert time.monotonic() < end
        time.sleep(0.05)
    three = Limit(3, 600)
    limiters = [RedisLimiter(node.url) for node in nodes for _ in range(2)]
    assert [acquire(kind, limiter, "emails", three) for limiter in limiters[:3]] == [0.0] * 3
    assert acquire(kind, limiters[3], "emails", three) > 500
    assert not any(limiter._breaker.failures for limiter in limiters)


@KINDS
def test_a_sentinel_leads_to_the_master(kind: str, start: Start, tmp_path: Path) -> None:
    master = start()
    file = tmp_path / "sentinel.conf"
    file.write_text(f"sentinel monitor ours 127.0.0.1 {master.port} 1\nsentinel auth-pass ours guessed\n")
    sentinel = start(str(file), "--sentinel")
    url = f"redis+sentinel://:guessed@127.0.0.1:{sentinel.port}/ours/0"
    assert acquire(kind, RedisLimiter(url), "emails", Limit(1, 600)) == 0.0
    assert acquire(kind, RedisLimiter(master.url), "emails", Limit(1, 600)) > 500


@pytest.mark.long
@KINDS
def test_the_limits_hold_while_sentinels_replace_the_master(kind: str, start: Start, tmp_path: Path) -> None:
    """Four processes never stop; the master dies, another one that knows what it knew takes its place."""
    common = ("--masterauth", "guessed", "--dir", str(tmp_path))  # A replica begins with a file.
    master = start(*common)
    replica = start(*common, "--replicaof", f"127.0.0.1 {master.port}")
    while do(replica, "ROLE")[3] != b"connected":
        time.sleep(0.05)
    file = tmp_path / "sentinel.conf"
    file.write_text(
        f"sentinel monitor ours 127.0.0.1 {master.port} 1\nsentinel auth-pass ours guessed\n"
        "sentinel down-after-milliseconds ours 500\nsentinel failover-timeout ours 2000\n"
    )
    sentinel = start(str(file), "--sentinel")
    with redis.Redis.from_url(no_password(sentinel)) as asked:
        while not asked.sentinel_slaves("ours"):
            time.sleep(0.05)
    limiters = [RedisLimiter(f"redis+sentinel://:guessed@127.0.0.1:{sentinel.port}/ours/0", share=4) for _ in range(4)]
    end = time.monotonic() + 14
    departures: list[float] = []

    def work(limiter: RedisLimiter) -> None:
        while (left := end - time.monotonic()) > 0:
            if limiter.acquire("", (), left, told) == 0.0:
                departures.append(time.monotonic())
        limiter.close()

    async def work_async(limiter: RedisLimiter) -> None:
        while (left := end - time.monotonic()) > 0:
            if await limiter.acquire_async("", (), left, told) == 0.0:
                departures.append(time.monotonic())
        await limiter.close_async()

    def run(limiter: RedisLimiter) -> None:
        if kind == "sync":
            work(limiter)
        else:
            asyncio.run(work_async(limiter))

    threads = [threading.Thread(target=run, args=(limiter,)) for limiter in limiters]
    for thread in threads:
        thread.start()
    time.sleep(3)
    master.kill()
    for thread in threads:
        thread.join()
    assert do(replica, "ROLE")[0] == b"master"
    assert most_in(1.0, departures) < 110
    # It decides again, for all of them.
    assert all(limiter._breaker.failures and limiter._breaker.local is None for limiter in limiters)
    assert do(replica, "ZCARD", "{instantly-client}:workspace") > 0


@pytest.mark.parametrize("url", ["redis+sentinel://127.0.0.1:1", "redis+sentinel://127.0.0.1:x/ours", "http://a"])
def test_a_url_that_cannot_be(url: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="url must begin with"):
        RedisLimiter(url)


@KINDS
def test_tls_is_checked(kind: str, start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    files = ("--tls-cert-file", str(tmp_path / "cert.pem"), "--tls-key-file", str(tmp_path / "key.pem"))
    server = start(*files, "--tls-auth-clients", "no", tls=True)
    trusting = RedisLimiter(f"{server.url}?ssl_ca_certs={tmp_path / 'ca.pem'}")
    assert acquire(kind, trusting) == 0.0
    assert not trusting._breaker.failures
    with pytest.raises(errors.ConfigurationError, match="certificate is not trusted"):
        acquire(kind, RedisLimiter(server.url))


@pytest.mark.parametrize("text", ["BUSY Redis is busy", "MISCONF errors writing", "OOM command not allowed", "x"])
def test_what_heals_is_no_configuration(text: str) -> None:
    assert configuration_error(redis.ResponseError(text)) is None
