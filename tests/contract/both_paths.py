"""An answer read in both ways: by the ordinary decoder, and by the fast path."""

from __future__ import annotations

from functools import partial
from typing import Any

from instantly_core import UNSET, Model, Operation
from instantly_core.call.fast_path import FastPath, make_fast_path
from instantly_core.call.page import PageData, decode_page
from instantly_core.http.codec import loads
from instantly_core.models.decode import Drift
from instantly_core.models.drift import DriftLog


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
