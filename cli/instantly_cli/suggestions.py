"""Suggestions for unknown names, at the end of messages."""

from __future__ import annotations

from collections.abc import Collection

from instantly_core.models.nearest import nearest_to


def nearest(name: str, known: Collection[str]) -> str:
    """The end of a message about an unknown name: the one that was probably meant, if there is one."""
    found = nearest_to(name, known)
    return f"; did you mean {found!r}?" if found else ""
