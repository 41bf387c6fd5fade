"""Results on the standard output: for programs, for files, and for people at a terminal."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly_cli.output import Output, _inert, default_columns
from instantly_cli.settings import Settings
from instantly_cli.terminal import column_width, fitted
from instantly_client import Instantly, models
from instantly_core.models.unset import UNSET
from tests.cli.conftest import Cli

HOSTILE = "x\x1b]0;title\x07\x9b31m\u202e\nnext\ttab\ud800\U000e0041"


class Terminal(StringIO):
    """A standard output or error that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal for the standard output, from now on."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")
    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    return screen


def written(result: Any, capsys: pytest.CaptureFixture[str], layout: str | None = None, *fields: str) -> str:
    settings = Settings()
    settings.layout = layout  # type: ignore[assignment]
    settings.fields = fields
    Output(settings).write(result)
    return capsys.readouterr().out


def lead(**fields: Any) -> models.Lead:
    return models.Lead.from_dict({"id": "an-id", "status": 1, **fields})


# --- layouts ---


def test_json_is_what_the_service_sent(cli: Cli, client: Instantly) -> None:
    found = [each.to_dict() for each in client.campaigns.list()]
    assert json.loads(cli("campaigns", "list", "--json").out) == found
    assert [json.loads(line) for line in cli("campaigns", "list", "--jsonl").out.splitlines()] == found
    one = cli("campaigns", "get", found[0]["id"], "--json")
    assert json.loads(one.out) == found[0]
    assert one.status == 0
    assert one.err == ""


def test_a_list_of_nothing_is_nothing_and_an_empty_array(cli: Cli) -> None:
    nothing = ("campaigns", "list", "--search", "there is no such campaign")
    assert json.loads(cli(*nothing, "--json").out) == []
    assert cli(*nothing).out == cli(*nothing, "--jsonl").out == ""


def test_a_walk_goes_over_all_pages_or_up_to_the_limit(cli: Cli, client: Instantly) -> None:
    emails = [each.id for each in client.emails.list()]
    assert len(emails) > 100
    assert [row[0] for row in cli("emails", "list", "--page-size", "50").rows] == emails
    assert [row[0] for row in cli("emails", "list", "--limit", "120").rows] == emails[:120]
    assert cli("emails", "list", "--limit", "0").out == ""


def test_csv_has_a_column_for_every_field_that_any_row_has(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [lead(payload={"city": "Bern", "text": 'a,"b"\nc'}), lead(payload={"size": 5}, first_name="Å")]
    found = [*csv.DictReader(StringIO(written(rows, capsys, "csv")))]
    assert [{name: value for name, value in row.items() if value} for row in found] == [
        {"id": "an-id", "status": "ACTIVE", "payload.city": "Bern", "payload.text": 'a,"b"\nc'},
        {"id": "an-id", "status": "ACTIVE", "first_name": "Å", "payload.size": "5"},
    ]


@given(st.lists(st.sampled_from("=+-@\t\r\n\uff1d0123.,\"'a ")).map("".join))
def test_no_cell_of_a_spreadsheet_is_a_formula(text: str) -> None:
    cell = _inert(text)
    assert cell in (text, f"'{text}")
    assert not re.match(r"[=@\t\r\n\uff1d]|[-+](?!\d+(\.\d+)?\Z)", cell)


def test_a_spreadsheet_has_utf_8_and_no_formulas_where_csv_has_what_there_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [lead(first_name="=1+1", payload={"@city": "-5", "phone": "+49 30"})]
    header, row = written(rows, capsys, "spreadsheet", "first_name", "payload.@city", "payload.phone").splitlines()
    assert (header, row) == ("\ufefffirst_name,payload.@city,payload.phone", "'=1+1,-5,'+49 30")
    assert "=1+1" in written(rows, capsys, "csv").splitlines()[1].split(",")


@pytest.mark.parametrize(("layout", "fields"), [(None, ()), ("csv", ("id",)), ("json", ()), ("jsonl", ())])
def test_rows_are_written_while_the_walk_goes_on(
    capsys: pytest.CaptureFixture[str], layout: str | None, fields: tuple[str, ...]
) -> None:
    seen = []

    def walk() -> Iterator[models.Lead]:
        for number in range(400):
            yield lead(id=f"id-{number}")
            if number in (150, 250):
                seen.append(capsys.readouterr().out)

    settings = Settings()
    settings.layout, settings.fields = layout, fields  # type: ignore[assignment]
    Output(settings)._write_items(walk())
    early, later = seen
    assert "id-99" in early
    assert "id-199" in later


@pytest.mark.parametrize("layout", [None, "csv", "json", "jsonl"])
def test_fields_choose_what_is_written_and_in_which_order(
    capsys: pytest.CaptureFixture[str], layout: str | None
) -> None:
    text = written([lead(payload={"city": "Bern"}), lead()], capsys, layout, "payload.city", "status")
    assert {
        None: "Bern\tACTIVE\n\tACTIVE\n",
        "csv": "payload.city,status\nBern,ACTIVE\n,ACTIVE\n",
        "jsonl": '{"payload.city": "Bern", "status": 1}\n{"payload.city": null, "status": 1}\n',
    }.get(layout, json.dumps([{"payload.city": "Bern", "status": 1}, {"payload.city": None, "status": 1}])) == (
        json.dumps(json.loads(text)) if layout == "json" else text
    )


@pytest.mark.parametrize("layout", ["--json", "--jsonl", "--csv", "--yes"])
def test_a_field_that_no_object_has_is_refused(cli: Cli, layout: str) -> None:
    refused = cli("campaigns", "list", layout, "--fields", "id,naem")
    assert refused.status == 2
    assert refused.out == ""
    assert "no field 'naem' in --fields; did you mean 'name'?" in refused.err


def test_the_fields_are_named_where_none_is_like_the_wrong_one(cli: Cli) -> None:
    refused = cli("lead-labels", "list", "--fields", "zzzzzzzzz", "--json")
    assert ", ".join(sorted(models.LeadLabel.FIELDS)) in refused.err


def test_one_object_is_a_line_for_each_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        written(lead(payload={"city": "Bern"}, email=None), capsys) == "id\tan-id\nstatus\tACTIVE\npayload.city\tBern\n"
    )
    assert written(lead(), capsys, None, "status") == "status\tACTIVE\n"
    assert written(lead(), capsys, "csv", "status", "id") == "status,id\nACTIVE,an-id\n"


