"""Changes of an object, for the method that updates it."""

from __future__ import annotations

from copy import copy
from typing import Any, TypeVar

from .fields import fields_of
from .model import Model
from .unset import UNSET

M = TypeVar("M", bound=Model)


def changes(before: M, after: M) -> dict[str, Any]:
    """Return what was changed in a copy of an object, as arguments of the method that updates it.

        before = client.campaigns.get(id)
        after = copy.deepcopy(before)
        after.daily_limit = 50
        client.campaigns.update(id, **changes(before, after))

    An update leaves alone what it does not name, so that a change of somebody else in another field survives. What it
    names it replaces: a list, or an object such as the schedule of a campaign, is sent whole if anything in it changed.
    None resets a field. What the API only lets read (ids, states, times) is never among the changes.

    Args:
        before: The object as it was read.
        after: An edited copy of it.

    Returns:
        Name of an argument -> new value; nothing, if nothing changed. The method says which fields it takes: a change
        of another one is a TypeError there.

    Raises:
        TypeError: They are not two objects of one class.
        ValueError: A field is UNSET in the copy alone, which no update can say; None resets it.
    """
    if type(before) is not type(after) or not isinstance(before, Model):
        raise TypeError(
            f"changes() takes two objects of one class, not {type(before).__name__} and {type(after).__name__}"
        )
    old, new = _sendable(before), _sendable(after)
    for name in old:
        if name not in new:
            raise ValueError(f"{name} is UNSET in the copy, but an update leaves alone what is absent: None resets it")
    return {name: value for name, value in new.items() if name not in old or old[name] != value}


def _sendable(model: Model) -> dict[str, Any]:
    """Argument -> value, for all that is there and not read-only."""
    values = {
        field.argument: _without_read_only(getattr(model, field.attribute))
        for field in fields_of(type(model))
        if not field.read_only
    }
    return {name: value for name, value in values.items() if value is not UNSET} | model.additional_properties


def _without_read_only(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_read_only(item) for item in value]
    if not isinstance(value, Model):
        return value
    found = copy(value)
    for field in fields_of(type(value)):
        kept = UNSET if field.read_only else _without_read_only(getattr(value, field.attribute))
        setattr(found, field.attribute, kept)
    return found
