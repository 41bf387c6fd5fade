"""Reactions of leads to e-mails: some bounce, open, click, reply or unsubscribe, by the sandbox's seed."""

from __future__ import annotations

from ..engine.context import RequestContext
from ..engine.scheduler import action
from ..state.statuses import LeadStatus
from ..state.workspaces import Entity
from . import mail
from .activity import Kind, record, recorded
from .events import announce
from .interest import change_interest
from .magic import is_magic, magic
from .sending import random_for
from .subsequences import CLICKED, OPENED, enter

BOUNCES = 0.03
OPENS = 0.5
OPENS_AGAIN = 0.3
CLICKS = 0.25
"""Share of the leads that open."""
REPLIES = 0.1
REPLIES_AUTOMATICALLY = 0.2
"""Share of the leads that reply."""
UNSUBSCRIBES = 0.01

REPLIES_BY_INTEREST: dict[float | None, str] = {
    1: "Sounds good, tell me more.",
    2: "Happy to talk. Does Thursday at ten suit you?",
    -1: "Thank you, but we do not need this.",
    -2: "I am not the right person for this.",
    None: "Let me think about it.",
}
OUT_OF_OFFICE = 0
AUTOMATIC_REPLY = "I am out of the office and will answer when I am back."


@action("leads-react")
def react(context: RequestContext, id: str, at: str) -> None:
    """Let the leads react to the e-mails that a campaign or subsequence sent at a moment."""
    subsequence = context.of("Campaign Subsequence").get(id)
    campaign = context.of("Campaign").get(subsequence["parent_campaign"] if subsequence else id)
    if campaign is None:
        return
    for entry in recorded(context, {campaign["id"]}, at):
        lead = context.of("Lead").get(entry["lead"])
        if entry["kind"] == "sent" and entry["at"] == at and lead and lead["status"] == LeadStatus.ACTIVE:
            Reaction(context, campaign, lead, entry["step"], entry["variant"]).happen()


class Reaction:
    """Reactions of a lead to the last e-mail that it got.

    Args:
        context: when it reacts.
        campaign: that the e-mail belongs to.
        lead: who reacts.
        step: of the e-mail, counted from 0.
        variant: of the e-mail, counted from 0.
    """

    def __init__(self, context: RequestContext, campaign: Entity, lead: Entity, step: int, variant: int) -> None:
        self.context = context
        self.campaign = campaign
        self.lead = lead
        self.step = step
        self.variant = variant

    def happen(self) -> None:
        """React by chance, or as the address of the lead says."""
        random = random_for(self.context, self.lead, self.step, "reaction")
        # All random numbers are drawn at once, so that no decision shifts the others.
        bounce, opening, again, click, reply, automatic, unsubscribe = (random.random() for _ in range(7))
        if is_magic(self.lead["email"]):
            self._as_named()
        elif bounce < BOUNCES and self.step == 0:
            self.bounce()
        else:
            opens = opening < OPENS and self.campaign.get("open_tracking") is not False
            if opens:
                self.open(2 if again < OPENS_AGAIN else 1)
            if opens and click < CLICKS and self.campaign.get("link_tracking"):
                self.click()
            if reply < REPLIES and automatic < REPLIES_AUTOMATICALLY:
                self.reply(AUTOMATIC_REPLY, OUT_OF_OFFICE, automatic=True)
            elif reply < REPLIES:
                interest = random.choice(list(REPLIES_BY_INTEREST))
                self.reply(REPLIES_BY_INTEREST[interest], interest)
            elif unsubscribe < UNSUBSCRIBES:
                self.unsubscribe()

    def _as_named(self) -> None:
        behaviour, interest = magic(self.lead["email"])
        match behaviour:
            case "bounce":
                self.bounce()
            case "opens":
                self.open()
            case "clicks":
                self.open()
                self.click()
            case "replies":
                self.reply(REPLIES_BY_INTEREST.get(interest, REPLIES_BY_INTEREST[None]), interest)
            case "auto-replies":
                self.reply(AUTOMATIC_REPLY, OUT_OF_OFFICE, automatic=True)
            case "unsubscribes":
                self.unsubscribe()

    def bounce(self) -> None:
        """The e-mail cannot be delivered."""
        self._finish("bounced", "email_bounced", LeadStatus.BOUNCED)

    def unsubscribe(self) -> None:
        """The lead wants no more e-mails."""
        self._finish("unsubscribed", "lead_unsubscribed", LeadStatus.UNSUBSCRIBED)

    def open(self, times: int = 1) -> None:
        """The lead opens the e-mail."""
        self._count("open", OPENED, times)

    def click(self) -> None:
        """The lead follows a link."""
        self._count("click", CLICKED, 1)

    def reply(self, text: str, interest: float | None = None, *, automatic: bool = False) -> Entity:
        """The lead, or its mail program, replies; the reply shows its interest."""
        email = mail.reply(self.context, self.lead, text, automatic=automatic)
        if interest is not None:
            email["i_status"] = interest
        self._record("replied-automatically" if automatic else "replied")
        self._touch("reply", "email_replied", 1)
        stops = self.campaign.get("stop_on_auto_reply" if automatic else "stop_on_reply")
        if stops or (stops is None and not automatic):  # Null resets it.
            self.lead["status"] = LeadStatus.COMPLETED
            self._record("completed")
        self._announce("auto_reply_received" if automatic else "reply_received", email=email)
        if interest is not None:
            change_interest(self.context, self.lead, interest, step=self.step, variant=self.variant)
        enter(self.context, self.lead, lambda conditions: _is_in(conditions.get("reply_contains"), text))
        return email

    def _finish(self, kind: Kind, event: str, status: int) -> None:
        self.lead.update(status=status, timestamp_updated=self.context.now)
        self._record(kind)
        self._announce(event)

    def _count(self, name: str, activity: int, times: int) -> None:
        kind: Kind = "opened" if name == "open" else "clicked"
        for _ in range(times):
            self._record(kind)
        self._touch(name, f"email_{kind}", times)
        self._announce("email_opened" if name == "open" else "email_link_clicked")
        enter(self.context, self.lead, lambda conditions: activity in conditions.get("lead_activity", ()))

    def _touch(self, name: str, field: str, times: int) -> None:
        now = self.context.now
        self.lead[f"email_{name}_count"] += times
        self.lead[f"timestamp_last_{name}"] = now
        self.lead[f"{field}_step"] = self.step + 1
        self.lead[f"{field}_variant"] = self.variant
        self.lead.update(timestamp_last_touch=now, timestamp_updated=now)

    def _record(self, kind: Kind) -> None:
        record(self.context, kind, self.lead, step=self.step, variant=self.variant)

    def _announce(self, event: str, **more: Entity) -> None:
        about = {"lead": self.lead, "campaign": self.campaign, "email": mail.last_to(self.context, self.lead), **more}
        announce(self.context, event, **about, step=self.step + 1, variant=self.variant)


def _is_in(wanted: str | None, text: str) -> bool:
    return bool(wanted) and str(wanted).lower() in text.lower()
