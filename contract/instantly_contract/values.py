"""JSON values, and what became of them, side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from instantly_contract.document import Place
from instantly_contract.sameness import same
from instantly_core import UNSET, AsyncPage, Model, Page

_SHOWN = 100


def differences(recorded: Any, written: Any, place: Place = ()) -> Iterator[tuple[Place, Any, Any]]:
    """Differences of two JSON values, timestamps by value; UNSET where one has nothing."""
    if isinstance(recorded, dict) and isinstance(written, dict):
        for name in recorded | written:
            yield from differences(recorded.get(name, UNSET), written.get(name, UNSET), (*place, name))
    elif isinstance(recorded, list) and isinstance(written, list):
        for index in range(max(len(recorded), len(written))):
            one, other = (side[index] if index < len(side) else UNSET for side in (recorded, written))
            yield from differences(one, other, (*place, index))
    elif not same(recorded, written):
        yield place, recorded, written


def extras(value: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """The places of all fields that no model has, with the name of the model; of pages, none."""
    entries: Any = ()
    if isinstance(value, Model):
        for name in value.additional_properties:
            yield (*place, name), type(value).__name__
        entries = [(name, getattr(value, attribute)) for name, attribute in value.FIELDS.items()]
        entries += value.additional_properties.items()
    elif isinstance(value, Page | AsyncPage):
        for name in value.extra:
            yield (*place, name), ""
        entries = [("items", value.items)]
    elif isinstance(value, dict):
        entries = value.items()
    elif isinstance(value, list):
        entries = enumerate(value)
    for key, inner in entries:
        yield from extras(inner, (*place, key))


def shown(value: Any) -> str:
    """A value in one short line."""
    if value is UNSET:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def at(value: Any, place: str) -> Any:
    for step in place.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(key, UNSET)
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return UNSET
    return value
