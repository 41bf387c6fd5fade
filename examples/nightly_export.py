"""Export campaigns, leads and e-mails into DuckDB every night, and from there into Parquet files.

pip install dlt duckdb
INSTANTLY_API_KEY=... python examples/nightly_export.py outreach.duckdb parquet/
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import dlt
import duckdb

from instantly_client import Instantly

TABLES = ("campaigns", "leads", "emails")
FIRST = "2020-01-01T00:00:00.000Z"
"""From when on e-mails are wanted."""


def plain(objects: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Objects as JSON has them: dlt makes columns of their fields, new ones too, and tables of lists in them."""
    for each in objects:
        yield each.to_dict()


def sources(client: Instantly) -> list[Any]:
    """What to export: all campaigns and leads, and the e-mails that are new since the last run."""

    def emails(
        created: Any = dlt.sources.incremental("timestamp_created", initial_value=FIRST),  # noqa: B008, dlt fills it
    ) -> Iterator[dict[str, Any]]:
        # Oldest first: what a run has read before it broke need not be read again. The client waits for its turn, for
        # the service allows few calls a minute.
        listed = client.emails.list(min_timestamp_created=created.last_value, sort_order="asc")
        yield from plain(listed)

    def merged(rows: Any, name: str) -> Any:
        # What is exported twice is the same row, by its id.
        return dlt.resource(rows, name=name, primary_key="id", write_disposition="merge")

    return [
        merged(plain(client.campaigns.list()), "campaigns"),
        merged(plain(client.leads.list()), "leads"),
        merged(emails, "emails"),
    ]


def export(client: Instantly, database: Path, state: Path | None = None) -> None:
    """Bring the database up to date. dlt keeps in it how far it came; a load that broke off is finished first."""
    pipeline = dlt.pipeline(
        "instantly",
        destination=dlt.destinations.duckdb(str(database)),
        dataset_name="instantly",
        pipelines_dir=str(state or Path.home() / ".dlt" / "pipelines"),
    )
    pipeline.run(sources(client))


def to_parquet(database: Path, folder: Path) -> list[Path]:
    """Write each table to a Parquet file."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with duckdb.connect(str(database), read_only=True) as connection:
        for table in TABLES:
            path = folder / f"{table}.parquet"
            connection.table(f"instantly.{table}").write_parquet(str(path))
            written.append(path)
    return written


if __name__ == "__main__":
    with Instantly() as instantly:
        export(instantly, Path(sys.argv[1]))
    for file in to_parquet(Path(sys.argv[1]), Path(sys.argv[2])):
        print(file)
