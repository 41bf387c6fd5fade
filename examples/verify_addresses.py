"""Verify the addresses of a CSV file, and write those that can receive mail to another one.

python examples/verify_addresses.py leads.csv good.csv
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from instantly_client import Instantly, VerifiedAddress, errors, progress_bar
from instantly_client.models import EmailVerification

Results = list[VerifiedAddress[EmailVerification]]

COLUMN = "email"


def verify(client: Instantly, addresses: list[str]) -> tuple[Results, str]:
    """Verify addresses; returns what is known of each, and why it stopped early, or ""."""
    try:
        with progress_bar("Verifying", total=len(addresses)) as on_progress:
            return client.email_verifications.verify_many(addresses, confirm=True, on_progress=on_progress), ""
    except errors.VerifyManyError as error:  # There are no credits left, for instance.
        return error.results, str(error)


def verify_file(client: Instantly, source: Path, target: Path) -> tuple[Results, str]:
    """Write the rows of a file whose address is verified, in their order."""
    with source.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        rows, columns = list(reader), reader.fieldnames or []
    results, stopped = verify(client, [row[COLUMN] for row in rows])
    good = {result.email.lower() for result in results if result.is_verified}
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(row for row in rows if row[COLUMN].strip().lower() in good)
    return results, stopped


if __name__ == "__main__":
    with Instantly() as instantly:
        found, why = verify_file(instantly, Path(sys.argv[1]), Path(sys.argv[2]))
    for each in found:
        if not each.is_verified:
            print(f"{each.email}: {each.status}{f': {each.error}' if each.error else ''}")
    sys.exit(why)
