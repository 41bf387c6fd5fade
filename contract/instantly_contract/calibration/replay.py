"""Recorded requests, made again in the sandbox, with ids that exist there in place of those that were recorded.

What an answer of the sandbox has where a recorded one had an id, an address or a cursor is what later requests of the
same file mean by it. An id that no answer gave means an object of its kind, which is made where there is not one yet.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from instantly_contract.calls import SOME_ID
from instantly_contract.captured import API
from instantly_contract.recording.arguments import SeededSandbox
from instantly_core.models.encode import path_segment
from instantly_sandbox.engine.context import RequestContext
from instantly_sandbox.engine.document import CURSOR, JSON, NEXT_CURSOR, Operation
from instantly_sandbox.engine.messages import Answer, Request
from instantly_sandbox.engine.resources import objects, placeholders
from instantly_sandbox.recording.exchange import Exchange

SECONDS = 5.0
"""What passes between two requests, so that jobs end."""

AFTERWARDS = 600.0
"""What passes until what a scene begins has ended."""

AGENT = "instantly-contract"
NOBODY = "key-of-nobody"
EDGE = b"error code:"

_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-f]{24}")
# Fields of requests that name an object by something else than its id, with its kind.
_NAMED = {
    **dict.fromkeys(("eaccount", "email_account", "emails", "email_list", "accounts"), ("Account", "email")),
    **dict.fromkeys(("lead_email", "contact"), ("Lead", "email")),
    "thread_id": ("Email", "thread_id"),
    "reply_to_uuid": ("Email", "id"),
}


@cache
def replay() -> Replay:
    """The replay of this process: it takes a moment to make one."""
    return Replay()


class Replay:
    """A sandbox with an object of each kind, which answers recorded requests."""

    def __init__(self) -> None:
        self._seeded = SeededSandbox()
        self.sandbox = self._seeded.sandbox
        self.sandbox.service.rate_limits = False
        self._beginning = self.sandbox.snapshot()
        self._stand_in: dict[str, str] = {}
        self._changed = False
        # As long as there are all objects that they need.
        self._creations: dict[str, list[tuple[Operation, Request]]] = defaultdict(list)
        collections = {each.path.rpartition("/")[0] for each in self._seeded.document if each.path.endswith("}")}
        for operation in self._seeded.document:
            if operation.method == "POST" and operation.path in collections:
                self._creations[operation.path].append((operation, self._made(operation, 200)))

    def begin(self) -> None:
        """Begin with the next file: nothing of those before it is left."""
        if self._changed:
            self.sandbox.restore(self._beginning)
        self._changed = False
        self._stand_in.clear()

    def repeat(self, operation: Operation, recorded: Exchange) -> Answer | None:
        """The answer of the sandbox to a recorded request; None where only the service can give such an answer."""
        status = recorded.status
        if status == 429 or status >= 500 or 300 <= status < 400:
            return None
        if not recorded.method and status not in (401, 402, 403, 404, *range(300)):
            return None
        request = self._request(operation, recorded) if recorded.method else self._made(operation, status)
        with self._refusing(operation, recorded) as key:
            answer = self._send(operation, request, key)
        if answer.status == status:
            self._pair(_json(recorded.body), _json(answer.body))
        return answer

    def scene(self, wanted: str, of: str | None, body: Mapping[str, Any]) -> Any:
        """The answer of an operation, as JSON.

        Args:
            wanted: the operation.
            of: the operation that makes what the path names, some time before.
            body: what the first request has in its body, apart from what it needs.
        """
        document = self._seeded.document
        operation = document.operations[wanted]
        if of is None:
            return self._send(operation, self._made(operation, 200, body=body), self.sandbox.key).json()
        made = self._send(
            document.operations[of], self._made(document.operations[of], 200, body=body), self.sandbox.key
        )
        self.sandbox.clock.advance(AFTERWARDS)
        request = self._made(operation, 200, id=str(made.json()["id"]))
        return self._send(operation, request, self.sandbox.key).json()

    def _send(self, operation: Operation, request: Request, key: str) -> Answer:
        headers = {"user-agent": AGENT, **request.headers, "authorization": f"Bearer {key}"}
        answer = self.sandbox.handle(Request(request.method, request.target, headers, request.body))
        self._changed = self._changed or not operation.is_safe
        if self._changed:
            self.sandbox.clock.advance(SECONDS)
        return answer

    @contextmanager
    def _refusing(self, operation: Operation, recorded: Exchange) -> Generator[str]:
        """The key of a request, in a sandbox that refuses as the service did."""
        service, key = self.sandbox.service, self.sandbox.key
        if recorded.status == 401:
            key = NOBODY
        elif recorded.status == 403 and EDGE not in recorded.body and operation.scopes:
            key = self.sandbox.add_key(operation.foreign_scope)
        service.unpaid = recorded.status == 402
        try:
            yield key
        finally:
            service.unpaid = False

    def _made(
        self, operation: Operation, status: int, *, id: str | None = None, body: Mapping[str, Any] | None = None
    ) -> Request:
        """A request of an operation that lacks one: for an object with this id, and with more in the body."""
        path, query, needed = self._seeded.of(operation)
        if status == 404 or id is not None:
            path = dict.fromkeys(path, SOME_ID if id is None else id)
        given = {**needed, **body} if body else needed
        pairs = [
            (name, each) for name, value in query.items() for each in (value if isinstance(value, list) else [value])
        ]
        sent = json.dumps(given).encode() if operation.takes_body and operation.body_type == JSON else b""
        return Request(operation.method, _target(operation, path, pairs), {"content-type": JSON} if sent else {}, sent)

    def _request(self, operation: Operation, recorded: Exchange) -> Request:
        """A recorded request as the sandbox understands it."""
        url = urlsplit(recorded.uri)
        values = operation.document.match(recorded.method, url.path[url.path.find(API) :])[1]
        path: dict[str, str] = {}
        for name, item in placeholders(operation.path):
            path[name] = self._in_path(operation, name, item, values[name], path, missing=recorded.status == 404)
        pairs = [
            (name, meant)
            for name, value in parse_qsl(url.query, keep_blank_values=True)
            for meant in [self._meant(operation, name, value)]
            if meant is not None
        ]
        sent = _json(recorded.request_body)
        body = recorded.request_body if sent is None else json.dumps(self._meant(operation, "", sent)).encode()
        headers = {
            name: recorded.request_headers[name]
            for name in ("content-type", "accept", "user-agent")
            if name in recorded.request_headers
        }
        return Request(operation.method, _target(operation, path, pairs), headers, body)

    def _in_path(
        self, operation: Operation, name: str, item: str, value: str, path: Mapping[str, str], *, missing: bool
    ) -> str:
        """The value of a placeholder: what earlier answers say, or else the id of an object that is there."""
        if value in self._stand_in or missing:
            return self._stand_in.get(value, value)
        context = RequestContext.internal(self.sandbox.runtime, self._seeded.workspace)
        context.path = dict(path)
        known = objects(context, item)
        if known is not None and not known:
            self._make(item)
            known = objects(context, item)
        found = self._free(known or ()) or str(self._seeded.of(operation).path[name])
        self._stand_in[value] = found
        return found

    def _make(self, item: str) -> None:
        """Make an object that lies at a path."""
        for operation, request in self._creations.get(item.rpartition("/")[0], ()):
            self._send(operation, request, self.sandbox.key)

    def _free(self, ids: Iterable[str]) -> str | None:
        """The first id that nothing recorded means yet, or else the first."""
        known = list(ids)
        taken = set(self._stand_in.values())
        return next((id for id in known if id not in taken), next(iter(known), None))

    def _meant(self, operation: Operation, name: str, value: Any) -> Any:
        """A value of a request as the sandbox understands it; None for a cursor that no answer gave."""
        if isinstance(value, dict):
            meant = {inner: self._meant(operation, inner, each) for inner, each in value.items()}
            return {inner: each for inner, each in meant.items() if each is not None or value[inner] is None}
        if isinstance(value, list):
            return [self._meant(operation, name, each) for each in value]
        if not isinstance(value, str):
            return value
        if value not in self._stand_in and name == CURSOR:
            return None
        if value not in self._stand_in and (found := self._object(operation, name, value)):
            self._stand_in[value] = found
        return self._stand_in.get(value, value)

    def _object(self, operation: Operation, name: str, value: str) -> str | None:
        """What names an object of the sandbox, in place of an id or address that was recorded."""
        if name in _NAMED:
            kind, field = _NAMED[name]
            return self._free(str(row[field]) for row in self._seeded.workspace.of(kind).values())
        if not _ID.fullmatch(value):
            return None
        guide = self._seeded.guides().get(operation.id, {}).get(name)
        guided = guide[0] if isinstance(guide, list) and guide else guide
        if isinstance(guided, str) and _ID.fullmatch(guided):
            return guided
        known = self._seeded.kind_of(name.removesuffix("s"))
        return self._free(self._seeded.workspace.of(known)) if known else None

    def _pair(self, recorded: Any, given: Any, name: str = "") -> None:
        """Remember what the sandbox has in the place of a recorded id, address or cursor."""
        if isinstance(recorded, dict) and isinstance(given, dict):
            for inner in recorded.keys() & given.keys():
                self._pair(recorded[inner], given[inner], inner)
        elif isinstance(recorded, list) and isinstance(given, list):
            for one, other in zip(recorded, given, strict=False):
                self._pair(one, other, name)
        elif isinstance(recorded, str) and isinstance(given, str) and _refers(name, recorded):
            self._stand_in.setdefault(recorded, given)


def _refers(name: str, value: str) -> bool:
    """Whether the value of a field may be in later requests, and then means something."""
    return name == NEXT_CURSOR or "@" in value or bool(_ID.fullmatch(value))


def _target(operation: Operation, path: Mapping[str, Any], pairs: list[tuple[str, Any]]) -> str:
    target = operation.path
    for name, value in path.items():
        target = target.replace(f"{{{name}}}", path_segment(name, str(value)))
    return target + (f"?{urlencode(pairs)}" if pairs else "")


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
