"""The sandbox's own API under /sandbox. Programs in other languages control the sandbox with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from inspect import signature
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, is_typeddict

from ..engine.faults import Fault, Faults
from ..engine.messages import Answer, Refusal, Request, make_answer
from ..engine.refusals import no_route
from ..engine.service import Recorded
from ..state.arguments import check_known, did_you_mean
from .happen import Happen
from .routes import ROUTES, types_of

if TYPE_CHECKING:
    from .controls import Controls

PATH = "/sandbox"


def _public(kind: type, *but: str) -> dict[str, Callable[..., Any]]:
    return {
        name: method
        for name, method in vars(kind).items()
        if callable(method) and not name.startswith("_") and name not in but
    }


FAULTS = _public(Faults, "add", "clear", "around", "ending")
EVENTS = _public(Happen)


class Admin:
    """Handler of the requests under `PATH`. They need no key, are not recorded, and no fault hits them."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self._routes: dict[str, dict[str, Callable[[Any], Any]]] = {
            "/requests": {"GET": lambda given: [_recorded(each) for each in controls.requests]},
            "/faults": {
                "GET": lambda given: [_fault(fault) for fault in controls.faults.waiting],
                "POST": lambda given: _fault(_named("fault", FAULTS, controls.faults, given), given),
                "DELETE": self._clear_faults,
            },
            "/events": {"POST": lambda given: _named("event", EVENTS, controls.happen, given)},
        }
        for each in ROUTES:

            def carry_out(given: Any, route: Any = each) -> Any:
                # What the class of the controls has in place of it.
                control = getattr(type(controls), route.control.__name__)
                return route.gives(controls, _called(control, controls, given))

            self._routes.setdefault(each.path, {})[each.method] = carry_out

    @property
    def paths(self) -> list[str]:
        """The paths of the routes, below `PATH`."""
        return list(self._routes)

    def _clear_faults(self, given: Any) -> list[Any]:
        self._controls.faults.clear()
        return []

    def handle(self, request: Request) -> Answer:
        """Answer a request. Bodies are JSON, whatever their content type."""
        try:
            routes = self._routes.get(request.path.removeprefix(PATH).rstrip("/"), {})
            if request.method not in routes:
                raise no_route(request, sorted(routes))
            told = routes[request.method](_read(request))
            return make_answer(200, told.to_json() if hasattr(told, "to_json") else told)
        except Refusal as refusal:
            return refusal.answer()
        except (TypeError, ValueError, TimeoutError) as error:
            return Refusal(400, str(error)).answer()
        except OSError as error:  # It is about a file of the request, such as a world.
            return Refusal(400, f"{error.filename}: {error.strerror}").answer()


def _read(request: Request) -> Any:
    try:
        return request.json()
    except (ValueError, RecursionError):
        raise ValueError("the body is no JSON") from None


def _named(what: str, methods: dict[str, Callable[..., Any]], of: Any, given: Any) -> Any:
    """Call the method that a body names, with the other fields of the body."""
    name = given.get(what) if isinstance(given, dict) else None
    if not isinstance(name, str) or name not in methods:
        hint = did_you_mean(name, methods) if isinstance(name, str) else ""
        raise ValueError(f"{what} must be one of {', '.join(methods)}{hint}")
    return _called(methods[name], of, {key: value for key, value in given.items() if key != what})


def _called(method: Callable[..., Any], of: Any, given: Any) -> Any:
    """Call a method with the fields of a body, or with the whole body if it takes one argument of any type."""
    types = types_of(method)
    if not types:
        return method(of)
    if list(types.values()) == [Any]:
        return method(of, given)
    arguments = _arguments({} if given is None else given, types)
    several = [name for name, kind in signature(method).parameters.items() if kind.kind is kind.VAR_POSITIONAL]
    spread = arguments.pop(several[0], []) if several else []
    try:
        signature(method).bind(of, *spread, **arguments)
    except TypeError as error:
        raise ValueError(str(error)) from None
    return method(of, *spread, **arguments)


def _arguments(given: Any, types: dict[str, Any]) -> dict[str, Any]:
    """The fields of a body, checked by name and type."""
    if not isinstance(given, dict):
        raise ValueError("the body must be a JSON object")
    for name, value in given.items():
        check_known("argument", name, types)
        if not _is(value, types[name]):
            raise ValueError(f"{name} cannot be {json.dumps(value)}")
    return dict(given)


def _is(value: Any, kind: Any) -> bool:
    if kind is Any:
        return True
    if get_origin(kind) in (UnionType, Union):
        return any(_is(value, each) for each in get_args(kind))
    if get_origin(kind) is list:
        return isinstance(value, list) and all(_is(each, *get_args(kind)) for each in value)
    if get_origin(kind) is dict or is_typeddict(kind):
        return isinstance(value, dict)
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, int | float if kind is float else kind)


def _fault(fault: Fault | None, given: Any = None) -> dict[str, Any]:
    if fault is None:  # It waits for a job or a session, and not for a request.
        return dict(given)
    names = ("operation", "key", "path", "body", "times", "probability", "hits")
    shown = {name: getattr(fault, name) for name in names}
    always = ("operation", "times", "probability", "hits")
    return {
        "fault": fault.name,
        **{name: value for name, value in shown.items() if value is not None or name in always},
    }


def _recorded(recorded: Recorded) -> dict[str, Any]:
    return {
        "method": recorded.method,
        "target": recorded.request.target,
        "operation": recorded.operation,
        "headers": dict(recorded.request.headers),
        "body": recorded.request.body.decode("utf-8", "replace"),
        "status": recorded.answer.status,
        "answer": recorded.answer.body.decode("utf-8", "replace"),
    }
