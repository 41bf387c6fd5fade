"""Guards of calls that reach everything, or cost money: both are refused until the caller says that it is meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ..models.unset import UNSET


class Mass(NamedTuple):
    """A call that reaches everything where no filter narrows it. Names are those of the query and the body.

    Attributes:
        does: what it does then, such as "delete every lead".
        filters: the names that narrow it.
        within: the names that say how far it reaches, one of which is always given.
        flag: the name that says to the service that everything is meant; "" where it has none, and the caller says
            `everything=True` to the client.
    """

    does: str
    filters: Sequence[str]
    within: Sequence[str] = ()
    flag: str = ""


class Paid(NamedTuple):
    """A call that costs money. Names are those of the body.

    Attributes:
        does: what it costs money for, such as "order these accounts".
        free: the name by which True asks for the price alone; "" where it has no such field, and the caller
            says `confirm=True` to the client.
    """

    does: str
    free: str = ""

    def is_free(self, sent: Mapping[str, Any]) -> bool:
        """Return whether a call asks for the price alone."""
        return bool(self.free) and sent.get(self.free) is True


def check_mass(mass: Mass, sent: Mapping[str, Any], everything: bool, names: Mapping[str, str]) -> None:
    """Refuse a call whose filters do not narrow it, unless it is meant to reach everything.

    Args:
        mass: what is known of the call.
        sent: the fields of the query and the body.
        everything: whether the caller says to the client that everything is meant.
        names: the arguments of the fields that have another name.

    Raises:
        ValueError: nothing says how far it reaches; a filter selects nothing; no filter is given, and nobody says that
            everything is meant; or somebody says so in spite of a filter.
    """
    within = {name: sent[name] for name in mass.within if selects(sent.get(name))}
    if mass.within and not within:
        raise ValueError(f"nothing says within what to {mass.does}; pass {_one_of(mass.within, names)}")
    filters = [name for name in mass.filters if name in sent]
    empty = [name for name in filters if not selects(sent[name])]
    if mass.flag:
        meant = sent.get(mass.flag) is True and not empty
    else:
        meant = everything is True
        if meant and len(filters) > len(empty):
            given = _one_of([name for name in filters if name not in empty], names)
            raise ValueError(f"everything=True contradicts {given}; pass one or the other")
    if meant or (filters and not empty):
        return
    named = " and ".join(f"{names.get(name, name)}={value!r}" for name, value in within.items())
    reach = f" of {named}" if within else ""
    why = f", for {_listed(empty, 'and', names)} {'select' if len(empty) > 1 else 'selects'} nothing" if empty else ""
    ways_out = f"{_one_of(mass.filters, names)}, or " if mass.filters else ""
    said = names.get(mass.flag, mass.flag) or "everything"
    raise ValueError(f"this would {mass.does}{reach}{why}; pass {ways_out}{said}=True")


def check_paid(paid: Paid, sent: Mapping[str, Any], confirm: bool, names: Mapping[str, str]) -> None:
    """Refuse a call that costs money, unless the caller says that it is meant.

    Raises:
        ValueError: nobody says so.
    """
    if not isinstance(sent.get(paid.free), bool) if paid.free else confirm is not True:
        raise ValueError(ways_to_pay(paid, names))


def ways_to_pay(paid: Paid, names: Mapping[str, str]) -> str:
    """Say what a call would cost money for, and how to say whether that is meant."""
    free = names.get(paid.free, paid.free)
    if free:
        return f"this would {paid.does}; pass {free}=False to do it, or {free}=True for the price alone"
    return f"this would {paid.does}, which costs money; pass confirm=True to do it"


def selects(value: object) -> bool:
    """Return whether a value of a filter selects something: "", 0, and a list or object of nothing else do not.

    An empty list of ids selects nothing to us, and may select everything to the service.
    """
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, Mapping):
        return any(map(selects, value.values()))
    if isinstance(value, list | tuple | set | frozenset):
        return any(map(selects, value))
    # Whether something is so can be asked for either way.
    return isinstance(value, bool) or (value is not None and value is not UNSET and value != 0)


def _one_of(fields: Iterable[str], names: Mapping[str, str]) -> str:
    return _listed(fields, "or", names)


def _listed(fields: Iterable[str], last_but_one: str, names: Mapping[str, str]) -> str:
    *others, last = (f"{names.get(field, field)}=" for field in fields)
    return f"{', '.join(others)} {last_but_one} {last}" if others else last
