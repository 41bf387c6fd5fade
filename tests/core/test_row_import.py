"""Rows of a table become leads, and each row has an outcome."""

from __future__ import annotations

import asyncio
import copy
import csv
import pickle
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, assert_type

import pandas  # type: ignore[import-untyped]
import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instantly_client import DryRun, ImportReport, Instantly, errors, tables
from instantly_client.models import LeadInterestStatus
from instantly_sandbox import Clock, Sandbox

ADDED, DUPLICATE, INVALID = "added", "duplicate", "invalid"
REFUSED, IN_DOUBT, NOT_SENT = "refused", "in doubt", "not sent"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=Clock(datetime(2026, 3, 2, 9, tzinfo=UTC), frozen=True)) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Instantly:
    return sandbox.client()


@pytest.fixture
def list_id(client: Instantly) -> str:
    return client.lead_lists.create(name="Imported").id


def numbered(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [{"Email": f"reader{number}@new.example"} for number in range(start, start + count)]


def outcomes(report: ImportReport) -> list[str]:
    return [row.outcome for row in report.rows]


def sent(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [
        lead
        for request in sandbox.requests
        if request.json and "leads" in request.json
        for lead in request.json["leads"]
    ]


def test_columns_become_fields_and_custom_variables(sandbox: Sandbox, client: Instantly, list_id: str) -> None:
    rows = [
        {
            "\ufeffE-mail": " Ann@New.example ",
            "First Name": "Ann",
            "Surname": "Ek",
            "Company": "Ek & Co",
            "Title": "CEO",
            "Phone number": 41791234567.0,
            "Assigned to": "Bob",
            "City": " Bern ",
            "Score": Decimal("1.5"),
            "Shops": 3.0,
            "Since": datetime(2026, 1, 2, tzinfo=UTC),
            "Customer": False,
        }
    ]
    report = assert_type(client.leads.import_rows(rows, list_id=list_id), ImportReport)
    (lead,) = sent(sandbox)
    assert lead == {
        "email": "Ann@New.example",
        "first_name": "Ann",
        "last_name": "Ek",
        "company_name": "Ek & Co",
        "job_title": "CEO",
        "phone": "41791234567",
        "custom_variables": {
            "Assigned to": "Bob",
            "City": "Bern",
            "Score": 1.5,
            "Shops": 3,
            "Since": "2026-01-02T00:00:00+00:00",
            "Customer": False,
        },
    }
    assert report.mapping["First Name"] == "first_name"
    assert report.mapping["City"] == "custom_variables.City"
    (row,) = report.rows
    assert row.lead_id is not None
    assert client.leads.get(row.lead_id).email == "ann@new.example"


def test_the_field_of_the_same_name_wins(sandbox: Sandbox, client: Instantly, list_id: str) -> None:
    rows = [
        {"Company": "The group", "company_name": "The shop", "Email": "a@b.example", "email address": "c@d.example"}
    ]
    client.leads.import_rows(rows, list_id=list_id)
    (lead,) = sent(sandbox)
    assert (lead["company_name"], lead["email"]) == ("The shop", "a@b.example")
    assert lead["custom_variables"] == {"Company": "The group", "email address": "c@d.example"}


def test_a_mapping_says_what_columns_become(sandbox: Sandbox, client: Instantly, list_id: str) -> None:
    rows = [{"A": "a@b.example", "B": "Ann", "C": "Bern", "D": "secret", "E": "2"}]
    mapping = {"A": "email", "B": "first_name", "C": "custom_variables.city", "D": None, "E": "lt_interest_status"}
    client.leads.import_rows(rows, list_id=list_id, mapping=mapping)
    assert sent(sandbox) == [
        {"email": "a@b.example", "first_name": "Ann", "lt_interest_status": 2, "custom_variables": {"city": "Bern"}}
    ]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"Emial": "email"}, r"no row has the column 'Emial'; did you mean 'Email'\?"),
        ({"Email": "emial"}, r"no field 'emial'; did you mean 'email'\?.*'custom_variables.emial'"),
        ({"Name": "email", "Email": "email"}, "the columns 'Email' and 'Name' are both 'email'"),
        ({"Email": None}, "no column is the 'email' of a lead.*there are: Email, Name"),
        ({"Name": "custom_variables."}, "a lead has no field 'custom_variables.'"),
        ({"Name": "custom_variables.Email", "Email": "custom_variables.Email"}, "are both"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_before_anything_is_sent(
    sandbox: Sandbox, client: Instantly, mapping: dict[str, str | None], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        client.leads.import_rows([{"Email": "a@b.example", "Name": "Ann"}], campaign_id="c", mapping=mapping)
    assert not sandbox.requests


@pytest.mark.parametrize("column", ["", "  ", "Unnamed: 1"])
def test_a_column_without_a_name_is_left_out_where_it_is_empty_and_refused_where_not(
    sandbox: Sandbox, client: Instantly, list_id: str, column: str
) -> None:
    rows: list[Any] = [{"Email": "a@b.example", column: "", "City ": "Bern"}, {"Email": "b@b.example", column: None}]
    assert "custom_variables." not in client.leads.import_rows(rows, list_id=list_id).mapping.values()
    assert sent(sandbox)[0]["custom_variables"] == {"City": "Bern"}
    count = len(sandbox.requests)
    rows[1][column] = "something"
    with pytest.raises(
        ValueError, match=r"^column 2 has no name; give it one, or leave it out: mapping=\{'.*': None\}$"
    ):
        client.leads.import_rows(rows, list_id=list_id)
    assert len(sandbox.requests) == count
    report = client.leads.import_rows(rows, list_id=list_id, mapping={column: None})
    assert report.mapping[column] is None
    named = client.leads.import_rows(rows, list_id=list_id, mapping={column: "custom_variables.Note"})
    assert named.mapping[column] == "custom_variables.Note"


@pytest.mark.parametrize("place", [{}, {"campaign_id": "c", "list_id": "l"}, {"campaign_id": ""}])
def test_the_leads_go_to_one_campaign_or_list(client: Instantly, place: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="give campaign_id or list_id"):
        client.leads.import_rows([], **place)


@pytest.mark.parametrize("rows", [[["a@b.example"]], ["a@b.example"], [None]])
def test_what_is_no_row_is_named(client: Instantly, list_id: str, rows: Any) -> None:
    with pytest.raises(TypeError, match=r"row 1 must be a mapping of columns, not \w+; csv.DictReader"):
        client.leads.import_rows(rows, list_id=list_id)


ROWS: list[dict[str, Any]] = [
    {"Email": "ann@new.example", "City": "Bern"},
    {"Email": "bob@new.example", "City": None},
    {"Email": "ANN@new.example", "City": "Basel"},
    {"Email": None, "City": "Genf"},
    {"Email": "bob at new.example", "City": None},
]
EXPECTED = [ADDED, ADDED, DUPLICATE, INVALID, INVALID]


@pytest.mark.parametrize("kind", [list, pandas.DataFrame, polars.DataFrame, "csv"])
def test_any_table_is_taken(client: Instantly, list_id: str, tmp_path: Path, kind: Any) -> None:
    if kind == "csv":
        path = tmp_path / "leads.csv"
        pandas.DataFrame(ROWS).to_csv(path, index=False)
        with path.open(encoding="utf-8", newline="") as file:
            report = client.leads.import_rows(csv.DictReader(file), list_id=list_id)
    else:
        report = client.leads.import_rows(kind(ROWS), list_id=list_id)
    assert outcomes(report) == EXPECTED
    assert report.rows[2].reason == "the same address as row 1"
    assert report.rows[4].reason == "its address is invalid"
    assert repr(report) == "<ImportReport 2 added, 1 duplicate, 2 invalid>"
    assert str(report) == f"2 added, 1 duplicate, 2 invalid; most often because: {report.rows[3].reason}"
    assert repr(report.rows[4]) == "<ImportedRow 5: invalid, its address is invalid>"


def test_the_async_client_takes_async_rows_too(sandbox: Sandbox, list_id: str) -> None:
    seen: list[int] = []

    async def rows() -> AsyncIterator[dict[str, Any]]:
        for row in ROWS:
            yield row

    async def noted(report: ImportReport) -> None:
        seen.append(report.done)

    async def main() -> None:
        client = sandbox.async_client()
        report = await client.leads.import_rows(rows(), list_id=list_id, chunk_size=1, on_progress=noted)
        assert outcomes(report) == EXPECTED
        assert outcomes(await client.leads.import_rows(ROWS, list_id=list_id))[:2] == [REFUSED, REFUSED]

    asyncio.run(main())
    assert seen == [4, 5]


@pytest.mark.parametrize("empty", [None, "", "  ", float("nan"), pandas.NaT, pandas.NA])
def test_empty_cells_are_not_given(sandbox: Sandbox, client: Instantly, list_id: str, empty: Any) -> None:
    client.leads.import_rows([{"Email": "a@b.example", "Phone": empty, "City": empty}], list_id=list_id)
    assert sent(sandbox) == [{"email": "a@b.example"}]


@pytest.mark.parametrize(
    "cell", [-1, "-1", -1.0, "NOT_INTERESTED", "not interested", LeadInterestStatus.NOT_INTERESTED]
)
def test_a_state_is_taken_by_its_number_and_by_its_name(
    sandbox: Sandbox, client: Instantly, list_id: str, cell: Any
) -> None:
    client.leads.import_rows([{"Email": "a@b.example", "lt_interest_status": cell}], list_id=list_id)
    assert sent(sandbox) == [{"email": "a@b.example", "lt_interest_status": LeadInterestStatus.NOT_INTERESTED}]


def test_a_table_of_leads_can_be_imported_again(client: Instantly, list_id: str) -> None:
    client.leads.import_rows([{"Email": "a@b.example", "First name": "Ann", "lt_interest_status": 1}], list_id=list_id)
    rows = tables.rows(client.leads.list(list_id=list_id))
    other = client.lead_lists.create(name="Other").id
    assert outcomes(client.leads.import_rows(rows, list_id=other)) == [ADDED]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"City": "Bern"}, "it has neither an address nor a name"),
        ({"Email": "a@b.example", "City": ["Bern"]}, "column 'City': it takes a text or a number, not a list"),
        ({"Email": "a@b.example", "City": b"Bern"}, "column 'City': bytes cannot be sent"),
        (
            {"Email": "a@b.example", "lt_interest_status": "hot"},
            "column 'lt_interest_status': it takes a number, not 'hot'",
        ),
        ({"Email": "a@b.example", None: ["more"]}, "it has more cells than there are columns"),
        ({}, "it has neither an address nor a name"),
    ],
)
def test_a_row_that_cannot_be_sent_says_why(client: Instantly, list_id: str, row: Any, reason: str) -> None:
    report = client.leads.import_rows([{"Email": "z@z.example"}, row, {"Email": "a@b.example"}], list_id=list_id)
    assert outcomes(report) == [ADDED, INVALID, ADDED]
    assert report.rows[1].reason.startswith(reason)


