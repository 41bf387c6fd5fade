"""Orders of done-for-you accounts: quoted, refused, placed and cancelled, and never paid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from instantly_client import Instantly, errors
from instantly_sandbox import Clock, Sandbox


@pytest.fixture
def client() -> Iterator[Instantly]:
    with Sandbox(clock=Clock(datetime(2026, 3, 2, 9, tzinfo=UTC), frozen=True)) as sandbox:
        yield sandbox.client(strict=True)


def item(domain: str = "halden.com", count: int = 2, **more: Any) -> Any:
    names = {"first_name": "Mara", "last_name": "Lindqvist"}
    accounts = [{"email_address_prefix": f"mara{number}", **names} for number in range(count)]
    return {"domain": domain, "accounts": accounts, **more}


def test_a_simulation_quotes_and_orders_nothing(client: Instantly) -> None:
    quote = client.with_options(dry_run=True).dfy_orders.quote(items=[item()], order_type="dfy")
    assert quote == client.dfy_orders.create(items=[item()], order_type="dfy", simulation=True)
    assert (quote.order_is_valid, quote.order_placed, quote.simulation) == (True, False, True)
    assert quote.number_of_accounts_ordered == 2
    assert quote.total_price == quote.total_accounts_price_per_month + quote.total_domains_price_per_year
    assert quote.total_price == sum(ordered.total_price for ordered in quote.order_items)
    assert list(client.dfy_orders.list()) == []


def test_an_order_is_placed(client: Instantly) -> None:
    told = client.dfy_orders.create(items=[item(), item("try-halden.org", 1)], order_type="dfy", simulation=False)
    assert told.order_placed
    assert not told.order_error
    assert [order.domain for order in client.dfy_orders.list(limit=1)] == ["try-halden.org", "halden.com"]
    accounts = list(client.dfy_orders.list_accounts(limit=2))
    assert {account.email for account in accounts} == {
        "mara0@halden.com",
        "mara1@halden.com",
        "mara0@try-halden.org",
    }
    assert not any(account.password for account in accounts)
    assert all(account.password for account in client.dfy_orders.list_accounts(with_passwords=True))


def test_outlook_comes_in_bundles(client: Instantly) -> None:
    quote = client.dfy_orders.create(items=[item(count=50, email_provider=3)], order_type="dfy", simulation=True)
    assert quote.order_is_valid
    assert (quote.price_per_domain_per_month, quote.total_accounts_price_per_month) == (20, 20)


@pytest.mark.parametrize(
    ("wrong", "order_type", "error"),
    [
        (item("halden.net"), "dfy", "invalid_domains"),
        (item("taken.com"), "dfy", "unavailable_domains"),
        (item(count=0), "dfy", "domains_without_accounts"),
        (item(count=6), "dfy", "invalid_accounts"),
        (item(count=5, email_provider=3), "dfy", "invalid_accounts"),
        (item(forwarding_domain="halden.com"), "dfy", "invalid_forwarding_domains"),
        (item(), "extra_accounts", "missing_domain_orders"),
        (item(), "pre_warmed_up", "unavailable_domains"),
    ],
)
def test_what_is_wrong_is_told(client: Instantly, wrong: Any, order_type: Any, error: str) -> None:
    told = client.dfy_orders.create(items=[wrong], order_type=order_type, simulation=False)
    assert (told.order_is_valid, told.order_placed, told.order_error) == (False, False, error)
    assert getattr(told, error)
    assert list(client.dfy_orders.list()) == []


def test_extra_accounts_are_of_the_same_provider(client: Instantly) -> None:
    client.dfy_orders.create(items=[item(count=1)], order_type="dfy", simulation=False)
    more = item()
    more["accounts"] = [{"email_address_prefix": "ines", "first_name": "Ines", "last_name": "Ferreira"}]
    other = more | {"email_provider": 2}
    wrong = client.dfy_orders.create(items=[other], order_type="extra_accounts", simulation=False)
    assert wrong.order_error == "provider_mismatch"
    assert wrong.provider_mismatch_domains == ["halden.com"]
    told = client.dfy_orders.create(items=[more], order_type="extra_accounts", simulation=False)
    assert told.order_placed
    assert told.total_domains_price_per_year == 0
    assert len(list(client.dfy_orders.list())) == 1


def test_pre_warmed_domains_are_gone_once_ordered(client: Instantly) -> None:
    offer = client.dfy_orders.list_pre_warmed_domains(extensions=["org"]).domains
    assert offer
    assert client.dfy_orders.create(
        items=[{"domain": offer[0]}], order_type="pre_warmed_up", simulation=False
    ).order_placed
    assert offer[0] not in (client.dfy_orders.list_pre_warmed_domains().domains or [])
    assert all(account.is_pre_warmed_up for account in client.dfy_orders.list_accounts())
    assert not client.dfy_orders.list_pre_warmed_domains(search="nothing like it").domains


def test_domains_are_checked_and_suggested(client: Instantly) -> None:
    client.dfy_orders.create(items=[item()], order_type="dfy", simulation=False)
    results = client.dfy_orders.check_domains(domains=["halden.com", "halden.org", "halden.net"]).results
    assert results
    assert [result.available for result in results] == [False, True, False]
    similar = client.dfy_orders.generate_similar_domains(domain="halden.com", tlds=["org"]).domains
    assert similar
    assert len(set(similar)) == len(similar) <= 66
    assert all("halden" in domain and domain.endswith(".org") for domain in similar)


def test_accounts_are_cancelled(client: Instantly) -> None:
    client.dfy_orders.create(items=[item()], order_type="dfy", simulation=False)
    [cancelled] = client.dfy_orders.cancel_accounts(accounts=["mara0@halden.com"]).items
    assert cancelled.timestamp_cancelled
    assert not client.dfy_orders.list().items[0].timestamp_cancelled
    client.dfy_orders.cancel_accounts(accounts=["mara1@halden.com"])
    assert client.dfy_orders.list().items[0].timestamp_cancelled
    with pytest.raises(errors.NotFoundError):
        client.dfy_orders.cancel_accounts(accounts=["nobody@halden.com"])
