"""Workers of Celery share one limit, and carry out what they are given."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
import redis

from instantly_client.models import CampaignStatus
from instantly_sandbox import Sandbox

ROOT = Path(__file__).parents[2]


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    program = shutil.which("redis-server")
    assert program, "no redis-server is on the PATH"
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen([program, "--port", str(port), "--save", "", "--dir", str(tmp_path)], stdout=-3)
    connection = redis.Redis(port=port)
    for _ in range(200):
        with suppress(redis.ConnectionError):
            if connection.ping():
                break
        time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}/0"
    connection.close()
    server.terminate()
    server.wait()


def test_two_workers_carry_out_tasks_with_one_limit(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", redis_url)
    from examples import celery_workers

    sandbox = Sandbox(world="demo")
    with sandbox.serve() as url:
        environment = {**os.environ, "INSTANTLY_API_KEY": sandbox.key, "INSTANTLY_BASE_URL": url, "PYTHONPATH": path()}
        command = [sys.executable, "-m", "celery", "--app", "examples.celery_workers", "worker", "--pool", "solo"]
        workers = [
            subprocess.Popen([*command, "--hostname", f"w{number}@%h"], cwd=ROOT, env=environment, stdout=-3, stderr=-3)
            for number in range(2)
        ]
        try:
            client = sandbox.client()
            campaign = client.campaigns.list(status=CampaignStatus.ACTIVE).first()
            assert campaign is not None
            rows = [{"Email": f"reader{number}@celery.example"} for number in range(3)]
            added = celery_workers.add_leads.delay(rows, campaign.id)
            assert added.get(timeout=60) == {"added": 3}
            sandbox.faults.status(503, operation="bulkAddLeads")  # It is tried again.
            assert celery_workers.add_leads.delay(rows, campaign.id).get(timeout=60) == {"refused": 3}
            assert celery_workers.pause.delay(campaign.id).get(timeout=60) == "PAUSED"
            received = client.emails.list(email_type="received", max_items=1).first()
            assert received is not None
            arguments = (received.id, received.eaccount, "Re: hello", "Thank you!")
            first = celery_workers.reply.delay(*arguments).get(timeout=60)
            assert first in ("answered", "answered before")
            assert celery_workers.reply.delay(*arguments).get(timeout=60) == "answered before"
            with closing(redis.Redis.from_url(redis_url)) as connection:
                assert list(connection.scan_iter("*instantly*"))  # The limit that both count in.
        finally:
            for worker in workers:
                worker.terminate()
                worker.wait()


def path() -> str:
    return os.pathsep.join(str(ROOT / each) for each in ("core", "generated", "sandbox", "."))
