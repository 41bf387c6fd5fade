"""Strategies for the arguments of an operation, by the names that the document has for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from hypothesis import strategies as st

from instantly_core import UNSET
from instantly_sandbox.engine.document import Document, Operation, Schema
from tests.contract.strategies import Strategy, fitting

SEGMENTS = st.text(min_size=1, max_size=12).filter(lambda text: text not in (".", ".."))


class Arguments(NamedTuple):
    """What a method is called with; UNSET means not given."""

    path: dict[str, str]
    query: dict[str, Any]
    body: Any


def arguments(document: Document, operation: Operation) -> st.SearchStrategy[Arguments]:
    """Arguments that fit the document; a path value may be any text, since it stays one segment whatever is in it."""
    path = {
        p["name"]: st.one_of(fitting(document, p["schema"], known=True), SEGMENTS)
        for p in operation.parameters
        if _in(p, "path")
    }
    query = {p["name"]: fitting(document, p["schema"], known=True) for p in operation.parameters if _in(p, "query")}
    required = {p["name"] for p in operation.parameters if p.get("required")}
    body = sendable(document, operation)
    if body is None:
        bodies: Strategy = st.just(UNSET)
    elif "properties" in body:
        bodies = st.builds(
            _with_unset, fitting(document, body, known=True), st.sets(st.sampled_from(sorted(body["properties"])))
        )
    else:
        bodies = fitting(document, body, known=True)
    return st.builds(Arguments, st.fixed_dictionaries(_segments(path)), _given(query, required), bodies)


def sendable(document: Document, operation: Operation) -> Schema | None:
    """The schema of a body as it can be sent: without read-only fields, and without others than it names."""
    if not operation.takes_body:
        return None
    schema = document.resolve(operation.body)
    fields = {name: field for name, field in schema.get("properties", {}).items() if not field.get("readOnly")}
    if not fields:
        return schema  # type: ignore[no-any-return]
    required = [name for name in schema.get("required", ()) if name in fields]
    return {**schema, "properties": fields, "required": required, "additionalProperties": False}


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that are sent."""
    return {name: value for name, value in values.items() if value is not UNSET}


def _in(parameter: Schema, place: str) -> bool:
    return bool(parameter["in"] == place)


def _segments(path: dict[str, Strategy]) -> dict[str, Strategy]:
    return {name: values.filter(lambda text: text not in ("", ".", "..")) for name, values in path.items()}


def _given(values: dict[str, Strategy], required: set[str]) -> Strategy:
    unset = {name: value if name in required else st.one_of(value, st.just(UNSET)) for name, value in values.items()}
    return st.fixed_dictionaries(
        {name: value for name, value in unset.items() if name in required},
        optional={name: value for name, value in unset.items() if name not in required},
    )


def _with_unset(body: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {**dict.fromkeys(sorted(names), UNSET), **body}
