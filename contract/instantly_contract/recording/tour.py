"""A visit to every operation of a sandbox with seed data: over a real socket, with the real client, all answers kept.

Everything is deterministic: the same sandbox gives the same recordings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any
from unittest.mock import patch

from instantly_client import SPEC_SHA256, Instantly, errors
from instantly_contract.calls import call
from instantly_contract.cassettes import Recording
from instantly_contract.check import known_operations
from instantly_contract.recording.arguments import SeededSandbox
from instantly_contract.recording.tape import Tape
from instantly_core import UNSET
from instantly_sandbox.engine.document import CURSOR, NEXT_CURSOR, Operation, pinned
from instantly_sandbox.engine.faults import Fault
from instantly_sandbox.engine.messages import Refusal
from instantly_sandbox.engine.refusals import documented
from instantly_sandbox.handlers import webhooks
from instantly_sandbox.recording.exchange import Exchange
from instantly_sandbox.simulation.receivers import Outcome

HOST = "https://api.instantly.ai"
KEPT_HEADERS = ("accept", "content-type", "x-as-workspace", "retry-after", "allow")
STRANGER = "nobody@nowhere.example.com"
REST = 100
ENOUGH = 3
UUID = re.compile(r"[0-9a-f-]{32,36}|[0-9a-f]{24}")
DELIVERED = Outcome(True, 200, milliseconds=7)
TURNED_AWAY = Outcome(False, 500, milliseconds=7)


class Tour:
    """The visits. Each begins in the same world."""

    def __init__(self, seeded: SeededSandbox, client_of: Callable[[str], Instantly], tape: Tape) -> None:
        self._seeded = seeded
        self._sandbox = seeded.sandbox
        self._client_of = client_of
        self._tape = tape
        self._beginning = self._sandbox.snapshot()

    def visits(self, only: Collection[str]) -> Iterator[Recording]:
        """Visit these operations, all of them without any."""
        for operation in pinned():
            if only and operation.id not in only:
                continue
            in_pages = known_operations()[operation.id].cursor is not None
            yield from self._pages(operation) if in_pages else self._success(operation)
            for status in sorted({401, 402, *operation.refusals} | ({403} if operation.scopes else set())):
                # A refusal changes nothing, but for 403: that needs a key of its own.
                refused = partial(self._refused, operation, status)
                yield from self._case(operation, str(status), refused, restore=status == 403)
        for name, case, visit in (
            ("sendTestEmail", "failure", lambda: self._visit("sendTestEmail", eaccount=STRANGER)),
            ("testWebhook", "failure", lambda: self._visit("testWebhook", delivered=TURNED_AWAY)),
            ("getOAuthSessionStatus", "failure", self._failing_session),
            ("listCampaign", "520", lambda: self._with_fault("listCampaign", self._sandbox.faults.edge_error)),
            ("listCampaign", "403-edge", lambda: self._with_fault("listCampaign", self._sandbox.faults.edge_block)),
        ):
            if name in pinned().operations and (not only or name in only):
                yield from self._case(pinned().operations[name], case, visit)

    def _case(
        self, operation: Operation, case: str, visit: Callable[[], None], *, restore: bool = True
    ) -> Iterator[Recording]:
        self._tape.take()
        with suppress(errors.APIError):
            visit()
        taken = self._tape.take()
        if taken:
            today = datetime.now(UTC).date().isoformat()
            yield Recording(operation.id, case, "sandbox", today, SPEC_SHA256, taken)
        if restore:
            self._sandbox.restore(self._beginning)
        self._sandbox.faults.clear()
        self._sandbox.unpaid = False

    def _success(self, operation: Operation) -> Iterator[Recording]:
        yield from self._case(operation, "success", lambda: self._visit(operation.id))

    def _pages(self, operation: Operation) -> Iterator[Recording]:
        """The first page of a list; then, if there are more, the middle and the last, and a full last one.

        The cursor of a last page leads to an empty one.
        """
        (page,) = self._case(operation, "first-page", partial(self._visit, operation.id, **_sized(operation, 1)))
        yield page
        if (cursor := _cursor(page)) is None:
            return
        asked: dict[str, Any] = {**_sized(operation, 1), CURSOR: cursor}
        (page,) = self._case(operation, "middle-page", partial(self._visit, operation.id, **asked))
        if not page.exchanges[0].json()["items"]:  # The first page has all, and is full.
            first = partial(self._visit, operation.id, walk=True, **_sized(operation, 1))
            yield from self._case(operation, "full-last-page", first)
            return
        yield page
        while (cursor := _cursor(page)) is not None:
            further = {**_sized(operation, REST), CURSOR: cursor}
            (following,) = self._case(operation, "last-page", partial(self._visit, operation.id, **further))
            if not following.exchanges[0].json()["items"]:
                break
            page, asked = following, further
        yield page
        asked |= _sized(operation, len(page.exchanges[0].json()["items"]))
        yield from self._case(operation, "full-last-page", partial(self._visit, operation.id, walk=True, **asked))

    def _visit(
        self, id: str, key: str | None = None, delivered: Outcome = DELIVERED, walk: bool = False, **more: Any
    ) -> None:
        operation = pinned().operations[id]
        path, query, body = self._seeded.of(operation)
        places: dict[str, Any] = {"path": path, "query": query, "body": body}
        for name, value in more.items():
            place = next((p["in"] for p in operation.parameters if p["name"] == name), "body")
            places[place][name] = value
        with _receiver(delivered), self._client_of(key or self._sandbox.key) as client:
            answer = call(client, id, places["path"], places["query"], places["body"] or UNSET)
            if walk:
                list(answer)

    def _refused(self, operation: Operation, status: int) -> None:
        if status == 401:
            self._visit(operation.id, "key-of-nobody")
        elif status == 402:
            self._sandbox.unpaid = True
            self._visit(operation.id)
        elif status == 403:
            self._visit(operation.id, self._sandbox.add_key(operation.foreign_scope))
        else:
            refusal = Refusal(status, f"Refused with {status}")
            fitting = documented(operation, refusal)
            # Of those that have both, one is what the sandbox makes of the other.
            instead = (fitting if fitting.status == status else refusal).answer()
            self._sandbox.faults.add(Fault("status", operation=operation.id, instead=instead))
            self._visit(operation.id)

    def _with_fault(self, id: str, fault: Callable[..., Fault]) -> None:
        fault(operation=id)
        self._visit(id)

    def _failing_session(self) -> None:
        self._sandbox.faults.oauth()
        with self._client_of(self._sandbox.key) as client:
            session = client.oauth.init_google()
            self._tape.take()
            self._sandbox.clock.advance(60)
            client.oauth.get_session_status(str(session.session_id))


def _receiver(outcome: Outcome) -> AbstractContextManager[Any]:
    # A real one would not be as quick each time.
    return patch.object(webhooks, "post", lambda *_: outcome)


def _multiply(seeded: SeededSandbox) -> None:
    """Have enough of everything for a middle page."""
    for kind, rows in seeded.workspace.collections.items():
        last: dict[str, Any] = dict(next(reversed(rows.values()), ()))
        for number in range(len(rows), ENOUGH):
            if kind != "Workspace" and UUID.fullmatch(str(last.get("id"))):
                copy = {**last, "id": last["id"][:-4] + f"f{number:03x}"}
                if "timestamp_created" in last:  # which some cursors are
                    copy["timestamp_created"] = f"2026-04-0{number}T09:00:00.000Z"
                rows[copy["id"]] = copy


def _cursor(page: Recording) -> str | None:
    cursor: str | None = page.exchanges[0].json().get(NEXT_CURSOR)
    return cursor


def _sized(operation: Operation, size: int) -> dict[str, Any]:
    """The size of a page as an argument, as far as the operation takes it."""
    parameters = {each["name"]: each["schema"] for each in operation.parameters}
    limit = operation.document.resolve((operation.document.fields(operation.body) | parameters).get("limit"))
    return {"limit": max(limit.get("minimum", 1), min(size, limit.get("maximum", size)))} if limit else {}


def _clean(exchange: Exchange) -> Exchange:
    # Neither the key, nor what is different each time.
    target = exchange.uri.partition("://")[2].partition("/")[2]
    return exchange._replace(
        uri=f"{HOST}/{target}", request_headers=_kept(exchange.request_headers), headers=_kept(exchange.headers)
    )


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in KEPT_HEADERS if name in headers}


def recordings(only: Collection[str] = ()) -> Iterator[Recording]:
    """Everything that the sandbox has to say; of these operations only, if any are named."""
    with _receiver(TURNED_AWAY):
        seeded = SeededSandbox()
    _multiply(seeded)
    sandbox = seeded.sandbox
    sandbox.service.rate_limits = False
    with ExitStack() as stack:
        url = stack.enter_context(sandbox.serve())
        tape = Tape(_clean)
        stack.callback(tape.close)

        def client_of(key: str) -> Instantly:
            return Instantly(api_key=key, base_url=url, transport=tape, limiter=None, max_retries=0, strict=True)

        yield from Tour(seeded, client_of, tape).visits(only)
