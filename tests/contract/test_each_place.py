"""Each place of each answer, changed one at a time: a strict client refuses what is not promised, and says where."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from instantly_contract.calls import located
from instantly_core.errors import DriftError
from instantly_sandbox.engine.document import Document, Schema
from tests.contract.service import ANSWERING, Service
from tests.contract.strategies import validator
from tests.contract.strictness import promised
from tests.meant import meant

pytestmark = pytest.mark.slow

NEW = "x_new"
LEAVES = {"string": "text", "number": 2.5, "integer": 2, "boolean": True, "null": None}

Change = tuple[str, Callable[[], None], Callable[[], None]]


@cache
def distinct() -> list[str]:
    """One operation for each answer: what several answer with is one class."""
    answers: dict[str, str] = {}
    for name in ANSWERING:
        answers.setdefault(json.dumps(promised(meant(), meant().operations[name]), sort_keys=True), name)
    return list(answers.values())


# Which answers are distinct takes seconds to say, so only the test says it.
PARTS = 12


@pytest.mark.parametrize("part", range(PARTS))
def test_a_strict_client_sees_each_place(service: Service, part: int) -> None:
    for name in distinct()[part::PARTS]:
        check_each_place(service, name)


def check_each_place(service: Service, name: str) -> None:
    operation = meant().operations[name]
    assert operation.success[2] is not None
    root = [full(meant(), operation.success[2])]
    takes = validator(meant(), promised(meant(), operation))
    failure = located()[name][2].failure
    assert takes.is_valid(root[0])
    service.ask(operation, root[0], "sync", strict=True)
    for pointer, change, undo in list(changes(root)):
        change()
        value = root[0] if root else None
        if failure and failure.matches(value):
            pass
        elif takes.is_valid(value):
            service.ask(operation, value, "sync", strict=True)
        else:
            with pytest.raises(DriftError) as refused:
                service.ask(operation, value, "sync", strict=True)
            assert f"{refused.value.pointer}/".startswith(f"{pointer}/")
        undo()


def full(document: Document, schema: Schema) -> Any:
    """A value with everything in it that the schema names."""
    schema = document.resolve(schema)
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return full(document, schema[union][0])
    if "allOf" in schema:
        return {name: full(document, field) for name, field in document.fields(schema).items()}
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") in ("date", "date-time"):
        return "2026-01-01" if schema["format"] == "date" else "2026-01-01T00:00:00.000Z"
    types = schema.get("type", "object")
    kind = types if isinstance(types, str) else next(name for name in types if name != "null")
    if kind == "object":
        fields = {name: full(document, field) for name, field in schema.get("properties", {}).items()}
        more = schema.get("additionalProperties")
        return fields if fields or not isinstance(more, dict) else {"key": full(document, more)}
    if kind == "array":
        return [full(document, schema["items"])] if "items" in schema else []
    return schema.get("example", LEAVES[kind])


def changes(container: Any, above: str | None = None) -> Iterator[Change]:
    """Each thing that can go wrong in a value, and how it is put right again."""
    for key in list(container) if isinstance(container, dict) else range(len(container)):
        value = container[key]
        pointer = "" if above is None else f"{above}/{key}"
        for odd in (None, {NEW: 1}, 17, "brand new", 2.5):
            yield pointer, put(container, key, odd), put(container, key, value)
        if isinstance(container, dict):
            yield pointer, taken(container, key), put(container, key, value)
        if isinstance(value, dict):
            yield f"{pointer}/{NEW}", put(value, NEW, 1), taken(value, NEW)
        if isinstance(value, dict | list):
            yield from changes(value, pointer)


def put(container: Any, key: Any, value: Any) -> Callable[[], None]:
    return lambda: container.__setitem__(key, value)


def taken(container: Any, key: Any) -> Callable[[], None]:
    return lambda: container.pop(key)
