"""Effects of methods that a person is asked about first: deletion, many objects at once, cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from instantly_cli.methods import Method


def effect_of(method: Method, keywords: Mapping[str, Any]) -> str:
    """What a call does that cannot be taken back, or costs money, in words; "" if neither."""
    if any(each.name == "everything" for each in method.arguments):
        reach = "everything" if keywords.get("everything") else "all that its options select"
        return f"works on {reach}"
    if (method.operation is not None and method.operation.method == "DELETE") or "delete" in method.name:
        return "deletes for good"
    return ""
