"""Objects as plain Python values, for other libraries."""

from __future__ import annotations

from typing import Any


def plain(value: Any) -> Any:
    """Return a value of a field with dicts for its models: timestamps and enumerations stay as they are."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    to_dict = getattr(value, "to_dict", None)
    return value if to_dict is None else to_dict(mode="python")
