"""Objects as rows: data frames, CSV and SQL take them as they are."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pandas  # type: ignore[import-untyped]
import polars
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly_client import Instantly, models, tables
from instantly_client.models import CampaignStatus, LeadStatus
from instantly_sandbox import Sandbox

SCALARS = st.text() | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False)
VARIABLES = st.dictionaries(st.text("ab.", max_size=3), SCALARS, max_size=4)


@pytest.fixture(scope="module")
def client() -> Iterator[Instantly]:
    with Sandbox(world="demo") as sandbox:
        yield sandbox.client()


def lead(**fields: Any) -> models.Lead:
    return models.Lead.from_dict({"email": "ann@a.example", **fields})


def test_every_row_has_every_column_and_none_where_it_has_no_value() -> None:
    assert tables.rows([lead(phone=None), lead(first_name="Ann")]) == [
        {"email": "ann@a.example", "phone": None, "first_name": None},
        {"email": "ann@a.example", "phone": None, "first_name": "Ann"},
    ]


def test_custom_variables_are_columns() -> None:
    found = tables.rows([lead(payload={"city": "Bern", "firstName": "Ann"}), lead(payload=None), lead(payload={})])
    assert [row["payload.city"] for row in found] == ["Bern", None, None]
    assert [row["payload.firstName"] for row in found] == ["Ann", None, None]
    assert "payload" not in found[0]


def test_values_whose_columns_would_have_one_name_have_a_column_each() -> None:
    found = tables.rows([{"a.b": 1, "a": {"b": 2}, "a.b_": 3}, {"a": {"b": 4}}])
    assert found == [{"a.b": 1, "a.b_": 2, "a.b__": 3}, {"a.b": 4, "a.b_": None, "a.b__": None}]


def test_an_object_that_is_null_everywhere_is_a_column() -> None:
    assert tables.rows([lead(payload=None)]) == [{"email": "ann@a.example", "payload": None}]


def test_enumerations_are_names_or_values() -> None:
    leads = [lead(status=LeadStatus.ACTIVE.value), lead(status=1234)]
    assert [row["status"] for row in tables.rows(leads)] == ["ACTIVE", "UNKNOWN_1234"]
    values = [row["status"] for row in tables.rows(leads, enumerations="values")]
    assert values == [LeadStatus.ACTIVE.value, 1234]
    assert {type(value) for value in values} == {int}


def test_timestamps_are_datetimes_in_utc_or_texts() -> None:
    moment = datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    (row,) = tables.rows([lead(timestamp_created=moment.isoformat())])
    assert row["timestamp_created"] == moment
    assert row["timestamp_created"].tzinfo is UTC
    (row,) = tables.rows([lead(timestamp_created=moment.isoformat())], timestamps="texts")
    assert row["timestamp_created"] == "2026-05-01T10:00:00.000Z"


def test_lists_are_json() -> None:
    campaign = models.Campaign.from_dict({"email_list": ["ö@a.example"], "sequences": [{"steps": [{"delay": 1}]}]})
    (row,) = tables.rows([campaign])
    assert json.loads(row["email_list"]) == ["ö@a.example"]
    assert json.loads(row["sequences"]) == [{"steps": [{"delay": 1}]}]
    assert "ö" in row["email_list"]


def test_columns_can_be_chosen() -> None:
    found = tables.rows([lead(phone="5")], columns=["phone", "payload.city", "email"])
    assert found == [{"phone": "5", "payload.city": None, "email": "ann@a.example"}]
    assert list(found[0]) == ["phone", "payload.city", "email"]


def test_answers_without_a_model_have_rows_too(client: Instantly) -> None:
    answer = client.request("GET", "/api/v2/campaigns", query={"limit": 2})
    typed = tables.rows(client.campaigns.list(max_items=2), enumerations="values", timestamps="texts")
    assert [row["id"] for row in tables.rows(answer["items"])] == [row["id"] for row in typed]


@pytest.mark.parametrize("items", [["a"], [5], "ab"])
def test_what_is_no_object_is_refused(items: Any) -> None:
    with pytest.raises(TypeError, match=r"^item 0 is no object of the API, but of type (str|int)$"):
        tables.rows(items)


@pytest.mark.parametrize("item", [models.LeadPayload.from_dict({"city": "Bern"}), models.Lead.from_dict({}), {"a": 1}])
def test_one_object_is_refused_where_several_belong(item: Any) -> None:
    with pytest.raises(TypeError, match=r"^rows\(\) takes several objects, not one [A-Za-z]+: \[value\]$"):
        tables.rows(item)


def test_a_choice_that_is_none_is_refused() -> None:
    wrong: Any = "labels"
    with pytest.raises(ValueError, match=r"^enumerations= takes 'names' or 'values', not 'labels'$"):
        tables.rows([], enumerations=wrong)
    with pytest.raises(ValueError, match=r"^timestamps= takes 'datetimes' or 'texts', not 'labels'$"):
        tables.rows([], timestamps=wrong)
    with pytest.raises(TypeError, match=r"^columns= takes a list, not one str: \[value\]$"):
        tables.rows([], columns="email")


@pytest.mark.slow
@given(st.lists(VARIABLES, max_size=5))
def test_no_custom_variable_is_lost(payloads: list[dict[str, Any]]) -> None:
    found = tables.rows([lead(payload=payload) for payload in payloads])
    assert len({tuple(row) for row in found}) <= 1
    for row, payload in zip(found, payloads, strict=True):
        assert {f"payload.{name}": value for name, value in payload.items()}.items() <= row.items()


def test_pages_walks_lists_and_generators_have_the_same_rows(client: Instantly) -> None:
    page = client.leads.list(max_items=150)
    assert len(page.items) < 150
    walked = tables.rows(page)
    assert len(walked) == 150
    assert tables.rows(list(page)) == tables.rows(item for item in page) == walked


def test_an_asynchronous_walk_has_the_same_rows() -> None:
    with Sandbox(world="demo", seed=7) as sandbox:

        async def collected() -> list[dict[str, Any]]:
            async with sandbox.async_client() as client:
                await tables.rows(await client.campaigns.list())
                return await tables.rows(client.leads.list(max_items=150), columns=["id", "status"])

        assert asyncio.run(collected()) == tables.rows(
            sandbox.client().leads.list(max_items=150), columns=["id", "status"]
        )


def test_pandas_makes_a_data_frame(client: Instantly) -> None:
    frame = pandas.DataFrame(tables.rows(client.leads.list()))
    assert set(frame.status) <= set(LeadStatus.__members__)
    assert str(frame.timestamp_created.dt.tz) == "UTC"
    assert frame["payload.firstName"].notna().any()
    assert "UNSET" not in frame.to_csv()


def test_polars_makes_a_data_frame(client: Instantly) -> None:
    for page in (client.leads.list(), client.campaigns.list(), client.emails.list(max_items=100)):
        found = tables.rows(page)
        frame = polars.DataFrame(found, infer_schema_length=None)
        assert frame.to_dicts() == found


def test_columns_of_custom_variables_of_several_types_make_data_frames_too() -> None:
    found = tables.rows([lead(payload={"size": 5}), lead(payload={"size": "many"}), lead(payload={"size": True})])
    assert list(pandas.DataFrame(found)["payload.size"]) == [5, "many", True]
    frame = polars.DataFrame(found, infer_schema_length=None, strict=False)
    assert list(frame["payload.size"]) == ["5", "many", "true"]


def test_csv_is_written_without_a_trace_of_unset(client: Instantly) -> None:
    found = tables.rows(client.campaigns.list())
    file = io.StringIO()
    writer = csv.DictWriter(file, found[0])
    writer.writeheader()
    writer.writerows(found)
    file.seek(0)
    read = list(csv.DictReader(file))
    assert [row["name"] for row in read] == [row["name"] for row in found]
    assert [row["status"] for row in read] == [row["status"] for row in found]
    assert {row["status"] for row in read} <= set(CampaignStatus.__members__)
    assert "UNSET" not in file.getvalue()


def test_sqlite_takes_the_rows(client: Instantly) -> None:
    found = tables.rows(client.leads.list(), timestamps="texts")
    database = sqlite3.connect(":memory:")
    names = ", ".join(f'"{name}"' for name in found[0])
    database.execute(f"create table leads ({names})")
    database.executemany(
        f"insert into leads values ({', '.join('?' * len(found[0]))})", [tuple(row.values()) for row in found]
    )
    (count,) = database.execute("select count(*) from leads where email like '%@%' and status = 'ACTIVE'").fetchone()
    assert count == sum(row["status"] == "ACTIVE" for row in found)
    database.close()
