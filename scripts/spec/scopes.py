"""Scopes of an operation, which the vendor names only in the prose of its description."""

from __future__ import annotations

import re
from typing import Any

_SCOPES = re.compile(r"\A[^`\n]*\bscopes\b[^`\n]*((?:`[^`\n]+`(?:, ?)?)+)\.?\s*")


def scopes(operation: dict[str, Any]) -> tuple[str, ...]:
    """The scopes that permit an operation: its description begins with them."""
    match = _SCOPES.match(_beginning(operation))
    return tuple(re.findall(r"`([^`]+)`", match.group(1))) if match else ()


def description_without_scopes(operation: dict[str, Any]) -> str:
    """The description of an operation after the sentence that lists its scopes."""
    match = _SCOPES.match(_beginning(operation))
    return str(operation.get("description", ""))[match.end() if match else 0 :].strip()


def _beginning(operation: dict[str, Any]) -> str:
    # The place of the sentence; looking for it in a text of any length could take hours.
    return str(operation.get("description", ""))[:2000]
