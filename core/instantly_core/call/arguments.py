"""Arguments of methods: encoded for the request, or refused with what was meant."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import wraps
from inspect import Parameter, iscoroutinefunction, isfunction, signature, unwrap
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ..models.encode import UnsendableError
from ..models.unset import UNSET
from .guards import ways_to_pay

if TYPE_CHECKING:
    from ..models.encoders import Beside, Encoder

M = TypeVar("M", bound=Callable[..., Any])


class _Params:
    """A substitute for the module of the types of mappings, which need no import: models say the same."""

    def __getattr__(self, name: str) -> type[Beside]:
        from ..models.encoders import Beside

        return Beside


_NAMES = {"params": _Params(), "_params": _Params()}


def with_encoding(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return the method with its keyword arguments encoded by their annotations, and `explained`.

    The method gets them as JSON has them. What cannot be sent, and what the service would ignore or misread, is refused
    before that.
    """
    encoders: dict[str, Encoder | None] = {}

    def encode(named: dict[str, Any]) -> None:
        for name, value in named.items():
            if name not in encoders:
                encoders[name] = _encoder(method, name)
            encoder = encoders[name]
            if encoder is None or value is UNSET:
                continue
            try:
                named[name] = encoder(value)
            except UnsendableError as problem:
                problem.steps.append(name)
                problem.call = _called(method)
                raise problem.with_traceback(None) from None

    return explained(method, encode)


def explained(method: M, prepare: Callable[[dict[str, Any]], None] | None = None) -> M:
    """Return the method with a TypeError that says what was meant by an argument that it does not take.

    `prepare` is called with the keyword arguments first.
    """
    if iscoroutinefunction(method):

        @wraps(method)
        async def call_async(*arguments: Any, **named: Any) -> Any:
            if prepare is not None:
                prepare(named)
            try:
                awaitable = method(*arguments, **named)
            except TypeError as error:
                raise _explained(error, _called_on(arguments, method), method, arguments, named) from None
            return await awaitable

        return cast("M", call_async)

    @wraps(method)
    def call(*arguments: Any, **named: Any) -> Any:
        if prepare is not None:
            prepare(named)
        try:
            return method(*arguments, **named)
        except TypeError as error:
            if _came_from_inside(error):
                raise
            raise _explained(error, _called_on(arguments, method), method, arguments, named) from None

    return cast("M", call)


def _encoder(method: Callable[..., Any], name: str) -> Encoder | None:
    """The encoder of an argument; None for one that is not sent, or does not exist."""
    from ..models.encoders import encoder_of

    annotation = annotation_of(method, name)
    return None if annotation is None else encoder_of(annotation)


def annotation_of(method: Callable[..., Any], name: str) -> Any:
    """Return the type of an argument; None for one that does not exist."""
    annotation = method.__annotations__.get(name)
    if isinstance(annotation, str):
        annotation = eval(annotation, cast("FunctionType", method).__globals__, _NAMES)
    return annotation


def in_methods(resource: type, decorator: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Decorate every public method of a class."""
    for name, value in list(vars(resource).items()):
        if isfunction(value) and not name.startswith("_"):
            setattr(resource, name, decorator(value))


def _called(method: Callable[..., Any]) -> str:
    return f"{getattr(method, '__qualname__', 'this')}()"


def _called_on(arguments: Sequence[Any], method: Callable[..., Any]) -> str:
    """The call of a method. Programs know the class that has the method, and not the bases in which it is defined."""
    owner, dot, name = _called(method).rpartition(".")
    if arguments and owner.endswith(("Helpers", "Client")):
        owner = type(arguments[0]).__name__
    return f"{owner}()" if name == "__init__()" else f"{owner}{dot}{name}"


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
        if name in known and parameters[name].kind is Parameter.POSITIONAL_ONLY:
            return TypeError(f"{called} takes {name!r} first and without its name")
    unknown = [name for name in named if name not in known]
    if not unknown:
        ways = _ways_to_pay(method, named)
        return TypeError(f"{called}: {ways}" if ways else str(error).replace(_called(method), called, 1))
    from ..models.nearest import hint

    name = unknown[0]
    if name in _settings(arguments[0] if arguments else None):
        return TypeError(f"{called} takes no {name!r}, a setting of the client: client.with_options({name}=...)")
    return TypeError(f"{called} got an unexpected keyword argument {name!r}; {hint(name, known)}")


def _settings(resource: object) -> Collection[str]:
    """The settings that one call of a client or resource can have: other libraries have them as arguments."""
    client: Any = getattr(resource, "_client", resource)
    return signature(client.with_options).parameters if hasattr(client, "with_options") else ()


def _ways_to_pay(method: Callable[..., Any], named: Mapping[str, Any]) -> str:
    """What a method that costs money is to be given, if that is missing; "" for any other."""
    function = cast("FunctionType", unwrap(method))
    for name in function.__code__.co_names:
        operation: Any = function.__globals__.get(name)
        if paid := getattr(operation, "paid", None):
            said = operation.names.get(paid.free, paid.free) or "confirm"
            return "" if said in named else ways_to_pay(paid, operation.names)
    return ""
