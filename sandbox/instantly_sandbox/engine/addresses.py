"""Forms of e-mail addresses and domains."""

from __future__ import annotations

import re

_DOMAIN = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
_WHOLE_DOMAIN = re.compile(_DOMAIN)
_ADDRESS = re.compile(rf"[a-z0-9!#$%&'*+/=?^_`{{|}}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{{|}}~-]+)*@{_DOMAIN}")


def normal(value: str) -> str:
    """An address or a domain for comparison: without spaces around it, in lower case."""
    return value.strip().lower()


def is_address(value: str) -> bool:
    """Whether this is an e-mail address."""
    return _ADDRESS.fullmatch(normal(value)) is not None


def is_domain(value: str) -> bool:
    """Whether this is a domain."""
    return _WHOLE_DOMAIN.fullmatch(normal(value)) is not None


def domain_of(address: str) -> str:
    """The domain of an address."""
    return normal(address).rpartition("@")[2]
