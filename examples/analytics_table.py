"""Print the figures of all campaigns as a table, and write them to a CSV file.

python examples/analytics_table.py figures.csv
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

from instantly_client import Instantly, tables

COLUMNS = ["campaign_name", "campaign_status", "emails_sent_count", "reply_count_unique", "bounced_count"]


def figures(client: Instantly) -> list[dict[str, Any]]:
    """A row for each campaign, with the share of replies; those with the most replies first."""
    rows = tables.rows(client.campaigns.get_analytics(), columns=COLUMNS)
    for row in rows:
        row["replies"] = (
            round(row["reply_count_unique"] / row["emails_sent_count"], 3) if row["emails_sent_count"] else 0
        )
    return sorted(rows, key=lambda row: row["replies"], reverse=True)


def write(rows: list[dict[str, Any]], path: Path) -> None:
    """Write the rows to a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*COLUMNS, "replies"])
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    with Instantly() as instantly:
        found = figures(instantly)
    write(found, Path(sys.argv[1]))
    for each in found:
        print(f"{each['campaign_name']:<30} {each['emails_sent_count']:>7} {each['replies']:>7.1%}")
