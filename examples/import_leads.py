"""Import leads from a CSV file into a campaign: columns mapped, duplicates dropped, a report for each row.

python examples/import_leads.py leads.csv CAMPAIGN_ID
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from instantly_client import Instantly

COLUMNS = {"E-mail": "email", "First name": "first_name", "Last name": "last_name", "Company": "company_name"}
"""Column of the file -> field of a lead. Every other column becomes a custom variable."""


class Row(NamedTuple):
    """A row of the file: its number, its address, and what became of it."""

    number: int
    email: str
    outcome: str


def import_leads(client: Instantly, rows: Iterable[Mapping[str, object]], campaign_id: str) -> list[Row]:
    """Add the rows to a campaign, each address once; returns what became of each."""
    report: dict[int, Row] = {}
    leads: dict[str, dict[str, object]] = {}
    numbers: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        lead = lead_of(row)
        email = str(lead.get("email", "")).strip().lower()
        if "@" not in email:
            report[number] = Row(number, email, "no address")
        elif email in leads:
            report[number] = Row(number, email, f"the same address as row {numbers[email]}")
        else:
            leads[email] = {**lead, "email": email}
            numbers[email] = number
    added = client.leads.add_many(leads.values(), campaign_id=campaign_id, skip_if_in_workspace=True)
    created = {str(each.email).lower() for each in added.created_leads}
    for email, number in numbers.items():
        report[number] = Row(number, email, "added" if email in created else "skipped by the service")
    return [report[number] for number in sorted(report)]


def lead_of(row: Mapping[str, object]) -> dict[str, object]:
    """The lead in a row: its fields by COLUMNS, and all other columns as custom variables. Empty cells are left out."""
    given = dict(_filled(row))
    lead: dict[str, object] = {COLUMNS[name]: value for name, value in given.items() if name in COLUMNS}
    variables = {name: value for name, value in given.items() if name not in COLUMNS}
    return {**lead, "custom_variables": variables} if variables else lead


def _filled(row: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in row.items():
        # NaN, which pandas has in empty cells, is not equal to itself.
        if value is not None and value != "" and value == value:
            yield name, value


if __name__ == "__main__":
    path, campaign = sys.argv[1:]
    with Instantly() as instantly, open(path, encoding="utf-8-sig", newline="") as file:
        for each in import_leads(instantly, csv.DictReader(file), campaign):
            print(f"row {each.number}: {each.email or '-'}: {each.outcome}")
