"""Events for pydantic: a delivery becomes an event of its own class, whatever types its values have."""

from __future__ import annotations

from typing import Any

from ..error_tree import WebhookParseError
from . import parse


def validated(expected: type[Any], value: Any) -> Any:
    """The event that a value is, or is the delivery of.

    Raises:
        PydanticCustomError: it is neither, or not an event of the class that is expected.
    """
    from pydantic_core import PydanticCustomError

    try:
        event = value if isinstance(value, expected) else parse(value)
    except (TypeError, WebhookParseError) as error:
        raise PydanticCustomError("instantly_delivery", "{reason}", {"reason": str(error)}) from None
    if not isinstance(event, expected):
        names = {"expected": expected.__name__, "found": type(event).__name__}
        raise PydanticCustomError("instantly_event", "Input should be: {expected}; it is: {found}", names)
    return event
