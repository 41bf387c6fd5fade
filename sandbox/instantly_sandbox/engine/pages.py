"""Lists in pages, with the kind of cursor that each operation has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ..state.workspaces import Entity
from .context import RequestContext
from .document import CURSOR
from .messages import Refusal

DEFAULT = 10
MOST = 100


class CursorKind(NamedTuple):
    """A kind of cursor: what it looks like, and how a row of the list has it."""

    pattern: re.Pattern[str]
    of: Callable[[Entity], str]


_TIME = r"\d{4}-\d\d-\d\d(T[\d:.]+Z)?"
KINDS = (
    CursorKind(re.compile(_TIME + r"&\S+@\S+"), lambda row: f"{row['timestamp_created']}&{row['email']}"),
    CursorKind(re.compile(_TIME), lambda row: str(row["timestamp_created"])),
    CursorKind(re.compile(r"[0-9a-f]{24}"), lambda row: str(row["id"])),
    CursorKind(re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE), lambda row: str(row["id"])),
)


def page(
    context: RequestContext, rows: Iterable[Entity], *, cursor: Callable[[Entity], str] | None = None, most: int = MOST
) -> dict[str, Any]:
    """The page of `rows` that the call asks for.

    A full page has a cursor even if it is the last, as the service's have: the page after it is empty.

    Args:
        call: a list, of an operation with cursors.
        rows: all of them, in the order of the list.
        cursor: what a row's cursor is, where the operation's kind of cursor does not say it.
        most: the largest page.

    Raises:
        Refusal: the cursor is not of the kind that this list has.
    """
    asked = context.body if context.operation.method == "POST" else context.query
    kind = next(kind for kind in KINDS if kind.pattern.fullmatch(context.operation.cursor))
    cursor_of = cursor or kind.of
    limit = asked.get("limit")
    size = DEFAULT if limit is None else max(1, min(int(limit), most))
    rows = list(rows)
    after = asked.get(CURSOR)
    if after:
        if cursor is None and not kind.pattern.fullmatch(after):
            raise Refusal(400, f"{CURSOR} is no cursor of this list: one looks like {context.operation.cursor}")
        places = [place for place, row in enumerate(rows) if cursor_of(row) == after]
        rows = rows[places[-1] + 1 :] if places else []
    items = rows[:size]
    return {"items": items, **({"next_starting_after": cursor_of(items[-1])} if len(items) == size else {})}


def containing(rows: Iterable[Entity], text: str | None, *fields: str) -> list[Entity]:
    """The rows that have a text in one of these fields, in whichever case; all of them without a text."""
    if not text:
        return list(rows)
    wanted = text.lower()
    return [row for row in rows if any(wanted in str(row.get(field) or "").lower() for field in fields)]


def newest_first(rows: Iterable[Entity]) -> list[Entity]:
    """The rows in the order in which the service lists them."""
    return list(rows)[::-1]
