"""Sending of campaigns and subsequences, in rounds: each round sends the next step to the leads that are due.

The hours and weekdays of schedules are ignored.
"""

from __future__ import annotations

from random import Random
from uuid import UUID, uuid5

from ..engine.context import RequestContext
from ..engine.scheduler import action
from ..state.clock import seconds
from ..state.statuses import AccountStatus, CampaignStatus, LeadStatus
from ..state.tags import has_tags
from ..state.workspaces import Entity
from . import mail
from .activity import record, recorded
from .events import announce
from .rounds import ROUND, SECONDS_BETWEEN_ROUNDS, wake
from .subsequences import CAMPAIGN_ENDED, enter

SECONDS_TO_REACT = 30.0
SECONDS = {"minutes": 60.0, "hours": 3600.0, "days": 24 * 3600.0}
MAX_PER_ROUND = 500
HELD = "Held Account"
"""Accounts that send nothing for campaigns until a moment, by address."""


class Sequence:
    """Sequence of steps: a campaign, or one of its subsequences."""

    def __init__(self, context: RequestContext, id: str) -> None:
        self.context = context
        subsequence = context.of("Campaign Subsequence").get(id)
        self.itself = subsequence or context.find("Campaign", id)
        self.campaign = context.find("Campaign", subsequence["parent_campaign"]) if subsequence else self.itself
        self.subsequence = None if subsequence is None else id
        sequences = self.itself.get("sequences") or [{"steps": []}]
        self.steps: list[Entity] = sequences[0]["steps"]
        self.step_ids = [str(uuid5(UUID(id), str(place))) for place in range(len(self.steps))]

    @property
    def runs(self) -> bool:
        """Whether it and its campaign are active."""
        done = (CampaignStatus.COMPLETED, CampaignStatus.RUNNING_SUBSEQUENCES) if self.subsequence else ()
        return self.itself["status"] == CampaignStatus.ACTIVE and self.campaign["status"] in (
            CampaignStatus.ACTIVE,
            *done,
        )

    def leads(self) -> list[Entity]:
        """The leads that are in it."""
        return [
            lead
            for lead in self.context.of("Lead").by("campaign", self.campaign["id"])
            if lead.get("subsequence_id") == self.subsequence
        ]

    def senders(self) -> list[str]:
        """The accounts of its campaign."""
        tags = self.campaign.get("email_tag_list") or ()
        known = self.context.of("Account") if tags else ()
        tagged = [email for email in known if has_tags(self.context.workspace, email, tags)]
        return list(dict.fromkeys([*(self.campaign.get("email_list") or ()), *tagged]))

    def accounts(self) -> list[str]:
        """The accounts that it can send from: the active accounts of its campaign."""
        known = self.context.of("Account")
        return [
            email
            for email in self.senders()
            if (email not in known or known[email].get("status") == AccountStatus.ACTIVE)
            and not is_held(self.context, email)
        ]

    def daily_limit(self) -> float | None:
        """The maximum of e-mails a day; None without a limit."""
        own: float | None = self.itself.get("daily_limit")
        mode = self.itself.get("daily_limit_mode", "inherit")
        inherited: float | None = self.campaign.get("daily_limit")
        return {"inherit": inherited, "custom": own, "unlimited": None}[mode]

    def sent_today(self) -> int:
        """The number of e-mails that the campaign has sent since midnight."""
        today = recorded(self.context, {self.campaign["id"]}, self.context.now)
        return sum(entry["kind"] == "sent" for entry in today)

    def next_step(self, lead: Entity) -> tuple[int, float]:
        """The next step of a lead, counted from 0, and its time. After the last step the lead is done."""
        campaign_step = lead["status_summary"].get("lastStep")
        last: Entity = (lead.get("status_summary_subseq") if self.subsequence else campaign_step) or {}
        if last.get("stepID") not in self.step_ids:
            entered = lead.get("timestamp_added_subsequence")
            wait = _delay(self.steps[0], "pre_delay") if self.steps and self.subsequence else 0.0
            return 0, seconds(entered) + wait if entered else self.context.time
        place = self.step_ids.index(last["stepID"])
        at: str = last["timestampExecuted" if self.subsequence else "timestamp_executed"]
        wait = _delay(self.steps[place], "delay") if place + 1 < len(self.steps) else 0.0
        return place + 1, seconds(at) + max(wait, SECONDS_BETWEEN_ROUNDS)

    def write(self, lead: Entity, place: int, accounts: list[str]) -> None:
        """Write a step to a lead."""
        context, now, id = self.context, self.context.now, self.step_ids[place]
        variants = self.steps[place]["variants"]
        enabled = [number for number, variant in enumerate(variants) if not variant.get("v_disabled")]
        if enabled:
            variant = random_for(context, lead, place, "variant").choice(enabled)
            account = accounts[UUID(lead["id"]).int % len(accounts)]
            email = mail.write(context, lead, account, place, variant, variants[variant])
            record(context, "sent", lead, step=place, variant=variant)
            about = {"lead": lead, "campaign": self.campaign, "email": email}
            announce(context, "email_sent", **about, step=place + 1, variant=variant)
        kind = "subsequence" if self.subsequence else "campaign"
        if self.subsequence:
            lead["status_summary_subseq"] = {"from": kind, "stepID": id, "timestampExecuted": now}
        else:
            lead["status_summary"]["lastStep"] = {"from": kind, "stepID": id, "timestamp_executed": now}
        lead.update(last_step_from=kind, last_step_id=id, last_step_timestamp_executed=now, last_contacted_from=kind)
        lead.update(timestamp_last_contact=now, timestamp_last_touch=now, timestamp_updated=now)


