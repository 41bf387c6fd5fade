"""E-mails of campaigns, to leads and from leads."""

from __future__ import annotations

import re
from typing import Any

from ..engine.addresses import domain_of, is_address
from ..engine.context import RequestContext
from ..engine.records import Records
from ..state.workspaces import Entity

SENT, RECEIVED = 1, 2

EMAILS = Records("Email")

_VARIABLE = re.compile(r"\{\{\s*(\w+)[^}]*\}\}")
_TAG = re.compile(r"<[^>]*>")


def write(context: RequestContext, lead: Entity, account: str, step: int, variant: int, text: Entity) -> Entity:
    """Store an e-mail to a lead; `text` is the variant of the campaign's step."""
    return _store(
        context,
        lead,
        account,
        ue_type=SENT,
        step=f"0_{step}_{variant}",
        is_unread=0,
        # Without a subject it goes on with the thread.
        subject=_filled(text["subject"], lead) or _in_thread(context, lead),
        html=_filled(text["body"], lead),
        **{"from": account, "to": lead["email"]},
    )


def reply(context: RequestContext, lead: Entity, text: str, *, automatic: bool) -> Entity:
    """Store the reply of a lead to the last e-mail that it got."""
    last = last_to(context, lead)
    if last is None:
        raise ValueError(f"{lead.get('email')} got no e-mail that it could answer")
    return _store(
        context,
        lead,
        last["eaccount"],
        ue_type=RECEIVED,
        step=last.get("step"),  # A reply by hand has none.
        is_unread=1,
        is_auto_reply=int(automatic),
        subject=_answering(last["subject"]),
        html=text,
        **{"from": lead["email"], "to": last["eaccount"]},
    )


def last_to(context: RequestContext, lead: Entity) -> Entity | None:
    """The last e-mail of a thread with a lead."""
    emails = list(context.of("Email").by("lead_id", lead["id"]))
    return emails[-1] if emails else None


def _in_thread(context: RequestContext, lead: Entity) -> str:
    last = last_to(context, lead)
    return _answering(last["subject"]) if last and last["subject"] else ""


def _answering(subject: str) -> str:
    return subject if subject.startswith("Re: ") else f"Re: {subject}"


def _store(context: RequestContext, lead: Entity, account: str, **given: Any) -> Entity:
    id = context.new_id()
    sender, html = given.pop("from"), given.pop("html")
    text = _TAG.sub("", html)
    return EMAILS.make(
        context,
        {
            "id": id,
            "timestamp_created": context.now,
            "timestamp_email": context.now,
            "message_id": f"<{id}@{domain_of(sender)}>",
            "from_address_email": sender if is_address(sender) else None,
            "to_address_email_list": given.pop("to"),
            "cc_address_email_list": "",
            "bcc_address_email_list": "",
            "is_focused": 1,
            "body": {"text": text, "html": html},
            "content_preview": text[:80],
            "campaign_id": lead.get("campaign"),
            "subsequence_id": lead.get("subsequence_id"),
            "lead": lead["email"],
            "lead_id": lead["id"],
            "thread_id": lead["id"],
            "eaccount": account,
            **given,
        },
    )


def _filled(text: str, lead: Entity) -> str:
    values = {"email": lead["email"], **(lead.get("payload") or {})}
    return _VARIABLE.sub(lambda found: str(values.get(found[1], "")), text)
