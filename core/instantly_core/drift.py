"""Telling about answers that are not what the API's description promises: once for each place, not once a row."""

from __future__ import annotations

from collections.abc import Callable
from logging import DEBUG, WARNING
from threading import Lock
from typing import Any, NamedTuple

from .decode import Report
from .errors import DriftError
from .log import logger
from .operation import Operation

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

    def tell(self, operation: str, report: Report, hook: Callable[[DriftEvent], None] | None) -> None:
        """Tell of a deviation, unless its place has been told before."""
        place = general(report.pointer)
        key = (operation, place, report.expected)
        if key in self._seen:
            return
        with self._lock:
            if key in self._seen or len(self._seen) >= _MOST_PLACES:
                return
            self._seen.add(key)
        logger.log(
            WARNING if report.violation else DEBUG,
            "%s: the answer deviates at %s: expected %s", operation, place or "its root", report.expected,
        )  # fmt: skip
        if hook is not None:
            hook(DriftEvent(operation, *report))


def drift_error(operation: Operation[Any], report: Report, status_code: int, body: Any) -> DriftError:
    """Return the error that a strict client raises."""
    return DriftError(
        f"{operation.name}: the answer deviates at {general(report.pointer, indices=True) or 'its root'}: "
        f"expected {report.expected}",
        operation=operation.name,
        status_code=status_code,
        body=body,
        scopes=operation.scopes,
        pointer=report.pointer,
        expected=report.expected,
    )


def general(pointer: str, *, indices: bool = False) -> str:
    """Return a JSON pointer with `*` for what differs from answer to answer."""
    # What is no field name may be an address, a day or an id: it is neither told apart nor told.
    return "/".join(
        part if not part or (part.isascii() and (part.isidentifier() or (indices and part.isdecimal()))) else "*"
        for part in pointer.split("/")
    )
