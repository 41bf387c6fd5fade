"""Comparison of recorded answers and deliveries with those of the sandbox."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple

from instantly_contract.calibration.deliveries import FIELDS, deliveries, type_of_event
from instantly_contract.calibration.replay import replay
from instantly_contract.calibration.shapes import Difference, Kind, Shape, text_of
from instantly_contract.captured import Captured, Delivery
from instantly_contract.document import Place, corrected
from instantly_core.secret import printable
from instantly_sandbox.engine.document import pinned
from instantly_sandbox.engine.messages import Answer
from instantly_sandbox.recording.exchange import Exchange

# Of the connection, of the edge in front of the service, or different for each answer.
_TRANSPORT = frozenset(
    {
        *("age", "alt-svc", "cache-control", "connection", "content-encoding", "content-length", "content-type"),
        *("date", "etag", "expires", "keep-alive", "last-modified", "nel", "pragma", "report-to", "server"),
        *("server-timing", "set-cookie", "strict-transport-security", "transfer-encoding", "vary", "via", "x-sandbox"),
    }
)
_OF_THE_EDGE = ("access-control-", "cf-", "x-envoy-", "x-cloud-", "x-content-type-", "x-frame-", "x-powered-by")
_MAX_TEXT = 120


@dataclass(frozen=True)
class Calibration:
    """What came of a calibration.

    Attributes:
        compared: the number of answers and deliveries that were compared.
        not_replayed: those that only the service can give: over its limits, or at fault.
        differences: where the sandbox is not as what was recorded.
    """

    compared: int
    not_replayed: int
    differences: list[Difference]


class _Pair(NamedTuple):
    """Shapes and headers of one operation with one status: recorded ones, and those of the sandbox."""

    recorded: Shape
    given: Shape
    recorded_headers: dict[str, str]
    given_headers: dict[str, str]


def calibrate(captured: Iterable[Captured | Delivery]) -> Calibration:
    """Compare recordings with what the sandbox does."""
    captured = list(captured)
    recordings = [each for each in captured if isinstance(each, Captured)]
    arrived = [each for each in captured if isinstance(each, Delivery)]
    answers = _Answers()
    for _, file in groupby(recordings, key=lambda each: each.file):
        answers.add_file(file)
    found = [*answers.differences(), *(_of_deliveries(arrived) if arrived else ())]
    return Calibration(answers.compared + len(arrived), answers.not_replayed, found)


class _Answers:
    """Recorded answers, and the sandbox's to the same requests."""

    def __init__(self) -> None:
        self.compared = self.not_replayed = 0
        self._pairs: dict[tuple[str, int], _Pair] = defaultdict(lambda: _Pair(Shape(), Shape(), {}, {}))
        self._statuses: Counter[Difference] = Counter()

    def add_file(self, file: Iterable[Captured]) -> None:
        """Replay what is in a file."""
        again = replay()
        again.begin()
        for _, recording in file:
            for exchange in recording.exchanges:
                answer = again.repeat(pinned().operations[recording.operation], exchange)
                if answer is None:
                    self.not_replayed += 1
                else:
                    self._add(recording.operation, exchange, answer)

    def _add(self, operation: str, recorded: Exchange, given: Answer) -> None:
        self.compared += 1
        if recorded.status != given.status:
            said = _shortened(given.body)
            self._statuses[
                Difference(operation, "status", "", f"{recorded.status}", f"{given.status} {said}".rstrip())
            ] += 1
            if max(recorded.status, given.status) >= 300:
                return
        pair = self._pairs[operation, recorded.status]
        for shape, body in ((pair.recorded, recorded.body), (pair.given, given.body)):
            if body:
                shape.add(_value(body))
        pair.recorded_headers.update(recorded.headers)
        pair.given_headers.update(given.headers)

    def differences(self) -> Iterator[Difference]:
        """Where they differ, by operation."""
        for (operation, status), pair in sorted(self._pairs.items()):
            schema = corrected().promises[operation].schema(status, "application/json")
            name = operation if status < 300 else f"{operation} {status}"
            yield from compare(name, pair.recorded, pair.given, partial(_is_own, schema))
            yield from _of_headers(name, pair.recorded_headers, pair.given_headers)
        yield from sorted(self._statuses)


def compare(operation: str, recorded: Shape, given: Shape, is_own: Callable[[Place], bool]) -> Iterator[Difference]:
    """Where two shapes differ; `is_own` says whether the key at a place is the user's own."""

    def kind(place: Place, usual: Kind) -> Kind:
        return "own-key" if any(is_own(place[:end]) for end in range(1, len(place) + 1)) else usual

    for place in recorded.missing(given):
        yield Difference(operation, kind(place, "never-given"), text_of(place), _types(recorded.types[place]), "")
    for place in given.missing(recorded):
        # A list was empty: that says nothing about its items.
        if place[-1:] != (0,):
            yield Difference(operation, kind(place, "never-recorded"), text_of(place), "", _types(given.types[place]))
    for place, one, other in recorded.unlike(given):
        yield Difference(operation, kind(place, "type"), text_of(place), _types(one), _types(other))


def _of_headers(operation: str, recorded: Mapping[str, str], given: Mapping[str, str]) -> Iterator[Difference]:
    if not recorded:  # Some recorders keep none.
        return
    one, other = (_media(headers) for headers in (recorded, given))
    if one != other:
        yield Difference(operation, "header", "content-type", one, other)
    for name in sorted(_telling(recorded) ^ _telling(given)):
        yield Difference(
            operation, "header", printable(name), *("given" * (name in each) for each in (recorded, given))
        )


def _telling(headers: Mapping[str, str]) -> set[str]:
    return {name for name in headers if name not in _TRANSPORT and not name.startswith(_OF_THE_EDGE)}


def _media(headers: Mapping[str, str]) -> str:
    return printable(headers.get("content-type", "").partition(";")[0].strip().lower())


def _of_deliveries(arrived: Iterable[Delivery]) -> Iterator[Difference]:
    given = deliveries()
    by_type: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in arrived:
        by_type[type_of_event(delivery.payload.get("event_type"))].append(delivery)
    for event_type, recorded in sorted(by_type.items()):
        name = f"webhook {event_type}"
        sent = given.get(event_type, [])
        one, other = Shape(), Shape()
        for delivery in recorded:
            one.add(dict(delivery.payload))
        for each in sent:
            other.add(each.payload)
        yield from compare(name, one, other, lambda place: place[0] not in FIELDS)
        if sent:
            yield from _of_senders(name, recorded[-1].headers, sent[-1].headers)


def _of_senders(name: str, recorded: Mapping[str, str], given: Mapping[str, str]) -> Iterator[Difference]:
    """Differences of the headers of deliveries that the service itself makes: versions apart."""
    for header, end in (("content-type", ";"), ("user-agent", "/")):
        one, other = (each.get(header, "").partition(end)[0].strip().lower() for each in (recorded, given))
        if header in recorded and one != other:
            yield Difference(name, "header", header, printable(one), other)


def _is_own(schema: Any, place: Place) -> bool:
    """Whether the document leaves it to users which key there is at a place."""
    known = corrected()
    named = place[-1] == 0 or schema is None or known.names(schema, place)
    return not named and known.opens(schema, place[:-1])


def _value(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")


def _types(types: Iterable[str]) -> str:
    return " or ".join(sorted(types))


def _shortened(body: bytes) -> str:
    value = _value(body)
    text = printable(str(value.get("message", "") if isinstance(value, dict) else value))
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"
