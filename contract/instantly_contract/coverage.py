"""Coverage of the operations by recordings: successes, documented errors and pages, by provenance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from instantly_contract.cassettes import Recording
from instantly_contract.check import body_of, known_operations, start_of
from instantly_contract.document import Document, Promise, corrected
from instantly_sandbox.recording.exchange import Exchange

PAGES = ("first", "middle", "last")

By = dict[str, set[str]]
"""Provenance -> what is recorded of it."""


@dataclass
class Coverage:
    """Coverage of one operation."""

    promise: Promise
    successes: By = field(default_factory=lambda: defaultdict(set))
    errors: By = field(default_factory=lambda: defaultdict(set))
    pages: By = field(default_factory=lambda: defaultdict(set))

    @property
    def operation(self) -> str:
        return self.promise.operation

    @property
    def paged(self) -> bool:
        return known_operations()[self.operation].cursor is not None

    @property
    def missing(self) -> list[str]:
        """The cases that lack a recording: `success`, documented errors by their status, pages."""
        errors = {str(status) for status in self.promise.errors} - set().union(*self.errors.values())
        pages = [page for page in PAGES if self.paged and not any(page in found for found in self.pages.values())]
        success = [] if self.successes else ["success"]
        failure = ["failure"] if self.promise.failure and not self._has("failure") else []
        return [*success, *failure, *sorted(errors), *pages]

    def _has(self, error: str) -> bool:
        return any(error in found for found in self.errors.values())

    def add(self, recording: Recording) -> None:
        """Count a recording of the operation."""
        for exchange in recording.exchanges:
            if exchange.status >= 300:
                self.errors[recording.provenance].add(str(exchange.status))
            elif self.promise.failed(body_of(self.promise, exchange)):
                self.errors[recording.provenance].add("failure")
            else:
                self.successes[recording.provenance].add(recording.case)
                if self.paged:
                    self.pages[recording.provenance] |= self._pages(exchange)

    def _pages(self, exchange: Exchange) -> set[str]:
        body = body_of(self.promise, exchange)
        more = isinstance(body, dict) and bool(body.get("items") and body.get("next_starting_after"))
        began = start_of(exchange) is not None
        return {"middle"} if began and more else {name for name, so in (("first", not began), ("last", not more)) if so}


def coverage(recordings: Iterable[Recording], document: Document | None = None) -> list[Coverage]:
    """Coverage of each operation of the document, in its order."""
    rows = {name: Coverage(promise) for name, promise in (document or corrected()).promises.items()}
    for recording in recordings:
        if recording.operation in rows:
            rows[recording.operation].add(recording)
    return list(rows.values())


def cell(found: Mapping[str, Collection[str]], order: Iterable[str] = ()) -> str:
    """The recorded cases, by provenance, as text: "documentation 404; sandbox 401 429"."""
    rank = {name: number for number, name in enumerate(order)}
    return "; ".join(
        " ".join([provenance, *sorted(names, key=lambda name: (rank.get(name, 0), name))])
        for provenance, names in sorted(found.items())
        if names
    )
