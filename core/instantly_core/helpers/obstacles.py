"""What keeps a campaign from sending, in sentences, with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from ..models.unset import UNSET

_MAX_NAMED = 5


class Obstacle(NamedTuple):
    """Something that keeps a campaign from sending, or slows it down.

    Attributes:
        code: what it is: a code of the service's sending status, such as "daily_limit_met"; "campaign_" and the status
            of the campaign, such as "campaign_paused"; or one of "no_steps", "no_leads",
            "account_missing", "account_not_active", "schedule_begins_later" and "schedule_is_over".
        message: a sentence that says so.
        advice: what to do.
        accounts: the addresses of the accounts that it is about.
    """

    code: str
    message: str
    advice: str
    accounts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.message} {self.advice}"


_RESUME = "Find the cause, then resume it with `campaigns.activate`."
SENTENCES = {
    "campaign_draft": ("It was never activated.", "Activate it with `campaigns.activate`."),
    "campaign_paused": ("It is paused.", "Resume it with `campaigns.activate`."),
    "campaign_completed": ("It is completed: all its leads are through.", "Add leads with `leads.add_many`."),
    "campaign_running_subsequences": ("All its leads are through; only its subsequences send.", "Add leads."),
    "campaign_bounce_protect": ("It was stopped because too many e-mails bounced.", "Verify its leads. " + _RESUME),
    "campaign_accounts_unhealthy": (
        "It was stopped because its accounts cannot send.",
        "Mend the accounts. " + _RESUME,
    ),
    "campaign_account_suspended": ("The workspace is suspended.", "Ask the support of Instantly."),
    "out_of_schedule": ("It is outside the hours of its schedule.", "Wait, or change `campaign_schedule`."),
    "waiting_for_leads": ("No lead is ready to be written to.", "Add leads with `leads.add_many`."),
    "daily_limit_met": ("Its daily limit is reached.", "Wait until tomorrow, or raise `daily_limit`."),
    "account_daily_limit_met": ("Its accounts have reached their daily limits.", "Wait, or add accounts."),
    "new_lead_limit_met": ("Its daily limit of new leads is reached.", "Wait, or raise `daily_max_leads`."),
    "all_accounts_unhealthy": ("None of its accounts can send.", "Mend the accounts, then `accounts.mark_fixed`."),
    "waiting_for_esp_match": (
        "It waits for an account with the e-mail provider of the lead.",
        "Add accounts of that provider, or set `match_lead_esp` to False.",
    ),
    "domain_limit_reached": ("The limit of e-mails to one company is reached.", "Wait until tomorrow."),
    "follow_up_delay_not_met": ("The next steps are not due yet.", "Wait, or add leads."),
    "no_accounts_available": ("No account is there to send from.", "Give it accounts: `email_list`."),
}
"""Code of the sending status -> what it means, and what to do. "campaign_draft" is the status DRAFT of a campaign."""


def obstacles(campaign: Any, sending: Any, accounts: Iterable[Any], leads: Sequence[Any]) -> list[Obstacle]:
    """Return what keeps a campaign from sending: first what it waits for itself, then its parts.

    Args:
        campaign: the campaign.
        sending: its sending status.
        accounts: the accounts of the workspace.
        leads: some of its leads, none if it has none.
    """
    found: dict[str, Obstacle] = {}
    parts = (_states(campaign, sending), _schedule(campaign), _limits(sending), _content(campaign, sending, leads))
    for each in (*(each for part in parts for each in part), *_accounts(campaign, sending, accounts)):
        # Of two that say the same, the later one has the figures.
        found[each.code] = each
    return list(found.values())


def _known(code: str, message: str = "") -> Obstacle:
    known, advice = SENTENCES[code]
    return Obstacle(code, message or known, advice)


def _states(campaign: Any, sending: Any) -> Iterator[Obstacle]:
    status = getattr(_at(campaign, "status"), "name", "ACTIVE").lower()
    if status != "active":
        yield _told(f"campaign_{status}", f"Its status is {status!r}.", "Look at it in `campaigns.get`.")
    code = _at(sending, "diagnostics", "status") or _at(sending, "summary", "status")
    if isinstance(code, str) and str(code) != "healthy":
        message = _at(sending, "summary", "status_message") or f"The service says {str(code)!r}."
        yield _told(str(code), str(message), "Look at it in `campaigns.get_sending_status`.")


def _told(code: str, message: str, advice: str) -> Obstacle:
    """The obstacle of a code; `message` and `advice` are for one that is new."""
    return _known(code) if code in SENTENCES else Obstacle(code, message, advice)


def _schedule(campaign: Any) -> Iterator[Obstacle]:
    schedule = _at(campaign, "campaign_schedule")
    today = datetime.now().astimezone().date()
    begins, ends = _day(_at(schedule, "start_date")), _day(_at(schedule, "end_date"))
    if begins and begins > today:
        yield Obstacle("schedule_begins_later", f"Its schedule begins on {begins}.", "Wait, or change `start_date`.")
    if ends and ends < today:
        yield Obstacle("schedule_is_over", f"Its schedule ended on {ends}.", "Change `end_date` of the schedule.")


def _limits(sending: Any) -> Iterator[Obstacle]:
    at = _at(sending, "diagnostics")
    if _at(at, "schedule_status", "in_schedule") is False:
        yield _known("out_of_schedule")
    if _at(at, "campaign_daily_limit", "limit_hit") is True:
        sent, limit = (_at(at, "campaign_daily_limit", name) for name in ("sent", "limit"))
        yield _known("daily_limit_met", f"Its daily limit is reached: {sent} of {limit} e-mails were sent today.")
    if _at(at, "new_lead_limit", "limit_hit") is True:
        contacted, limit = (_at(at, "new_lead_limit", name) for name in ("contacted", "limit"))
        yield _known("new_lead_limit_met", f"Its daily limit of new leads is reached: {contacted} of {limit}.")
    if _at(at, "esp_routing_status", "waiting_for_match") is True:
        yield _known("waiting_for_esp_match")
    if _at(at, "domain_limiter", "active") is True and (domains := _at(at, "domain_limiter", "domains_at_limit")):
        yield _known("domain_limit_reached", f"The limit of e-mails to one company is reached for {domains} domains.")


def _content(campaign: Any, sending: Any, leads: Sequence[Any]) -> Iterator[Obstacle]:
    steps = [step for sequence in (_at(campaign, "sequences") or [])[:1] for step in _at(sequence, "steps") or []]
    if not steps:
        yield Obstacle(
            "no_steps", "It has no e-mails to send.", "Give it steps: `campaigns.update(id, sequences=...)`."
        )
    if not leads:
        yield Obstacle("no_leads", "It has no leads.", "Add leads with `leads.add_many`.")
    waiting = _at(sending, "diagnostics", "follow_ups_waiting", "count")
    if leads and waiting and _at(sending, "diagnostics", "leads_status", "no_leads_ready") is True:
        seconds = _at(sending, "diagnostics", "follow_ups_waiting", "earliest_wait_time_seconds")
        due = f"; the first is due in {_duration(seconds)}" if isinstance(seconds, int | float) else ""
        waits = [f"{_at(step, 'delay')} {_at(step, 'delay_unit') or 'days'}" for step in steps[:-1]]
        delays = ", ".join(
            f"step {number + 1} waits {wait} after step {number}" for number, wait in enumerate(waits, 1)
        )
        yield _known(
            "follow_up_delay_not_met",
            f"No lead is new, and {waiting} wait for their next step{due}." + (f" S{delays[1:]}." if delays else ""),
        )


def _accounts(campaign: Any, sending: Any, accounts: Iterable[Any]) -> Iterator[Obstacle]:
    named = [str(email) for email in _at(campaign, "email_list") or []]
    if not named and not _at(campaign, "email_tag_list"):
        yield _known("no_accounts_available", "It has no accounts to send from.")
    known = {str(account.email).lower(): account for account in accounts}
    missing = [email for email in named if email.lower() not in known]
    if missing:
        message = f"{_are(missing)} not in the workspace: {_listed(missing)}."
        yield Obstacle("account_missing", message, "Connect them again, or change `email_list`.", tuple(missing))
    idle = {
        email: getattr(_at(known[email.lower()], "status"), "name", "ACTIVE")
        for email in named
        if email.lower() in known
    }
    idle = {email: status for email, status in idle.items() if status != "ACTIVE"}
    if idle:
        states = [f"{email} ({status.replace('_', ' ').lower()})" for email, status in idle.items()]
        message = f"{_are(states)} not active, of {len(named)}: {_listed(states)}."
        advice = "Resume paused ones with `accounts.resume`; reconnect others, then `accounts.mark_fixed`."
        yield Obstacle("account_not_active", message, advice, tuple(idle))
    unavailable = _at(sending, "diagnostics", "accounts_summary", "unavailable")
    full = sum(_at(unavailable, name) or 0 for name in ("daily_limit_hit", "slow_ramp_limit_hit"))
    if full:
        yield _known("account_daily_limit_met", f"{full} of its accounts have reached their limit of today.")


def _at(value: Any, *names: str) -> Any:
    """What is at a path of attributes; None where any of it is absent or null."""
    for name in names:
        value = getattr(value, name, None)
    return None if value is UNSET else value


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _duration(seconds: float) -> str:
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = round(seconds / length)
            return f"{count} {unit}{'s' * (count > 1)}"
    return "less than a minute"


def _are(items: Sequence[str]) -> str:
    return "1 of its accounts is" if len(items) == 1 else f"{len(items)} of its accounts are"


def _listed(items: Sequence[str]) -> str:
    more = f" and {len(items) - _MAX_NAMED} more" if len(items) > _MAX_NAMED else ""
    return ", ".join(items[:_MAX_NAMED]) + more
