"""Say which argument was meant when a call has one that the method does not know: the service would ignore it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction, isfunction, signature
from typing import Any


def with_suggestions(method: Callable[..., Any]) -> Callable[..., Any]:
    """The method, whose TypeError for an unknown keyword names the nearest known one."""
    if iscoroutinefunction(method):

        @wraps(method)
        async def call_async(*arguments: Any, **named: Any) -> Any:
            try:
                awaitable = method(*arguments, **named)
            except TypeError as error:
                raise _explained(error, method, named) from None
            return await awaitable

        return call_async

    @wraps(method)
    def call(*arguments: Any, **named: Any) -> Any:
        try:
            return method(*arguments, **named)
        except TypeError as error:
            if _came_from_inside(error):
                raise
            raise _explained(error, method, named) from None

    return call


def suggest_in(resource: type) -> None:
    """Give every public method of a resource `with_suggestions`."""
    for name, value in list(vars(resource).items()):
        if isfunction(value) and not name.startswith("_"):
            setattr(resource, name, with_suggestions(value))


def _came_from_inside(error: TypeError) -> bool:
    """Whether the method was entered: its own frame is then in the traceback, below the wrapper's."""
    return error.__traceback__ is not None and error.__traceback__.tb_next is not None


def _explained(error: TypeError, method: Callable[..., Any], named: dict[str, Any]) -> TypeError:
    known = [name for name in signature(method).parameters if name != "self"]
    unknown = [name for name in named if name not in known]
    if not unknown:
        return error
    from difflib import get_close_matches

    name = unknown[0]
    nearest = get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"it takes: {', '.join(known) or 'none'}"
    called = getattr(method, "__qualname__", "this")
    return TypeError(f"{called}() got an unexpected keyword argument {name!r}; {hint}")
