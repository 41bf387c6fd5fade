"""Import leads from a CSV file into a campaign, and write what became of each row to a file next to it.

python examples/import_leads.py leads.csv CAMPAIGN_ID

Run it again after a failure: it goes on where it stopped.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from instantly_client import ImportReport, Instantly, progress_bar

MAPPING = {"Firm": "company_name", "Notes": None}
"""What columns become where their name does not say it; None leaves one out. Others become custom variables."""


def import_leads(client: Instantly, path: Path, campaign_id: str) -> ImportReport:
    """Import the rows of a file, each address once."""
    kept = path.with_suffix(".report.csv")
    report = ImportReport.from_csv(kept) if kept.exists() else ImportReport()
    report.settle(carried_out=False)  # Rows in doubt are sent again: the campaign takes no address twice.
    try:
        with path.open(encoding="utf-8-sig", newline="") as file, progress_bar("Importing") as on_progress:
            rows = list(csv.DictReader(file))
            return client.leads.import_rows(
                rows,
                campaign_id=campaign_id,
                mapping={column: field for column, field in MAPPING.items() if rows and column in rows[0]},
                report=report,
                on_progress=on_progress,
            )
    finally:
        if report.rows:
            report.to_csv(kept)


if __name__ == "__main__":
    with Instantly() as instantly:
        imported = import_leads(instantly, Path(sys.argv[1]), sys.argv[2])
    print(imported)
    for row in imported.rows:
        if row.outcome != "added":
            print(f"row {row.number}: {row.email or '-'}: {row.outcome}: {row.reason}")
