"""`python -m instantly_client find` finds what a user means, offline, from what the package itself says."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from functools import cached_property
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly_client import Instantly, models
from instantly_core.commands import COMMANDS, main
from instantly_core.find import Entry, find, index

PACKAGE = "instantly_client"
ENTRIES = list(index(PACKAGE))


def names() -> list[str]:
    return [entry.title.partition("(")[0] for entry in ENTRIES]


def test_each_method_and_object_can_be_found() -> None:
    resources = [name for name, value in vars(Instantly).items() if isinstance(value, cached_property)]
    methods = [
        f"client.{resource}.{name}"
        for resource in resources
        for name, _ in inspect.getmembers(getattr(Instantly, resource), inspect.isfunction)
        if not name.startswith("_")
    ]
    assert sorted(names()) == sorted([*methods, *(f"models.{name}" for name in models.__all__)])


@pytest.mark.slow
def test_a_method_is_found_by_the_words_of_its_own_summary() -> None:
    for entry in [each for each in ENTRIES if each.title.startswith("client.")][::20]:
        found = [hit.entry for hit in find(entry.summary, ENTRIES)]
        # Twins say the same in the same words.
        alike = sum(other.summary == entry.summary for other in ENTRIES)
        assert entry in found[: 5 + alike], entry


CATALOGUE = [
    Entry("client.emails.list(...) -> Page[Email]", "List emails.", "", {"lead": "Address of a lead.", "limit": ""}),
    Entry("client.emails.get(id) -> Email", "Fetch one email.", "", {"id": "Id of the email."}),
    Entry("client.leads.list(...) -> Page[Lead]", "List leads.", "", {"limit": ""}),
    Entry("client.leads.bulk_delete(...) -> Result", "Delete leads.", "", {}),
    Entry("client.campaigns.pause(id) -> Campaign", "Pause a campaign.", "", {}),
    Entry("client.agents.pause_campaign(id) -> Agent", "Pause sending of a campaign.", "", {}),
    Entry("models.Timezone", "A time zone.", "", {}),
]


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("emails of a lead", "client.emails.list"),
        ("mails of my contacts", "client.emails.list"),
        ("delete many leads", "client.leads.bulk_delete"),
        ("how do I stop a campaign", "client.campaigns.pause"),
        ("Pausing Campaigns", "client.campaigns.pause"),
        ("time zones", "models.Timezone"),
        ("pause_campaign agents", "client.agents.pause_campaign"),
    ],
)
def test_plain_words_find_what_is_meant(words: str, title: str) -> None:
    assert find(words, CATALOGUE)[0].entry.title.startswith(title)


def test_the_arguments_that_have_the_words_are_shown() -> None:
    assert find("emails of a lead", CATALOGUE)[0].parts == {"lead": "Address of a lead."}


@given(st.text())
def test_any_text_can_be_looked_for(words: str) -> None:
    assert len(find(words, CATALOGUE)) <= len(CATALOGUE)


@pytest.mark.slow
def test_what_is_found_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    first = next(entry for entry in ENTRIES if entry.title.startswith("client."))
    assert main(PACKAGE, ["find", "--limit", "2", *first.title.partition("(")[0].split(".")]) == 0
    out, err = capsys.readouterr()
    assert (first.title in out.splitlines(), err) == (True, "")
    assert main(PACKAGE, ["find", "--json", "--limit", "1", first.summary]) == 0
    (hit,) = json.loads(capsys.readouterr().out)
    assert hit.keys() == {"title", "summary", "text", "parts"}


def test_words_that_nothing_has_are_a_failure_that_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(PACKAGE, ["find", "xyzzy"]) == 1
    assert capsys.readouterr() == ("", "nothing was found; try other words, or fewer\n")


@pytest.mark.parametrize("arguments", [[], ["--help"], ["help"]])
def test_without_a_command_there_is_help_that_names_each(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(PACKAGE, arguments) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out and does in out for name, (_, does) in COMMANDS.items())


@pytest.mark.parametrize(
    "arguments", [["fnid"], ["find"], ["find", "--limit", "many", "leads"], ["find", "--limit", "0", "leads"]]
)
def test_a_command_that_cannot_be_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status: Any = main(PACKAGE, arguments)
    except SystemExit as ended:
        status = ended.code
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    assert arguments[0] in err


@pytest.mark.slow
def test_the_module_runs_without_importing_the_client() -> None:
    code = (
        "import runpy, sys; sys.argv = ['x', 'find', '--limit', '1', 'campaign']\n"
        "try: runpy.run_module('instantly_client', run_name='__main__')\n"
        "except SystemExit as ended: assert not ended.code\n"
        "assert not {'httpx', 'instantly_client.client'} & sys.modules.keys()"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(("client.", "models."))


@pytest.mark.slow
def test_a_reader_that_has_enough_ends_the_command_quietly() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", PACKAGE, "find", "--json", "--limit", "500", "campaign"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False, env=environment)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")
