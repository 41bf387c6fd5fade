"""Runs of the command line: exit statuses, messages, questions, and what a run needs."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import click
import pytest

from instantly_cli import failures
from instantly_cli.effects import effect_of
from instantly_cli.failures import KINDS, lines, status_of
from instantly_cli.methods import Method, methods, resources
from instantly_client import Instantly, __version__, params
from instantly_core import errors
from instantly_sandbox import Sandbox
from tests.cli.conftest import Cli

ERRORS = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.InstantlyError)]


def test_every_error_of_the_client_has_an_exit_status() -> None:
    for kind in ERRORS:
        assert status_of(kind("message")) in {each.status for each in KINDS} - {0}


@pytest.mark.parametrize(
    ("status", "exit_status"),
    [(400, 5), (401, 3), (402, 3), (403, 3), (404, 4), (409, 5), (413, 5), (422, 5), (418, 1), (429, 6), (500, 7)],
)
def test_the_exit_status_says_what_the_service_said(
    cli: Cli, served: tuple[Sandbox, str], status: int, exit_status: int
) -> None:
    # The client repeats no write, and waits no hour.
    if status == 429:
        served[0].faults.rate_limit(3600, operation="pauseCampaign")
    else:
        served[0].faults.status(status, operation="pauseCampaign")
    done = cli("campaigns", "pause", "an-id")
    assert (done.status, done.out) == (exit_status, "")
    assert f"pauseCampaign: {status}" in done.err
    assert len(done.err.splitlines()) <= 2


@pytest.mark.slow
def test_a_service_that_nobody_reaches_is_an_exit_status_of_its_own(cli: Cli) -> None:
    done = cli("campaigns", "get", "an-id", "--base-url", "http://127.0.0.1:9")
    assert done.status == 8
    assert "Traceback" not in done.err


def test_an_error_that_nobody_thought_of_is_two_lines_and_more_on_request(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr("instantly_cli.methods.Method.__call__", fail)
    done = cli("campaigns", "list")
    assert done.status == 1
    assert done.err == "instantly: unexpected KeyError: 'surprise'\n  To see where it comes from: --verbose\n"
    assert "Traceback" in cli("campaigns", "list", "--verbose").err


def test_ctrl_c_is_one_line_and_130(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("instantly_cli.methods.Method.__call__", interrupt)
    assert cli("campaigns", "list") == (130, "", "\ninterrupted\n")


def test_the_cause_decides_where_adding_leads_stopped() -> None:
    error = errors.RowImportError("stopped")
    error.__cause__ = errors.NotFoundError("gone")
    assert status_of(error) == 4


def test_an_argument_that_is_missing_is_named_with_what_it_may_be(cli: Cli) -> None:
    assert cli("completion").err.splitlines()[0] == (
        "instantly completion: Missing argument 'SHELL'. Choose from: bash, zsh, fish"
    )


def test_messages_are_one_or_two_lines() -> None:
    for kind in ERRORS:
        assert len(lines(kind("message"), "instantly").splitlines()) in (1, 2)
    assert len(lines(click.UsageError("message"), "instantly").splitlines()) == 2


# --- what a run needs ---


def test_the_version_is_that_of_the_client(cli: Cli) -> None:
    assert cli("--version").out == f"instantly {__version__}\n"


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
@pytest.mark.parametrize("command", [(), ("leads",), ("leads", "list"), ("emails", "reply"), ("api",)])
def test_no_line_of_a_help_text_is_wider_than_the_terminal(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = cli(*command, "--help").out.splitlines()
    assert max(map(len, shown)) <= min(columns, 80)


def test_without_a_command_there_is_help(cli: Cli) -> None:
    assert cli() == cli("--help")
    assert "campaigns" in cli().out


def test_without_a_key_a_message_says_where_to_get_one(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INSTANTLY_API_KEY")
    done = cli("campaigns", "list")
    assert done.status == 2
    assert "instantly login" in done.err
    assert "--sandbox" in done.err


@pytest.mark.parametrize("option", [("--workspace", ""), ("--base-url", ""), ("--base-url", "ftp://a.example")])
def test_a_setting_that_cannot_be_is_refused_without_talk_of_keys(cli: Cli, option: tuple[str, str]) -> None:
    refused = cli("campaigns", "list", *option)
    assert (refused.status, refused.out) == (2, "")
    assert "login" not in refused.err


def test_a_sandbox_of_its_own_and_another_service_exclude_each_other(cli: Cli) -> None:
    refused = cli("campaigns", "list", "--sandbox", "--base-url", "http://127.0.0.1:9")
    assert (refused.status, refused.out) == (2, "")
    assert "--sandbox and --base-url exclude each other" in refused.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--fields", "naem"), "no field 'naem' in --fields; did you mean 'name'?"),
        (("--limit", "-1"), "--limit must not be negative"),
    ],
)
def test_a_message_names_the_command_and_its_options(cli: Cli, arguments: tuple[str, ...], message: str) -> None:
    assert cli("campaigns", "list", *arguments).err == (
        f"instantly campaigns list: {message}\n  See: instantly campaigns list --help\n"
    )


def test_a_command_of_the_package_is_pointed_to(cli: Cli) -> None:
    assert "there is no command 'explain'; it is python -m instantly_client explain" in cli("explain", "429").err


def test_options_of_a_run_are_good_on_either_side_of_the_command(cli: Cli) -> None:
    assert cli("--jsonl", "--fields", "id", "campaigns", "list") == cli(
        "campaigns", "list", "--jsonl", "--fields", "id"
    )
    refused = cli("--json", "campaigns", "list", "--csv")
    assert refused.status == 2
    assert "--json and --csv exclude each other" in refused.err


def test_a_workspace_is_acted_for(cli: Cli, served: tuple[Sandbox, str]) -> None:
    cli("campaigns", "list", "--workspace", "019cc043-aee6-7ae9-a545-d7de53430e37")
    headers = served[0].requests[-1].request.headers
    assert headers["x-as-workspace"] == "019cc043-aee6-7ae9-a545-d7de53430e37"


def test_a_sandbox_of_its_own_needs_no_key_and_forgets_everything(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INSTANTLY_API_KEY")
    monkeypatch.setenv("INSTANTLY_BASE_URL", "http://127.0.0.1:9")
    lists = cli("--sandbox", "lead-lists", "list", "--fields", "name")
    assert lists.status == 0
    assert lists.rows
    assert cli("--sandbox", "lead-lists", "create", "--name", "New").status == 0
    assert cli("--sandbox", "lead-lists", "list", "--fields", "name") == lists


def test_verbose_says_what_is_sent_without_the_key(cli: Cli, served: tuple[Sandbox, str]) -> None:
    done = cli("campaigns", "list", "--verbose")
    assert "GET /api/v2/campaigns -> 200" in done.err
    assert served[0].key not in done.err


def test_verbose_is_over_with_the_command(cli: Cli) -> None:
    log = logging.getLogger("instantly_client")
    before = (log.level, [*log.handlers])
    cli("campaigns", "list", "--verbose")
    assert (log.level, log.handlers) == before
    assert cli("campaigns", "list").err == ""


# --- questions ---


@pytest.fixture
def campaign(client: Instantly) -> str:
    schedule: params.CampaignScheduleParam = {
        "schedules": [
            {
                "name": "All day",
                "timing": {"from_": "00:00", "to": "23:59"},
                "days": {"monday": True},
                "timezone": "Etc/GMT+12",
            }
        ]
    }
    return client.campaigns.create(name="To be deleted", campaign_schedule=schedule).id


def test_a_deletion_is_refused_where_nobody_can_be_asked(cli: Cli, client: Instantly, campaign: str) -> None:
    refused = cli("campaigns", "delete", campaign)
    assert refused.status == failures.REFUSED
    assert refused.err.startswith(f"instantly campaigns delete {campaign} would delete for good.")
    assert "--yes" in refused.err
    assert client.campaigns.get(campaign).id == campaign
    assert cli("campaigns", "delete", campaign, "--yes").status == 0
    assert cli("campaigns", "get", campaign).status == 4


@pytest.mark.parametrize(
    ("answer", "status"), [("y\n", 0), ("n\n", failures.REFUSED), ("\n", failures.REFUSED), ("", 130)]
)
def test_a_person_is_asked_before_a_deletion(
    cli: Cli, campaign: str, monkeypatch: pytest.MonkeyPatch, answer: str, status: int
) -> None:
    monkeypatch.setattr("sys.stdin", Typed(answer))
    done = cli("campaigns", "delete", campaign)
    assert done.status == status
    assert "Go on?" in done.err


class Typed(StringIO):
    """What a person types at a terminal."""

    def isatty(self) -> bool:
        return True


def test_any_request_is_sent_by_method_and_path(cli: Cli, client: Instantly, campaign: str, tmp_path: Path) -> None:
    path = f"/api/v2/campaigns/{campaign}"
    assert json.loads(cli("api", "get", path).out) == client.campaigns.get(campaign).to_dict()
    body = tmp_path / "body.json"
    body.write_text('{"name": "Renamed"}')
    assert json.loads(cli("api", "PATCH", path, "--data", f"@{body}").out)["name"] == "Renamed"
    found = cli("api", "GET", "/api/v2/campaigns", "-q", "search=Renamed", "-q", "limit=1", "--jsonl").out
    assert json.loads(found)["items"][0]["id"] == campaign
    assert cli("api", "DELETE", path).status == failures.REFUSED
    assert cli("api", "DELETE", path, "--yes").status == 0
    for arguments in (("GET", "campaigns"), ("GET", path, "-q", "limit"), ("SEND", path), ("POST", path, "-d", "{")):
        assert cli("api", *arguments).status == 2


def commands_with_effects() -> Iterator[Method]:
    for resource in resources():
        for name in methods(resource):
            method = Method(resource, name)
            operation = method.operation
            if operation is not None and (operation.mass or operation.paid or operation.method == "DELETE"):
                yield method


def test_every_call_that_deletes_reaches_everything_or_costs_money_has_an_effect_to_ask_about() -> None:
    found = [*commands_with_effects()]
    assert {bool(each.operation and each.operation.paid) for each in found} == {True, False}
    for method in found:
        effect = effect_of(method.operation, {})
        assert effect, f"{method.resource}.{method.name}"
        for guard in (method.operation.paid, method.operation.mass) if method.operation else ():
            assert guard is None or guard.does in effect


def test_what_asks_for_the_price_alone_needs_no_question(cli: Cli) -> None:
    item = ["--items.0.domain", "new.example", "--items.0.accounts.0.email-address-prefix", "a"]
    item += ["--items.0.accounts.0.first-name", "A", "--items.0.accounts.0.last-name", "B"]
    asked = cli("dfy-orders", "create", *item, "--order-type", "dfy", "--no-simulation")
    assert asked.status == failures.REFUSED
    assert "order these accounts and charge the card" in asked.err
    assert cli("dfy-orders", "create", *item, "--order-type", "dfy", "--simulation").status == 0


def test_what_the_client_refuses_is_refused_before_a_question(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Typed(""))
    refused = cli("leads", "move", "--to-campaign", "an-id")
    assert refused.status == 2
    assert "this would move every lead of the workspace" in refused.err
    assert "or --everything" in refused.err
    assert "Go on?" not in refused.err


@pytest.mark.parametrize("how", ["option", "environment"])
def test_a_dry_run_shows_the_request_and_sends_nothing(
    cli: Cli, client: Instantly, campaign: str, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    dry = ["--dry-run"] if how == "option" else []
    if how == "environment":
        monkeypatch.setenv("INSTANTLY_DRY_RUN", "1")
    path = f"/api/v2/campaigns/{campaign}"
    assert cli("campaigns", "delete", campaign, *dry) == (0, f"would DELETE {path}\n", "")
    update = ["campaigns", "update", campaign, "--name", "New", *dry]
    assert cli(*update).out == f'would PATCH {path}\n{{\n  "name": "New"\n}}\n'
    plan = {"method": "PATCH", "path": path, "query": {}, "body": {"name": "New"}}
    assert json.loads(cli(*update, "--json").out) == json.loads(cli(*update, "--jsonl").out) == plan
    assert cli("campaigns", "get", campaign, *dry, "--fields", "name").out == "name\tTo be deleted\n"
    assert cli("api", "DELETE", path, *dry).out.startswith("would DELETE ")


# --- completion ---


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_a_script(cli: Cli, shell: str) -> None:
    script = cli("completion", shell).out
    assert f"_INSTANTLY_COMPLETE={shell}_complete" in script


@pytest.mark.parametrize(
    ("line", "complete"),
    [
        ("instantly cam", ["campaigns"]),
        ("instantly campaigns pa", ["pause"]),
        ("instantly campaigns list --exc", ["--exclude-status"]),
        ("instantly campaigns list --status dr", ["draft"]),
    ],
)
def test_commands_options_and_values_are_completed(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, line: str, complete: list[str]
) -> None:
    monkeypatch.setenv("_INSTANTLY_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(line.split()) - 1))
    assert [found.partition(",")[2] for found in cli().out.splitlines()] == complete


# --- the key ---


def test_a_key_is_kept_for_its_owner_alone_and_never_shown(
    cli: Cli, home: Path, served: tuple[Sandbox, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = served[0].key
    monkeypatch.delenv("INSTANTLY_API_KEY")
    monkeypatch.setattr("sys.stdin", StringIO(f"{key}\n"))
    done = cli("login")
    assert done.status == 0
    (file,) = (home / ".config").rglob("*.json")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o077 == 0
    assert key not in done.out + done.err
    assert cli("campaigns", "list").status == 0
    file.chmod(0o644)
    refused = cli("campaigns", "list")
    assert refused.status == 1
    assert "chmod 600" in refused.err
    assert cli("logout").err == "The key is removed.\n"
    assert cli("logout").err == "There was no key.\n"
    assert cli("campaigns", "list").status == 2


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"api_key": 5}'])
def test_a_file_that_has_no_key_is_named(cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    monkeypatch.delenv("INSTANTLY_API_KEY")
    file = home / ".config" / "instantly-client" / "login.json"
    file.parent.mkdir(parents=True)
    file.touch(0o600)
    file.write_text(content)
    done = cli("campaigns", "list")
    assert done.status == 1
    assert re.search(r"login\.json cannot be read; write it anew: instantly login", done.err)
    assert cli("logout").status == 0
    assert not file.exists()


def test_a_key_that_cannot_be_one_is_not_kept(cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for given in ("two words\n", "\n", ""):
        monkeypatch.setattr("sys.stdin", StringIO(given))
        done = cli("login")
        assert done.status == 2
        assert "words" not in done.err
    assert not (home / ".config").exists()


class Keyring:
    """The package keyring, with a memory."""

    class errors:  # noqa: N801, as the package has it
        class KeyringError(Exception):
            """Any error."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def set_password(self, service: str, user: str, password: str) -> None:
        if self.locked:
            raise self.errors.KeyringError("locked")
        self.kept[service, user] = password

    def get_password(self, service: str, user: str) -> str | None:
        return self.kept.get((service, user))

    def delete_password(self, service: str, user: str) -> None:
        del self.kept[service, user]


