"""One fault at any depth of right arguments is refused before a request, and the error names its place."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from instantly_contract.calls import argument, call, located, meant, takes_fields
from instantly_core import UNSET
from instantly_core.models.encode import UnsendableError
from instantly_sandbox.engine.document import Operation, Schema, pinned
from tests.contract.arguments import Arguments, arguments
from tests.contract.service import KINDS, OPERATIONS, Service
from tests.contract.settings import examples

pytestmark = pytest.mark.slow

SENDING = [
    name for name, each in OPERATIONS.items() if each.takes_body or any(p["in"] == "query" for p in each.parameters)
]
"""The operations whose arguments have values to spoil."""

UNSENDABLE: dict[str, Callable[[], Any]] = {
    "NaN": lambda: math.nan,
    "infinity": lambda: -math.inf,
    "a moment without a zone": lambda: datetime(2026, 1, 2),  # noqa: DTZ001
    "bytes": lambda: b"x",
    "a generator": lambda: (item for item in "x"),
    "an object": object,
}
"""What can be sent at no place."""


class Place(NamedTuple):
    """A value of an argument: `steps` lead to it in the arguments, `told` in the error."""

    steps: tuple[str | int, ...]
    told: str
    value: Any
    schema: Schema


def places(steps: tuple[str | int, ...], told: str, value: Any, schema: Schema) -> Iterator[Place]:
    """A value, and all that it contains; the schema is empty where it could be one of several."""
    schema = pinned().resolve(schema)
    branches = [pinned().resolve(each) for each in schema.get("anyOf", schema.get("oneOf", ()))]
    branches = [each for each in branches if each.get("type") != "null"]
    schema = (branches[0] if len(branches) == 1 else {}) if branches else schema
    yield Place(steps, told, value, schema)
    if isinstance(value, dict):
        for name, each in value.items():
            step = f".{name}" if name.isidentifier() else f"[{name!r}]"
            yield from places((*steps, name), told + step, each, schema.get("properties", {}).get(name, {}))
    elif isinstance(value, list):
        for position, each in enumerate(value):
            yield from places((*steps, position), f"{told}[{position}]", each, schema.get("items", {}))


def all_places(operation: Operation, values: Arguments) -> list[Place]:
    """All places of the query and the body of a call."""
    found: list[Place] = []
    parameters = {p["name"]: p["schema"] for p in operation.parameters if p["in"] == "query"}
    for name, value in values.query.items():
        found += places(("query", name), argument(operation.id, name), value, parameters[name])
    if takes_fields(operation.id) and values.body is not UNSET:
        taken = {*values.path, *values.query}
        fields = pinned().resolve(operation.body)["properties"]
        for name, value in values.body.items():
            told = argument(operation.id, f"body.{name}" if name in taken else name)
            found += places(("body", name), told, value, fields[name])
    elif values.body is not UNSET:
        found += places(("body",), "body", values.body, operation.body or {})
    return [place for place in found if place.value is not UNSET]


def faults(place: Place) -> Iterator[tuple[str, Any, str]]:
    """Faults for a place: their names, the spoilt values, and where they are reported."""
    inner = len(place.steps) > 2
    for name, make in UNSENDABLE.items():
        yield name, make(), place.told
    if isinstance(place.value, list):
        yield "UNSET as an item", [*place.value, UNSET], f"{place.told}[{len(place.value)}]"
        if pinned().resolve(place.schema.get("items", {})).get("type") in ("string", "object", "integer"):
            yield "null as an item", [*place.value, None], f"{place.told}[{len(place.value)}]"
        if inner and place.schema.get("type") == "array":
            yield "one value for a list", "x", place.told
    if place.schema.get("type") in ("string", "integer", "number", "boolean"):
        yield "a list for one value", [place.value], place.told
    if place.schema.get("type") == "object" and place.schema.get("properties"):
        yield "a text for an object", "x", place.told
        if "additionalProperties" not in place.schema or place.schema["additionalProperties"] is False:
            yield "a misspelt key", {**(place.value or {}), "misspelt_ky": 1}, f"{place.told}.misspelt_ky"


def spoilt(values: Arguments, steps: tuple[str | int, ...], value: Any) -> Arguments:
    """Arguments with another value at a place."""
    whole: Any = {"path": values.path, "query": copy.deepcopy(values.query), "body": copy.deepcopy(values.body)}
    container = whole
    for step in steps[:-1]:
        container = container[step]
    container[steps[-1]] = value
    return Arguments(**whole)


@pytest.mark.parametrize("name", SENDING)
def test_a_planted_fault_is_refused_with_its_place(service: Service, name: str) -> None:
    operation = OPERATIONS[name]

    @examples(3)
    @given(arguments(pinned(), operation), st.data())
    def check(values: Arguments, data: st.DataObject) -> None:
        found = [(place, *fault) for place in all_places(operation, values) for fault in faults(place)]
        assume(found)
        place, what, value, told = data.draw(st.sampled_from(found))
        wrong = spoilt(values, place.steps, value)
        sent = {**wrong.query, **(wrong.body if isinstance(wrong.body, dict) else {})}
        assume(not meant(located()[name][2], sent).keys() & {*place.steps})  # The guard's, which `call` mends.
        for kind in KINDS:
            service.requests.clear()
            with pytest.raises((TypeError, ValueError)) as caught:
                service.result(call(service.client(kind), name, *wrong))
            assert isinstance(caught.value, UnsendableError), what
            assert caught.value.path == told, what
            assert caught.value.call.endswith("()")
            assert not service.requests

    check()