def is_held(context: RequestContext, email: str) -> bool:
    """Whether an account sends nothing for campaigns at the time."""
    held = context.of(HELD).get(email)
    return held is not None and held["until"] > context.now


def random_for(context: RequestContext, lead: Entity, step: int, about: str) -> Random:
    """Random choices for a lead and a step: the same with the same seed, whatever the ids are."""
    return Random(f"{context.runtime.seed} {lead['email']} {step} {about}")


@action(ROUND)
def send(context: RequestContext, id: str) -> None:
    if id not in context.of("Campaign") and id not in context.of("Campaign Subsequence"):
        return
    sequence = Sequence(context, id)
    accounts = sequence.accounts()
    if sequence.runs and not accounts:
        check_health(context, sequence.campaign)
    if not sequence.runs or not sequence.steps or not accounts:
        return
    limit = sequence.daily_limit()
    room = MAX_PER_ROUND if limit is None else int(limit) - sequence.sent_today()
    waits, wrote = [], False
    for lead in sequence.leads():
        if lead["status"] != LeadStatus.ACTIVE:
            continue
        place, at = sequence.next_step(lead)
        if at > context.time:
            waits.append(at - context.time)
        elif place >= len(sequence.steps):
            _complete(context, lead)
        elif room > 0:
            sequence.write(lead, place, accounts)
            waits.append(sequence.next_step(lead)[1] - context.time)
            room, wrote = room - 1, True
        else:
            waits.append(SECONDS_BETWEEN_ROUNDS if limit is None else SECONDS["days"] - context.time % SECONDS["days"])
    if wrote:
        context.schedule(SECONDS_TO_REACT, "leads-react", id=id, at=context.now)
    if waits:
        wake(context, id, max(min(waits), SECONDS_BETWEEN_ROUNDS))
    elif not sequence.campaign.get("is_evergreen"):
        _end(context, sequence)


def _end(context: RequestContext, sequence: Sequence) -> None:
    """Complete a campaign, once its subsequences are through too."""
    campaign = sequence.campaign
    leads = list(context.of("Lead").by("campaign", campaign["id"]))
    ending = CampaignStatus.RUNNING_SUBSEQUENCES if sequence.subsequence else CampaignStatus.ACTIVE
    if not leads or campaign["status"] != ending:
        return
    follows = any(lead.get("subsequence_id") and lead["status"] == LeadStatus.ACTIVE for lead in leads)
    status = CampaignStatus.RUNNING_SUBSEQUENCES if follows else CampaignStatus.COMPLETED
    if status != campaign["status"]:
        campaign.update(status=status, timestamp_updated=context.now)
    if status == CampaignStatus.COMPLETED:
        announce(context, "campaign_completed", campaign=campaign)


def check_health(context: RequestContext, campaign: Entity) -> None:
    """Stop a campaign none of whose accounts can connect, and let it go on when one can again."""
    sequence, known = Sequence(context, campaign["id"]), context.of("Account")
    senders = [known[email] for email in sequence.senders() if email in known]
    broken = bool(senders) and all(account["status"] < 0 for account in senders)
    if broken and campaign["status"] == CampaignStatus.ACTIVE:
        campaign.update(status=CampaignStatus.UNHEALTHY, timestamp_updated=context.now)
    elif not broken and campaign["status"] == CampaignStatus.UNHEALTHY:
        campaign.update(status=CampaignStatus.ACTIVE, timestamp_updated=context.now)
        wake(context, campaign["id"])


def _complete(context: RequestContext, lead: Entity) -> None:
    lead.update(status=LeadStatus.COMPLETED, timestamp_updated=context.now)
    record(context, "completed", lead)
    if lead["email_reply_count"] == 0:
        enter(context, lead, lambda conditions: CAMPAIGN_ENDED in conditions.get("lead_activity", ()))


def _delay(step: Entity, name: str) -> float:
    return float(step.get(name, 0)) * SECONDS[step.get(f"{name}_unit", "days")]
