"""Programs that we did not write, installed from their registries, find in the sandbox what they expect of the service.

Each offers tools over the Model Context Protocol. Those that need only what there is in the sandbox are called with it,
and those that fail do so by a fault of their own, which is named here.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from instantly_contract.recording.arguments import ADDRESS, ME, SeededSandbox
from tests.sandbox.foreign_tools import Tools

pytestmark = [pytest.mark.slow, pytest.mark.long]

ROOT = Path(__file__).parents[2]
CACHE = ROOT / "build" / "foreign"
REDIRECT = Path(__file__).with_name("foreign_redirect.mjs")

EMPTY_BODY = "sends a content type of JSON without a body"
UNKNOWN = "calls an operation that is not in the document"
NEW = "new@customer.example.org"


@dataclass(frozen=True)
class Program:
    """A program: the package that has it, the registry, and how it is run.

    Attributes:
        requirement: the package and its version.
        run: the command, below the folder that the package is installed in.
        given: arguments of tools that their names do not say.
        left_out: tools that need more than what there is.
        faults: the tools that fail -> what is wrong with them, in words.
    """

    requirement: str
    run: tuple[str, ...]
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        return CACHE / re.sub(r"[=@]+", "-", self.requirement)

    def installed(self) -> Path:
        """The folder with the program, installed if need be."""
        complete = self.folder / "complete"
        if not complete.exists():
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            try:
                for command in self._install():
                    subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True, timeout=300)
            except (OSError, subprocess.SubprocessError) as error:
                said = str(getattr(error, "stderr", "") or error).strip().splitlines()
                pytest.skip(f"{self.requirement} is not installable: {said[-1] if said else error}")
            complete.touch()
        return self.folder

    def _install(self) -> list[list[str]]:
        if "==" in self.requirement:
            return [
                [sys.executable, "-m", "venv", "."],
                ["bin/python", "-m", "pip", "install", "--quiet", "--only-binary", ":all:", self.requirement],
            ]
        # Without scripts of packages: they could download anything.
        return [["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", ".", self.requirement]]


PROGRAMS = {
    "instantly-mcp of PyPI": Program(
        "instantly-mcp==0.1.0",
        ("bin/instantly-mcp",),
        given={"update_lead": {"fields": {"first_name": "Ada"}}, "set_lead_interest_status": {"status": "interested"}},
        faults={
            **dict.fromkeys(("delete_lead", "launch_campaign", "pause_campaign", "mark_thread_read"), EMPTY_BODY),
            **dict.fromkeys(("pause_account", "resume_account", "delete_webhook"), EMPTY_BODY),
            "create_campaign": "has a time zone for its default that the service does not know",
            "remove_from_blocklist": "sends no ids",
        },
    ),
    "instantly-mcp of npm": Program(
        "instantly-mcp@1.0.5",
        ("node", "node_modules/instantly-mcp/dist/index.js", "--api-key", "{key}"),
        given={
            "update_account": {"daily_limit": 20},
            "update_campaign": {"name": "Winter"},
            "update_lead": {"first_name": "Ada"},
            "reply_to_email": {"body": {"text": "Gladly."}},
        },
    ),
    "instantly-cli of npm": Program(
        "instantly-cli@0.1.21",
        ("node", "node_modules/instantly-cli/dist/index.js", "mcp"),
        given={
            "campaigns_update": {"name": "Winter"},
            "email_reply": {"body_text": "Gladly."},
            "analytics_warmup": {"emails": ME},
            "email_verification_status": {"email": ADDRESS},
        },
        faults={
            "campaigns_share": "answers with nothing, where the service did",
            "blocklist_download": "takes CSV for JSON",
            "workspace_group_members_create": "sends an address in place of the id of a workspace",
            **{f"email_templates_{verb}": UNKNOWN for verb in ("create", "list", "get", "update", "delete")},
            **dict.fromkeys(("custom_prompt_templates_list", "sales_flow_list"), UNKNOWN),
        },
        left_out=("accounts_tag", "accounts_untag", "campaigns_create_from_export"),
    ),
}


def known(seeded: SeededSandbox) -> dict[str, Any]:
    """What there is in a sandbox, by the names that programs have for it."""

    def first(kind: str) -> str:
        return next(iter(seeded.workspace.of(kind)))

    lead = next(row for row in seeded.workspace.of("Lead").values() if row.get("campaign"))
    email = next(iter(seeded.workspace.of("Email").values()))
    other = next(id for id in seeded.workspace.of("Campaign") if id != lead["campaign"])
    return {
        **dict.fromkeys(("campaign_id", "from_campaign_id", "campaign"), lead["campaign"]),
        **dict.fromkeys(("email_id", "reply_to_uuid"), email["id"]),
        **dict.fromkeys(("eaccount", "account_id"), ME),
        **{name: [ME] for name in ("emails", "email_list")},
        "to_campaign_id": other,
        "lead_id": lead["id"],
        "lead_email": lead["email"],
        "thread_id": email["thread_id"],
        "list_id": first("Lead List"),
        "webhook_id": first("Webhook"),
        "email": NEW,
        "leads": [{"email": NEW}],
        "entries": ["spam.example.com"],
        "name": "Autumn",
        "subject": "Hello",
        "body": "Shall we talk?",
        "to": "me@example.com",
        "url": "https://receiver.example.com/hook",
        "event_types": ["reply_received"],
        "fields": {"name": "Winter"},
        "status": 1,
        "confirm": True,
    }


def arguments(tool: str, schema: Mapping[str, Any], seeded: SeededSandbox) -> dict[str, Any]:
    """The arguments of a tool: those that it needs, and where in the sandbox it looks."""
    values = known(seeded)
    # `custom_tags_get` wants the id of a custom tag.
    words = tool.split("_")
    kinds = (seeded.kind_of("_".join(words[:count]).removesuffix("s")) for count in range(len(words) - 1, 0, -1))
    kind = next(filter(None, kinds), None)
    # The first member of a workspace is its owner, who stays.
    values |= {"id": [*seeded.workspace.of(kind)][-1]} if kind else {}
    always = {*schema.get("required", ()), "confirm", "campaign_id", "to_campaign_id"}
    found = {name: values[name] for name in schema.get("properties", {}) if name in always and name in values}
    if "account" in tool:
        found |= {"email": ME} if "email" in found else {}
        found |= {"fields": {"daily_limit": 20}} if "fields" in found else {}
    return found


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_tools_of_a_program_work_but_for_faults_of_their_own(name: str, tmp_path: Path) -> None:
    program = PROGRAMS[name]
    if not shutil.which("node"):
        pytest.skip(f"{program.requirement} is not installable: there is no node")
    folder = program.installed()
    seeded = SeededSandbox()
    sandbox = seeded.sandbox
    sandbox.service.rate_limits = False
    failed: dict[str, str] = {}
    called = 0
    with sandbox, sandbox.serve() as url:
        command = [part.format(key=sandbox.key) for part in program.run]
        own = {
            "HOME": str(tmp_path),
            "INSTANTLY_API_KEY": sandbox.key,
            "INSTANTLY_BASE_URL": f"{url}/api/v2",
            "NODE_OPTIONS": f"--import {REDIRECT.as_uri()}",
            "FOREIGN_SERVICE": "https://api.instantly.ai",
            "FOREIGN_SANDBOX": url,
        }
        located = [str(folder / part) if (folder / part).exists() else part for part in command]
        beginning = sandbox.snapshot()
        with Tools(located, {**os.environ, **own}, tmp_path) as tools:
            for tool, schema in tools.names().items():
                given = {**arguments(tool, schema, seeded), **program.given.get(tool, {})}
                if tool in program.left_out or not given.keys() >= {*schema.get("required", ())}:
                    continue
                called += 1
                worked, said = tools.call(tool, given)
                sandbox.restore(beginning)
                if not worked:
                    failed[tool] = f"{said} with {given}"
    assert called > 20
    assert failed.keys() == program.faults.keys(), {
        tool: said for tool, said in failed.items() if tool not in program.faults
    }
    assert not any("500" in said for said in failed.values())
