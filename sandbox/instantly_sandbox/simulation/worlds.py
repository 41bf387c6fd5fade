"""Worlds: what a workspace begins with, from a TOML file that people write.

[[accounts]]
email = "mara@sender.example.com"

[[accounts]]
email = "nils@sender.example.com"
status = -1                          # it cannot connect

[[campaigns]]
name = "Spring"
accounts = ["mara@sender.example.com"]
active = true
leads = 40                           # or a list of tables, each with an email
steps = [{ subject = "Hello {{firstName}}", body = "Shall we talk?", delay = 2 }]

[[lists]]
name = "Visitors of the fair"
leads = [{ email = "ada@customer.example.org", first_name = "Ada", city = "Bern" }]
"""

from __future__ import annotations

import tomllib
from datetime import date, time
from pathlib import Path
from random import Random
from typing import Any

from ..engine.messages import Refusal
from ..engine.runtime import Runtime
from ..engine.validation import validator
from ..state.arguments import check_known
from ..state.workspaces import Workspace
from .seed_data import OFFICE_HOURS, Maker, person, step

STEPS: list[dict[str, Any]] = [
    {"subject": "A question about {{companyName}}", "body": "Hello {{firstName}}, shall we talk?", "delay": 2}
]
NAMED = ("email", "first_name", "last_name", "company_name", "job_title", "website", "phone", "personalization")

