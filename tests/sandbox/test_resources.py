"""What the sandbox does without a handler follows from the document, and handlers follow it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from instantly_contract.recording.arguments import SeededSandbox
from instantly_sandbox import Sandbox
from instantly_sandbox.engine.document import Document, pinned
from instantly_sandbox.engine.registry import HANDLERS
from instantly_sandbox.engine.resources import is_sampled, resources
from scripts.lib.layout import PROJECT
from scripts.spec.registry import read_registry
from tests.pipeline.successors import following
from tests.sandbox.raw import ABSENT, send

DEPOTS = "/api/v2/depots"


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox of the pinned document and a resource that no handler knows."""
    raw = following({"tags": [], **dict(pinned().raw)}, "a_resource_is_added")
    return Sandbox(document=Document(raw))


def made(sandbox: Sandbox, **fields: Any) -> dict[str, Any]:
    depot: dict[str, Any] = send(sandbox, "POST", DEPOTS, {"name": "North", **fields}).json()
    return depot


def test_what_is_created_can_be_read_changed_and_deleted(sandbox: Sandbox) -> None:
    depot = made(sandbox, note=None)
    one = f"{DEPOTS}/{depot['id']}"
    assert (depot["name"], depot["note"]) == ("North", None)
    assert send(sandbox, "GET", one).json() == depot
    assert send(sandbox, "PATCH", one, {"name": "South"}).json() == {**depot, "name": "South"}
    assert send(sandbox, "DELETE", one).json()["name"] == "South"
    assert send(sandbox, "GET", one).status == 404
    assert send(sandbox, "POST", f"{DEPOTS}/{ABSENT}/close").status == 404


def test_a_list_has_what_was_created_newest_first_in_pages(sandbox: Sandbox) -> None:
    assert send(sandbox, "GET", DEPOTS).json() == {"items": []}
    ids = [made(sandbox, name=name)["id"] for name in ("North", "South", "West")]
    assert [row["id"] for row in send(sandbox, "GET", DEPOTS).json()["items"]] == ids[::-1]
    first = send(sandbox, "GET", f"{DEPOTS}?limit=2").json()
    second = send(sandbox, "GET", f"{DEPOTS}?limit=2&starting_after={first['next_starting_after']}").json()
    assert [row["id"] for row in (*first["items"], *second["items"])] == ids[::-1]


def test_a_verb_at_the_end_of_a_path_changes_the_object(sandbox: Sandbox) -> None:
    depot = made(sandbox)
    assert send(sandbox, "POST", f"{DEPOTS}/{depot['id']}/close").json() == depot
    assert not is_sampled(sandbox.runtime.document.operations["closeDepot"])


STATEFUL = {
    "type": "object",
    "required": ["id", "status", "name"],
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "status": {"type": "string", "enum": ["draft", "active", "paused", "approved"], "default": "draft"},
        "code": {"type": "number", "enum": [-1, 0, 1]},
        "approved_at": {"type": "string", "format": "date-time"},
        "is_archived": {"type": "boolean"},
        "reason": {"type": "string"},
    },
}


def operation(id: str, answer: Any, *ids: str, query: dict[str, Any] | None = None) -> dict[str, Any]:
    """An operation with ids in its path that answers so."""
    places = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in ids]
    asks = [{"name": name, "in": "query", "schema": schema} for name, schema in (query or {}).items()]
    content = {"application/json": {"schema": answer}}
    body = {"content": {"application/json": {"schema": {"type": "object", "additionalProperties": True}}}}
    return {
        "operationId": id,
        "parameters": places + asks,
        "requestBody": body,
        "responses": {"200": {"content": content}},
    }


@pytest.fixture
def stateful() -> Sandbox:
    """A sandbox of a document with one resource, whose objects have states and verbs."""
    listed = {"type": "object", "properties": {"items": {"type": "array", "items": STATEFUL}}, "required": ["items"]}
    status = {"status": {"type": "string"}, "search": {"type": "string"}}
    one, verbs = "/things/{id}", ("activate", "pause", "approve", "archive")
    paths = {
        "/things": {"get": operation("list", listed, query=status), "post": operation("create", STATEFUL)},
        one: {"get": operation("get", STATEFUL, "id")},
        **{f"{one}/{verb}": {"post": operation(verb, STATEFUL, "id")} for verb in verbs},
    }
    return Sandbox(document=Document({"paths": paths}))


