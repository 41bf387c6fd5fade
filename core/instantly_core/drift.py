"""Telling about answers that are not what the API's description promises: once for each place, not once a row."""

from __future__ import annotations

import re
from collections.abc import Callable
from logging import DEBUG, WARNING
from threading import Lock
from typing import Any, NamedTuple

from .errors import DriftError
from .log import logger
from .operation import Operation

# What is no field name may be an address, a day or an id: it is neither told apart nor told.
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_INDEX = re.compile(r"[0-9]+\Z")
_MOST_PLACES = 10_000


class DriftEvent(NamedTuple):
    """An answer that deviates from the API's description.

    Attributes:
        operation: the name of the operation.
        pointer: the place, as a JSON pointer.
        expected: what belongs there.
        got: what was there; UNSET where nothing was.
        violation: False for a field that the description does not name, but does not rule out either.
    """

    operation: str
    pointer: str
    expected: str
    got: Any
    violation: bool = True


class DriftLog:
    """Tells of each place once, to a hook and to the log."""

    __slots__ = ("_lock", "_seen")

    def __init__(self) -> None:
        self._seen: set[tuple[str, str, str]] = set()
        self._lock = Lock()

    def tell(self, event: DriftEvent, hook: Callable[[DriftEvent], None] | None) -> None:
        """Tell of a deviation, unless its place has been told before."""
        place = general(event.pointer)
        key = (event.operation, place, event.expected)
        with self._lock:
            if key in self._seen or len(self._seen) >= _MOST_PLACES:
                return
            self._seen.add(key)
        logger.log(
            WARNING if event.violation else DEBUG,
            "%s: the answer deviates at %s: expected %s", event.operation, place or "its root", event.expected,
        )  # fmt: skip
        if hook is not None:
            hook(event)


def drift_error(operation: Operation[Any], event: DriftEvent, status_code: int, body: Any) -> DriftError:
    """Return the error that a strict client raises."""
    return DriftError(
        f"{operation.name}: the answer deviates at {general(event.pointer, indices=True) or 'its root'}: "
        f"expected {event.expected}",
        operation=operation.name,
        status_code=status_code,
        body=body,
        scopes=operation.scopes,
        pointer=event.pointer,
        expected=event.expected,
    )


def general(pointer: str, *, indices: bool = False) -> str:
    """Return a JSON pointer with `*` for what differs from answer to answer."""
    return "/".join(
        part if not part or _FIELD.match(part) or (indices and _INDEX.match(part)) else "*"
        for part in pointer.split("/")
    )
