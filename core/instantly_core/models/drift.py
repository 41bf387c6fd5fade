"""Drift: answers that deviate from the API's description. Each place is reported once, not once a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from logging import DEBUG, WARNING
from threading import Lock
from typing import Any, NamedTuple

from ..log import logger
from .decode import Report

_MAX_PLACES = 10_000


class DriftEvent(NamedTuple):
    """An answer that deviates from the API's description.

    Attributes:
        operation: the name of the operation.
        pointer: the place, as a JSON pointer.
        expected: what the description promises.
        got: the value; UNSET if it is missing.
        violation: False for a field that the description does not name, but does not rule out either.
    """

    operation: str
    pointer: str
    expected: str
    got: Any
    violation: bool = True


class DriftLog:
    """Reports each place once, to a hook and to the log. `what` deviates: an answer, or a delivery."""

    __slots__ = ("_known", "_lock", "_seen", "_what")

    def __init__(self, what: str = "answer") -> None:
        self._what = what
        self._known: set[tuple[str, object]] = set()
        self._seen: set[tuple[str, str, str]] = set()
        self._lock = Lock()

    def learn(self, operation: str, places: Iterable[object]) -> bool:
        """Take up places of an operation that are reported from now on; return whether one was new."""
        new = {(operation, place) for place in places} - self._known
        self._known |= new
        return bool(new)

    def record(self, operation: str, report: Report, hook: Callable[[DriftEvent], None] | None) -> None:
        """Report a deviation, unless its place has been reported before."""
        place = general(report.pointer)
        key = (operation, place, report.expected)
        if key in self._seen:
            return
        with self._lock:
            if key in self._seen or len(self._seen) >= _MAX_PLACES:
                return
            self._seen.add(key)
        logger.log(
            WARNING if report.violation else DEBUG,
            "%s: the %s deviates at %s: expected %s", operation, self._what, place or "its root", report.expected,
        )  # fmt: skip
        if hook is not None:
            hook(DriftEvent(operation, *report))


def general(pointer: str, *, indices: bool = False) -> str:
    """Return a JSON pointer with `*` for the parts that differ from answer to answer."""
    # A part that is not a field name may be an address, a day or an id: it is neither counted separately nor shown.
    return "/".join(
        part if not part or (part.isascii() and (part.isidentifier() or (indices and part.isdecimal()))) else "*"
        for part in pointer.split("/")
    )
