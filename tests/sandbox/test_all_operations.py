"""Each operation of the document, over HTTP: what it answers is as the vendor's own document says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from instantly_client import Instantly
from instantly_contract.calls import call
from instantly_contract.check import known_operations
from instantly_contract.recording.arguments import SeededSandbox
from instantly_core import UNSET
from instantly_sandbox import Recorded
from instantly_sandbox.engine.document import Operation, pinned
from instantly_sandbox.engine.messages import Answer
from instantly_sandbox.engine.rate_limits import WORKSPACE_LIMITS
from instantly_sandbox.engine.resources import is_kept
from instantly_sandbox.engine.validation import validator
from instantly_sandbox.entry.happen import shown_as
from instantly_sandbox.handlers import webhooks
from instantly_sandbox.simulation.receivers import Outcome
from tests.published import published
from tests.sandbox.raw import ABSENT

PINNED = published()


def names_an_object(operation: Operation) -> bool:
    """Whether the path names an object that the sandbox keeps, by an id that could be absent.

    Of others there is a sample for any id.
    """
    ids = [each["schema"] for each in operation.parameters if each["in"] == "path"]
    kept = bool(ids) and is_kept(pinned().operations[operation.id])
    return kept and all(validator(PINNED, schema).is_valid(ABSENT) or "email" in str(schema) for schema in ids)


OF_ONE_OBJECT = [operation for operation in PINNED if 404 in operation.refusals and names_an_object(operation)]

NOBODY = "nobody@nowhere.example.com"


class Tour:
    """Visits each operation of a sandbox with seed data once, with a client that puts up with nothing."""

    def __init__(self, seeded: SeededSandbox, client: Instantly) -> None:
        self.sandbox = seeded.sandbox
        self._seeded = seeded
        self._client = client
        self._beginning = self.sandbox.snapshot()
        self._visited: dict[str, Recorded] = {}

    def visit(self, id: str) -> Recorded:
        """Call an operation by its method of the client, and return what went over the wire."""
        if id not in self._visited:
            path, query, body = self._seeded.of(pinned().operations[id])
            call(self._client, id, path, query, body or UNSET)
            recorded = self._visited[id] = self.sandbox.requests[-1]
            if recorded.method != "GET":
                self.start_again()
        return self._visited[id]

    def again(self, id: str, *, key: str | None = None, target: str | None = None, body: Any = UNSET) -> Answer:
        """The answer to the request of that visit, with another key or body, or to another target."""
        request = self.visit(id).request
        headers = {**request.headers, **({"authorization": f"Bearer {key}"} if key else {})}
        content = request.body if body is UNSET else json.dumps(body).encode()
        return self.sandbox.handle(replace(request, headers=headers, target=target or request.target, body=content))

    def walk(self, id: str) -> list[Recorded]:
        """Walk over a list to its end, in pages of one item, and return the requests for its pages."""
        path, query, body = self._seeded.of(pinned().operations[id])
        paging = known_operations()[id].paging
        assert paging is not None
        (query if paging.place == "query" else body)[paging.limit] = 1
        before = len(self.sandbox.requests)
        list(call(self._client, id, path, query, body or UNSET))
        return list(self.sandbox.requests)[before:]

    def start_again(self) -> None:
        """Undo everything."""
        self.sandbox.restore(self._beginning)


@pytest.fixture(scope="module")
def tour() -> Iterator[Tour]:
    seeded = SeededSandbox()
    sandbox = seeded.sandbox
    sandbox.service.rate_limits = False
    with (
        pytest.MonkeyPatch.context() as patch,
        sandbox.serve() as url,
        Instantly(api_key=sandbox.key, base_url=url, strict=True, limiter=None, max_retries=0) as client,
    ):
        patch.setattr(webhooks, "post", lambda *_: Outcome(True, 200, milliseconds=7))
        yield Tour(seeded, client)


def wrong(schema: Any, value: Any) -> list[str]:
    """Where a value is not as the vendor's schema says."""
    return [f"{list(error.instance_path)} {error.message}" for error in validator(PINNED, schema).iter_errors(value)]


@pytest.mark.parametrize("operation", list(PINNED), ids=lambda operation: operation.id)
def test_a_success_is_as_documented(tour: Tour, operation: Operation) -> None:
    recorded = tour.visit(operation.id)
    status, content_type, schema = operation.success
    told = recorded.answer
    assert (recorded.operation, told.status) == (operation.id, status)
    if schema is None:
        assert told.body == b""
        return
    assert told.headers["content-type"].partition(";")[0] == content_type.partition(";")[0]
    assert wrong(schema, told.json() if content_type == "application/json" else told.body.decode()) == []


# What it takes to be refused.


def without_a_key(tour: Tour, id: str) -> Answer:
    return tour.again(id, key="of-nobody")


def without_a_plan(tour: Tour, id: str) -> Answer:
    tour.sandbox.unpaid = True
    try:
        return tour.again(id)
    finally:
        tour.sandbox.unpaid = False