def test_a_new_object_has_what_was_given_and_defaults_and_nothing_at_random(stateful: Sandbox) -> None:
    thing = send(stateful, "POST", "/things", {"name": "North"}).json()
    assert thing == {"id": thing["id"], "name": "North", "status": "draft", "code": 1} | thing
    assert not thing.keys() & {"approved_at", "is_archived", "reason"}


@pytest.mark.parametrize(
    ("verb", "field", "value"),
    [("activate", "status", "active"), ("pause", "status", "paused"), ("archive", "is_archived", True)],
)
def test_a_verb_sets_the_state_that_it_names(stateful: Sandbox, verb: str, field: str, value: Any) -> None:
    id = send(stateful, "POST", "/things", {"name": "North"}).json()["id"]
    assert send(stateful, "POST", f"/things/{id}/{verb}").json()[field] == value
    assert send(stateful, "GET", f"/things/{id}").json()[field] == value


def test_a_verb_keeps_its_moment_and_what_its_body_says(stateful: Sandbox) -> None:
    id = send(stateful, "POST", "/things", {"name": "North"}).json()["id"]
    send(stateful, "POST", f"/things/{id}/approve", {"reason": "It is good."})
    thing = send(stateful, "GET", f"/things/{id}").json()
    assert (thing["status"], thing["reason"]) == ("approved", "It is good.")
    assert thing["approved_at"] <= f"{stateful.clock.now():%Y-%m-%dT%H:%M:%S.999Z}"


def test_a_list_selects_by_the_fields_of_its_objects(stateful: Sandbox) -> None:
    for name, verb in (("North", "pause"), ("South", "activate"), ("Northwest", "activate")):
        id = send(stateful, "POST", "/things", {"name": name}).json()["id"]
        send(stateful, "POST", f"/things/{id}/{verb}")
    for query, names in (("status=active", ["Northwest", "South"]), ("search=north", ["Northwest", "North"])):
        assert [row["name"] for row in send(stateful, "GET", f"/things?{query}").json()["items"]] == names


ONE, TWO = ABSENT, ABSENT.replace("1", "2")
TEXT = {"type": "string"}
THING = {
    "type": "object",
    "properties": {"id": TEXT, "limit": {"type": "integer"}, "name": TEXT, "note": TEXT},
    "required": ["id", "name"],
}


def echoed(path: str, target: str, answer: Any, body: Any = None, **others: Any) -> Any:
    """What a sandbox answers to a request of an operation at a path, which answers so."""

    def operation(id: str, path: str, answer: Any) -> Any:
        names = re.findall(r"\{(\w+)\}", path)
        return {
            "operationId": id,
            "parameters": [
                *({"name": name, "in": "path", "required": True, "schema": TEXT} for name in names),
                {"name": "limit", "in": "query", "schema": {"type": "integer"}},
            ],
            "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
            "responses": {"200": {"content": {"application/json": {"schema": answer}}}},
        }

    paths = {at: {"post": operation(at, at, schema)} for at, schema in {**others, path: answer}.items()}
    return send(Sandbox(document=Document({"paths": paths})), "POST", target, body).json()


@pytest.mark.parametrize(
    ("path", "target", "expected"),
    [
        ("/things/{id}/pause", f"/things/{ONE}/pause", {"id": ONE}),
        ("/boxes/{id}/things/{thing_id}/pause", f"/boxes/{ONE}/things/{TWO}/pause", {"id": TWO}),
        ("/things/{name}/pause", "/things/north/pause", {"name": "north"}),
        ("/things/{id}/pause", f"/things/{ONE}/pause?limit=7", {"id": ONE, "limit": 7}),
    ],
)
def test_a_sample_repeats_the_path_and_the_query(path: str, target: str, expected: dict[str, Any]) -> None:
    told = echoed(path, target, THING)
    assert expected.items() <= told.items()
    for wrapper in ("item", "agent"):
        inner = echoed(path, target, {"type": "object", "properties": {wrapper: THING}, "required": [wrapper]})
        assert expected.items() <= inner[wrapper].items()


