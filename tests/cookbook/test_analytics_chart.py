"""The chart has a bar for each campaign."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from examples import analytics_chart
from instantly_sandbox import Clock, Sandbox


def test_each_campaign_has_its_bars(tmp_path: Path) -> None:
    with Sandbox(world="demo", clock=Clock(datetime(2026, 5, 4, 8, tzinfo=UTC))) as sandbox:
        sandbox.clock.advance(timedelta(days=5))
        client = sandbox.client()
        rows = analytics_chart.shares(client)
        assert {row[0] for row in rows} == {
            figures.campaign_name for figures in client.campaigns.get_analytics() if figures.emails_sent_count
        }
        assert all(0 <= share <= 1 for row in rows for share in row[1:])
        analytics_chart.draw(rows, tmp_path / "chart.svg")
        svg = (tmp_path / "chart.svg").read_text("utf-8")
    for name, *_ in rows:
        assert name in svg