def test_a_key_is_kept_in_the_keyring_on_request(
    cli: Cli, home: Path, served: tuple[Sandbox, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = Keyring()
    monkeypatch.delenv("INSTANTLY_API_KEY")
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    monkeypatch.setattr("sys.stdin", StringIO(f"{served[0].key}\n" * 3))
    assert cli("login", "--keyring").err == "The key is kept in the keyring.\n"
    assert [*keyring.kept.values()] == [served[0].key]
    assert served[0].key not in "".join(each.read_text() for each in (home / ".config").rglob("*.json"))
    assert cli("campaigns", "list").status == 0
    assert cli("logout").status == 0
    assert keyring.kept == {}
    keyring.locked = True
    assert "the keyring of this system failed: locked" in cli("login", "--keyring").err
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert "pip install keyring" in cli("login", "--keyring").err


# --- finding ---


def test_commands_are_found_by_words(cli: Cli) -> None:
    found = cli("find", "pause", "a", "campaign", "--limit", "3")
    assert found.status == 0
    assert found.out.splitlines()[0] == "instantly campaigns pause"
    assert len(found.out.splitlines()) == 6
    assert json.loads(cli("find", "pause", "campaign", "--json").out)[0]["command"] == "instantly campaigns pause"
    nothing = cli("find", "xyzzy")
    assert (nothing.status, nothing.out) == (1, "")
