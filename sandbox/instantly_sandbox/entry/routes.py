"""Routes of controls: a control is a method in Python, and a request of the sandbox's own API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import Parameter, signature
from types import GenericAlias
from typing import Any, TypeVar, get_type_hints, is_typeddict

F = TypeVar("F", bound=Callable[..., Any])
Gives = Callable[[Any, Any], Any]

ROUTES: list[Route] = []
"""All controls that have a route."""


@dataclass(frozen=True)
class Route:
    """Route of a control.

    Attributes:
        method: the HTTP method.
        path: below the path of the sandbox's own API.
        control: the method of `Controls`.
        gives: makes the answer from the controls and what the method returned.
    """

    method: str
    path: str
    control: Callable[..., Any]
    gives: Gives


def route(method: str, path: str, *, gives: Gives = lambda controls, result: result) -> Callable[[F], F]:
    """Give a control a route."""

    def register(control: F) -> F:
        ROUTES.append(Route(method, path, control, gives))
        return control

    return register


def types_of(function: Callable[..., Any]) -> dict[str, Any]:
    """The types of the arguments of a method, by name, also of those in a TypedDict."""
    hints = get_type_hints(function)
    found: dict[str, Any] = {}
    for name, parameter in list(signature(function).parameters.items()):
        if name == "self":
            continue
        if parameter.kind is Parameter.VAR_KEYWORD:
            (more,) = hints[name].__args__  # It is Unpack[...].
            found |= get_type_hints(more) if is_typeddict(more) else {}
        elif parameter.kind is Parameter.VAR_POSITIONAL:
            found[name] = GenericAlias(list, hints[name])
        else:
            found[name] = hints[name]
    return found
