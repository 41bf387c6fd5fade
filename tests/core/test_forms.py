"""Objects as dicts and as JSON, for other libraries."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly_client import UNSET, jsonable, models
from instantly_client.models import CampaignStatus, Lead, Timezone

DATA = {
    "email": "ann@a.example",
    "timestamp_created": "2026-05-01T10:00:00.000Z",
    "status": 1,
    "phone": None,
    "payload": {"city": "Bern", "firstName": "Ann"},
    "new": {"of": ["the", "service"]},
}
MOMENT = datetime(2026, 5, 1, 10, tzinfo=UTC)


def test_to_dict_is_json() -> None:
    assert Lead.from_dict(DATA).to_dict() == DATA
    assert Lead.from_dict(DATA).to_dict("json") == json.loads(Lead.from_dict(DATA).to_json()) == DATA


def test_to_dict_in_python_has_timestamps_and_enumerations() -> None:
    found = Lead.from_dict(DATA).to_dict(mode="python")
    assert found == {**DATA, "timestamp_created": MOMENT, "status": models.LeadStatus.ACTIVE}
    assert found["status"] is models.LeadStatus.ACTIVE
    assert type(found["payload"]) is dict


def test_lists_and_mappings_of_models_are_converted() -> None:
    data = {"sequences": [{"steps": [{"type": "email", "delay": 1, "variants": [{"subject": "s", "body": "b"}]}]}]}
    found = models.Campaign.from_dict(data).to_dict(mode="python")
    assert found == data
    assert type(found["sequences"][0]["steps"][0]["variants"][0]) is dict


def test_a_model_as_a_dict_has_the_fields_that_are_set() -> None:
    assert dict(Lead.from_dict(DATA)) == Lead.from_dict(DATA).to_dict(mode="python")  # type: ignore[call-overload]


def test_another_mode_is_refused() -> None:
    with pytest.raises(ValueError, match=r"""^mode must be "json" or "python", not 'yaml'$"""):
        Lead.from_dict(DATA).to_dict(mode="yaml")  # type: ignore[arg-type]


@given(st.text(st.characters()))
def test_json_text_can_be_written_whatever_text_people_sent(text: str) -> None:
    written = Lead.from_dict({"email": text}).to_json()
    assert json.loads(written.encode()) == {"email": text}


def test_json_text_has_no_number_that_json_has_not() -> None:
    with pytest.raises(ValueError, match=r"^email_open_count: NaN cannot be sent"):
        Lead.from_dict({"email_open_count": float("nan")}).to_json()


DUMPS: list[Callable[[Any], str | bytes]] = [
    lambda value: json.dumps(value, default=jsonable),
    lambda value: orjson.dumps(value, default=jsonable),
    lambda value: msgspec.json.encode(jsonable(value)),
]


@pytest.mark.parametrize("dumps", DUMPS, ids=["json", "orjson", "msgspec"])
def test_json_libraries_write_all_that_the_client_gives(dumps: Callable[[Any], str | bytes]) -> None:
    value = {
        "leads": [Lead.from_dict(DATA)],
        "status": CampaignStatus.PAUSED,
        "zone": next(iter(Timezone)),
        "unknown": CampaignStatus(1234),
        "none": None,
    }
    assert json.loads(dumps(value)) == {
        "leads": [DATA],
        "status": CampaignStatus.PAUSED.value,
        "zone": next(iter(Timezone)).value,
        "unknown": 1234,
        "none": None,
    }


def test_timestamps_and_days_are_written_as_the_service_takes_them() -> None:
    assert jsonable([MOMENT, date(2026, 5, 1)]) == ["2026-05-01T10:00:00.000Z", "2026-05-01"]


@pytest.mark.parametrize("dumps", DUMPS, ids=["json", "orjson", "msgspec"])
@pytest.mark.parametrize("value", [UNSET, object()], ids=["UNSET", "object"])
def test_what_has_no_form_in_json_is_refused(dumps: Callable[[Any], str | bytes], value: Any) -> None:
    with pytest.raises(TypeError, match=r"Unset|UNSET|object"):
        dumps(value)


def test_the_error_names_what_has_no_form() -> None:
    with pytest.raises(TypeError, match=r"^UNSET has no form in JSON$"):
        json.dumps({"name": UNSET}, default=jsonable)
    with pytest.raises(TypeError, match=r"^complex has no form in JSON$"):
        json.dumps({"name": 1j}, default=jsonable)
