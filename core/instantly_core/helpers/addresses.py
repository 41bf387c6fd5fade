"""Forms of e-mail addresses."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[^@\s,;:<>()\"]+@[^@\s,;:<>()\"]+\.[^@\s.,;:<>()\"]+")


def is_address(text: str) -> bool:
    """Whether a text looks like an address. The service knows more, and decides."""
    return _ADDRESS.fullmatch(text) is not None


def normal(address: str) -> str:
    """An address for comparison."""
    return address.strip().lower()
