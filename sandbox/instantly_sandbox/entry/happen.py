"""What happens on demand: a lead replies, a mailbox loses its connection, a job ends."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from ..engine.context import RequestContext
from ..engine.document import Document, Schema
from ..engine.messages import Refusal
from ..engine.runtime import Runtime
from ..engine.scheduler import ACTIONS, run_due
from ..engine.validation import validator
from ..handlers import ai_lead_finder_agents, ai_sales_agents, background_jobs, oauth
from ..simulation import mail
from ..simulation.events import announce
from ..simulation.interest import change_interest
from ..simulation.reactions import AUTOMATIC_REPLY, OUT_OF_OFFICE, Reaction
from ..simulation.sending import Sequence, check_health
from ..state.arguments import NUMBER, check_finite, check_known, check_type, did_you_mean
from ..state.rows import Row
from ..state.statuses import AccountStatus, ActionStatus, CampaignStatus
from ..state.workspaces import QueuedEvent

ACCOUNT_ERRORS = {
    -1: ("EAUTH", 535, "535 5.7.8 Sign-in was refused"),
    -2: ("EENVELOPE", 450, "450 4.2.1 The mailbox receives mail too fast"),
    -3: ("EMESSAGE", 550, "550 5.4.5 The daily limit for sending is exceeded"),
}
"""What mail servers say, by the status that it gives an account: it cannot connect, its mail bounces, or it cannot
send."""

JOB_ENDS = ("success", "failed", "cancelled", "draining", "paused")


class Happen:
    """Events on demand in a workspace: each changes the state, sends webhook events, and counts in analytics.

    Each raises `ValueError` if it cannot happen, such as the reply of a lead that got no e-mail, and returns the object
    that it changed. Leads and campaigns are given by their ids, leads also by their addresses, and campaigns by names.
    """

    def __init__(self, runtime: Runtime, home: Callable[[], str]) -> None:
        self._runtime = runtime
        self._home = home

    # Leads

    def reply(
        self, lead: str, text: str = "Sounds good.", *, campaign: str | None = None, interest: float | None = None
    ) -> dict[str, Any]:
        """Let a lead reply with a text, to the last e-mail that it got. Returns the reply."""
        check_type("text", text, str)
        check_type("interest", interest, *NUMBER, type(None))
        check_finite("interest", interest)
        with self._reaction(lead, campaign) as reaction:
            return dict(reaction.reply(text, interest))

    def auto_reply(self, lead: str, text: str = AUTOMATIC_REPLY, *, campaign: str | None = None) -> dict[str, Any]:
        """Let the mail program of a lead reply. Returns the reply."""
        check_type("text", text, str)
        with self._reaction(lead, campaign) as reaction:
            return dict(reaction.reply(text, OUT_OF_OFFICE, automatic=True))

    def open(self, lead: str, *, campaign: str | None = None) -> dict[str, Any]:
        """Let a lead open its last e-mail. Returns the lead."""
        return self._react(Reaction.open, lead, campaign)

    def click(self, lead: str, *, campaign: str | None = None) -> dict[str, Any]:
        """Let a lead follow a link in its last e-mail. Returns the lead."""
        return self._react(Reaction.click, lead, campaign)

    def bounce(self, lead: str, *, campaign: str | None = None) -> dict[str, Any]:
        """Let the last e-mail to a lead bounce. Returns the lead."""
        return self._react(Reaction.bounce, lead, campaign)

    def unsubscribe(self, lead: str, *, campaign: str | None = None) -> dict[str, Any]:
        """Let a lead unsubscribe. Returns the lead."""
        return self._react(Reaction.unsubscribe, lead, campaign)

    def interest(self, lead: str, status: float | None, *, campaign: str | None = None) -> dict[str, Any]:
        """Change the interest status of a lead; None removes it. Returns the lead."""
        check_type("status", status, *NUMBER, type(None))
        check_finite("status", status)
        with self._now() as context:
            found = _lead(context, lead, _campaign(context, campaign) if campaign else None)
            change_interest(context, found, status)
            return dict(found)

    # Accounts and campaigns

    def account_error(self, account: str, status: int = -1, message: str | None = None) -> dict[str, Any]:
        """Let an account fail: -1 it cannot connect, -2 its mail bounces, -3 it cannot send. Returns the account."""
        check_type("message", message, str, type(None))
        if status not in ACCOUNT_ERRORS:
            raise ValueError(f"status is {status!r}: it is -1, -2 or -3")
        code, number, response = ACCOUNT_ERRORS[status]
        with self._now() as context:
            found = _known(context, "Account", account)
            said = {"code": code, "responseCode": number, "response": message or response}
            found.update(
                status=status, status_message={**said, "e_message": message or response}, timestamp_updated=context.now
            )
            announce(context, "account_error", account=account, more={"error_message": message or response})
            self._check_campaigns(context)
            return dict(found)

    def reconnect(self, account: str) -> dict[str, Any]:
        """Let an account work again that failed. Returns the account."""
        with self._now() as context:
            found = _known(context, "Account", account)
            if found["status"] < 0:
                found.change(status=AccountStatus.ACTIVE, status_message=None, timestamp_updated=context.now)
                self._check_campaigns(context)
            return dict(found)

    def bounce_protection(self, campaign: str) -> dict[str, Any]:
        """Let the service stop a campaign since too many of its e-mails bounced. Returns the campaign."""
        return self._stop(campaign, CampaignStatus.BOUNCE_PROTECT)

    def unhealthy(self, campaign: str) -> dict[str, Any]:
        """Let the service stop a campaign since its accounts cannot send. Returns the campaign."""
        return self._stop(campaign, CampaignStatus.UNHEALTHY)

    def suspend(self, campaign: str) -> dict[str, Any]:
        """Let the service stop a campaign since the workspace is suspended. Returns the campaign."""
        return self._stop(campaign, CampaignStatus.SUSPENDED)

    # Jobs and sessions

    def job(self, id: str, status: str = "success") -> dict[str, Any]:
        """Let a background job end now, or be `paused` or `draining`. Returns the job."""
        check_type("status", status, str)
        if status not in JOB_ENDS:
            raise ValueError(
                f"status is {status!r}: it is one of {', '.join(JOB_ENDS)}{did_you_mean(status, JOB_ENDS)}"
            )
        with self._now() as context:
            job = _known(context, "Background Job", id)
            if job["status"] in background_jobs.ENDED:
                raise ValueError(f"the job has ended: {job['status']}")
            if status == "success":
                arguments = background_jobs.take(context, id)
                if arguments is None:
                    raise ValueError("the job was made to end otherwise")
                job["status"] = "in-progress"
                background_jobs.succeed(context, **arguments)
            else:
                job.update(status=status, updated_at=context.now)
            return dict(job)

    def oauth(self, session: str, error: str | None = None) -> dict[str, Any]:
        """Let somebody sign in, or fail to with the code of an error. Returns the session."""
        check_type("error", error, str, type(None))
        with self._now() as context:
            if _known(context, oauth.KIND, session)["status"] != "pending":
                raise ValueError("the session has ended")
            event = oauth.take(context, session)
            oauth.end(context, session, event["arguments"]["provider_code"], error)
            return dict(context.of(oauth.KIND)[session])

    def enrichment_done(self, resource: str) -> dict[str, Any]:
        """Let the enrichment of a list or campaign end now. Returns the list or campaign."""
        with self._now() as context:
            if not _enriches(context, resource):
                raise ValueError(f"nothing enriches {resource!r}")
            while due := _enriches(context, resource):
                context.workspace.queue.remove(due[0])
                ACTIONS[due[0]["action"]](context, **due[0]["arguments"])
            found = context.of("Lead List").get(resource) or context.of("Campaign").get(resource)
            return dict(found or {})

    # AI agents

    def proposal(self, agent: str, action: str = "push_lead", status: str = "pending") -> dict[str, Any]:
        """Let an AI sales agent propose an action, or note one with another status. Returns the activity."""
        with self._now() as context:
            found = _known(context, ai_sales_agents.KIND, agent)
            fields = context.runtime.document.fields(context.runtime.document.component(ai_sales_agents.ACTIVITY))
            check_known("action", action, fields.get("action_type", {}).get("enum", (action,)))
            check_known("status", status, list(ActionStatus))
            if status == ActionStatus.PENDING:
                return dict(ai_sales_agents.propose(context, found, action))
            return dict(ai_sales_agents.note(context, found, action, status))

    def nobody_found(self, agent: str) -> dict[str, Any]:
        """Let the search of an AI lead finder agent find nobody new. Returns the agent."""
        with self._now() as context:
            found = _known(context, ai_lead_finder_agents.KIND, agent)
            ai_lead_finder_agents.exhaust(context, found)
            return dict(found)

    # Anything

    def change(self, kind: str, id: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Change fields of an object of the document, as far as they fit it, such as a status that nothing else gives.

        Returns the object.
        """
        check_type("kind", kind, str)
        check_type("fields", fields, dict)
        with self._now() as context:
            document = context.runtime.document
            if not document.component(kind) and kind not in context.workspace.collections:
                raise ValueError(f"the document has no object {kind!r}{did_you_mean(kind, document.titles)}")
            found = _known(context, kind, id)
            schema = document.component(kind) or shown_as(document, found)
            for name, value in fields.items():
                check_known(f"field of {kind}", name, document.fields(schema) or found)
                if found.get(name) == id != value:
                    raise ValueError(f"{name} cannot be changed: it is what the object is known by")
            changed = document.without_removed(schema, {**found, **fields})
            for error in validator(document, schema).iter_errors(changed):
                raise ValueError(f"{'.'.join(map(str, error.instance_path)) or kind}: {error.message}")
            found.update(fields)
            return dict(found)

    @contextmanager
    def _now(self) -> Generator[RequestContext]:
        runtime = self._runtime
        with runtime.lock:
            workspace = runtime.state.workspaces[self._home()]
            run_due(runtime, workspace)
            try:
                yield RequestContext.internal(runtime, workspace)
            except Refusal as refusal:
                raise ValueError(refusal.message) from None

    @contextmanager
    def _reaction(self, lead: str, campaign: str | None) -> Generator[Reaction]:
        with self._now() as context:
            wanted = _campaign(context, campaign) if campaign else None
            found = _lead(context, lead, wanted)
            into = context.of("Campaign").get(found.get("campaign") or "")
            if into is None:
                raise ValueError(f"{lead} is in no campaign, so it got no e-mail")
            if mail.last_to(context, found) is None:
                _write_first(context, into, found)
            place = found.get("status_summary", {}).get("lastStep", {}).get("stepID")
            ids = Sequence(context, into["id"]).step_ids
            yield Reaction(context, into, found, ids.index(place) if place in ids else 0, 0)

    def _react(self, how: Callable[[Reaction], None], lead: str, campaign: str | None) -> dict[str, Any]:
        with self._reaction(lead, campaign) as reaction:
            how(reaction)
            return dict(reaction.lead)

    def _stop(self, campaign: str, status: CampaignStatus) -> dict[str, Any]:
        with self._now() as context:
            found = _campaign(context, campaign)
            found.update(status=status, timestamp_updated=context.now)
            return dict(found)

    def _check_campaigns(self, context: RequestContext) -> None:
        for campaign in context.of("Campaign").values():
            check_health(context, campaign)


