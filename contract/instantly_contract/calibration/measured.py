"""Shapes that were measured at the service, and what the sandbox has in their place."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from instantly_contract.calibration.compare import Calibration, compare
from instantly_contract.calibration.deliveries import deliveries
from instantly_contract.calibration.replay import replay
from instantly_contract.calibration.shapes import Difference, Shape, place_of, text_of
from instantly_sandbox.engine.document import pinned


def table() -> dict[str, Any]:
    """The table of measured shapes."""
    return tomllib.loads((files("instantly_contract") / "calibration" / "measured.toml").read_text("utf-8"))


def measured() -> Calibration:
    """Compare what was measured with what the sandbox gives. Keys that were not measured are no difference."""
    shapes = table()
    known = pinned().operations
    answers = [
        each for each in shapes["answers"] if {each["operation"], each.get("of", each["operation"])} <= known.keys()
    ]
    found = [*_of_answers(answers), *_of_deliveries(shapes["deliveries"])]
    return Calibration(len(answers) + len(shapes["deliveries"]), 0, found)


def _of_answers(answers: list[Mapping[str, Any]]) -> Iterator[Difference]:
    again = replay()
    for each in answers:
        again.begin()
        given = Shape()
        given.add(again.scene(each["operation"], each.get("of"), each.get("body", {})))
        yield from _measured(each.get("name", each["operation"]), each, given)


def _of_deliveries(expected: Mapping[str, Mapping[str, Any]]) -> Iterator[Difference]:
    arrived = deliveries()
    for event_type, shape in expected.items():
        given = Shape()
        for delivery in arrived.get(event_type, ()):
            given.add(delivery.payload)
        yield from _measured(f"webhook {event_type}", shape, given)


def _measured(name: str, measured: Mapping[str, Any], given: Shape) -> Iterator[Difference]:
    recorded = Shape({place_of(place): types.split(" or ") for place, types in measured.get("keys", {}).items()})
    for place in list(recorded.types):
        for end in range(len(place)):
            recorded.types[place[:end]].add("array" if place[end] == 0 else "object")
    yield from (each for each in compare(name, recorded, given, lambda place: False) if each.kind != "never-recorded")
    for place in map(place_of, measured.get("left_out", ())):
        if place in given.types:
            yield Difference(name, "never-recorded", text_of(place), "", " or ".join(sorted(given.types[place])))
