"""Filters of lists."""

from __future__ import annotations


def several(text: str | None) -> set[str]:
    """The values of a parameter that takes several values, separated by commas."""
    return {value.strip() for value in (text or "").split(",") if value.strip()}


def within(moment: str, start: str | None, end: str | None) -> bool:
    """Whether a timestamp lies between two others, or two days, both included. None is an open end."""
    return (not start or moment >= start) and (not end or moment[: len(end)] <= end)
