"""Models, enumerations and UNSET in pydantic and FastAPI: validation, serialisation, JSON schema."""

from __future__ import annotations

import asyncio
import inspect
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any

import fastapi
import httpx
import jsonschema_rs
import pydantic
import pydantic_core
import pytest

from instantly_client import UNSET, AsyncInstantly, Instantly, Unset, models, params
from instantly_client.models import Campaign, CampaignStatus, Lead, LeadStatus
from instantly_core import Model
from instantly_core.models.enumeration import Enumeration
from instantly_sandbox import Sandbox
from tests.core.tree import Tree


class Job(pydantic.BaseModel):
    lead: Lead
    more: list[Campaign] = []
    status: CampaignStatus | None = None


@pytest.fixture(scope="module")
def lead() -> Iterator[Lead]:
    with Sandbox(world="demo") as sandbox:
        found = sandbox.client().leads.list().first()
        assert found
        yield found


def test_a_model_is_a_field(lead: Lead) -> None:
    job = Job(lead=lead)
    assert job.lead is lead
    assert job.model_dump() == {"lead": lead.to_dict(mode="python"), "more": [], "status": None}
    assert job.model_dump(mode="json")["lead"] == lead.to_dict()
    assert Job.model_validate_json(job.model_dump_json()) == job
    assert Job.model_validate(job.model_dump()) == job


def test_a_field_that_the_model_does_not_know_is_kept(lead: Lead) -> None:
    data = {**lead.to_dict(), "new": {"of": "the service"}}
    assert Job.model_validate({"lead": data}).lead.to_dict() == data


def test_numbers_stay_what_they_are() -> None:
    adapter = pydantic.TypeAdapter(models.LeadPayload)
    data = {"whole": 3, "large": 2**60, "half": 0.5, "yes": True, "none": None}
    found = adapter.validate_json(json.dumps(data))
    assert {name: (type(value), value) for name, value in found.items()} == {
        name: (type(value), value) for name, value in data.items()
    }
    assert json.loads(adapter.dump_json(found)) == data


def test_problems_name_their_places(lead: Lead) -> None:
    data = {**lead.to_dict(), "status": "x", "status_summary": {"lastStep": {"from": 5}}}
    del data["organization"]
    with pytest.raises(pydantic.ValidationError) as caught:
        Job.model_validate({"lead": data})
    found = {error["loc"]: error["type"] for error in caught.value.errors()}
    assert found == {
        ("lead", "status"): "instantly_type",
        ("lead", "organization"): "missing",
        ("lead", "status_summary", "lastStep", "from"): "instantly_type",
    }
    with pytest.raises(pydantic.ValidationError, match="Input should be: Lead"):
        Job.model_validate({"lead": "x"})


def test_a_place_in_a_list_is_a_number() -> None:
    with pytest.raises(pydantic.ValidationError) as caught:
        pydantic.TypeAdapter(models.CampaignSearchResult).validate_python({"items": [5]})
    assert [error["loc"] for error in caught.value.errors()] == [("items", 0)]


def test_an_enumeration_takes_its_members_their_values_and_values_that_are_new() -> None:
    adapter = pydantic.TypeAdapter(CampaignStatus)
    for value in (CampaignStatus.PAUSED, CampaignStatus.PAUSED.value, str(CampaignStatus.PAUSED.value)):
        assert adapter.validate_python(value) is CampaignStatus.PAUSED
    new = adapter.validate_json("1234")
    assert (type(new), new, new.known) == (CampaignStatus, 1234, False)
    assert adapter.dump_json(new) == b"1234"
    assert adapter.dump_python(CampaignStatus.PAUSED) is CampaignStatus.PAUSED
    with pytest.raises(pydantic.ValidationError):
        adapter.validate_python("paused")


def test_a_model_takes_new_values_of_its_enumerations_as_they_do(lead: Lead) -> None:
    found = Job.model_validate({"lead": {**lead.to_dict(), "status": 1234}})
    assert (found.lead.status, found.lead.status.known) == (1234, False)
    assert Job.model_validate_json(found.model_dump_json()) == found
    with pytest.raises(pydantic.ValidationError, match="Input should be: LeadStatus"):
        Job.model_validate({"lead": {**lead.to_dict(), "status": "1"}})


