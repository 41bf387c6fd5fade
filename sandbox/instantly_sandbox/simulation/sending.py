"""Campaigns and subsequences send, in rounds: each round writes the next step to the leads whose turn it is.

Hours and weekdays of schedules are not waited for.
"""

from __future__ import annotations

from random import Random
from uuid import UUID, uuid5

from ..engine.context import Call, Entity
from ..engine.scheduler import action
from ..handlers.custom_tags import carries
from ..handlers.lead_filters import ACTIVE as LEAD_ACTIVE
from ..handlers.lead_filters import COMPLETED as LEAD_COMPLETED
from ..handlers.lead_filters import leads_of
from ..handlers.subsequences import CAMPAIGN_ENDED, enter
from ..state.clock import seconds
from . import mail
from .activity import record, recorded
from .events import announce
from .rounds import ACTIVE, COMPLETED, ROUND, SECONDS_BETWEEN_ROUNDS, wake

SECONDS_TO_REACT = 30.0
SECONDS = {"minutes": 60.0, "hours": 3600.0, "days": 24 * 3600.0}
MOST_A_ROUND = 500
ACCOUNT_ACTIVE = 1


class Sequence:
    """What sends: a campaign, or one of its subsequences."""

    def __init__(self, call: Call, id: str) -> None:
        self.call = call
        subsequence = call.of("Campaign Subsequence").get(id)
        self.itself = subsequence or call.find("Campaign", id)
        self.campaign = call.find("Campaign", subsequence["parent_campaign"]) if subsequence else self.itself
        self.subsequence = None if subsequence is None else id
        sequences = self.itself.get("sequences") or [{"steps": []}]
        self.steps: list[Entity] = sequences[0]["steps"]
        self.step_ids = [str(uuid5(UUID(id), str(place))) for place in range(len(self.steps))]

    @property
    def runs(self) -> bool:
        """Whether it is switched on, and so is its campaign."""
        done = (ACTIVE, COMPLETED) if self.subsequence else (ACTIVE,)
        return self.itself["status"] == ACTIVE and self.campaign["status"] in done

    def leads(self) -> list[Entity]:
        """The leads that it writes to, or has written to."""
        return [
            lead
            for lead in self.call.of("Lead").values()
            if lead.get("campaign") == self.campaign["id"] and lead.get("subsequence_id") == self.subsequence
        ]

    def accounts(self) -> list[str]:
        """The accounts that it can send from: those of its campaign that are not known to be out of order."""
        known = self.call.of("Account")
        tags = ",".join(self.campaign.get("email_tag_list") or ())
        tagged = [email for email in known if tags and carries(self.call, email, tags)]
        named = [*(self.campaign.get("email_list") or ()), *tagged]
        return [email for email in dict.fromkeys(named) if known.get(email, {}).get("status", 1) == ACCOUNT_ACTIVE]

    def daily_limit(self) -> float | None:
        """The most e-mails of a day, if there is a limit."""
        own: float | None = self.itself.get("daily_limit")
        mode = self.itself.get("daily_limit_mode", "inherit")
        inherited: float | None = self.campaign.get("daily_limit")
        return {"inherit": inherited, "custom": own, "unlimited": None}[mode]

    def sent_today(self) -> int:
        """How many e-mails the campaign has sent since midnight."""
        today = recorded(self.call, {self.campaign["id"]}, self.call.now)
        return sum(entry["kind"] == "sent" for entry in today)

    def next_step(self, lead: Entity) -> tuple[int, float]:
        """Which step is next for a lead, counted from 0, and when; past the last it is done."""
        campaign_step = lead["status_summary"].get("lastStep")
        last: Entity = (lead.get("status_summary_subseq") if self.subsequence else campaign_step) or {}
        if last.get("stepID") not in self.step_ids:
            entered = lead.get("timestamp_added_subsequence")
            wait = _delay(self.steps[0], "pre_delay") if self.steps and self.subsequence else 0.0
            return 0, seconds(entered) + wait if entered else self.call.time
        place = self.step_ids.index(last["stepID"])
        at: str = last["timestampExecuted" if self.subsequence else "timestamp_executed"]
        wait = _delay(self.steps[place], "delay") if place + 1 < len(self.steps) else 0.0
        return place + 1, seconds(at) + max(wait, SECONDS_BETWEEN_ROUNDS)

    def write(self, lead: Entity, place: int, accounts: list[str]) -> None:
        """Write a step to a lead."""
        call, now, id = self.call, self.call.now, self.step_ids[place]
        variants = self.steps[place]["variants"]
        enabled = [number for number, variant in enumerate(variants) if not variant.get("v_disabled")]
        if enabled:
            variant = chance(call, lead, place, "variant").choice(enabled)
            account = accounts[UUID(lead["id"]).int % len(accounts)]
            email = mail.write(call, lead, account, place, variant, variants[variant])
            record(call, "sent", lead, step=place, variant=variant)
            about = {"lead": lead, "campaign": self.campaign, "email": email}
            announce(call, "email_sent", **about, step=place + 1, variant=variant)
        kind = "subsequence" if self.subsequence else "campaign"
        if self.subsequence:
            lead["status_summary_subseq"] = {"from": kind, "stepID": id, "timestampExecuted": now}
        else:
            lead["status_summary"]["lastStep"] = {"from": kind, "stepID": id, "timestamp_executed": now}
        lead.update(last_step_from=kind, last_step_id=id, last_step_timestamp_executed=now, last_contacted_from=kind)
        lead.update(timestamp_last_contact=now, timestamp_last_touch=now, timestamp_updated=now)