def test_a_list_takes_names_without_an_address_and_a_campaign_does_not(
    sandbox: Sandbox, client: Instantly, list_id: str
) -> None:
    rows = [{"First name": "Ann"}, {"First name": "Ann"}]
    assert outcomes(client.leads.import_rows(rows, list_id=list_id)) == [ADDED, ADDED]
    with pytest.raises(ValueError, match="no column is the 'email' of a lead"):
        client.leads.import_rows(rows, campaign_id="c")


def test_the_service_says_why_it_adds_none(client: Instantly, list_id: str) -> None:
    client.block_list.create(bl_value="blocked@new.example")
    rows = numbered(2)
    client.leads.import_rows(rows[:1], list_id=list_id)
    report = client.leads.import_rows([*rows, {"Email": "blocked@new.example"}], list_id=list_id)
    reasons = ["it is in the campaign or list already", "it is on the blocklist"]
    assert [row.reason for row in report.rows] == [" or ".join(reasons), "", " or ".join(reasons)]
    exact = client.leads.import_rows([*rows, {"Email": "blocked@new.example"}], list_id=list_id, chunk_size=1)
    assert [row.reason for row in exact.rows] == [reasons[0], reasons[0], reasons[1]]


def test_options_are_passed_on(sandbox: Sandbox, client: Instantly, list_id: str) -> None:
    other = client.lead_lists.create(name="Other").id
    client.leads.import_rows(numbered(1), list_id=other)
    report = client.leads.import_rows(numbered(1), list_id=list_id, skip_if_in_workspace=True)
    assert report.rows[0].reason == "it is elsewhere in the workspace, and skip_if_in_... is set"


