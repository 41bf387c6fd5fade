"""Checks of arguments. They refuse what the service would ignore or misread: an unknown argument, one value instead of
a list, a list instead of one value, a moment without a zone or instead of a day."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from inspect import Parameter, iscoroutinefunction, isfunction, signature
from typing import Any, TypeVar, cast

from ..models.encode import WITH_ZONE
from ..models.unset import UNSET

M = TypeVar("M", bound=Callable[..., Any])

_INNERMOST = re.compile(r"\[[^\[\]]*\]")
_LISTS = (list, tuple, set, frozenset)
_TEXTS = (str, bytes, bytearray)
_SCALARS = ("date", "datetime", "str", "int", "float", "bool", "Flag")


def with_checks(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return the method with a TypeError that helps for keyword arguments that cannot be right."""
    shapes: dict[str, str] = {}

    def check(named: dict[str, Any]) -> None:
        """Refuse what cannot be right, and write flags as the API has them."""
        if not shapes:
            shapes.update({name: _shape(str(annotation)) for name, annotation in method.__annotations__.items()})
        for name, value in named.items():
            shape = shapes.get(name)
            if shape and not _fits(shape, value):
                raise TypeError(f"{_called(method)} takes {_instead(shape, name, value)}")
            if shape == "Flag" and isinstance(value, bool):
                named[name] = int(value)
            if isinstance(value, datetime) and value.tzinfo is None:
                raise ValueError(f"{_called(method)} takes {name!r} with a time zone: {WITH_ZONE}")

    if iscoroutinefunction(method):

        @wraps(method)
        async def call_async(*arguments: Any, **named: Any) -> Any:
            check(named)
            try:
                awaitable = method(*arguments, **named)
            except TypeError as error:
                raise _explained(error, _called(method), method, arguments, named) from None
            return await awaitable

        return call_async

    @wraps(method)
    def call(*arguments: Any, **named: Any) -> Any:
        check(named)
        try:
            return method(*arguments, **named)
        except TypeError as error:
            if _came_from_inside(error):
                raise
            raise _explained(error, _called(method), method, arguments, named) from None

    return call


def with_hint(method: M) -> M:
    """Return the method of a client with a TypeError that names the nearest to an unknown keyword argument."""

    name = _called(method).rpartition(".")[2]
    suffix = "()" if name == "__init__()" else f".{name}"

    @wraps(method)
    def call(client: object, *arguments: Any, **named: Any) -> Any:
        try:
            return method(client, *arguments, **named)
        except TypeError as error:
            if _came_from_inside(error):
                raise
            raise _explained(error, type(client).__name__ + suffix, method, (client, *arguments), named) from None

    return cast("M", call)


def check_in(resource: type) -> None:
    """Give every public method of a resource `with_checks`."""
    for name, value in list(vars(resource).items()):
        if isfunction(value) and not name.startswith("_"):
            setattr(resource, name, with_checks(value))


def _shape(annotation: str) -> str:
    """The shape of an argument: "list", the name of a scalar, or "" if it takes more than one shape."""
    # Annotations are strings here, and generated code spells them in one way.
    while (shorter := _INNERMOST.sub("", annotation)) != annotation:
        annotation = shorter
    members = [member for member in annotation.split(" | ") if member not in ("None", "Unset")]
    if members == ["Sequence"]:
        return "list"
    scalars = [member for member in members if member in _SCALARS]
    return scalars[0] if scalars and not {"Sequence", "Any"} & {*members} else ""


def _fits(shape: str, value: object) -> bool:
    if shape == "date" and isinstance(value, datetime):
        return False
    return isinstance(value, _LISTS) is (shape == "list") or value is UNSET or value is None


def _instead(shape: str, name: str, value: object) -> str:
    given = type(value).__name__
    if shape == "list":
        several = isinstance(value, Iterable) and not isinstance(value, (*_TEXTS, Mapping))
        return f"a list for {name!r}, not one {given}: {'list(value)' if several else '[value]'}"
    if isinstance(value, datetime):
        return f"a day for {name!r}, not a datetime: value.date() in the zone that is meant, or a text"
    text = "; several, where it takes them, are one comma-separated text" if shape == "str" else ""
    return f"one {shape} for {name!r}, not a {given}{text}"


def _called(method: Callable[..., Any]) -> str:
    return f"{getattr(method, '__qualname__', 'this')}()"


def _came_from_inside(error: TypeError) -> bool:
    """Whether the method was entered: its own frame is then in the traceback, below the wrapper's."""
    return error.__traceback__ is not None and error.__traceback__.tb_next is not None


def _explained(
    error: TypeError, called: str, method: Callable[..., Any], arguments: Sequence[Any], named: Mapping[str, Any]
) -> TypeError:
    parameters = signature(method).parameters
    known = [name for name in parameters if name != "self"]
    keywords = [name for name in known if parameters[name].kind is Parameter.KEYWORD_ONLY]
    nameless = len(known) - len(keywords)
    if keywords and len(arguments) - 1 > nameless:
        counted = {0: "no argument", 1: "1 argument"}.get(nameless, f"{nameless} arguments")
        return TypeError(f"{called} takes {counted} without a name; by name it takes: {', '.join(keywords)}")
    for name in named:
        if name in parameters and parameters[name].kind is Parameter.POSITIONAL_ONLY:
            return TypeError(f"{called} takes {name!r} first and without its name")
    unknown = [name for name in named if name not in known]
    if not unknown:
        return error
    from difflib import get_close_matches

    name = unknown[0]
    nearest = get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"it takes: {', '.join(known) or 'none'}"
    return TypeError(f"{called} got an unexpected keyword argument {name!r}; {hint}")