def test_what_is_no_object_is_written_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert written(None, capsys) == ""
    assert written("a,b\n1,2\n", capsys) == "a,b\n1,2\n"
    assert written("text", capsys, "json") == '"text"\n'
    assert written(["a", 1, [2]], capsys) == "a\n1\n[2]\n"
    assert written({"a": 1}, capsys) == "a\t1\n"


def test_bytes_go_into_files_and_not_onto_terminals(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    Output(Settings()).write(b"\x00\xff")
    assert capsysbinary.readouterr().out == b"\x00\xff"
    monkeypatch.setattr("sys.stdout", Terminal())
    with pytest.raises(Exception, match="send the output into a file"):
        Output(Settings()).write(b"\x00\xff")


# --- terminals ---


def test_a_table_has_a_header_and_the_fields_that_identify(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = terminal(monkeypatch)
    cli("campaigns", "list")
    header, *rows = screen.getvalue().splitlines()
    assert header.split() == ["id", "name", "status"]
    assert all(len(row) <= 80 for row in rows)
    assert all(row[36] == " " for row in rows)


@pytest.mark.parametrize("layout", [None, "csv", "json", "jsonl"])
def test_nothing_that_a_terminal_would_obey_reaches_it(monkeypatch: pytest.MonkeyPatch, layout: str | None) -> None:
    screen = terminal(monkeypatch)
    settings = Settings()
    settings.layout = layout  # type: ignore[assignment]
    for result in (
        [lead(first_name=HOSTILE, payload={HOSTILE: HOSTILE})],
        lead(first_name=HOSTILE),
        HOSTILE,
        [HOSTILE],
    ):
        Output(settings).write(result)
    assert "title" in screen.getvalue()
    assert not {*screen.getvalue()} & ({*HOSTILE} - {*"x]0;title31mnextab\n"})


@pytest.mark.parametrize("layout", ["json", "jsonl"])
def test_json_of_a_hostile_text_is_that_text(capsys: pytest.CaptureFixture[str], layout: str) -> None:
    text = written(lead(first_name=HOSTILE), capsys, layout)
    assert text.replace("\n", "").isprintable()
    assert json.loads(text)["first_name"] == HOSTILE


def test_plain_lines_are_one_a_row_whatever_a_text_has(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(written([lead(first_name="a\nb\tc")], capsys, None, "id", "first_name").splitlines()) == 1


def test_passwords_are_in_no_table() -> None:
    assert not {"password", "imap_password"} & {*default_columns(models.DfyEmailAccount.from_dict({}))}


@pytest.mark.parametrize("space", [10, 40, 80, 200])
def test_a_table_fits_the_terminal(space: int) -> None:
    found = fitted([36, 40, 40, 10, 5], space)
    assert found[0] == min(36, space)
    assert sum(found) + 2 * (len(found) - 1) <= space


def test_wide_letters_count_as_what_they_take() -> None:
    assert column_width(["id", "株式会社"]) == 8


def test_columns_do_not_depend_on_which_fields_are_set() -> None:
    assert default_columns(lead()) == default_columns(lead(email="a@example.com", first_name="A"))
    assert lead().email is UNSET