@pytest.mark.parametrize("carried_out", [True, False])
def test_an_import_goes_on_where_it_stopped(
    sandbox: Sandbox, client: Instantly, list_id: str, tmp_path: Path, carried_out: bool
) -> None:
    rows = [*numbered(7), {"Email": "READER0@new.example"}]

    def fail_next(report: ImportReport) -> None:
        sandbox.faults.drop_after(operation="bulkAddLeads")

    with pytest.raises(errors.RowImportError, match="Stopped after 3 leads, the next 3 may have been added") as stopped:
        client.leads.import_rows(rows, list_id=list_id, chunk_size=3, on_progress=fail_next)
    assert isinstance(stopped.value.__cause__, errors.APIConnectionError)
    pickled = pickle.loads(pickle.dumps(stopped.value)).report
    pickled.to_csv(tmp_path / "report.csv")
    report = ImportReport.from_csv(tmp_path / "report.csv")
    assert report.rows == pickled.rows
    assert outcomes(report) == [ADDED] * 3 + [IN_DOUBT] * 3 + [NOT_SENT, DUPLICATE]
    with pytest.raises(ValueError, match=r"report.settle\(\)"):
        client.leads.import_rows(rows, list_id=list_id, report=report)
    report.settle(carried_out=carried_out)
    assert client.leads.import_rows(rows, list_id=list_id, report=report) is report
    assert outcomes(report) == [ADDED] * 3 + [ADDED if carried_out else REFUSED] * 3 + [ADDED, DUPLICATE]
    assert len(client.leads.list(list_id=list_id).collect()) == 7


