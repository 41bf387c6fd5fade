"""`instantly leads add`: from the rows of a file to leads, and back to a report on the rows."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import click
import pytest

from instantly_cli.commands.leads_add import read_rows
from instantly_client import Instantly
from instantly_sandbox import Sandbox
from tests.cli.conftest import Cli


@pytest.fixture
def into(client: Instantly) -> str:
    return client.lead_lists.create(name="Imported").id


def file(folder: Path, name: str, content: str) -> str:
    path = folder / name
    path.write_text(content, "utf-8")
    return str(path)


def test_the_rows_of_a_file_become_leads(cli: Cli, client: Instantly, into: str, tmp_path: Path) -> None:
    source = file(
        tmp_path, "leads.csv", 'E-Mail,First Name,City\nann@a.example,Ann,"Bern, old town"\n\nbob@b.example,,\n'
    )
    done = cli("leads", "add", "--from", source, "--list", into, "--json")
    assert done.status == 0
    assert [row["outcome"] for row in json.loads(done.out)] == ["added", "added"]
    found = {lead.email: lead for lead in client.leads.list(list_id=into)}
    assert found.keys() == {"ann@a.example", "bob@b.example"}
    assert found["ann@a.example"].first_name == "Ann"
    payload = found["ann@a.example"].payload
    assert payload
    assert payload["City"] == "Bern, old town"


def test_the_report_says_of_each_row_what_became_of_it(cli: Cli, into: str, tmp_path: Path, client: Instantly) -> None:
    source = file(tmp_path, "leads.csv", "email\nann@a.example\nno address\nbob@b.example\nann@a.example\n")
    report = tmp_path / "report.csv"
    done = cli("leads", "add", "--from", source, "--list", into, "--report", str(report))
    assert done.status == 0
    rows = [*csv.DictReader(StringIO(report.read_text()))]
    assert [(row["number"], row["email"], row["outcome"]) for row in rows] == [
        ("1", "ann@a.example", "added"),
        ("2", "no address", "invalid"),
        ("3", "bob@b.example", "added"),
        ("4", "ann@a.example", "duplicate"),
    ]
    assert {row["lead_id"] for row in rows} - {""} == {lead.id for lead in client.leads.list(list_id=into)}
    assert done.rows == [["added", "2"], ["invalid", "1"], ["duplicate", "1"]]
    assert done.err == (
        "row 2 was not added: invalid, its address is invalid\n"
        "row 4 was not added: duplicate, the same address as row 1\n"
    )


def test_only_the_first_rows_that_were_not_added_are_named(cli: Cli, into: str, tmp_path: Path) -> None:
    source = file(tmp_path, "leads.csv", "email\n" + "no address\n" * 1007)
    done = cli("leads", "add", "--from", source, "--list", into)
    assert len(done.err.splitlines()) == 6
    assert done.err.endswith("and 1,002 more: --report FILE has all of them\n")
    assert done.rows == [["invalid", "1007"]]


def test_a_file_without_rows_adds_nothing_and_says_so(cli: Cli, into: str, tmp_path: Path) -> None:
    done = cli("leads", "add", "--from", file(tmp_path, "leads.csv", "email,city\n\n,\n"), "--list", into)
    assert done == (0, "", "there are no rows: nothing was sent\n")


def test_a_column_that_is_called_otherwise_is_named(cli: Cli, into: str, tmp_path: Path, client: Instantly) -> None:
    source = file(tmp_path, "leads.csv", "Contact,Notes\nann@a.example,tall\n")
    refused = cli("leads", "add", "--from", source, "--list", into)
    assert refused.status == 2
    assert "no column is the 'email' of a lead; name it with --mapping {...}; there are: Contact, Notes" in refused.err
    done = cli("leads", "add", "--from", source, "--list", into, "--mapping", '{"Contact": "email", "Notes": null}')
    assert done == (0, "added\t1\n", "")
    (lead,) = client.leads.list(list_id=into)
    assert lead.email == "ann@a.example"
    assert "Notes" not in (lead.payload or {})


def test_a_failure_leaves_a_report_that_says_how_far_it_came(
    cli: Cli, into: str, tmp_path: Path, served: tuple[Sandbox, str]
) -> None:
    leads = [{"email": f"a{number}@a.example"} for number in range(1200)]
    source = file(tmp_path, "leads.jsonl", "\n".join(map(json.dumps, leads)))
    report = tmp_path / "report.csv"
    served[0].faults.status(400, operation="bulkAddLeads", body={"leads": leads[1000:]})
    done = cli("leads", "add", "--from", source, "--list", into, "--report", str(report))
    assert done.status == 5
    assert "Stopped after 1000 leads, the next 200 cannot have been added" in done.err
    outcomes = [row["outcome"] for row in csv.DictReader(StringIO(report.read_text()))]
    assert outcomes == ["added"] * 1000 + ["not sent"] * 200


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "email,First name,city\na@a.example,A,Bern\n"),
        ("a.csv", "\ufeffemail;First name;city\r\na@a.example;A;Bern\r\n"),
        ("a.csv", "email,First name,city,,\na@a.example,A,Bern,,\n,,,\n"),
        ("a.tsv", "email\t First name\tcity\na@a.example\tA\tBern"),
        ("a.jsonl", '{"email": "a@a.example", "First name": "A", "city": "Bern"}\n\n'),
    ],
)
def test_files_of_all_kinds_are_read(tmp_path: Path, name: str, content: str) -> None:
    assert read_rows(file(tmp_path, name, content)) == [{"email": "a@a.example", "First name": "A", "city": "Bern"}]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.csv", "email,email\na,b\n", "two columns have the same name"),
        ("a.csv", "email\na@a.example,b\n", "a.csv, line 2 has more cells than the header"),
        ("a.csv", 'email\n"a@a.example\n', "a.csv, line 2: unexpected end of data"),
        ("a.csv", "email,\na@a.example,\nb@b.example,x\n", "a.csv, line 3: 'x' is in a column without a name"),
        ("a.csv", "", "a.csv has no header"),
        ("a.csv", "\nemail\n", "a.csv has no header"),
        ("a.jsonl", '{"email": "a"}\n{"email"\n', "a.jsonl, line 2 is no JSON"),
        ("a.jsonl", "[]\n", "a.jsonl, line 1 is no object"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_line(
    tmp_path: Path, name: str, content: str, problem: str
) -> None:
    with pytest.raises(click.UsageError) as refused:
        read_rows(file(tmp_path, name, content))
    assert problem in refused.value.message


def test_nothing_is_sent_of_a_file_that_is_wrong_or_goes_nowhere(
    cli: Cli, into: str, tmp_path: Path, served: tuple[Sandbox, str]
) -> None:
    good = file(tmp_path, "good.csv", "email\na@a.example\n")
    bad = file(tmp_path, "bad.csv", "email\na@a.example\nb,c\n")
    before = served[0].requests[-1]
    for arguments, problem in (
        (["--from", bad, "--list", into], "line 3"),
        (["--from", str(tmp_path / "none.csv"), "--list", into], "No such file or directory"),
        (["--from", good], "--campaign ID or --list ID"),
        (["--from", good, "--list", into, "--campaign", into], "--campaign ID or --list ID"),
        (["--list", into], "--from"),
        (["--from", good, "--list", into, "--report", str(tmp_path / "no" / "folder.csv")], "cannot write"),
    ):
        refused = cli("leads", "add", *arguments)
        assert refused.status == 2
        assert problem in refused.err
    assert served[0].requests[-1] is before
