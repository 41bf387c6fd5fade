"""What the fast path makes of an answer is what the ordinary decoder makes of it, object by object."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import given

from instantly_contract.calls import located
from instantly_contract.cassettes import recordings
from instantly_core import UNSET, Model, Operation
from instantly_core.call.fast_path import FastPath, make_fast_path
from instantly_core.call.page import PageData, decode_page
from instantly_core.http.codec import loads
from instantly_core.models.decode import Drift
from instantly_core.models.drift import DriftLog
from tests.contract.mutations import mutated
from tests.contract.service import ANSWERING
from tests.contract.settings import RECORDINGS, examples
from tests.contract.strategies import fitting
from tests.meant import meant

TAKEN = [name for name in ANSWERING if make_fast_path(located()[name][2]) is not None]


def described(value: Any) -> Any:
    """A value with the classes of all that is in it: 3 is not 3.0, and no member is its number."""
    if isinstance(value, PageData):
        return "page", [described(item) for item in value.items], value.next_cursor, described(value.extra)
    if isinstance(value, Model):
        fields = {name: described(getattr(value, attribute)) for name, attribute in type(value).FIELDS.items()}
        return type(value), fields, described(value.additional_properties)
    if isinstance(value, list):
        return [described(item) for item in value]
    if isinstance(value, dict):
        return {name: described(item) for name, item in value.items()}
    return type(value), value if value is UNSET else repr(value)


def ordinary(operation: Operation[Any], content: bytes) -> tuple[Any, Drift]:
    paging, decoder = operation.paging, operation.decoder
    drift = Drift()
    decode = decoder if paging is None else partial(decode_page, paging, decoder)
    return decode(loads(content), None, "", drift), drift


def started(operation: Operation[Any]) -> FastPath:
    """The fast path of an operation, after its first answer."""
    path = make_fast_path(operation)
    assert path is not None
    assert path.read(b"{}", DriftLog()) is UNSET
    return path


def check(path: FastPath, operation: Operation[Any], content: bytes) -> bool:
    """Compare both ways, before anything is learnt of the answer and after; return whether the fast one took it."""
    log, taken = DriftLog(), False
    for number in range(3):
        found = path.read(content, log)
        expected, drift = ordinary(operation, content)
        if found is not UNSET:
            assert described(found) == described(expected)
            assert number or not drift, "it did not report what it should have"
            taken = True
        elif drift:
            path.learn(expected)
    return taken


def recorded() -> Iterator[tuple[str, bytes]]:
    for _, recording in recordings(RECORDINGS):
        for exchange in recording.exchanges:
            if exchange.status == 200 and recording.operation in TAKEN:
                yield recording.operation, exchange.body


def test_most_operations_have_a_fast_path() -> None:
    without = {*ANSWERING} - {*TAKEN}
    assert len(without) < len(TAKEN) / 4, without


def test_recorded_answers_are_the_same_both_ways_and_most_are_taken() -> None:
    taken = []
    for name, content in recorded():
        operation = located()[name][2]
        taken.append(check(started(operation), operation, content))
    assert sum(taken) > len(taken) * 0.95


@pytest.mark.parametrize("name", TAKEN)
def test_promised_answers_are_the_same_both_ways(name: str) -> None:
    operation, schema = located()[name][2], meant().operations[name].success[2]
    assert schema is not None

    @examples(3)
    @given(fitting(meant(), schema))
    def compare(value: Any) -> None:
        check(started(operation), operation, json.dumps(value).encode())

    compare()


@pytest.mark.parametrize("name", TAKEN)
def test_answers_that_went_wrong_are_the_same_both_ways(name: str) -> None:
    operation, schema = located()[name][2], meant().operations[name].success[2]
    assert schema is not None

    @examples(4)
    @given(mutated(fitting(meant(), schema)))
    def compare(value: Any) -> None:
        check(started(operation), operation, json.dumps(value).encode())

    compare()