def test_the_schema_of_an_enumeration_is_open() -> None:
    schema = pydantic.TypeAdapter(CampaignStatus).json_schema()
    assert schema["anyOf"] == [{"enum": [member.value for member in CampaignStatus]}, {"type": "integer"}]
    assert jsonschema_rs.is_valid(schema, 1234)
    assert not jsonschema_rs.is_valid(schema, "paused")


def test_every_model_and_enumeration_has_a_schema() -> None:
    for name in models.__all__:
        each = getattr(models, name)
        adapter = pydantic.TypeAdapter(each)
        schema = adapter.json_schema()
        assert adapter.json_schema(mode="serialization") == schema, name
        jsonschema_rs.validator_for(schema)
        schema = schema.get("$defs", {}).get(name, schema)
        assert schema["title"] == name
        if issubclass(each, Model):
            assert list(schema["properties"]) == list(each.FIELDS), name
        else:
            assert issubclass(each, Enumeration), name


def test_what_the_sandbox_answers_is_valid_against_the_schema(lead: Lead) -> None:
    schema = pydantic.TypeAdapter(Lead).json_schema()
    assert jsonschema_rs.is_valid(schema, lead.to_dict())
    assert not jsonschema_rs.is_valid(schema, {**lead.to_dict(), "id": 5})
    assert schema["properties"]["email"]["description"]


def test_a_model_that_contains_itself_has_a_schema() -> None:
    adapter = pydantic.TypeAdapter(Tree)
    tree = adapter.validate_python({"name": "a", "branches": [{"name": "b", "branches": []}]})
    assert tree == Tree(name="a", branches=[Tree(name="b", branches=[])])
    assert jsonschema_rs.is_valid(adapter.json_schema(), tree.to_dict())
    with pytest.raises(pydantic.ValidationError) as caught:
        adapter.validate_python({"name": "a", "branches": [{"name": 5, "branches": []}]})
    assert [error["loc"] for error in caught.value.errors()] == [("branches", 0, "name")]


def test_unset_is_a_value_without_a_form_in_json() -> None:
    class Change(pydantic.BaseModel):
        name: str | Unset | None

    assert Change(name=UNSET).name is UNSET
    assert Change.model_json_schema()["properties"]["name"]["anyOf"] == [{"type": "string"}, {"type": "null"}]
    with pytest.raises(pydantic.ValidationError):
        Change(name=5)  # type: ignore[arg-type]
    with pytest.raises(pydantic_core.PydanticSerializationError, match="Unset"):
        Change(name=UNSET).model_dump_json()


def call(app: fastapi.FastAPI, method: str, path: str, **options: Any) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://app.example") as client:
            return await client.request(method, path, **options)

    return asyncio.run(send())


def application(lead: Lead) -> fastapi.FastAPI:
    app = fastapi.FastAPI()

    @app.get("/typed")
    async def typed() -> Lead:
        return lead

    @app.get("/untyped")
    async def untyped():  # type: ignore[no-untyped-def]
        return lead

    @app.get("/list")
    def several(status: LeadStatus) -> list[Lead]:
        return [lead] if lead.status is status else []

    @app.post("/echo")
    async def echo(lead: Annotated[Lead, fastapi.Body()]) -> Job:
        return Job(lead=lead)

    return app


def test_fastapi_answers_with_models(lead: Lead) -> None:
    app = application(lead)
    assert call(app, "GET", "/typed").json() == lead.to_dict()
    assert Lead.from_dict(call(app, "GET", "/untyped").json()) == lead


def test_fastapi_takes_enumerations_as_parameters(lead: Lead) -> None:
    app = application(lead)
    assert call(app, "GET", "/list", params={"status": lead.status.value}).json() == [lead.to_dict()]
    assert call(app, "GET", "/list", params={"status": 1234}).json() == []
    assert call(app, "GET", "/list", params={"status": "x"}).status_code == 422


def test_fastapi_takes_models_as_bodies(lead: Lead) -> None:
    app = application(lead)
    assert call(app, "POST", "/echo", json=lead.to_dict()).json()["lead"] == lead.to_dict()
    refused = call(app, "POST", "/echo", json={**lead.to_dict(), "status": "x"})
    assert refused.status_code == 422
    assert refused.json()["detail"][0]["loc"] == ["body", "status"]


