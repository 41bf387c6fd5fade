"""Ids in the forms of the service. They sort by their time, and by their counter within one time."""

from __future__ import annotations

from random import Random
from uuid import UUID

COUNTER_BITS = 12
_SECOND = 1000 << COUNTER_BITS


def uuid7(seconds: float, random: Random) -> str:
    """A UUID of version 7: UUIDs sort by their time."""
    return _uuid(int(seconds * 1000) << COUNTER_BITS | random.getrandbits(COUNTER_BITS), random)


def following_uuid7(seconds: float, last: int, random: Random) -> tuple[str, int]:
    """A UUID that sorts after the last one of the same time, and what to pass on as the last one."""
    moment = int(seconds * 1000) << COUNTER_BITS
    # More ids than the counter has numbers for run ahead of the time.
    counted = last + 1 if moment <= last + 1 < moment + _SECOND else moment | random.getrandbits(COUNTER_BITS - 4)
    return _uuid(counted, random), counted


def _uuid(counted: int, random: Random) -> str:
    moment, counter = divmod(counted, 1 << COUNTER_BITS)
    value = moment << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | random.getrandbits(62)
    return str(UUID(int=value))


def object_id(seconds: float, seed: int, counter: int) -> str:
    """The 24 hexadecimal digits of a background job's id."""
    return f"{int(seconds):08x}{Random(seed).getrandbits(40):010x}{counter % (1 << 24):06x}"
