"""Runs of inbox placement tests: record the place where each e-mail landed, and a report on each sender's domain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any

from ..engine.context import RequestContext
from ..engine.records import Records
from ..state.clock import timestamp
from ..state.workspaces import Entity, Workspace

ANALYTICS = Records("Inbox Placement Analytics")
REPORTS = Records("Inbox Placement Blacklist & SpamAssassin Report")

SENT, RECEIVED = 1, 2
GOOGLE, MICROSOFT = 1, 2
ESPS = {"google": GOOGLE, "microsoft": MICROSOFT, "web.de": 12, "libero.it": 13}
GEOS = {"us": 1, "italy": 2, "germany": 3, "france": 4}
TYPES = {"professional": 1, "personal": 2}
PROVIDERS = {2: GOOGLE, 3: MICROSOFT}

CHANCE_OF_SPAM = 0.15
CHANCE_OF_CATEGORY = 0.2
BLACKLISTS = ("one.example", "two.example", "three.example")


def run(context: RequestContext, test: Entity, senders: Sequence[str], moment: datetime) -> None:
    """Run a test, from each sender to each recipient. The same seed and requests give the same places."""
    random = Random(f"{context.runtime.seed} {test['id']} {moment}")
    about = {"timestamp_created": timestamp(moment), "timestamp_created_date": moment.date().isoformat()}
    about["test_id"] = test["id"]
    labels = test["recipients_labels"]
    for sender in senders:
        for place, recipient in enumerate(test["recipients"]):
            label = labels[place % len(labels)]
            row = {
                **about,
                "sender_email": sender,
                "recipient_email": recipient,
                "recipient_esp": ESPS.get(label["esp"].lower(), GOOGLE),
                "recipient_geo": GEOS.get(label["sub_region"].lower(), 1),
                "recipient_type": TYPES.get(label["type"].lower(), 1),
            }
            ANALYTICS.make(context, {**row, "record_type": SENT})
            ANALYTICS.make(context, {**row, "record_type": RECEIVED, **_landing(context, sender, random)})
    for number, domain in enumerate(dict.fromkeys(sender.rpartition("@")[2] for sender in senders), 1):
        REPORTS.make(context, {**about, **_report(domain, f"192.0.2.{number % 256}", random)})


def _landing(context: RequestContext, sender: str, random: Random) -> dict[str, Any]:
    account: Entity = context.of("Account").get(sender) or {}
    spam = random.random() < CHANCE_OF_SPAM
    return {
        "is_spam": spam,
        "has_category": not spam and random.random() < CHANCE_OF_CATEGORY,
        "sender_esp": PROVIDERS.get(account.get("provider_code", 0), GOOGLE),
        "spf_pass": True,
        "dkim_pass": True,
        "dmarc_pass": True,
    }


def _report(domain: str, ip: str, random: Random) -> dict[str, Any]:
    score = random.randint(0, 4)
    rule = {"description": "The message has an HTML part only", "name": "MIME_HTML_ONLY", "score": str(score)}
    details = [{"blacklist": name, "is_listed": False, "test_type": "domain"} for name in BLACKLISTS]
    return {
        "domain": domain,
        "domain_ip": ip,
        "domain_blacklist_count": 0,
        "domain_ip_blacklist_count": 0,
        "spam_assassin_score": score,
        "spam_assassin_report": {"is_spam": False, "report": [rule], "spam_score": score},
        "blacklist_report": {
            "address": domain,
            "blacklisted_count": 0,
            "details": details,
            "ip": ip,
            "is_blacklisted": False,
            "is_domain": True,
        },
    }


def forget(workspace: Workspace, test_id: str) -> None:
    """Delete all rows of a test."""
    for records in (ANALYTICS, REPORTS):
        rows = workspace.of(records.kind)
        for id in [id for id, row in rows.items() if row["test_id"] == test_id]:
            del rows[id]
