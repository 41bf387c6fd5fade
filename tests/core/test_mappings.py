"""Objects with fields of any name are mappings: custom variables are read as people call them."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly_client import UNSET, Instantly, jsonable, models
from instantly_client.models import LeadPayload
from instantly_core import Model, OpenModel

DATA = {"firstName": "Ann", "city": "Bern", "size": 5, "note": None}
OPEN = [
    model for name in models.__all__ if issubclass(model := getattr(models, name), Model) and model.FURTHER == "open"
]


def test_custom_variables_are_read_by_their_names() -> None:
    payload = LeadPayload.from_dict(DATA)
    assert payload["city"] == "Bern"
    assert payload["note"] is None
    assert payload["firstName"] == payload.first_name == "Ann"
    assert payload.get("city") == payload.get("town", "Bern") == "Bern"
    assert payload.get("town") is None
    assert ("city" in payload, "town" in payload) == (True, False)
    assert len(payload) == 4
    assert list(payload) == list(payload.keys()) == list(DATA)
    assert list(payload.items()) == list(DATA.items())
    assert dict(payload) == {**payload} == DATA


def test_a_variable_that_is_not_there_is_a_key_error() -> None:
    for name in ("town", "lastName", "first_name", "additional_properties"):
        with pytest.raises(KeyError, match=f"^'{name}'$"):
            LeadPayload.from_dict(DATA)[name]


def test_an_object_without_variables_is_empty() -> None:
    payload = LeadPayload(first_name=UNSET)
    assert not payload
    assert (len(payload), dict(payload)) == (0, {})


@given(st.dictionaries(st.text(), st.text() | st.none() | st.integers() | st.booleans()))
def test_any_object_is_the_mapping_that_it_was_read_from(data: dict[str, Any]) -> None:
    payload = LeadPayload.from_dict(data)
    assert dict(payload) == payload.to_dict() == json.loads(payload.to_json()) == jsonable(payload) == data
    assert len(payload) == len(data)
    assert all(name in payload for name in data)
    for copied in (copy.copy(payload), copy.deepcopy(payload), pickle.loads(pickle.dumps(payload))):
        assert copied == payload
        assert dict(copied) == data


def test_it_is_sent_like_a_dict() -> None:
    sent: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        return httpx.Response(200, json={})

    with Instantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
        for variables in (LeadPayload.from_dict({"city": "Bern"}), {"city": "Bern"}):
            client.leads.update("some-id", custom_variables=variables)
    assert sent == [{"custom_variables": {"city": "Bern"}}] * 2


@pytest.mark.parametrize("model", OPEN, ids=lambda model: model.__name__)
def test_every_object_with_further_fields_is_a_mapping(model: type[Model]) -> None:
    assert issubclass(model, OpenModel)
    for name in ("get", "items", "keys", "values", "to_dict"):
        assert name not in model.FIELDS.values()
        assert callable(getattr(model.from_dict({name: "x"}), name))
        assert model.from_dict({name: "x"})[name] == "x"


def test_other_objects_are_no_mappings() -> None:
    for name in models.__all__:
        model: Any = getattr(models, name)
        assert issubclass(model, Mapping) == (model in OPEN)
