"""Order domains with mailboxes: first what is free, then the price, then the order if it is within the budget.

python examples/dfy_domains.py example-mail.com 100
"""

from __future__ import annotations

import sys

from instantly_client import Instantly
from instantly_client.models import DfyOrderResult, DfyOrderType
from instantly_client.params import DfyOrderItemAccountParam, DfyOrderItemParam

ACCOUNTS: list[DfyOrderItemAccountParam] = [
    {"email_address_prefix": "mara", "first_name": "Mara", "last_name": "Ek"},
    {"email_address_prefix": "mara.ek", "first_name": "Mara", "last_name": "Ek"},
]


def free_domains(client: Instantly, domain: str, count: int) -> list[str]:
    """The domain and others like it, as far as they can be ordered."""
    wanted = [domain, *(client.dfy_orders.generate_similar_domains(domain=domain).domains or [])][:50]
    ordered = {order.domain for order in client.dfy_orders.list()}
    checked = client.dfy_orders.check_domains(domains=[each for each in wanted if each not in ordered])
    return [str(each.domain) for each in checked.results or [] if each.available][:count]


def order(client: Instantly, domains: list[str], budget: float) -> DfyOrderResult:
    """Order the domains if the price that is due now is within the budget; returns the quote if it is not."""
    items: list[DfyOrderItemParam] = [{"domain": domain, "accounts": ACCOUNTS} for domain in domains]
    quote = client.dfy_orders.quote(items=items, order_type=DfyOrderType.DFY)
    if not quote.order_is_valid or quote.total_price > budget:
        return quote
    # This charges the card. It is sent once: whatever breaks, look at `dfy_orders.list` before the next try.
    return client.dfy_orders.create(items=items, order_type=DfyOrderType.DFY, simulation=False)


if __name__ == "__main__":
    with Instantly() as instantly:
        result = order(instantly, free_domains(instantly, sys.argv[1], count=1), float(sys.argv[2]))
    reason = "" if result.order_is_valid else f", {result.order_error or 'it is not valid'}"
    print(f"{'ordered' if result.order_placed else 'not ordered'}: {result.total_price:.2f} due now{reason}")