def test_fastapi_describes_models(lead: Lead) -> None:
    described = call(application(lead), "GET", "/openapi.json").json()
    assert list(described["components"]["schemas"]["Lead"]["properties"]) == list(Lead.FIELDS)
    assert described["paths"]["/typed"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Lead"
    }


def methods() -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public methods of both clients, those of their resources included."""
    for kind in (Instantly, AsyncInstantly):
        client = kind(api_key="k")
        for name, value in inspect.getmembers(client, inspect.ismethod):
            yield f"{kind.__name__}.{name}", value
        for name, value in vars(kind).items():
            if isinstance(value, cached_property):
                for method, bound in inspect.getmembers(getattr(client, name), callable):
                    yield f"{kind.__name__}.{name}.{method}", bound


# Of this one some arguments are objects that are not ours: a Timeout of httpx, a limiter that somebody wrote.
TAKE_OBJECTS = {"with_options"}


def test_calls_can_be_validated() -> None:
    for name, method in methods():
        last = name.rpartition(".")[2]
        if not last.startswith("_"):
            config = pydantic.ConfigDict(arbitrary_types_allowed=last in TAKE_OBJECTS)
            assert callable(pydantic.validate_call(config=config)(method)), name


def test_a_validated_call_refuses_and_sends() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={})

    with Instantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
        update = pydantic.validate_call(client.campaigns.update)
        with pytest.raises(pydantic.ValidationError):
            update("some-id", daily_limit="many")  # type: ignore[arg-type]
        assert not sent
        update("some-id", daily_limit=5, campaign_schedule={"schedules": []})
    assert json.loads(sent[0].content) == {"daily_limit": 5, "campaign_schedule": {"schedules": []}}


SLOT = {"name": "A", "timing": {"from": "09:00", "to": "12:00"}, "days": {"1": True}, "timezone": "America/Chicago"}


@pytest.mark.parametrize("slot", [SLOT, SLOT | {"timing": {"from_": "09:00", "to": "12:00"}, "days": {"monday": True}}])
def test_a_validated_call_takes_names_in_python_and_in_json(slot: dict[str, Any]) -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={})

    with Instantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
        update: Any = pydantic.validate_call(client.campaigns.update)
        update("some-id", campaign_schedule={"schedules": [slot]})
        for timing in ({"form": "09:00"}, {**slot["timing"], "form": "09:00"}):
            with pytest.raises(TypeError, match=r"schedules\[0\].timing.form: .* did you mean 'from_'\?"):
                update("some-id", campaign_schedule={"schedules": [{**slot, "timing": timing}]})
    assert [json.loads(request.content) for request in sent] == [{"campaign_schedule": {"schedules": [SLOT]}}]


@pytest.mark.parametrize("name", params.__all__)
def test_a_mapping_that_could_be_a_model_is_handed_on_for_the_method_to_check(name: str) -> None:
    model = getattr(models, name.removesuffix("Param"))
    either: Any = model | getattr(params, name)

    def method(items: Any) -> Any:
        return items

    method.__annotations__["items"] = list[either]
    given = [{"misspelt_ky": 1}, MappingProxyType({}), model.from_dict({})]
    assert [type(each) for each in pydantic.validate_call(method)(given)] == [dict, MappingProxyType, model]


def test_the_type_of_a_mapping_has_the_schema_of_its_model() -> None:
    param = pydantic.TypeAdapter(params.CampaignScheduleParam)
    assert param.json_schema() == pydantic.TypeAdapter(models.CampaignSchedule).json_schema()
    either = pydantic.TypeAdapter(models.CampaignSchedule | params.CampaignScheduleParam)
    assert either.json_schema() == param.json_schema()
    assert param.validate_python({"schedules": [SLOT]}) == {"schedules": [SLOT]}
    given: Any = {"schedules": [SLOT], "start_date": date(2026, 1, 2)}
    assert param.dump_python(given) == {"schedules": [SLOT], "start_date": "2026-01-02"}
    with pytest.raises(pydantic.ValidationError, match="it must be a mapping"):
        param.validate_python([])


def test_pydantic_is_imported_only_by_those_who_use_it() -> None:
    program = """
import sys
from instantly_client import Instantly, models
models.Lead.from_dict({}).to_dict()
Instantly(api_key="k").campaigns
assert not [name for name in sys.modules if name.startswith("pydantic")]
"""
    subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": ":".join(sys.path)}, check=True)
