"""What the tests of campaigns and leads begin with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from instantly_sandbox import Clock, Sandbox
from instantly_sandbox.engine.document import REMOVED, Document, Schema
from instantly_sandbox.engine.validation import validator

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR, DAY = 3600, 24 * 3600
NOBODY = "019c0000-0000-7000-8000-000000000000"
SENDER = "mara@sender.example.com"
SCHEDULE = {
    "schedules": [
        {
            "name": "Office hours",
            "timing": {"from": "09:00", "to": "17:00"},
            "days": {"1": True},
            "timezone": "Europe/Belgrade",
        }
    ]
}


def sandbox(**options: Any) -> tuple[Sandbox, Any]:
    """A sandbox whose clock does not move, and a client that accepts no deviation."""
    made = Sandbox(clock=Clock(START, frozen=True), **options)
    return made, made.client(strict=True)


def stored(box: Sandbox, kind: str) -> list[dict[str, Any]]:
    """All objects of a kind that the sandbox holds."""
    return list(box.runtime.state.workspaces[box.workspace_id].of(kind).values())


def faults_of(document: Document, schema: Schema, row: Mapping[str, Any]) -> list[str]:
    """What is wrong with an object, apart from fields that the document has no more: no answer has them."""
    shown = {name: value for name, value in row.items() if name not in schema.get(REMOVED, ())}
    return [error.message for error in validator(document, schema).iter_errors(shown)]


def steps(*delays: float) -> list[dict[str, Any]]:
    """Sequences with one step for each delay in days."""
    variants = [{"subject": "Hello {{firstName}}", "body": "<p>Hello {{firstName}} of {{companyName}}</p>"}]
    return [{"steps": [{"type": "email", "delay": delay, "variants": variants} for delay in delays]}]


def campaign(client: Any, name: str = "Spring", **fields: Any) -> str:
    """The id of a new campaign with two steps."""
    given = {"campaign_schedule": SCHEDULE, "sequences": steps(2, 0), "email_list": [SENDER], **fields}
    return str(client.campaigns.create(name=name, **given).id)


def people(count: int, domain: str = "customer.example.org") -> list[dict[str, Any]]:
    """So many leads to add."""
    return [
        {"email": f"person{number}@{domain}", "first_name": f"Person{number}", "company_name": "Birch"}
        for number in range(count)
    ]
