"""The nightly export brings a database up to date, and reads no e-mail twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from examples import nightly_export
from instantly_client import errors
from instantly_sandbox import Clock, Sandbox


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    with Sandbox(world="demo", clock=Clock(datetime(2026, 5, 4, 8, tzinfo=UTC))) as sandbox:
        sandbox.clock.advance(timedelta(days=5))
        yield sandbox


def column(database: Path, query: str) -> list[Any]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return [row[0] for row in connection.execute(query).fetchall()]


def test_each_night_adds_what_is_new(sandbox: Sandbox, tmp_path: Path) -> None:
    client = sandbox.client()
    database = tmp_path / "outreach.duckdb"
    for _ in range(2):
        nightly_export.export(client, database, tmp_path / "state")
        expected = sorted(email.id for email in client.emails.list())
        assert sorted(column(database, "SELECT id FROM instantly.emails")) == expected
        assert len(column(database, "SELECT id FROM instantly.leads")) == len(client.leads.list().collect())
        sandbox.clock.advance(timedelta(days=2))
        sandbox.service.requests.clear()
    nightly_export.export(client, database, tmp_path / "state")
    first = next(request for request in sandbox.requests if request.operation == "listEmail")
    assert first.query["min_timestamp_created"][0] > nightly_export.FIRST
    files = nightly_export.to_parquet(database, tmp_path / "parquet")
    for path in files:
        table = f"instantly.{path.stem}"
        assert duckdb.read_parquet(str(path)).shape[0] == len(column(database, f"SELECT id FROM {table}"))


def test_what_broke_off_is_taken_up(sandbox: Sandbox, tmp_path: Path) -> None:
    client = sandbox.client(max_retries=0)
    database = tmp_path / "outreach.duckdb"
    sandbox.faults.status(500, operation="listEmail")
    with pytest.raises(Exception) as broken:  # noqa: PT011, dlt wraps it
        nightly_export.export(client, database, tmp_path / "state")
    causes = []
    cause: BaseException | None = broken.value
    while cause is not None:
        causes.append(type(cause))
        cause = cause.__cause__ or cause.__context__
    assert errors.ServerError in causes
    nightly_export.export(client, database, tmp_path / "state")
    assert len(column(database, "SELECT id FROM instantly.emails")) == len(client.emails.list().collect())
