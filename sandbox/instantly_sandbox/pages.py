"""Lists in pages, with a cursor as each operation has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .calls import Call
from .messages import Refusal
from .state import Entity

DEFAULT = 10
MOST = 100


def page(
    call: Call,
    rows: Iterable[Entity],
    cursor: Callable[[Entity], str] = lambda row: str(row["id"]),
    *,
    most: int = MOST,
) -> dict[str, Any]:
    """The page of `rows` that the call asks for.

    A full page has a cursor even if it is the last, as the service's have: the page after it is empty.

    Raises:
        Refusal: the cursor is not one of this list.
    """
    asked = call.body if call.operation.method == "POST" else call.query
    limit = asked.get("limit")
    size = DEFAULT if limit is None else max(1, min(int(limit), most))
    rows = list(rows)
    after = asked.get("starting_after")
    if after:
        places = [place for place, row in enumerate(rows) if cursor(row) == after]
        if not places:
            raise Refusal(400, "starting_after is no cursor of this list")
        rows = rows[places[-1] + 1 :]
    items = rows[:size]
    return {"items": items, **({"next_starting_after": cursor(items[-1])} if len(items) == size else {})}


def containing(rows: Iterable[Entity], text: str | None, *fields: str) -> list[Entity]:
    """The rows that have a text in one of these fields, in whichever case; all of them without a text."""
    if not text:
        return list(rows)
    wanted = text.lower()
    return [row for row in rows if any(wanted in str(row.get(field) or "").lower() for field in fields)]


def newest_first(rows: Iterable[Entity]) -> list[Entity]:
    """The rows in the order in which the service lists them."""
    return list(rows)[::-1]
