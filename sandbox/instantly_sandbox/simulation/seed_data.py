"""Seed data: what a new workspace can begin with, so that lists, pages and analytics are not empty."""

from __future__ import annotations

from random import Random
from typing import Any

from ..engine.context import RequestContext
from ..engine.registry import HANDLERS
from ..engine.runtime import Runtime
from ..engine.scheduler import run_due
from ..state.workspaces import Workspace

DAY = 24 * 3600.0

FIRST_NAMES = ("Ada", "Bruno", "Chiara", "Dagny", "Emre", "Farah", "Goran", "Hana", "Ilja", "Jonna", "Kofi", "Lucia")
LAST_NAMES = ("Abel", "Brandt", "Costa", "Dahl", "Eriksen", "Fontaine", "Greco", "Horvat", "Ito", "Jansen", "Keller")
COMPANIES = ("Birch", "Cobalt", "Delta", "Ember", "Fjord", "Granite", "Harbour", "Indigo", "Juniper", "Kestrel")
JOB_TITLES = ("Head of Operations", "Founder", "Buyer", "Plant Manager", "Head of Sales")
SENDERS = ("mara", "nils", "olga")
SENDERS_DOMAIN = "sender.example.com"

STEPS = (
    ("A question about {{companyName}}", "Hello {{firstName}}, who looks after logistics at {{companyName}}?", 3),
    ("", "Hello {{firstName}}, did you see my last e-mail?", 4),
    ("One last thing", "{{firstName}}, shall I write to somebody else at {{companyName}}?", 0),
)

# Name, days since its activation, leads, maximum of e-mails a day. A campaign without activation is a draft.
CAMPAIGNS: tuple[tuple[str, int | None, int, int | None], ...] = (
    ("Spring outreach", 28, 60, 50),
    ("Manufacturers in the north", 9, 90, 25),
    ("Founders of young companies", 5, 60, None),
    ("Follow-up after the fair", 4, 30, 20),
    ("Ideas for the autumn", None, 20, None),
)
PAUSED = "Follow-up after the fair"
TAGS = ("Europe", "Priority")
LABELS = (("Wants a demo", "positive"), ("Wrong season", "neutral"), ("Uses a competitor", "negative"))
LISTS = (("Visitors of the fair", 30), ("Old customers", 15))
BLOCKED = ("competitor.example.com", "complaints@customer.example.net", "legal@customer.example.net")


OFFICE_HOURS = {
    "schedules": [
        {
            "name": "Office hours",
            "timing": {"from": "09:00", "to": "17:00"},
            "days": {str(day): True for day in range(1, 6)},
            "timezone": "Europe/Belgrade",
        }
    ]
}


def fill(runtime: Runtime, workspace: Workspace) -> None:
    """Fill a new workspace with the data of the demo."""
    _Demo(runtime, workspace).fill()


class Maker:
    """Maker of data: the usual operations make all of it, as of then.

    Args:
        runtime: of the sandbox.
        workspace: to make the data in.
        days_ago: when it began.
    """

    def __init__(self, runtime: Runtime, workspace: Workspace, days_ago: float) -> None:
        self.runtime = runtime
        self.workspace = workspace
        self.start = runtime.clock.time() - days_ago * DAY
        self.minutes = 0

    def perform(self, operation: str, *values: str, days: float = 0.0, **body: Any) -> Any:
        """Carry out an operation, so many days after the start, with these values in its path."""
        # Each operation is some time after the last, so that lists sorted by time keep their order.
        self.minutes += 1
        at = self.start + days * DAY + self.minutes * 60.0
        context = RequestContext.internal(
            self.runtime, self.workspace, operation, values, body=body, at=min(at, self.runtime.clock.time())
        )
        return HANDLERS[operation](context)

    def mailbox(self, email: str, **more: Any) -> dict[str, Any]:
        """The body that connects an account."""
        logins: dict[str, Any] = {
            f"{kind}_{field}": value
            for kind, port in (("imap", 993), ("smtp", 587))
            for field, value in (("username", email), ("password", "secret"), ("host", "mail"), ("port", port))
        }
        return {"email": email, "provider_code": 1, **logins, **more}


class _Demo(Maker):
    """Demo data: a workspace after a month of use."""

    def __init__(self, runtime: Runtime, workspace: Workspace) -> None:
        super().__init__(runtime, workspace, days_ago=30)
        self.random = Random(f"demo {runtime.seed}")
        self.people = 0

    def fill(self) -> None:
        tags = [self.perform("createCustomTag", label=label)["id"] for label in TAGS]
        for label, kind in LABELS:
            self.perform("createLeadLabel", label=label, interest_status_label=kind, use_with_ai=True)
        self.perform("createblukBlockListEntry", bl_values=list(BLOCKED))
        self._connect_accounts()
        for name, count in LISTS:
            list_id = self.perform("createLeadList", name=name)["id"]
            self.perform("bulkAddLeads", list_id=list_id, leads=self._persons(count), verify_leads_on_import=True)
        campaigns = [self._campaign(*campaign) for campaign in CAMPAIGNS]
        for tag, campaign in zip(tags, campaigns, strict=False):
            self.perform("toggleTagResource", tag_ids=[tag], resource_type=2, resource_ids=[campaign], assign=True)
        run_due(self.runtime, self.workspace)
        paused = next(id for id, (name, *_) in zip(campaigns, CAMPAIGNS, strict=True) if name == PAUSED)
        self.perform("pauseCampaign", paused, days=29.5)

    def _connect_accounts(self) -> None:
        if "createAccount" not in HANDLERS:
            return
        for name in SENDERS:
            mailbox = self.mailbox(f"{name}@{SENDERS_DOMAIN}", first_name=name.title(), last_name="Lindqvist")
            self.perform("createAccount", **mailbox)

    def _campaign(self, name: str, active_for: int | None, leads: int, daily_limit: int | None) -> str:
        days = 30.0 - (active_for or 1)
        campaign: str = self.perform(
            "createCampaign",
            days=days,
            name=name,
            campaign_schedule=OFFICE_HOURS,
            sequences=[{"steps": [step(*each) for each in STEPS]}],
            email_list=[f"{sender}@{SENDERS_DOMAIN}" for sender in SENDERS],
            link_tracking=True,
            pl_value=1000,
            **({} if daily_limit is None else {"daily_limit": daily_limit}),
        )["id"]
        self.perform("bulkAddLeads", days=days, campaign_id=campaign, leads=self._persons(leads))
        if active_for is not None:
            self.perform("activateCampaign", campaign, days=days)
        return campaign

    def _persons(self, count: int) -> list[dict[str, Any]]:
        return [self._person() for _ in range(count)]

    def _person(self) -> dict[str, Any]:
        self.people += 1
        return person(self.random, self.people)


def person(random: Random, number: int) -> dict[str, Any]:
    """A lead to add; its number makes its address different from all others."""
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    company = random.choice(COMPANIES)
    return {
        "email": f"{first}.{last}.{number}@{company}.example.org".lower(),
        "first_name": first,
        "last_name": last,
        "company_name": company,
        "job_title": random.choice(JOB_TITLES),
    }


def step(subject: str, body: str, delay: float) -> dict[str, Any]:
    """A step of a campaign that sends an e-mail."""
    return {"type": "email", "delay": delay, "variants": [{"subject": subject, "body": body}]}
