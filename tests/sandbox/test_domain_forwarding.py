"""Forwarding of domains: set, read, removed, and ordered with a domain."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from instantly_client import Instantly, params
from instantly_client.models import DomainForwarding
from instantly_sandbox import Sandbox

MAILBOX: params.DfyOrderItemAccountParam = {
    "email_address_prefix": "mara",
    "first_name": "Mara",
    "last_name": "Lindqvist",
}


@pytest.fixture
def client() -> Iterator[Instantly]:
    with Sandbox() as sandbox:
        yield sandbox.client(strict=True)


def parts(forwarding: DomainForwarding) -> tuple[object, ...]:
    return forwarding.domain, forwarding.forwarding_domain, forwarding.forwarding_mode


def test_a_forwarding_is_kept_until_it_is_removed(client: Instantly) -> None:
    nowhere = ("example.com", None, None)
    assert parts(client.domains.get_forwarding("example.com")) == nowhere
    told = client.domains.update_forwarding("Example.com", forwarding_domain="example.org")
    assert parts(told) == ("example.com", "example.org", "redirect")
    assert client.domains.get_forwarding("example.com") == told
    client.domains.update_forwarding("example.com", forwarding_domain="example.net", forwarding_mode="stealth")
    assert parts(client.domains.get_forwarding("example.com")) == ("example.com", "example.net", "stealth")
    assert parts(client.domains.delete_forwarding("example.com")) == nowhere
    assert parts(client.domains.get_forwarding("example.com")) == nowhere
    assert parts(client.domains.delete_forwarding("example.com")) == nowhere


def test_a_domain_is_ordered_with_its_forwarding(client: Instantly) -> None:
    item: params.DfyOrderItemParam = {"domain": "halden.com", "forwarding_domain": "example.org", "accounts": [MAILBOX]}
    assert client.dfy_orders.create(items=[item], order_type="dfy", simulation=False).order_placed
    assert parts(client.domains.get_forwarding("halden.com")) == ("halden.com", "example.org", "redirect")
