"""Any operation, called through its method of the client by what the document calls things.

    call(client, "getWebhookEventsSummary", query={"from": "2026-01-01", "to": "2026-02-01"})

is `client.webhook_events.get_summary(from_="2026-01-01", to="2026-02-01")`. The client may be sync, async, or the raw
view of either: what its method returns is returned as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from inspect import signature, unwrap
from typing import Any

from instantly_client import Instantly
from instantly_core import UNSET, Operation
from instantly_core.call.guards import selects
from instantly_sandbox.engine.document import pinned
from instantly_sandbox.engine.forms import is_file

_NOT_SENT = {"confirm", "everything", "max_items"}
"""Arguments of methods that are for the client itself."""

SOME_ID = "019cc043-aee6-7ae9-a545-d7de53430e37"


def call(
    client: Any,
    operation_id: str,
    path: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
    body: Any = UNSET,
    **options: Any,
) -> Any:
    """Call the method of an operation.

    Args:
        client: the client.
        operation_id: of the document.
        path: name in the path -> value.
        query: name of a query parameter -> value.
        body: JSON name -> value, where the method takes the fields of the body as arguments; else the body itself.
        options: further arguments of the method.
    """
    path, query = path or {}, query or {}
    resource, method, operation = located()[operation_id]
    positional = [path[name] for name in re.findall(r"\{(\w+)\}", operation.path)]
    keywords = {argument(operation_id, name): value for name, value in query.items()}
    if takes_fields(operation_id):
        taken = {*path, *query}
        fields = {} if body is UNSET else _with_files(operation_id, body)
        keywords |= {
            argument(operation_id, f"body.{name}" if name in taken else name): value for name, value in fields.items()
        }
    elif body is not UNSET:
        keywords["body"] = body
    sent = {**query, **(body if isinstance(body, Mapping) else {})}
    for name, value in meant(operation, sent).items():
        keywords[_arguments(operation_id).get(name, name)] = value
    return getattr(getattr(client, resource), method)(*positional, **keywords, **options)


def meant(operation: Operation[Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Fields to change, and arguments of the client's own to add, so that no guard refuses a call; UNSET drops one."""
    found: dict[str, Any] = {}
    if mass := operation.mass:
        if mass.within and not any(selects(sent.get(name)) for name in mass.within):
            found[mass.within[0]] = SOME_ID
        filters = {name: selects(sent[name]) for name in mass.filters if sent.get(name, UNSET) is not UNSET}
        narrows = any(filters.values())
        if narrows or mass.flag:
            found |= {name: UNSET for name, some in filters.items() if not some}
        if not narrows:
            found[mass.flag or "everything"] = True
    if paid := operation.paid:
        found |= {paid.free: sent.get(paid.free) is True} if paid.free else {"confirm": True}
    return found


def _with_files(operation_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a body with what the document has as a file in bytes."""
    known = pinned().fields(pinned().operations[operation_id].body)
    return {
        name: value.encode() if isinstance(value, str) and is_file(known.get(name, {})) else value
        for name, value in body.items()
    }


@cache
def located() -> dict[str, tuple[str, str, Operation[Any]]]:
    """OperationId -> its resource, its method, and what the engine knows of it."""
    found = {}
    for operation in pinned():
        resource, _, method = pinned().raw["paths"][operation.path][operation.method.lower()]["x-method"].partition(".")
        module = import_module(f"instantly_client.resources.{resource}")
        known = next(
            each for each in vars(module).values() if isinstance(each, Operation) and each.name == operation.id
        )
        found[operation.id] = (resource, method, known)
    return found


def argument(operation_id: str, name: str) -> str:
    """The argument for a parameter or a field of the body; `body.NAME` is one that a parameter has the name of."""
    return _arguments(operation_id)[name]


@cache
def _arguments(operation_id: str) -> dict[str, str]:
    """JSON name -> argument of an operation's method."""
    names, query, body = _handed_over(operation_id)
    arguments = {name: names[id(value)] for name, value in query.items()}
    for name, value in body.items() if isinstance(body, dict) else ():
        arguments[f"body.{name}" if name in query else name] = names[id(value)]
    return arguments


@cache
def takes_fields(operation_id: str) -> bool:
    """Whether the fields of the body are arguments."""
    _, _, body = _handed_over(operation_id)
    return isinstance(body, dict)


@cache
def _handed_over(operation_id: str) -> tuple[dict[int, str], Mapping[str, Any], Any]:
    """The names of a method's arguments, by the identity of their values, and the query and body it makes of them."""
    resource, method, _ = located()[operation_id]
    probe = _Probe()
    owner = getattr(Instantly, resource)(probe)
    # Without the checks of what it is given.
    called = unwrap(getattr(type(owner), method))
    every = signature(called).parameters
    parameters = [each for each in every.values() if each.name not in _NOT_SENT]
    confirmed = {"confirm": True} if "confirm" in every else {}
    values: dict[str, Any] = {each.name: f"its {each.name}" for each in parameters if each.kind is each.KEYWORD_ONLY}
    called(owner, *("x" for each in parameters[1:] if each.kind is each.POSITIONAL_ONLY), **values, **confirmed)
    # The values live as long as what is handed over.
    return {id(value): name for name, value in values.items()}, *probe.sent


class _Probe:
    """In the place of a client: keeps what a method hands over."""

    sent: tuple[Mapping[str, Any], Any]

    def call(self, operation: Any, path: Any = (), query: Any = None, body: Any = UNSET, **others: Any) -> None:
        self.sent = query or {}, body

    def page(self, *arguments: Any, max_items: Any = None, **keywords: Any) -> None:
        self.call(*arguments, **keywords)
