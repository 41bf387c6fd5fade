"""The sandbox's own API under /sandbox. Tests in other languages control the sandbox with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from inspect import signature
from typing import Any, get_type_hints

from ..engine.faults import Fault, Faults, Which
from ..engine.messages import Answer, Refusal, Request, make_answer
from ..engine.refusals import no_route
from ..engine.service import Recorded
from .controls import Controls

PATH = "/sandbox"
FAULTS = {
    name: method
    for name, method in vars(Faults).items()
    if not name.startswith("_") and "which" in getattr(method, "__annotations__", ())
}
SWITCHES = ("rate_limits", "unpaid")


class Admin:
    """Handler of the requests under `PATH`. They need no key, are not recorded, and no fault hits them."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self._routes: dict[str, dict[str, Callable[[Any], Any]]] = {
            "": {"GET": self._overview, "PATCH": self._switch},
            "/requests": {"GET": self._requests, "DELETE": self._forget_requests},
            "/faults": {"GET": self._faults, "POST": self._add_fault, "DELETE": self._clear_faults},
            "/clock": {"POST": self._move_clock},
            "/state": {"GET": self._state, "PUT": self._put_state},
            "/reset": {"POST": self._reset},
        }

    def handle(self, request: Request) -> Answer:
        """Answer a request. Bodies are JSON, whatever their content type."""
        try:
            routes = self._routes.get(request.path.removeprefix(PATH).rstrip("/"), {})
            if request.method not in routes:
                raise no_route(request, sorted(routes))
            with self._controls.runtime.lock:
                return make_answer(200, routes[request.method](_read(request)))
        except Refusal as refusal:
            return refusal.answer()
        except ValueError as error:
            return Refusal(400, str(error)).answer()

    def _overview(self, given: Any = None) -> dict[str, Any]:
        controls = self._controls
        return {
            "key": controls.key,
            "workspace_id": controls.workspace_id,
            "time": controls.clock.now().isoformat(),
            "frozen": controls.clock.frozen,
            **{name: getattr(controls.service, name) for name in SWITCHES},
        }

    def _switch(self, given: Any) -> dict[str, Any]:
        for name, value in _arguments(given, dict.fromkeys(SWITCHES, bool)).items():
            setattr(self._controls.service, name, value)
        return self._overview()

    def _requests(self, given: Any) -> list[dict[str, Any]]:
        return [_recorded(recorded) for recorded in self._controls.requests]

    def _forget_requests(self, given: Any) -> list[Any]:
        self._controls.service.requests.clear()
        return []

    def _faults(self, given: Any = None) -> list[dict[str, Any]]:
        return [_fault(fault) for fault in self._controls.faults.waiting]

    def _add_fault(self, given: Any) -> dict[str, Any]:
        name = given.get("fault") if isinstance(given, dict) else None
        if not isinstance(name, str) or name not in FAULTS:
            raise ValueError(f"fault must be one of {', '.join(FAULTS)}")
        method = FAULTS[name]
        hints = {**get_type_hints(method), **get_type_hints(Which)}
        arguments = _arguments({key: value for key, value in given.items() if key != "fault"}, hints)
        try:
            signature(method).bind(None, **arguments)
        except TypeError as error:
            raise ValueError(str(error)) from None
        return _fault(method(self._controls.faults, **arguments))

    def _clear_faults(self, given: Any) -> list[Any]:
        self._controls.faults.clear()
        return []

    def _move_clock(self, given: Any) -> dict[str, Any]:
        wanted = _arguments(given, {"advance": float, "freeze": bool})
        if "freeze" in wanted:
            (self._controls.clock.freeze if wanted["freeze"] else self._controls.clock.run)()
        self._controls.clock.advance(wanted.get("advance", 0))
        return self._overview()

    def _state(self, given: Any) -> dict[str, Any]:
        return self._controls.snapshot()

    def _put_state(self, given: Any) -> dict[str, Any]:
        self._controls.restore(given)
        return self._overview()

    def _reset(self, given: Any) -> dict[str, Any]:
        self._controls.reset()
        return self._overview()


def _read(request: Request) -> Any:
    try:
        return request.json()
    except (ValueError, RecursionError):
        raise ValueError("the body is no JSON") from None


def _arguments(given: Any, types: dict[str, Any]) -> dict[str, Any]:
    """The fields of a body, checked by name and type."""
    if not isinstance(given, dict):
        raise ValueError("the body must be a JSON object")
    for name, value in given.items():
        if name not in types or name in ("which", "return"):
            raise ValueError(f"there is no argument {name!r}")
        if not _is(value, types[name]):
            raise ValueError(f"{name} cannot be {json.dumps(value)}")
    return given


def _is(value: Any, type: Any) -> bool:  # noqa: A002 - the argument is a type
    if type is Any or type is bool:
        return type is Any or isinstance(value, bool)
    if isinstance(value, bool):
        return False
    return isinstance(value, type) or (isinstance(value, int) and isinstance(0.0, type))


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "fault": fault.name,
        "operation": fault.operation,
        "times": fault.times,
        "probability": fault.probability,
        "hits": fault.hits,
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
