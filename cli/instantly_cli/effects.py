"""Effects of calls that a person is asked about first: deletion, many objects at once, cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from instantly_core import Operation


def effect_of(operation: Operation[Any] | None, given: Mapping[str, Any]) -> str:
    """What a call would do that cannot be taken back, reaches much or costs money; "" if it does none of these.

    Args:
        operation: what the engine knows of the call.
        given: the arguments that are given.
    """
    if operation is None:
        return ""
    effects = []
    if operation.paid is not None:
        if given.get(operation.names.get(operation.paid.free, operation.paid.free)) is True:
            return ""
        effects.append(operation.paid.does)
    if operation.mass is not None:
        everything = given.get(operation.mass.flag or "everything") is True
        effects.append(operation.mass.does if everything else f"{operation.mass.does} that its options select")
    elif operation.method == "DELETE":
        effects.append("delete for good")
    return " and ".join(effects)
