"""What the fast path makes of an answer is what the ordinary decoder makes of it, object by object."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given

from instantly_contract.calls import located
from instantly_contract.cassettes import recordings
from instantly_core.call.fast_path import make_fast_path
from tests.contract.both_paths import check, started
from tests.contract.mutations import mutated
from tests.contract.service import ANSWERING
from tests.contract.settings import RECORDINGS, examples
from tests.contract.strategies import fitting
from tests.meant import meant

TAKEN = [name for name in ANSWERING if make_fast_path(located()[name][2]) is not None]


def recorded() -> Iterator[tuple[str, bytes]]:
    for _, recording in recordings(RECORDINGS):
        for exchange in recording.exchanges:
            if exchange.status == 200 and recording.operation in TAKEN:
                yield recording.operation, exchange.body


def test_most_operations_have_a_fast_path() -> None:
    without = {*ANSWERING} - {*TAKEN}
    assert len(without) < len(TAKEN) / 4, without


@pytest.mark.slow
def test_recorded_answers_are_the_same_both_ways_and_most_are_taken() -> None:
    taken = []
    for name, content in recorded():
        operation = located()[name][2]
        taken.append(check(started(operation), operation, content))
    assert sum(taken) > len(taken) * 0.95


@pytest.mark.slow
@pytest.mark.parametrize("name", TAKEN)
def test_promised_answers_are_the_same_both_ways(name: str) -> None:
    operation, schema = located()[name][2], meant().operations[name].success[2]
    assert schema is not None

    @examples(3)
    @given(fitting(meant(), schema))
    def compare(value: Any) -> None:
        check(started(operation), operation, json.dumps(value).encode())

    compare()


@pytest.mark.slow
@pytest.mark.parametrize("name", TAKEN)
def test_answers_that_went_wrong_are_the_same_both_ways(name: str) -> None:
    operation, schema = located()[name][2], meant().operations[name].success[2]
    assert schema is not None

    @examples(4)
    @given(mutated(fitting(meant(), schema)))
    def compare(value: Any) -> None:
        check(started(operation), operation, json.dumps(value).encode())

    compare()