def test_what_was_surely_not_added_is_sent_again(sandbox: Sandbox, client: Instantly, list_id: str) -> None:
    sandbox.faults.status(400)
    report = ImportReport()
    with pytest.raises(errors.RowImportError) as stopped:
        client.leads.import_rows(numbered(2), list_id=list_id, report=report)
    assert stopped.value.report is report
    assert outcomes(report) == [NOT_SENT, NOT_SENT]
    assert outcomes(client.leads.import_rows(numbered(2), list_id=list_id, report=report)) == [ADDED, ADDED]


def test_other_rows_than_those_of_the_report_are_refused(client: Instantly, list_id: str) -> None:
    report = client.leads.import_rows(numbered(3), list_id=list_id)
    for rows in (numbered(2), numbered(3, start=1), numbered(4)):
        before = copy.deepcopy(report)
        with pytest.raises(ValueError, match="the rows are not those of the report"):
            client.leads.import_rows(rows, list_id=list_id, report=report)
        assert report == before


def test_an_interruption_leaves_the_report_behind(
    client: Instantly, list_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = ImportReport()
    add = type(client.leads).bulk_add

    def interrupted(self: Any, **arguments: Any) -> Any:
        if report.done:
            raise KeyboardInterrupt
        return add(self, **arguments)

    interrupted.__wrapped__ = add  # type: ignore[attr-defined]
    monkeypatch.setattr(type(client.leads), "bulk_add", interrupted)
    with pytest.raises(KeyboardInterrupt):
        client.leads.import_rows(numbered(4), list_id=list_id, chunk_size=2, report=report)
    assert outcomes(report) == [ADDED] * 2 + [IN_DOUBT] * 2


def test_a_dry_run_sends_nothing_and_reports_what_it_would_leave_out(sandbox: Sandbox, list_id: str) -> None:
    report = ImportReport()
    client = sandbox.client(dry_run=True)
    sandbox.service.requests.clear()
    with pytest.raises(DryRun, match="2 leads"):
        client.leads.import_rows(ROWS, list_id=list_id, report=report)
    assert outcomes(report) == [NOT_SENT, NOT_SENT, *EXPECTED[2:]]
    assert not sandbox.requests


def test_a_report_shows_no_addresses_where_logs_do(client: Instantly, list_id: str) -> None:
    report = client.leads.import_rows(numbered(1), list_id=list_id)
    assert repr(report) == "<ImportReport 1 added>"
    assert repr(report.rows) == "[<ImportedRow 1: added>]"
    assert str(ImportReport()) == "no rows"
    assert (report.done, report.total, report.counts) == (1, 1, {ADDED: 1})


def test_no_rows_are_no_request(sandbox: Sandbox, client: Instantly) -> None:
    assert client.leads.import_rows([], campaign_id="c").rows == []
    assert not sandbox.requests


@pytest.mark.parametrize("field", ["created_leads", "leads_uploaded", "remaining_in_plan"])
def test_an_answer_that_lacks_a_field_breaks_nothing(
    sandbox: Sandbox, client: Instantly, list_id: str, field: str
) -> None:
    sandbox.faults.missing_field(field, operation="bulkAddLeads")
    report = client.leads.import_rows(numbered(2), list_id=list_id)
    # Who was created is said nowhere else.
    assert outcomes(report) == ([IN_DOUBT] * 2 if field == "created_leads" else [ADDED] * 2)


addresses = st.sampled_from(["a@x.example", "A@X.example", "b@x.example", "c@x.example", "nobody", "", None])


@settings(max_examples=25)
@given(rows=st.lists(st.fixed_dictionaries({"Email": addresses}), max_size=12), chunk_size=st.integers(1, 4))
def test_each_row_has_one_outcome_and_each_address_is_added_once(rows: list[dict[str, Any]], chunk_size: int) -> None:
    with Sandbox() as sandbox:
        client = sandbox.client()
        list_id = client.lead_lists.create(name="L").id
        if any(row["Email"] for row in rows):
            report = client.leads.import_rows(rows, list_id=list_id, chunk_size=chunk_size)
            assert [row.number for row in report.rows] == list(range(1, len(rows) + 1))
            valid = [row["Email"].lower() for row in rows if row["Email"] and "@" in row["Email"]]
            assert outcomes(report).count(ADDED) == len(set(valid))
            assert outcomes(report).count(DUPLICATE) == len(valid) - len(set(valid))
            assert outcomes(report).count(INVALID) == len(rows) - len(valid)
