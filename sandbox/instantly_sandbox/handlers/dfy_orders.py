"""Orders of done-for-you e-mail accounts, and the domains that can be ordered. Nobody pays for them."""

from __future__ import annotations

from itertools import product
from typing import Any

from ..engine.context import RequestContext
from ..engine.pages import newest_first, page
from ..engine.registry import handles
from ..state.workspaces import Entity
from .dfy_prices import Item, priced
from .dfy_rules import PRE_WARMED, available, wrong
from .domain_forwarding import forward

ORDERS, ACCOUNTS = "DFY Email Account Order", "DFY Email Account"
MAX_SIMILAR = 66
PREFIXES = ("get", "try", "meet", "with", "hello", "go", "my", "use")
SUFFIXES = ("hq", "app", "team", "mail", "now", "online")


@handles("createDFYEmailAccountOrder")
def order(context: RequestContext) -> dict[str, Any]:
    body = context.body
    items = [Item.of(context, entry, body["order_type"]) for entry in body["items"]]
    faults, error = wrong(context, items, body["order_type"])
    simulation = bool(body.get("simulation", False))
    placed = error is None and not simulation
    if placed:
        for item in items:
            _place(context, item, body["order_type"])
    return {
        "order_placed": placed,
        "order_is_valid": error is None,
        **({"order_error": error} if error else {}),
        **faults,
        **priced(items, body["order_type"]),
        "payment_method_last_4_digits": "4242",
        "payment_method_brand": "visa",
        "payment_method_name_on_card": "Sandbox",
        "simulation": simulation,
    }


def _place(context: RequestContext, item: Item, order_type: str) -> None:
    warmed = order_type == "pre_warmed_up"
    if order_type != "extra_accounts":
        id = context.new_id()
        context.of(ORDERS)[id] = {
            "id": id,
            "workspace_id": context.workspace.id,
            "domain": item.domain,
            "forwarding_domain": item.forwarding_domain,
            "is_pre_warmed_up": warmed,
            "timestamp_cancelled": None,
            "timestamp_created": context.now,
        }
        if item.forwarding_domain:
            forward(context, item.domain, item.forwarding_domain)
    for account in item.accounts:
        id = context.new_id()
        context.of(ACCOUNTS)[id] = {
            "id": id,
            "domain": item.domain,
            "email": f"{account['email_address_prefix']}@{item.domain}",
            "email_provider": item.provider,
            "first_name": account["first_name"],
            "last_name": account["last_name"],
            "is_pre_warmed_up": warmed,
            "timestamp_cancelled": "",
            "timestamp_created": context.now,
            "password": f"{context.random.getrandbits(64):016x}",
        }


@handles("listDFYEmailAccountOrder")
def orders(context: RequestContext) -> dict[str, Any]:
    listing = page(context, newest_first(context.of(ORDERS).values()))
    return {**listing, "items": [_without(row, "id") for row in listing["items"]]}


@handles("listDFYEmailAccountOrdersAccounts")
def accounts(context: RequestContext) -> dict[str, Any]:
    listing = page(context, newest_first(context.of(ACCOUNTS).values()))
    if context.query.get("with_passwords"):
        return listing
    return {**listing, "items": [_without(row, "password") for row in listing["items"]]}


@handles("cancelDFYEmailAccounts")
def cancel(context: RequestContext) -> dict[str, Any]:
    known = {row["email"]: row for row in context.of(ACCOUNTS).values()}
    for email in context.body["accounts"]:
        if email not in known:
            raise context.not_found(ACCOUNTS)
    cancelled = [known[email] for email in dict.fromkeys(context.body["accounts"])]
    for row in cancelled:
        row["timestamp_cancelled"] = row["timestamp_cancelled"] or context.now
    for placed in context.of(ORDERS).values():
        left = [row for row in known.values() if row["domain"] == placed["domain"] and not row["timestamp_cancelled"]]
        if not left and any(row["domain"] == placed["domain"] for row in cancelled):
            placed["timestamp_cancelled"] = context.now
    return {"items": [_without(row, "password") for row in cancelled]}


def _without(row: Entity, field: str) -> Entity:
    return {name: value for name, value in row.items() if name != field}


@handles("checkDomainsAvailability")
def check(context: RequestContext) -> dict[str, Any]:
    return {
        "results": [{"domain": domain, "available": available(context, domain)} for domain in context.body["domains"]]
    }


@handles("generateSimilarDomains")
def similar(context: RequestContext) -> dict[str, Any]:
    name = context.body["domain"].rpartition(".")[0].rpartition(".")[2] or context.body["domain"]
    words = [*(f"{prefix}{name}" for prefix in PREFIXES), *(f"{name}{suffix}" for suffix in SUFFIXES)]
    words += [f"{prefix}{name}{suffix}" for prefix, suffix in product(PREFIXES, SUFFIXES)]
    found = []
    for tld in context.body.get("tlds", ["com", "org"]):
        free = [f"{word}.{tld}" for word in words if available(context, f"{word}.{tld}")]
        found += free[:MAX_SIMILAR]
    return {"domains": found}


@handles("preWarmedUpDomainsList")
def pre_warmed(context: RequestContext) -> dict[str, Any]:
    extensions, text = context.body.get("extensions", ["com", "org", "co"]), context.body.get("search", "")
    taken = {row["domain"] for row in context.of(ORDERS).values()}
    free = {
        domain: provider
        for domain, provider in PRE_WARMED.items()
        if domain not in taken and domain.rpartition(".")[2] in extensions and text.lower() in domain
    }
    types = [{"domain": domain, "account_type": provider} for domain, provider in free.items()]
    return {"domains": list(free), "domains_with_type": types}