def test_a_sample_repeats_fields_of_the_body_that_fit() -> None:
    told = echoed("/things", "/things", THING, {"name": "North", "note": 7, "limit": 3, "colour": "red"})
    assert (told["name"], told["limit"]) == ("North", 3)
    assert told.get("note") != 7
    assert "colour" not in told


def test_the_id_of_what_something_is_added_to_is_not_the_id_of_what_is_added() -> None:
    deeper = {"/boxes/{id}/things/{thing_id}/pause": THING}
    assert echoed("/boxes/{id}/things", f"/boxes/{ONE}/things", THING, **deeper)["id"] != ONE
    assert echoed("/boxes/{id}/things/{name}/pause", f"/boxes/{ONE}/things/north/pause", THING)["id"] != ONE


def test_what_is_created_belongs_to_the_object_in_its_path() -> None:
    client = Sandbox().client(strict=True)
    manager = client.ai_inbox_managers.create(name="North", payload={"configuration_type": 1})
    given: dict[str, Any] = {"label": "Tone", "category": 1, "status": 1, "instruction": "Be short."}
    guidance = client.ai_inbox_managers.create_guidance(manager.id, **given)
    assert (guidance.label, guidance.instruction, guidance.agent_id) == ("Tone", "Be short.", manager.id)
    assert client.ai_inbox_managers.get_guidance(manager.id, guidance.id) == guidance


RULE = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "text": {"type": "string"}},
    "required": ["id"],
}


@pytest.mark.parametrize("pattern", [r"^rule-(0|[1-9][0-9]*)$", r"^[a-z]+\d{0,3}$", None], ids=str)
def test_each_new_object_has_a_key_of_its_own_and_there_are_no_more_than_the_document_says(pattern: str | None) -> None:
    key = {"type": "string", **({"pattern": pattern} if pattern else {})}
    rules = {"type": "object", "properties": {"items": {"type": "array", "maxItems": 10, "items": RULE}}}
    one = operation("get", RULE, "id")
    one["parameters"][0]["schema"] = key
    paths = {
        "/rules": {"get": operation("list", rules), "post": operation("create", RULE)},
        "/rules/{id}": {"get": one},
    }
    sandbox = Sandbox(document=Document({"paths": paths}))
    made = [send(sandbox, "POST", "/rules", {"text": f"Rule {n}"}) for n in range(11)]
    assert [each.status for each in made] == [200] * 10 + [400]
    assert send(sandbox, "GET", "/rules").json()["items"] == [each.json() for each in made[9::-1]]
    for each in made[:10]:
        assert send(sandbox, "GET", f"/rules/{each.json()['id']}").json() == each.json()


def test_a_collection_to_which_nobody_adds_has_samples(sandbox: Sandbox) -> None:
    raw = json.loads(json.dumps(sandbox.runtime.document.raw))
    del raw["paths"][DEPOTS]["post"]
    sandbox = Sandbox(document=Document(raw))
    rows = send(sandbox, "GET", DEPOTS).json()["items"]
    assert len({row["id"] for row in rows}) == 3
    assert send(sandbox, "GET", f"{DEPOTS}/{rows[0]['id']}").json() == rows[0]
    assert send(sandbox, "GET", f"{DEPOTS}/{ABSENT}").status == 404


def test_an_operation_with_a_handler_is_none_of_a_resource() -> None:
    roles = {id for resource in resources(pinned()).values() for id in resource.roles}
    assert not roles & HANDLERS.keys()


def test_each_handler_and_each_guide_is_of_an_operation_on_record() -> None:
    known = read_registry(PROJECT.names).operations.keys()
    assert HANDLERS.keys() <= known
    assert SeededSandbox().guides().keys() <= known


def test_handlers_of_operations_that_the_document_has_no_more_do_no_harm() -> None:
    first = next(iter(pinned()))
    Sandbox(world="demo", document=Document({"paths": {first.path: pinned().raw["paths"][first.path]}}))