TABLES: dict[str, dict[str, tuple[type, ...]]] = {
    "accounts": {"email": (str,), "first_name": (str,), "last_name": (str,), "status": (int,), "daily_limit": (int,)},
    "labels": {"label": (str,), "kind": (str,)},
    "webhooks": {"url": (str,), "event": (str,), "headers": (dict,)},
    "lists": {"name": (str,), "leads": (int, list)},
    "campaigns": {
        "name": (str,),
        "active": (bool,),
        "status": (int,),
        "accounts": (list,),
        "daily_limit": (int,),
        "steps": (list,),
        "leads": (int, list),
    },
}
_IN_WORDS: dict[type, str] = {
    str: "a text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}
NEEDED = {"accounts": "email", "labels": "label", "webhooks": "url", "lists": "name", "campaigns": "name"}
STEP: dict[str, tuple[type, ...]] = {"subject": (str,), "body": (str,), "delay": (int, float)}

World = dict[str, list[dict[str, Any]]]


def read(path: Path) -> World:
    """Read a world.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no TOML, or says something that no world has; the message has the place.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8-sig"))
        return _checked(raw)
    except RecursionError:
        raise ValueError(f"{path}: it is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def fill(path: Path, runtime: Runtime, workspace: Workspace) -> None:
    """Fill a new workspace with what a file says.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no world, or the service would refuse something of it; the message has the place.
    """
    world = read(path)
    try:
        _fill(world, runtime, workspace)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _fill(world: World, runtime: Runtime, workspace: Workspace) -> None:
    maker, random = Maker(runtime, workspace, days_ago=1.0), Random(f"world {runtime.seed}")
    numbers = iter(range(1, 1_000_000))

    def made(place: str, operation: str, *values: str, **body: Any) -> Any:
        schema = runtime.document.operations[operation].body
        for error in validator(runtime.document, schema).iter_errors(body) if schema and not values else ():
            raise ValueError(f"{_within(place, error.instance_path)}: {error.message}")
        try:
            return maker.perform(operation, *values, **body)
        except Refusal as refusal:
            raise ValueError(f"{place}: {refusal.message}") from None

    def add(place: str, leads: Any, **into: str) -> None:
        given = [person(random, next(numbers)) for _ in range(leads)] if isinstance(leads, int) else leads
        rows = [
            {
                **{name: value for name, value in lead.items() if name in NAMED},
                "custom_variables": {name: value for name, value in lead.items() if name not in NAMED},
            }
            for lead in given
        ]
        for start in range(0, len(rows), 1000):
            told = made(place, "bulkAddLeads", leads=rows[start : start + 1000], **into)
            if told["leads_uploaded"] < len(rows[start : start + 1000]):
                raise ValueError(f"{place}: leads need different valid addresses")

    for number, table in enumerate(world.get("accounts", ()), 1):
        place = f"accounts[{number}]"
        names: dict[str, Any] = {"first_name": "Sandbox", "last_name": "Mailbox", **table}
        status = names.pop("status", None)
        made(place, "createAccount", **maker.mailbox(**names))
        _become(runtime, workspace, place, "Account", table["email"], status)
    for number, table in enumerate(world.get("labels", ()), 1):
        kind = table.get("kind", "positive")
        made(f"labels[{number}]", "createLeadLabel", label=table["label"], interest_status_label=kind)
    for number, table in enumerate(world.get("webhooks", ()), 1):
        more = {"headers": table["headers"]} if "headers" in table else {}
        event = table.get("event", "all_events")
        made(f"webhooks[{number}]", "createWebhook", target_hook_url=table["url"], event_type=event, **more)
    for number, table in enumerate(world.get("lists", ()), 1):
        place = f"lists[{number}]"
        add(f"{place}.leads", table.get("leads", 0), list_id=made(place, "createLeadList", name=table["name"])["id"])
    known = list(workspace.of("Account"))
    for number, table in enumerate(world.get("campaigns", ()), 1):
        place = f"campaigns[{number}]"
        for email in table.get("accounts", ()):
            check_known(f"account of {place}", email, known)
        limit = {"daily_limit": table["daily_limit"]} if "daily_limit" in table else {}
        id = made(
            place,
            "createCampaign",
            name=table["name"],
            campaign_schedule=OFFICE_HOURS,
            sequences=[
                {
                    "steps": [
                        step(each.get("subject", ""), each["body"], each.get("delay", 0))
                        for each in table.get("steps", STEPS)
                    ]
                }
            ],
            email_list=table.get("accounts", known),
            **limit,
        )["id"]
        add(f"{place}.leads", table.get("leads", 0), campaign_id=id)
        if table.get("active"):
            made(place, "activateCampaign", id)
        _become(runtime, workspace, place, "Campaign", id, table.get("status"))


def _become(runtime: Runtime, workspace: Workspace, place: str, kind: str, key: str, status: int | None) -> None:
    if status is not None:
        known = runtime.document.component(kind).get("properties", {}).get("status", {}).get("enum", [status])
        if status not in known:
            raise ValueError(f"{place}.status is {status}: it is one of {', '.join(map(str, known))}")
        workspace.of(kind)[key]["status"] = status


def _within(place: str, path: list[str | int]) -> str:
    """The place of a value in the body of an operation, such as a field of a lead; people count from 1."""
    own = path[1:] if path[:1] == ["leads"] else path
    return place + "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in own)


def _checked(raw: dict[str, Any]) -> World:
    for name, tables in raw.items():
        check_known("table", name, TABLES)
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise ValueError(f"{name} is no list of tables: write [[{name}]]")
        for number, table in enumerate(tables, 1):
            place = f"{name}[{number}]"
            _check(place, table, TABLES[name])
            if NEEDED[name] not in table:
                raise ValueError(f"{place} has no {NEEDED[name]}")
            for index, each in enumerate(table.get("steps", ()), 1):
                _check(f"{place}.steps[{index}]", each, STEP)
                if "body" not in each:
                    raise ValueError(f"{place}.steps[{index}] has no body")
            leads = table.get("leads", ())
            for index, lead in enumerate(leads if isinstance(leads, list) else (), 1):
                if not isinstance(lead, dict) or not isinstance(lead.get("email"), str):
                    raise ValueError(f"{place}.leads[{index}] has no email")
                if dates := [each for each, value in lead.items() if isinstance(value, date | time)]:
                    raise ValueError(f"{place}.leads[{index}].{dates[0]} is a date or a time: write it in quotes")
            if isinstance(leads, int) and leads < 0:
                raise ValueError(f"{place}.leads is {leads}: it is at least 0")
    return raw


def _check(place: str, table: Any, fields: dict[str, tuple[type, ...]]) -> None:
    if not isinstance(table, dict):
        raise ValueError(f"{place} is no table")
    for name, value in table.items():
        check_known(f"field of {place}", name, fields)
        if not isinstance(value, fields[name]) or (isinstance(value, bool) and bool not in fields[name]):
            known = " or ".join(_IN_WORDS[kind] for kind in fields[name])
            raise ValueError(f"{place}.{name} is {value!r}: it is {known}")
