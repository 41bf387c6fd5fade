"""Draw the share of replies and bounces of each campaign.

pip install matplotlib
python examples/analytics_chart.py figures.svg
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # It draws into files, and needs no screen.

from matplotlib import pyplot
from matplotlib.ticker import PercentFormatter

from instantly_client import Instantly, Unset
from instantly_client.models import CampaignAnalytics


def shares(client: Instantly, min_sent: int = 1) -> list[tuple[str, float, float]]:
    """Name, share of replies and share of bounces of each campaign; of fewer e-mails a share says nothing."""

    def share(figures: CampaignAnalytics, count: int | Unset) -> float:
        return (count or 0) / figures.emails_sent_count

    return [
        (figures.campaign_name, share(figures, figures.reply_count_unique), share(figures, figures.bounced_count))
        for figures in client.campaigns.get_analytics()
        if figures.emails_sent_count >= min_sent
    ]


def draw(rows: list[tuple[str, float, float]], path: Path) -> None:
    """Draw two bars for each campaign, those with the most replies on top."""
    rows = sorted(rows, key=lambda row: row[1])
    figure, axes = pyplot.subplots(figsize=(8, 1 + len(rows) * 0.6), layout="constrained")
    places = range(len(rows))
    axes.barh([place + 0.2 for place in places], [row[1] for row in rows], height=0.4, label="replies")
    axes.barh([place - 0.2 for place in places], [row[2] for row in rows], height=0.4, label="bounces")
    axes.set_yticks(list(places), [row[0] for row in rows])
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.legend()
    figure.savefig(path)
    pyplot.close(figure)


if __name__ == "__main__":
    with Instantly() as instantly:
        draw(shares(instantly), Path(sys.argv[1]))
