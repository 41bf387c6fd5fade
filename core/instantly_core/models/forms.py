"""Forms that objects take outside the client: plain Python values, and JSON for other libraries."""

from __future__ import annotations

from typing import Any

from . import encode
from .unset import UNSET


def jsonable(value: Any) -> Any:
    """Return the JSON form of an object: dicts, lists, texts, numbers, None.

    It converts models, enumerations and timestamps, and lists and mappings that contain them. It is a `default=` for
    `json.dumps` and `orjson.dumps`. Convert what msgspec is to encode before: it takes models apart by itself.

    Raises:
        TypeError: the value has no form in JSON; UNSET has none.
    """
    form = value if value is UNSET else encode.jsonable(value)
    if form is value and type(value) not in encode.PLAIN:
        raise TypeError(f"{'UNSET' if value is UNSET else type(value).__name__} has no form in JSON")
    return form


def plain(value: Any) -> Any:
    """Return a value of a field with dicts for its models: timestamps and enumerations stay as they are."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    to_dict = getattr(value, "to_dict", None)
    return value if to_dict is None else to_dict(mode="python")
