"""Prices of orders of done-for-you accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from ..engine.context import RequestContext

GOOGLE, AIRMAIL, MICROSOFT = 1, 2, 3

ACCOUNT_A_MONTH = 5
BUNDLE_A_MONTH = 20
DOMAIN_A_YEAR = 15

# The mailboxes of pre-warmed domains.
MAILBOXES = [
    {"email_address_prefix": "alex", "first_name": "Alex", "last_name": "Sandbox"},
    {"email_address_prefix": "kim", "first_name": "Kim", "last_name": "Sandbox"},
]


@dataclass(frozen=True)
class Item:
    """Item of an order: a domain with its mailboxes."""

    domain: str
    provider: int
    forwarding_domain: str | None
    accounts: list[dict[str, Any]]

    @classmethod
    def of(cls, context: RequestContext, entry: dict[str, Any], order_type: str) -> Self:
        """The item of an entry in a request."""
        accounts = MAILBOXES if order_type == "pre_warmed_up" else entry.get("accounts", [])
        provider = int(entry.get("email_provider", GOOGLE))
        return cls(entry["domain"].strip().lower(), provider, entry.get("forwarding_domain"), accounts)

    def costs(self, order_type: str) -> tuple[int, int]:
        """The price of the domain for a year, and of its mailboxes for a month."""
        domain = 0 if order_type == "extra_accounts" else DOMAIN_A_YEAR
        return domain, BUNDLE_A_MONTH if self.provider == MICROSOFT else ACCOUNT_A_MONTH * len(self.accounts)


def priced(items: list[Item], order_type: str) -> dict[str, Any]:
    """The prices in the answer to an order."""
    domains = sum(item.costs(order_type)[0] for item in items)
    accounts = sum(item.costs(order_type)[1] for item in items)
    bundles = any(item.provider == MICROSOFT for item in items)
    return {
        "free_domains": [],
        "number_of_domains_ordered": len(items),
        "number_of_accounts_ordered": sum(len(item.accounts) for item in items),
        "price_per_account_per_month": ACCOUNT_A_MONTH,
        "price_per_domain_per_month": BUNDLE_A_MONTH if bundles else None,
        "price_per_domain_per_year": DOMAIN_A_YEAR,
        "total_domains_price_per_year": domains,
        "total_accounts_price_per_month": accounts,
        "total_price_per_month": accounts,
        "total_price_per_year": domains,
        "total_price": domains + accounts,
        "total_discount": 0,
        "order_items": [_item(item, order_type) for item in items],
    }


def _item(item: Item, order_type: str) -> dict[str, Any]:
    domain, accounts = item.costs(order_type)
    return {
        "domain": item.domain,
        "accounts": item.accounts,
        "email_provider": item.provider,
        **({"forwarding_domain": item.forwarding_domain} if item.forwarding_domain else {}),
        "domain_price": domain,
        "accounts_price": accounts,
        "domain_monthly_price": BUNDLE_A_MONTH if item.provider == MICROSOFT else None,
        "total_price": domain + accounts,
        "total_discount": 0,
    }