def shown_as(document: Document, found: Row) -> Schema:
    """The schema of an object without a title in the document: of an answer, or its items, that can be this object."""
    answers = [operation.success[2] for operation in document if operation.success[2]]
    items = [document.fields(answer).get("items", {}).get("items") for answer in answers]
    known = (schema for schema in (*answers, *items) if schema and found.keys() <= document.fields(schema).keys())
    return next((schema for schema in known if validator(document, schema).is_valid(dict(found))), {})


def _enriches(context: RequestContext, resource: str) -> list[QueuedEvent]:
    """The queued events of the enrichment of a list or campaign."""
    return [event for event in context.workspace.queue if event["arguments"].get("resource_id") == resource]


def _known(context: RequestContext, kind: str, id: str) -> Row:
    check_type(kind.lower(), id, str)
    check_known(kind.lower(), id, context.of(kind))
    return context.of(kind)[id]


def _campaign(context: RequestContext, name: str) -> Row:
    check_type("campaign", name, str)
    known = context.of("Campaign")
    if name in known:
        return known[name]
    named = [row for row in known.values() if row["name"] == name]
    if len(named) != 1:
        hint = did_you_mean(name, [row["name"] for row in known.values()])
        several = f"there are {len(named)} campaigns {name!r}: give an id"
        raise ValueError(several if named else f"there is no campaign {name!r}{hint}")
    return named[0]


def _lead(context: RequestContext, name: str, campaign: Row | None) -> Row:
    check_type("lead", name, str)
    known = context.of("Lead")
    rows = [known[name]] if name in known else list(known.by("email", name.strip().lower()))
    if campaign is not None:
        rows = [row for row in rows if row.get("campaign") == campaign["id"]]
    if not rows:
        place = f" in campaign {campaign['name']!r}" if campaign else ""
        addresses = {str(row.get("email")) for row in known.values()}
        raise ValueError(f"there is no lead {name!r}{place}{did_you_mean(name, addresses)}")
    # Of several, the one that got mail last.
    return max(rows, key=lambda row: str(row.get("timestamp_last_contact", "")))


def _write_first(context: RequestContext, campaign: Row, lead: Row) -> None:
    """Send the first step of a campaign to a lead that got none yet."""
    sequence = Sequence(context, campaign["id"])
    accounts = sequence.accounts()
    if not sequence.steps or not accounts:
        lacking = "an account that can send" if sequence.steps else "a sequence with a step"
        raise ValueError(f"{lead.get('email')} got no e-mail, and campaign {campaign['name']!r} has not {lacking}")
    sequence.write(lead, 0, accounts)
