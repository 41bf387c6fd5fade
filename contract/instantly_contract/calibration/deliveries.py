"""Deliveries of the sandbox: every type of event once, as it arrives at a receiver on this machine."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple, cast

from instantly_contract.calls import call
from instantly_contract.recording.arguments import ME, SeededSandbox
from instantly_core import UNSET
from instantly_core.webhooks.event import DeliveredEvent
from instantly_core.webhooks.names import SUBSCRIBED
from instantly_sandbox.entry.happen import Happen
from instantly_sandbox.simulation.interest import STATUS_EVENTS

CUSTOM = "custom label"
"""The type of all events that have the text of a label for their type."""

FIELDS = frozenset(DeliveredEvent.FIELDS)
"""The fields of events themselves. All else in a payload is the lead's own data."""

SECONDS = 30.0
DAYS = 30
LABEL = "Wants a demo"
ENRICH = "enrichLeadsFromSupersearch"


class Arrived(NamedTuple):
    """A delivery as it arrived."""

    headers: dict[str, str]
    payload: dict[str, Any]


def type_of_event(event_type: object) -> str:
    """The type of an event; the texts of labels are one."""
    return event_type if isinstance(event_type, str) and event_type in SUBSCRIBED else CUSTOM


@cache
def deliveries() -> dict[str, list[Arrived]]:
    """What the sandbox delivers, by type of event."""
    found: dict[str, list[Arrived]] = defaultdict(list)
    with _Receiver() as receiver:
        thread = Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            _let_happen(f"http://127.0.0.1:{receiver.server_port}/")
        finally:
            receiver.shutdown()
            thread.join()
    for arrived in receiver.arrived:
        found[type_of_event(arrived.payload.get("event_type"))].append(arrived)
    return found


def _let_happen(url: str) -> None:
    seeded = SeededSandbox()
    sandbox = seeded.sandbox
    sandbox.service.rate_limits = False
    with sandbox:
        client = sandbox.client()
        client.webhooks.create(target_hook_url=url, event_type="all_events")
        label = client.lead_labels.create(label=LABEL, interest_status_label="positive")
        lead = next(row["id"] for row in seeded.workspace.of("Lead").values() if row.get("campaign"))
        for happening in _happenings(sandbox.happen, lead, label.interest_status):
            happening()
        if ENRICH in seeded.document.operations:
            path, query, body = seeded.of(seeded.document.operations[ENRICH])
            call(client, ENRICH, path, query, body or UNSET)
        for _ in range(DAYS):
            sandbox.clock.advance(timedelta(days=1))
            client.workspace.get_current()
            sandbox.wait_for_deliveries(SECONDS)


def _happenings(happen: Happen, lead: str, label: float) -> Iterator[Callable[[], Any]]:
    for react in (happen.open, happen.click, happen.reply, happen.auto_reply):
        yield partial(react, lead)
    for status in (*STATUS_EVENTS, label):
        yield partial(happen.interest, lead, status)
    for react in (happen.unsubscribe, happen.bounce):
        yield partial(react, lead)
    yield partial(happen.account_error, ME)
    yield partial(happen.reconnect, ME)


class _Receiver(ThreadingHTTPServer):
    def __init__(self) -> None:
        self.arrived: list[Arrived] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        cast(_Receiver, self.server).arrived.append(Arrived(headers, json.loads(body)))
        self.send_response_only(204)
        self.end_headers()