def chance(call: Call, lead: Entity, step: int, about: str) -> Random:
    """The source of chance for a lead and a step: the same with the same seed, whatever the ids are."""
    return Random(f"{call.service.seed} {lead['email']} {step} {about}")


@action(ROUND)
def send(call: Call, id: str) -> None:
    if id not in call.of("Campaign") and id not in call.of("Campaign Subsequence"):
        return
    sequence = Sequence(call, id)
    accounts = sequence.accounts()
    if not sequence.runs or not sequence.steps or not accounts:
        return
    limit = sequence.daily_limit()
    room = MOST_A_ROUND if limit is None else int(limit) - sequence.sent_today()
    waits, wrote = [], False
    for lead in sequence.leads():
        if lead["status"] != LEAD_ACTIVE:
            continue
        place, at = sequence.next_step(lead)
        if at > call.time:
            waits.append(at - call.time)
        elif place >= len(sequence.steps):
            _complete(call, lead)
        elif room > 0:
            sequence.write(lead, place, accounts)
            waits.append(sequence.next_step(lead)[1] - call.time)
            room, wrote = room - 1, True
        else:
            waits.append(SECONDS_BETWEEN_ROUNDS if limit is None else SECONDS["days"] - call.time % SECONDS["days"])
    if wrote:
        call.later(SECONDS_TO_REACT, "leads-react", id=id, at=call.now)
    if waits:
        wake(call, id, max(min(waits), SECONDS_BETWEEN_ROUNDS))
    elif not sequence.subsequence and leads_of(call, campaign=id) and not sequence.campaign.get("is_evergreen"):
        sequence.campaign.update(status=COMPLETED, timestamp_updated=call.now)
        announce(call, "campaign_completed", campaign=sequence.campaign)


def _complete(call: Call, lead: Entity) -> None:
    lead.update(status=LEAD_COMPLETED, timestamp_updated=call.now)
    record(call, "completed", lead)
    if lead["email_reply_count"] == 0:
        enter(call, lead, lambda conditions: CAMPAIGN_ENDED in conditions.get("lead_activity", ()))


def _delay(step: Entity, name: str) -> float:
    return float(step.get(name, 0)) * SECONDS[step.get(f"{name}_unit", "days")]
