"""Sameness of JSON: what came and what comes out again, when nothing was lost and nothing invented."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from dateutil import parser

from instantly_core import UNSET, AsyncPage, Page, Paging
from instantly_core.models.encode import jsonable

CURSOR = "next_starting_after"
USUAL = Paging("query")


def written(result: Any, paging: Paging | None = None) -> Any:
    """The result of a method as JSON; a page as `page` gives the object that came."""
    if isinstance(result, Page | AsyncPage):
        counted = paging is not None and paging.counts
        cursor = {} if result.next_cursor is None or counted else {CURSOR: result.next_cursor}
        return {"items": jsonable(result.items), **cursor, **result.extra}
    return jsonable(result)


def same(came: Any, out: Any) -> bool:
    """Whether two JSON values are equal, timestamps by the moment that they mean."""
    if isinstance(came, dict):
        return isinstance(out, dict) and came.keys() == out.keys() and all(same(came[name], out[name]) for name in came)
    if isinstance(came, list):
        return isinstance(out, list) and len(came) == len(out) and all(map(same, came, out))
    if isinstance(came, str):
        return isinstance(out, str) and (came == out or same_moment(came, out))
    # True is 1 in Python, and not in JSON.
    return isinstance(came, bool) == isinstance(out, bool) and bool(came == out)


def same_moment(came: str, out: str) -> bool:
    """Whether two texts are the same moment."""
    try:
        return moment(came) == moment(out)
    except (ValueError, OverflowError):
        return False


def moment(text: str) -> datetime:
    """The moment that a text means; without a zone it is in UTC."""
    found = parser.isoparse(text.upper())
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def page(value: Any, paging: Paging | None = None) -> dict[str, Any]:
    """A page as the client gives it back, in the usual form: one without a cursor leads nowhere, items or not.

    A list without a page around it is taken for its items, a number for a cursor, and what is nothing like a page for
    an empty one; the deviation that is reported has what came. An empty page may as well say that it has no items.
    """
    if not isinstance(value, dict):
        return {"items": value if isinstance(value, list) else []}
    if paging is not None and (paging.items, paging.cursor) != (USUAL.items, USUAL.cursor):
        value = _usual(value, paging)
    cursor = value.get(CURSOR)
    rest = {"items": [], **{name: field for name, field in value.items() if name != CURSOR}}
    if type(cursor) in (int, float, str):
        return rest if cursor == "" else {**rest, CURSOR: str(cursor)}
    return rest if cursor is None else {**rest, CURSOR: cursor}


def _usual(value: dict[str, Any], paging: Paging) -> dict[str, Any]:
    """A page of another form in the usual one."""
    rest = deepcopy(value)
    # What is no list stays where it is.
    items = _take(rest, paging.items) if isinstance(_found(rest, paging.items), list) else UNSET
    cursor = _take(rest, paging.cursor)
    return {**rest, **{name: found for name, found in (("items", items), (CURSOR, cursor)) if found is not UNSET}}


def _found(value: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        value = value.get(key, UNSET) if isinstance(value, dict) else UNSET
    return value


def _take(value: Any, keys: Sequence[str]) -> Any:
    """Take what the keys lead to out of a value, with the objects that have nothing else in them."""
    if not keys or not isinstance(value, dict) or keys[0] not in value:
        return UNSET
    if len(keys) == 1:
        return value.pop(keys[0])
    found = _take(value[keys[0]], keys[1:])
    if value[keys[0]] == {}:
        del value[keys[0]]
    return found
