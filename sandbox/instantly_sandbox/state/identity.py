"""Ids in the forms of the service, made from the time and the sandbox's random choices."""

from __future__ import annotations

from random import Random
from uuid import UUID


def uuid7(seconds: float, random: Random) -> str:
    """A UUID of version 7: UUIDs sort by their time."""
    value = int(seconds * 1000) << 80 | 0x7 << 76 | random.getrandbits(12) << 64 | 0b10 << 62 | random.getrandbits(62)
    return str(UUID(int=value))


def object_id(seconds: float, random: Random) -> str:
    """The 24 hexadecimal digits of a background job's id."""
    return f"{int(seconds):08x}{random.getrandbits(64):016x}"
