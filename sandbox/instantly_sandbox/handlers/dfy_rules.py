"""Rules for orders of done-for-you accounts."""

from __future__ import annotations

import re
from typing import Any

from ..engine.context import RequestContext
from .dfy_prices import AIRMAIL, GOOGLE, MICROSOFT, Item

PRE_WARMED = {"meetsandbox.com": GOOGLE, "trysandbox.org": GOOGLE, "gosandbox.co": AIRMAIL, "hellosandbox.com": AIRMAIL}
MAX_ACCOUNTS = 5
BUNDLE = 50
TAKEN = "taken"
"""Domains with this in their name are not available, so that tests can try that case."""

_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?\.(com|org)")
_PREFIX = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")

ERRORS = (
    "invalid_domains",
    "unavailable_domains",
    "missing_domain_orders",
    "unsupported_provider_domains",
    "provider_mismatch_domains",
    "invalid_forwarding_domains",
    "domains_without_accounts",
    "invalid_accounts",
)
NAMES = {
    "unsupported_provider_domains": "unsupported_provider",
    "provider_mismatch_domains": "provider_mismatch",
}


def available(context: RequestContext, domain: str) -> bool:
    """Whether a domain can be ordered."""
    return (
        _DOMAIN.fullmatch(domain.lower()) is not None and TAKEN not in domain.lower() and not _ordered(context, domain)
    )


def _ordered(context: RequestContext, domain: str) -> bool:
    return any(row["domain"] == domain.lower() for row in context.of("DFY Email Account Order").values())


def wrong(context: RequestContext, items: list[Item], order_type: str) -> tuple[dict[str, list[Any]], str | None]:
    """The errors of an order, by the lists in the answer, and the name of the first error."""
    faults: dict[str, list[Any]] = {name: [] for name in ERRORS}
    for item in items:
        found = _domain_fault(context, item, order_type)
        if found:
            faults[found].append(item.domain)
        if item.forwarding_domain and item.forwarding_domain.lower() == item.domain:
            faults["invalid_forwarding_domains"].append(item.forwarding_domain)
        if not item.accounts:
            faults["domains_without_accounts"].append(item.domain)
        faults["invalid_accounts"] += _account_faults(context, item)
    error = next((name for name in ERRORS if faults[name]), None)
    return {**faults, "blacklist_domains": [], "unavailable_email_providers": []}, NAMES.get(error or "", error)


def _domain_fault(context: RequestContext, item: Item, order_type: str) -> str | None:
    if order_type == "extra_accounts":
        own = [row for row in context.of("DFY Email Account").values() if row["domain"] == item.domain]
        if not _ordered(context, item.domain):
            return "missing_domain_orders"
        if item.provider == MICROSOFT:
            return "unsupported_provider_domains"
        mixed = any(row["email_provider"] != item.provider and not row["timestamp_cancelled"] for row in own)
        return "provider_mismatch_domains" if mixed else None
    if order_type == "pre_warmed_up":
        free = item.domain in PRE_WARMED and not _ordered(context, item.domain)
        return None if free else "unavailable_domains"
    if not _DOMAIN.fullmatch(item.domain):
        return "invalid_domains"
    return None if available(context, item.domain) else "unavailable_domains"


def _account_faults(context: RequestContext, item: Item) -> list[dict[str, str]]:
    known = {row["email"] for row in context.of("DFY Email Account").values() if not row["timestamp_cancelled"]}
    there = sum(email.endswith(f"@{item.domain}") for email in known)
    found = []
    for place, account in enumerate(item.accounts, 1):
        email = f"{account['email_address_prefix']}@{item.domain}"
        reason = None
        if not _PREFIX.fullmatch(account["email_address_prefix"].lower()):
            reason = "The prefix is not valid"
        elif email in known:
            reason = "There is an account with this address already"
        elif item.provider == MICROSOFT and len(item.accounts) != BUNDLE:
            reason = f"A domain of this provider has exactly {BUNDLE} accounts"
        elif item.provider != MICROSOFT and there + place > MAX_ACCOUNTS:
            reason = f"A domain of this provider has at most {MAX_ACCOUNTS} accounts"
        known.add(email)
        if reason:
            names = {name: account[name] for name in ("first_name", "last_name")}
            found.append({"domain": item.domain, **names, "email": email, "reason": reason})
    return found
