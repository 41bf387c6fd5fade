"""Pages of lists, with the kind of cursor of each operation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import islice, takewhile
from typing import Any, NamedTuple

from instantly_core.call.page import HAS_MORE, TOTALS

from ..state.workspaces import Entity
from .context import RequestContext
from .document import CURSOR, NEXT_CURSOR
from .messages import Refusal

DEFAULT_SIZE = 10
MAX_SIZE = 100


class CursorKind(NamedTuple):
    """Kind of cursor: the pattern of its text, and the cursor of a row."""

    pattern: re.Pattern[str]
    of: Callable[[Entity], str]


_TIME = r"\d{4}-\d\d-\d\d(T[\d:.]+Z)?"
KINDS = (
    CursorKind(re.compile(_TIME + r"&\S+@\S+"), lambda row: f"{row['timestamp_created']}&{row['email']}"),
    CursorKind(re.compile(_TIME), lambda row: str(row["timestamp_created"])),
    CursorKind(re.compile(r"[0-9a-f]{24}"), lambda row: str(row["id"])),
    CursorKind(re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE), lambda row: str(row["id"])),
    # Of any other form: it means nothing to anybody but the service.
    CursorKind(
        re.compile(r".*", re.DOTALL), lambda row: str(row.get("id") or row.get("email") or row["timestamp_created"])
    ),
)


def page(
    context: RequestContext,
    rows: Iterable[Entity],
    *,
    cursor: Callable[[Entity], str] | None = None,
    max_size: int = MAX_SIZE,
    ascending: bool = False,
    begun: bool = False,
    cursor_at_end: bool = True,
) -> dict[str, Any]:
    """The page of `rows` that a request asks for.

    A page with items has a cursor even if it is the last page, as in the service: the next page is empty. A cursor
    keeps its place when its row leaves the list.

    Args:
        context: of an operation with cursors.
        rows: all rows, in the order of the list.
        cursor: gives the cursor of a row, in place of the operation's kind of cursor.
        max_size: the largest page.
        ascending: cursors become greater from row to row; without it they become less.
        begun: the rows are those after the cursor already.
        cursor_at_end: a last page that is not full has a cursor.

    Raises:
        Refusal: the cursor is of another kind than this list's.
    """
    asked = context.body if context.operation.method == "POST" else context.query
    kind = next(kind for kind in KINDS if kind.pattern.fullmatch(context.operation.cursor))
    cursor_of = cursor or kind.of
    limit = asked.get("limit")
    size = DEFAULT_SIZE if limit is None else max(1, min(int(limit), max_size))
    after, total = asked.get(CURSOR), None
    if after and cursor is None and not kind.pattern.fullmatch(after):
        raise Refusal(400, f"{CURSOR} is no cursor of this list: one looks like {context.operation.cursor}")
    if not begun:
        rows = list(rows)
        total = len(rows)
        rows = _after(rows, after, cursor_of, ascending=ascending) if after else rows
    found = list(islice(rows, size + 1))
    items, more = found[:size], len(found) > size
    listing: dict[str, Any] = {"items": items, **_extra(context, total, more=more)}
    if items and (cursor_at_end or len(items) == size):
        listing[NEXT_CURSOR] = cursor_of(items[-1])
    return listing


def _after(rows: list[Entity], after: str, cursor_of: Callable[[Entity], str], *, ascending: bool) -> list[Entity]:
    """The rows after a cursor, or after its place if its row has left the list."""
    cursors = [cursor_of(row) for row in rows]
    if after in cursors:
        return rows[len(cursors) - cursors[::-1].index(after) :]
    before = (cursor < after if ascending else cursor > after for cursor in cursors)
    return rows[sum(takewhile(bool, before)) :]


def _extra(context: RequestContext, total: int | None, *, more: bool) -> dict[str, Any]:
    """The fields that the document has next to the items: counts as they are, others that are required by samples."""
    document = context.runtime.document
    schema = document.resolve(context.operation.success[2] or {})
    counts = {**({} if total is None else dict.fromkeys(TOTALS, total)), HAS_MORE: more}
    return {
        name: counts[name] if name in counts else context.sampler().fitting(field)
        for name, field in schema.get("properties", {}).items()
        if name in counts or (name in schema.get("required", ()) and name not in ("items", NEXT_CURSOR))
    }


def containing(rows: Iterable[Entity], text: str | None, *fields: str) -> list[Entity]:
    """The rows with a text in one of these fields, in upper or lower case; all rows without a text."""
    if not text:
        return list(rows)
    return [row for row in rows if contains(row, text, *fields)]


def contains(row: Entity, text: str | None, *fields: str) -> bool:
    """Whether a row has a text in one of these fields, in upper or lower case."""
    return not text or any(text.lower() in str(row.get(field) or "").lower() for field in fields)


def newest_first(rows: Iterable[Entity]) -> list[Entity]:
    """The rows in the order in which the service lists them."""
    return list(rows)[::-1]
