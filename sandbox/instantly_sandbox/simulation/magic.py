"""Magic addresses: leads whose address says what they do with an e-mail.

`bounce@sandbox.example` bounces, `replies+interested@sandbox.example` replies and is interested. What follows a plus
sign makes addresses different, and names the interest of those that reply.
"""

from __future__ import annotations

from ..engine.addresses import domain_of, normal

DOMAIN = "sandbox.example"
BEHAVIOURS = ("bounce", "opens", "clicks", "replies", "auto-replies", "unsubscribes", "silent")
INTERESTS: dict[str, float] = {
    "out-of-office": 0,
    "interested": 1,
    "meeting-booked": 2,
    "meeting-completed": 3,
    "closed": 4,
    "not-interested": -1,
    "wrong-person": -2,
    "lost": -3,
    "no-show": -4,
}


def is_magic(address: str | None) -> bool:
    """Whether an address says what its owner does."""
    return domain_of(address or "") == DOMAIN and _local(address or "")[0] in BEHAVIOURS


def magic(address: str) -> tuple[str, float | None]:
    """What the owner of a magic address does, and its interest."""
    behaviour, interest = _local(address)
    return behaviour, INTERESTS.get(interest)


def _local(address: str) -> tuple[str, str]:
    behaviour, _, tag = normal(address).partition("@")[0].partition("+")
    return behaviour, tag
