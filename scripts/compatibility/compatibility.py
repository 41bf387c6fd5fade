"""What has changed between two surfaces, and whether code that fits the old one may not fit the new one.

What code gives (arguments, fields of objects that are sent) may be taken more of and demanded less of; what it reads
(results, attributes, fields of objects that are received) may be promised more of. Everything else breaks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from scripts.compatibility.facts import CLIENT, CLIENTS, Fact, Surface
from scripts.compatibility.type_sets import covers, missing_from, names_given


@dataclass(frozen=True)
class SurfaceChange:
    """One change: `subject` is what of the surface has changed, `what` says how."""

    subject: str
    what: str
    breaking: bool

    def __str__(self) -> str:
        return f"{'breaking' if self.breaking else 'additive'}  {self.subject}: {self.what}"


def compare(old: Surface, new: Surface) -> list[SurfaceChange]:
    """What has changed from `old` to `new`, what breaks first. What comes or goes with something else is not told."""
    sync, asynchronous = (
        dict.fromkeys(_Comparison(old.seen_from(client), new.seen_from(client)).changes()) for client in CLIENTS
    )
    found = []
    for change in {**sync, **asynchronous}:
        root, dot, rest = change.subject.partition(".")
        if root != CLIENT or (change in sync and change in asynchronous):
            found.append(change)
        elif all(_of_both_clients(surface, change.subject) for surface in (old, new)):
            # Each has this change, in its own words: told in those of one.
            found += [change] if change in sync else []
        else:
            found.append(replace(change, subject=f"{CLIENTS[change in asynchronous]}{dot}{rest}"))
    return sorted(found, key=lambda change: (not change.breaking, change.subject, change.what))


def _of_both_clients(surface: Surface, subject: str) -> bool:
    """Whether what `surface` says about `subject` it says of both clients; of an argument also where it stands."""
    return subject in surface and (surface[subject].callable or subject) in surface


class _Side:
    """A surface as one of the clients sees it."""

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        self.facts = facts
        # Types say only the name of a class.
        self._classes = {subject.rpartition(".")[2]: subject for subject in facts if facts[subject].bases is not None}
        self._arguments: dict[str, dict[str, Fact]] = {}
        self._fields: dict[str, list[str]] = {}
        for fact in facts.values():
            if fact.callable:
                self._arguments.setdefault(fact.callable, {})[fact.argument] = fact
            elif _kind(fact) == "an attribute":
                self._fields.setdefault(fact.parent, []).append(fact.type)

    def __contains__(self, subject: str) -> bool:
        return subject in self.facts

    def look_up(self, subject: str) -> Fact | None:
        """The fact about `subject`, from a base class if need be."""
        if subject in self.facts:
            return self.facts[subject]
        owner, _, name = subject.rpartition(".")
        inherited = (self.look_up(f"{self._classes.get(base, base)}.{name}") for base in self.bases(owner))
        return next(filter(None, inherited), None)

    def bases(self, subject: str) -> list[str]:
        """The bases of a class, none of anything else."""
        return (self.facts[subject].bases or []) if subject in self.facts else []

    def arguments(self, method: Fact) -> dict[str, Fact]:
        """Name -> argument of a method."""
        return dict(self._arguments.get(method.subject, {}))

    def sent(self) -> set[str]:
        """The classes of the objects that code gives, and of those in them."""
        return self._reached([fact.type for fact in self.facts.values() if fact.callable])

    def received(self) -> set[str]:
        """The classes of the objects that methods return, and of those in them."""
        return self._reached([fact.type for fact in self.facts.values() if fact.positional is not None])

    def _reached(self, types: list[str]) -> set[str]:
        reached: set[str] = set()
        while types:
            for name in names_given(types.pop()):
                subject = self._classes.get(name)
                if subject and subject not in reached:
                    reached.add(subject)
                    types += self._fields.get(subject, [])
        return reached


class _Comparison:
    """Of the two surfaces as one of the clients sees them."""

    def __init__(self, old: Mapping[str, Fact], new: Mapping[str, Fact]) -> None:
        self._old = _Side(old)
        self._new = _Side(new)
        self._sent = self._old.sent()
        self._received = self._old.received()

    def changes(self) -> Iterator[SurfaceChange]:
        for subject in {**self._old.facts, **self._new.facts}:
            was, now = self._old.look_up(subject), self._new.look_up(subject)
            fact = was or now
            if fact is None or fact.callable:
                continue  # Arguments are compared with the method that they belong to.
            protocol = "Protocol" in (*self._old.bases(fact.parent), *self._new.bases(fact.parent))
            for change in self._changes_of(subject, was, now):
                # Who implements it has to follow each change.
                yield replace(change, breaking=True) if protocol else change

    def _changes_of(self, subject: str, was: Fact | None, now: Fact | None) -> Iterator[SurfaceChange]:
        if was and now:
            yield from self._changed(subject, was, now)
        elif was and (was.parent in self._new or was.parent not in self._old):
            yield SurfaceChange(subject, "gone", True)
        elif now and (now.parent in self._old or now.parent not in self._new):
            required = now.parent in self._sent and _kind(now) == "an attribute" and not now.default
            yield SurfaceChange(subject, "new and required" if required else "new", required)

    def _changed(self, subject: str, was: Fact, now: Fact) -> Iterator[SurfaceChange]:
        kind = _kind(was)
        if kind != _kind(now):
            yield SurfaceChange(subject, f"was {kind}, is {_kind(now)}", True)
            return
        yield from _deprecation(subject, was, now)
        if kind == "a class":
            for base in _without(was.bases, now.bases):
                yield SurfaceChange(subject, f"is no {base} any more", True)
            for base in _without(now.bases, was.bases):
                yield SurfaceChange(subject, f"is a {base} as well", False)
        elif kind == "a member":
            if was.default != now.default:
                yield SurfaceChange(subject, f"is {now.default}, was {was.default}", True)
        elif kind == "a method":
            yield from _read(subject, was, now, "returns")
            yield from self._arguments_changed(was, now)
        else:
            sent = was.parent in self._sent
            if sent:
                yield from _given(subject, was, now)
            if was.parent in self._received or not sent:
                yield from _read(subject, was, now, "is")
            if not sent:
                yield from _default(subject, was, now)

    def _arguments_changed(self, was: Fact, now: Fact) -> Iterator[SurfaceChange]:
        if "..." in (was.positional, now.positional):
            return
        places, new_places = _places(was), _places(now)
        old, new = self._old.arguments(was), self._new.arguments(now)
        for name, place in places.items():
            # What has no name for those who call is the same wherever it stands in the same place.
            renamed = next((n for n, p in new_places.items() if p == place and p[1] and n not in old), None)
            if place[1] and name not in new and renamed:
                yield SurfaceChange(old[name].subject, f"is named {renamed}", False)
                new[name], new_places[name] = new.pop(renamed), new_places.pop(renamed)
        for name in sorted({*old, *new}):
            if name not in new:
                yield SurfaceChange(old[name].subject, "gone", True)
            elif name not in old:
                required = not new[name].default and not name.startswith("*")
                yield SurfaceChange(new[name].subject, "new and required" if required else "new", required)
            else:
                subject = old[name].subject
                yield from _moved(subject, places.get(name), new_places.get(name))
                yield from _deprecation(subject, old[name], new[name])
                yield from _given(subject, old[name], new[name])


# --- what one thing says ---


def _given(subject: str, was: Fact, now: Fact) -> Iterator[SurfaceChange]:
    """The changes of something that code gives."""
    if not covers(now.type, was.type):
        lost = missing_from(now.type, was.type)
        yield SurfaceChange(subject, f"takes {now.type}, no longer {lost}", True)
    elif not covers(was.type, now.type):
        yield SurfaceChange(subject, f"takes {missing_from(was.type, now.type)} as well", False)
    if was.default and not now.default:
        yield SurfaceChange(subject, "is required", True)
    elif now.default and not was.default:
        yield SurfaceChange(subject, "may be left out", False)
    else:
        yield from _default(subject, was, now)


def _read(subject: str, was: Fact, now: Fact, verb: str) -> Iterator[SurfaceChange]:
    """The changes of something that code reads."""
    if not covers(was.type, now.type):
        yield SurfaceChange(subject, f"{verb} {now.type}, was {was.type}", True)
    elif not covers(now.type, was.type):
        yield SurfaceChange(subject, f"{verb} {missing_from(now.type, was.type)} no longer", False)


def _default(subject: str, was: Fact, now: Fact) -> Iterator[SurfaceChange]:
    if was.default != now.default:
        yield SurfaceChange(subject, f"defaults to {now.default or 'nothing'}, not {was.default or 'nothing'}", False)


def _deprecation(subject: str, was: Fact, now: Fact) -> Iterator[SurfaceChange]:
    if was.deprecated != now.deprecated:
        yield SurfaceChange(subject, "deprecated" if now.deprecated else "deprecated no longer", False)


Place = tuple[int, bool]
"""Where an argument stands among those by position, and whether it can be given by position only."""


def _moved(subject: str, was: Place | None, now: Place | None) -> Iterator[SurfaceChange]:
    if was and now and was[0] != now[0]:
        yield SurfaceChange(subject, f"is the argument at position {now[0] + 1}, was at {was[0] + 1}", True)
    if was and not now:
        yield SurfaceChange(subject, "is given by keyword only", True)
    elif now and now[1] and not (was and was[1]):
        yield SurfaceChange(subject, "is given by position only", True)
    elif now and not was:
        yield SurfaceChange(subject, "may be given by position", False)
    elif was and now and was[1] and not now[1]:
        yield SurfaceChange(subject, "may be given by keyword", False)


def _places(called: Fact) -> dict[str, Place]:
    names = (called.positional or "").split(", ")
    only = names.index("/") if "/" in names else 0
    plain = [name for name in names if name and name != "/"]
    return {name: (index, index < only) for index, name in enumerate(plain) if not name.startswith("*")}


def _kind(fact: Fact) -> str:
    if fact.positional is not None:
        return "a method"
    if fact.bases is not None:
        return "a class"
    return "an attribute" if fact.type else "a member"


def _without(some: list[str] | None, others: list[str] | None) -> list[str]:
    return [name for name in some or () if name not in (others or ())]