def over_the_limit(tour: Tour, id: str) -> Answer:
    service = tour.sandbox.service
    for _ in range(WORKSPACE_LIMITS[0].count):
        service.limits.count(tour.sandbox.workspace_id, WORKSPACE_LIMITS, tour.sandbox.clock.time())
    service.rate_limits = True
    try:
        return tour.again(id)
    finally:
        service.rate_limits = False
        tour.sandbox.clock.advance(WORKSPACE_LIMITS[0].seconds)


@pytest.mark.parametrize(("status", "provoke"), [(401, without_a_key), (402, without_a_plan), (429, over_the_limit)])
def test_a_refusal_is_as_documented(tour: Tour, status: int, provoke: Callable[[Tour, str], Answer]) -> None:
    documented = [operation for operation in PINNED if status in operation.refusals]
    assert documented
    for operation in documented:
        tour.visit(operation.id)  # Before anything stands in the way.
        told = provoke(tour, operation.id)
        assert told.status == status, operation
        assert wrong(operation.refusals[status], told.json()) == [], operation


def test_a_key_without_the_scope_is_refused_everywhere(tour: Tour) -> None:
    scoped = [operation for operation in pinned() if operation.scopes]
    visits = {operation.id: tour.visit(operation.id) for operation in scoped}
    keys = {scope: tour.sandbox.add_key(scope) for scope in pinned().scopes}
    for id in visits:
        told = tour.again(id, key=keys[pinned().operations[id].foreign_scope])
        assert told.status == 403, id
        documented = PINNED.operations[id].refusals if id in PINNED.operations else {}
        assert 403 not in documented or wrong(documented[403], told.json()) == [], id


@pytest.mark.parametrize("operation", OF_ONE_OBJECT, ids=lambda operation: operation.id)
def test_what_is_not_there_is_refused_as_documented(tour: Tour, operation: Operation) -> None:
    path = re.sub(r"{\w+}", ABSENT, operation.path.replace("{email}", NOBODY))
    told = tour.again(operation.id, target=f"{path}?{tour.visit(operation.id).request.query}")
    assert told.status == 404 or told.json()["statusCode"] == 404
    assert wrong(operation.refusals[told.status], told.json()) == []


def of_one_object(method: str) -> list[tuple[Operation, Operation]]:
    """The operations of a method that concern one object, each with the operation that reads such an object."""
    return [
        (operation, read)
        for operation in pinned()
        for read in pinned().at(operation.path)
        if (operation.method, read.method) == (method, "GET") and operation.path.endswith("}")
    ]


def test_what_is_deleted_is_in_the_answer(tour: Tour) -> None:
    deletes = of_one_object("DELETE")
    assert deletes
    for operation, read in deletes:
        before = tour.again(read.id, target=tour.visit(operation.id).request.target)
        assert tour.visit(operation.id).answer.json() == before.json(), operation.id


# It may repeat the fields of its lead or agent.
CHANGES_TOO = {"timestamp_updated", "payload"}


def test_null_resets_a_field_and_leaves_all_others(tour: Tour) -> None:
    reset: dict[str, None] = {}
    for operation, read in of_one_object("PATCH"):
        fields = pinned().fields(operation.body).items()
        nothing = {name: None for name, field in fields if validator(pinned(), field).is_valid(None)}
        if not nothing:
            continue
        target = tour.visit(operation.id).request.target
        before = tour.again(read.id, target=target).json()
        assert tour.again(operation.id, body=nothing).status == 200, operation.id
        after = tour.again(read.id, target=target).json()
        assert not [name for name in nothing if after.get(name)], operation.id
        changed = {name for name in before | after if before.get(name) != after.get(name)}
        assert changed <= nothing.keys() | CHANGES_TOO, operation.id
        reset |= nothing
    tour.start_again()
    assert reset


VIEWS = {
    "AI Agent": "agents are kept by their kinds",
    "AI Agent Summary": "agents are kept by their kinds",
    "AI Agent Guidance": "calls give it: `create_guidance`, `update_guidance`",
    "Account Campaign Mapping": "it shows the status of a campaign",
}
"""Objects with a status that `happen.change` does not reach, and why."""


def test_every_status_can_be_reached(tour: Tour) -> None:
    document, sandbox = pinned(), tour.sandbox
    workspace, unreached = sandbox.runtime.state.workspaces[sandbox.workspace_id], set()
    for title in dict.fromkeys((*document.titles, *workspace.collections)):
        row = next(iter(workspace.of(title).values()), None)
        fields = document.fields(document.component(title) or (row and shown_as(document, row))).items()
        statuses = {name: field["enum"] for name, field in fields if "status" in name and "enum" in field}
        key = next(iter(workspace.of(title)), "")
        if statuses and not key:
            unreached.add(title)
        for name, values in statuses.items() if key else ():
            for value in values:
                assert value is None or sandbox.happen.change(title, key, {name: value})[name] == value
    tour.start_again()
    assert unreached == VIEWS.keys() & set(document.titles)


@pytest.mark.slow
@pytest.mark.parametrize("id", [id for id, operation in known_operations().items() if operation.paging])
def test_each_list_can_be_walked_to_its_end(tour: Tour, id: str) -> None:
    pages = [(each.request.target, each.request.body) for each in tour.walk(id)]
    assert pages
    assert len(pages) == len(set(pages))
