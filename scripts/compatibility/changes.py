"""What changed between two clients, and what each change does to code that was written against the old one.

CONTRIBUTING.md says what counts as breaking; here is the one place that decides it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol, TypeVar

from scripts.codegen.docstrings import Fact
from scripts.compatibility.annotations import reads, takes
from scripts.compatibility.description import (
    Argument,
    Class,
    Description,
    Enumeration,
    Field,
    Member,
    Operation,
    Resource,
)

Kind = Literal["resource", "operation", "argument", "class", "field", "enumeration", "value"]
Action = Literal["added", "changed", "deprecated", "removed"]


class Effect(StrEnum):
    """What a change does to code that was written before it, the worst first."""

    BREAKING = "breaking"
    """Code that ran, or passed a type checker, may stop to."""
    BEHAVIOUR = "behaviour"
    """The same code means something else."""
    ADDITIVE = "additive"
    """There is more; everything that worked works."""
    PROSE = "prose"
    """Words only."""


@dataclass(frozen=True)
class Change:
    """One change of the client.

    `subject` is what changed, as a user writes it: `client.campaigns.list(status=)`, `Campaign.email_gap`. `aspect`
    says which side of it, `old` and `new` what that was and is: text that may be the document's, "" for nothing.
    `where` is the resource or the class that it belongs to.
    """

    kind: Kind
    action: Action
    subject: str
    aspect: str
    old: str
    new: str
    effect: Effect
    where: str

    @property
    def what(self) -> str:
        """The change in words: `type str -> int`."""
        if self.action in ("added", "removed"):
            return " ".join(filter(None, [self.action, self.aspect, self.old or self.new]))
        turned = f"{self.old or 'none'} -> {self.new or 'none'}" if self.action == "changed" else self.new
        return " ".join(filter(None, [self.aspect, turned if self.old or self.new else ""]))


def changes(old: Description, new: Description) -> list[Change]:
    """Everything that changed from `old` to `new`: resource after resource, then class after class."""
    found = _Comparison(old, new).changes()
    return sorted(found, key=lambda change: (not change.where.startswith("client."), change.where))


class _Kept(Protocol):
    @property
    def gone(self) -> str: ...


@dataclass(frozen=True)
class _Subject:
    """Whose changes are told: how each of them begins and ends."""

    kind: Kind
    subject: str
    where: str

    def added(self, aspect: str, new: str, effect: Effect = Effect.ADDITIVE) -> Change:
        return Change(self.kind, "added", self.subject, aspect, "", new, effect, self.where)

    def removed(self, old: str = "", effect: Effect = Effect.BREAKING) -> Change:
        return Change(self.kind, "removed", self.subject, "", old, "", effect, self.where)

    def changed(self, aspect: str, old: str, new: str, effect: Effect) -> Iterator[Change]:
        """A change of one aspect, if it is one."""
        if old != new:
            yield Change(self.kind, "changed", self.subject, aspect, old, new, effect, self.where)

    def reworded(self, old: str, new: str) -> Iterator[Change]:
        # The words themselves are long, and are to be read in the code.
        if " ".join(old.split()) != " ".join(new.split()):
            yield Change(self.kind, "changed", self.subject, "words", "", "", Effect.PROSE, self.where)

    def deprecated(self, *, before: bool, after: bool) -> Iterator[Change]:
        if after and not before:
            yield Change(self.kind, "deprecated", self.subject, "deprecated", "", "", Effect.BEHAVIOUR, self.where)
        if before and not after:
            aspect = "no longer deprecated"
            yield Change(self.kind, "changed", self.subject, aspect, "", "", Effect.BEHAVIOUR, self.where)

    def gone(self, old: _Kept, new: _Kept) -> Iterator[Change]:
        """What the vendor dropped and we keep, or the vendor has again."""
        if new.gone and not old.gone:
            aspect = "not in the vendor's document since"
            yield Change(self.kind, "deprecated", self.subject, aspect, "", new.gone, Effect.BEHAVIOUR, self.where)
        elif old.gone and not new.gone:
            aspect = "in the vendor's document again"
            yield Change(self.kind, "changed", self.subject, aspect, "", "", Effect.BEHAVIOUR, self.where)

    def facts(self, old: Iterable[Fact], new: Iterable[Fact]) -> Iterator[Change]:
        """Facts that came, went or changed, aspect by aspect."""
        before, after = _by_aspect(old), _by_aspect(new)
        yield from self.deprecated(before="deprecated" in before, after="deprecated" in after)
        for aspect in dict.fromkeys([*before, *after]):
            if aspect != "deprecated":
                yield from self.changed(aspect, before.get(aspect, ""), after.get(aspect, ""), Effect.BEHAVIOUR)


def _by_aspect(facts: Iterable[Fact]) -> dict[str, str]:
    said: dict[str, str] = {}
    for fact in facts:
        said[fact.aspect] = f"{said[fact.aspect]}, {fact.said}" if fact.aspect in said else fact.said
    return said


Thing = TypeVar("Thing")


def matched(
    old: Iterable[Thing], new: Iterable[Thing], *keys: Callable[[Thing], object]
) -> Iterator[tuple[Thing | None, Thing | None]]:
    """What is the same in both, by the first of `keys`, then what is left by the next; None beside what is in one only.

    In the order of `new`; what is only in `old` comes last.
    """
    left, pairs, order = list(old), dict[int, Thing](), list(new)
    for key in keys:
        known: dict[object, Thing] = {}
        for thing in left:
            known.setdefault(key(thing), thing)
        for index, thing in enumerate(order):
            if index not in pairs and key(thing) in known:
                pairs[index] = known.pop(key(thing))
        taken = {id(thing) for thing in pairs.values()}
        left = [thing for thing in left if id(thing) not in taken]
    for index, thing in enumerate(order):
        yield pairs.get(index), thing
    for thing in left:
        yield thing, None


class _Comparison:
    def __init__(self, old: Description, new: Description) -> None:
        self._old = old
        self._new = new
        enumerations = [*old.enumerations.values(), *new.enumerations.values()]
        self._enumerations: Mapping[str, str] = {enumeration.name: enumeration.type for enumeration in enumerations}

    def changes(self) -> Iterator[Change]:
        yield from self._resources()
        yield from self._operations()
        yield from self._classes()

    # Calls

    def _resources(self) -> Iterator[Change]:
        for name in sorted({*self._old.resources, *self._new.resources}):
            old, new = self._old.resources.get(name), self._new.resources.get(name)
            subject = _Subject("resource", f"client.{name}", f"client.{name}")
            if old and new:
                yield from self._resource(subject, old, new)
            else:
                yield subject.added("", "") if new else subject.removed()

    def _resource(self, subject: _Subject, old: Resource, new: Resource) -> Iterator[Change]:
        effect = Effect.BREAKING if old.helpers else Effect.ADDITIVE
        yield from subject.changed("helpers", old.helpers, new.helpers, effect)
        yield from subject.reworded(old.prose, new.prose)

    def _operations(self) -> Iterator[Change]:
        pairs = matched(
            self._old.operations.values(),
            self._new.operations.values(),
            lambda operation: (operation.resource, operation.method),
            lambda operation: operation.id,
        )
        for old, new in pairs:
            if old and new:
                yield from self._operation(old, new)
            elif new:
                yield _of(new).added("", f"{new.http_method} {new.path}")
            elif old:
                yield _of(old).removed(f"{old.http_method} {old.path}")

    def _operation(self, old: Operation, new: Operation) -> Iterator[Change]:
        subject = _of(old)
        yield from subject.gone(old, new)
        yield from subject.deprecated(before=old.deprecated, after=new.deprecated)
        yield from subject.changed("renamed", subject.subject, _of(new).subject, Effect.BREAKING)
        if bool(old.page) != bool(new.page):
            yield from subject.changed("returns", _returned(old), _returned(new), Effect.BREAKING)
        elif old.result != new.result:
            # Nobody reads a result that is always None.
            more = old.result == "None" or reads(old.result, new.result, self._enumerations)
            effect = Effect.ADDITIVE if more else Effect.BREAKING
            yield from subject.changed("returns", _returned(old), _returned(new), effect)
        if old.page and new.page:
            yield from subject.changed("cursor in", old.page, new.page, Effect.BEHAVIOUR)
        yield from self._positionals(subject, old, new)
        yield from self._keywords(old, new)
        yield from self._filters(subject, old.filters, new.filters)
        for aspect, before, after in (
            ("HTTP method", old.http_method, new.http_method),
            ("path", old.path, new.path),
            ("scopes", ", ".join(sorted(old.scopes)), ", ".join(sorted(new.scopes))),
            *(
                (TOLD.get(key, key), old.told.get(key, ""), new.told.get(key, ""))
                for key in sorted(old.told | new.told)
            ),
        ):
            yield from subject.changed(aspect, before, after, Effect.BEHAVIOUR)
        # Only the vendor calls it so: nobody's code does.
        yield from subject.changed("operationId", old.id, new.id, Effect.PROSE)
        yield from subject.reworded(old.prose, new.prose)

    def _positionals(self, subject: _Subject, old: Operation, new: Operation) -> Iterator[Change]:
        """Arguments without a name: their order and their number are what a caller knows."""
        before = [argument for argument in old.arguments if argument.place == "path"]
        after = [argument for argument in new.arguments if argument.place == "path"]
        names, others = [argument.name for argument in before], [argument.name for argument in after]
        # Another name alone changes nothing for a caller; the same names in another order do.
        moved = any(
            name != other and (name in others or other in names) for name, other in zip(names, others, strict=False)
        )
        breaking = moved or len(names) != len(others)
        effect = Effect.BREAKING if breaking else Effect.BEHAVIOUR
        yield from subject.changed("positional arguments", ", ".join(names), ", ".join(others), effect)
        if not breaking:
            for argument, other in zip(before, after, strict=True):
                yield from self._argument(_argument(old, argument), argument, other)

    def _keywords(self, old: Operation, new: Operation) -> Iterator[Change]:
        pairs = matched(
            (argument for argument in old.arguments if argument.place != "path"),
            (argument for argument in new.arguments if argument.place != "path"),
            lambda argument: argument.name,
            lambda argument: (argument.place, argument.json_name),
        )
        for before, after in pairs:
            if before and after:
                subject = _argument(old, before)
                yield from subject.changed("renamed", before.name, after.name, Effect.BREAKING)
                yield from subject.changed("sent as", before.json_name, after.json_name, Effect.BEHAVIOUR)
                yield from subject.changed("sent in", before.place, after.place, Effect.BEHAVIOUR)
                yield from self._argument(subject, before, after)
            elif after:
                effect = Effect.BREAKING if after.required else Effect.ADDITIVE
                yield _argument(old, after).added(_need(after), after.annotation, effect)
            elif before:
                yield _argument(old, before).removed()

    def _argument(self, subject: _Subject, old: Argument, new: Argument) -> Iterator[Change]:
        yield from subject.gone(old, new)
        effect = Effect.BREAKING if new.required else Effect.ADDITIVE
        yield from subject.changed("", _need(old), _need(new), effect)
        taken = takes(new.annotation, old.annotation, self._enumerations)
        effect = Effect.ADDITIVE if taken else Effect.BREAKING
        yield from subject.changed("type", old.annotation, new.annotation, effect)
        yield from subject.facts(old.facts, new.facts)
        yield from subject.reworded(old.prose, new.prose)

    def _filters(self, subject: _Subject, old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Change]:
        """The arguments of which one has to be given: more of them to choose from is more, everything else is less."""
        effect = Effect.ADDITIVE if old and {*old} <= {*new} else Effect.BREAKING
        yield from subject.changed("needs one of", ", ".join(sorted(old)), ", ".join(sorted(new)), effect)

    # Classes

    def _classes(self) -> Iterator[Change]:
        old: dict[str, Class | Enumeration] = {**self._old.classes, **self._old.enumerations}
        new: dict[str, Class | Enumeration] = {**self._new.classes, **self._new.enumerations}
        for name in sorted({*old, *new}):
            before, after = old.get(name), new.get(name)
            kind: Kind = "enumeration" if isinstance(before or after, Enumeration) else "class"
            subject = _Subject(kind, name, name)
            if before is None or after is None:
                yield subject.added("", "") if after else subject.removed()
            elif isinstance(before, Class) and isinstance(after, Class):
                yield from self._class(subject, before, after)
            elif isinstance(before, Enumeration) and isinstance(after, Enumeration) and before.type == after.type:
                yield from self._enumeration(subject, before, after)
            else:
                yield from subject.changed("is", _nature(before), _nature(after), Effect.BREAKING)

    def _class(self, subject: _Subject, old: Class, new: Class) -> Iterator[Change]:
        yield from subject.gone(old, new)
        for before, after in matched(old.fields, new.fields, lambda field: field.json_name, lambda field: field.name):
            if before and after:
                yield from self._field(old, before, after)
            elif after:
                breaking = after.required and old.sent
                effect = Effect.BREAKING if breaking else Effect.ADDITIVE
                yield _field(old, after).added(_need(after), after.annotation, effect)
            elif before:
                yield _field(old, before).removed()
        rest = _Subject("field", f"{old.name}.additional_properties", old.name)
        yield from self._types(rest, old, old.further_annotation, new.further_annotation)
        yield from subject.changed("further fields", old.further, new.further, Effect.BEHAVIOUR)
        yield from subject.reworded(old.prose, new.prose)

    def _field(self, owner: Class, old: Field, new: Field) -> Iterator[Change]:
        subject = _field(owner, old)
        yield from subject.gone(old, new)
        yield from subject.changed("renamed", old.name, new.name, Effect.BREAKING)
        yield from subject.changed("JSON name", old.json_name, new.json_name, Effect.BEHAVIOUR)
        # What need not be sent may be absent when it is read.
        breaking = owner.sent if new.required else _is_read(owner)
        yield from subject.changed("", _need(old), _need(new), Effect.BREAKING if breaking else Effect.ADDITIVE)
        yield from self._types(subject, owner, old.annotation, new.annotation)
        yield from subject.facts(old.facts, new.facts)
        yield from subject.reworded(old.prose, new.prose)

    def _types(self, subject: _Subject, owner: Class, old: str, new: str) -> Iterator[Change]:
        sent_as_before = not owner.sent or takes(new, old, self._enumerations)
        read_as_before = not _is_read(owner) or reads(old, new, self._enumerations)
        effect = Effect.ADDITIVE if sent_as_before and read_as_before else Effect.BREAKING
        yield from subject.changed("type", old, new, effect)

    def _enumeration(self, subject: _Subject, old: Enumeration, new: Enumeration) -> Iterator[Change]:
        yield from subject.gone(old, new)
        for before, after in matched(old.members, new.members, lambda member: member.value, lambda member: member.name):
            if before and after:
                yield from self._member(_member(old, before), before, after)
            elif after:
                yield _member(old, after).added("", after.value)
            elif before:
                yield _member(old, before).removed(before.value)
        yield from subject.reworded(old.prose, new.prose)

    def _member(self, subject: _Subject, old: Member, new: Member) -> Iterator[Change]:
        yield from subject.gone(old, new)
        yield from subject.changed("renamed", old.name, new.name, Effect.BREAKING)
        yield from subject.changed("value", old.value, new.value, Effect.BREAKING)
        yield from subject.reworded(old.label, new.label)


TOLD = {
    "failure": "fails when",
    "limits": "rate limit",
    "page_size": "page size",
    "safe": "may be repeated",
}
"""What the engine is told of an operation, in words."""


def _of(operation: Operation) -> _Subject:
    where = f"client.{operation.resource}"
    return _Subject("operation", f"{where}.{operation.method}", where)


def _argument(operation: Operation, argument: Argument) -> _Subject:
    given = argument.name if argument.place == "path" else f"{argument.name}="
    call = _of(operation)
    return _Subject("argument", f"{call.subject}({given})", call.where)


def _field(owner: Class, field: Field) -> _Subject:
    return _Subject("field", f"{owner.name}.{field.name}", owner.name)


def _member(owner: Enumeration, member: Member) -> _Subject:
    return _Subject("value", f"{owner.name}.{member.name}", owner.name)


def _is_read(owner: Class) -> bool:
    # What no call leads to is there to read what comes another way, as in the body of a webhook.
    return owner.received or not owner.sent


def _need(thing: Argument | Field) -> str:
    return "required" if thing.required else "optional"


def _returned(operation: Operation) -> str:
    return f"Page[{operation.result}]" if operation.page else operation.result


def _nature(thing: Class | Enumeration) -> str:
    return "a class" if isinstance(thing, Class) else f"an enumeration of {thing.type}"
