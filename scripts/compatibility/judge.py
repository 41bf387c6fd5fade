"""The judge: what changed between two clients, and what each change does to code that was written for the old one.

It is the only place that decides what breaks; CONTRIBUTING.md has its rules in a table.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Literal, Protocol, TypeVar

from scripts.codegen.client_model import (
    EITHER,
    KEYWORD,
    POSITIONAL,
    Argument,
    Class,
    ClientModel,
    Enumeration,
    Fact,
    Field,
    Function,
    Mass,
    Member,
    Operation,
    Resource,
)
from scripts.compatibility.types import same, takes
from scripts.spec.document import address

Kind = Literal["service", "resource", "operation", "argument", "class", "field", "function", "enumeration", "value"]
Action = Literal["added", "changed", "deprecated", "removed"]
Level = Literal["major", "minor", "patch"]


class Effect(StrEnum):
    """Effect of a change on code that was written before it, which is its severity; the worst first."""

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
    def id(self) -> str:
        """Eight digits by which a person names the change: the same for the same change, whatever else changes."""
        return stable_id(self.kind, self.action, self.subject, self.aspect, self.old, self.new)

    @property
    def what(self) -> str:
        """The change in words: `type str -> int`."""
        if self.action in ("added", "removed"):
            return " ".join(filter(None, [self.action, self.aspect, self.old or self.new]))
        turned = f"{self.old or 'none'} -> {self.new or 'none'}" if self.action == "changed" else self.new
        return " ".join(filter(None, [self.aspect, turned if self.old or self.new else ""]))


def stable_id(*parts: str) -> str:
    """Eight digits that follow from `parts` alone."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:8]


def judge(old: ClientModel, new: ClientModel) -> list[Change]:
    """Everything that changed from `old` to `new`: resource after resource, then class after class."""
    found = _Comparison(old, new).changes()
    return sorted(found, key=lambda change: (not change.where.startswith("client."), change.where))


def level(changes: Iterable[Change]) -> Level | None:
    """The part of the version that such changes raise; None if nothing changed."""
    effects = {change.effect for change in changes}
    if Effect.BREAKING in effects:
        return "major"
    if effects & {Effect.BEHAVIOUR, Effect.ADDITIVE}:
        return "minor"
    return "patch" if effects else None


def breaking(changes: Iterable[Change]) -> list[Change]:
    """Those of the changes that break code."""
    return [change for change in changes if change.effect is Effect.BREAKING]


OURS = {
    "servers": "DEFAULT_BASE_URL in core/instantly_core/call/options.py",
    "security": "first_headers in core/instantly_core/call/options.py",
}
"""Our own code for what no pin can change: aspect of the service -> constant or function, and file."""


class _Removable(Protocol):
    @property
    def removed_on(self) -> str: ...


@dataclass(frozen=True)
class _Subject:
    """The subject of changes: how each of them begins and ends."""

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

    def retained(self, old: _Removable, new: _Removable) -> Iterator[Change]:
        """A part that the vendor removed and we keep, or that the vendor has again."""
        if new.removed_on and not old.removed_on:
            aspect = "removed by the vendor on"
            yield Change(
                self.kind, "deprecated", self.subject, aspect, "", new.removed_on, Effect.BEHAVIOUR, self.where
            )
        elif old.removed_on and not new.removed_on:
            aspect = "offered by the vendor again"
            yield Change(self.kind, "changed", self.subject, aspect, "", "", Effect.BEHAVIOUR, self.where)

    def facts(self, old: Iterable[Fact], new: Iterable[Fact]) -> Iterator[Change]:
        """Facts that came, went or changed, aspect by aspect."""
        before, after = _by_aspect(old), _by_aspect(new)
        yield from self.deprecated(before="deprecated" in before, after="deprecated" in after)
        for aspect in dict.fromkeys([*before, *after]):
            if aspect != "deprecated":
                was, now = before.get(aspect, ""), after.get(aspect, "")
                # A format that is no type of ours only describes a text: without it, code is served the same.
                effect = Effect.PROSE if aspect.startswith("format") and not now else Effect.BEHAVIOUR
                yield from self.changed(aspect, was, now, effect)


def _by_aspect(facts: Iterable[Fact]) -> dict[str, str]:
    said: dict[str, str] = {}
    for fact in facts:
        said[fact.aspect] = f"{said[fact.aspect]}, {fact.value}" if fact.aspect in said else fact.value
    return said


Thing = TypeVar("Thing")


def matched(
    old: Iterable[Thing], new: Iterable[Thing], *keys: Callable[[Thing], object]
) -> Iterator[tuple[Thing | None, Thing | None]]:
    """Pairs of things that are the same by the first of `keys`, else by the next; None with one that is alone.

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
    def __init__(self, old: ClientModel, new: ClientModel) -> None:
        self._old = old
        self._new = new
        enumerations = {each.name: each.type for model in (old, new) for each in model.enumerations.values()}
        bases = {each.name: each.bases for model in (old, new) for each in model.classes.values()}
        bases["OpenModel"] = ("Model",)
        self._takes = partial(takes, enumerations=enumerations, bases=bases)
        self._given, self._read = old.given(), old.read()

    def changes(self) -> Iterator[Change]:
        yield from self._service()
        yield from self._resources()
        yield from self._operations()
        yield from self._classes()

    def _service(self) -> Iterator[Change]:
        subject = _Subject("service", "client", "client")
        old, new = self._old.service, self._new.service
        # While the one that we use is still among them, calls go on working.
        effect = Effect.ADDITIVE if {*old.servers} <= {*new.servers} else Effect.BREAKING
        yield from subject.changed("servers", ", ".join(old.servers), ", ".join(new.servers), effect)
        yield from self._security(subject, *(", ".join(each.security) for each in (old, new)))

    def _security(self, subject: _Subject, old: str, new: str) -> Iterator[Change]:
        more = {*old.split(" or ")} <= {*new.split(" or ")}
        yield from subject.changed("security", old, new, Effect.ADDITIVE if more else Effect.BREAKING)

    # Operations

    def _resources(self) -> Iterator[Change]:
        for name in sorted({*self._old.resources, *self._new.resources}):
            old, new = self._old.resources.get(name), self._new.resources.get(name)
            subject = _Subject("resource", f"client.{name}", f"client.{name}")
            if old and new:
                effect = Effect.BREAKING if old.helpers else Effect.ADDITIVE
                yield from subject.changed("helpers", old.helpers, new.helpers, effect)
                yield from subject.reworded(old.prose, new.prose)
            else:
                yield subject.added("", "") if new else subject.removed()

    def _operations(self) -> Iterator[Change]:
        pairs = matched(
            self._old.operations,
            self._new.operations,
            lambda found: (found[0].name, found[1].name),
            lambda found: found[1].id,
        )
        for old, new in pairs:
            if old and new:
                yield from self._operation(_operation(*old), old[1], new[1], _operation(*new).subject)
            elif new:
                yield _operation(*new).added("", f"{new[1].http_method} {new[1].path}")
            elif old:
                yield _operation(*old).removed(f"{old[1].http_method} {old[1].path}")

    def _operation(self, subject: _Subject, old: Operation, new: Operation, new_name: str) -> Iterator[Change]:
        yield from subject.changed("renamed", subject.subject, new_name, Effect.BREAKING)
        yield from self._function(subject, old, new)
        if old.cursor and new.cursor:
            yield from subject.changed("cursor in", old.cursor, new.cursor, Effect.BEHAVIOUR)
            before, after = old.paging or "the usual", new.paging or "the usual"
            yield from subject.changed("form of its pages", before, after, Effect.BEHAVIOUR)
            effect = Effect.ADDITIVE if {*old.extra} <= {*new.extra} else Effect.BEHAVIOUR
            yield from subject.changed("fields in page.extra", ", ".join(old.extra), ", ".join(new.extra), effect)
        yield from self._guards(subject, old, new)
        if new.repeatable and not old.repeatable:
            # It changes something, as far as the old client knew: twice is an accident.
            yield from subject.changed("repeated after a failure", "no", "yes", Effect.BREAKING)
        elif old.repeatable and not new.repeatable:
            yield from subject.changed("repeated after a failure", "yes", "no", Effect.BEHAVIOUR)
        path = old.path if address("", old.path) == address("", new.path) else new.path
        for aspect, before, after in (
            ("HTTP method", old.http_method, new.http_method),
            ("path", old.path, path),
            ("scopes", ", ".join(sorted(old.scopes)), ", ".join(sorted(new.scopes))),
            ("fails when", old.failure, new.failure),
            ("rate limit", _limits(old), _limits(new)),
            ("content type", old.content_type, new.content_type),
            ("page size", str(old.page_size or ""), str(new.page_size or "")),
        ):
            yield from subject.changed(aspect, before, after, Effect.BEHAVIOUR)
        # The vendor keeps it: whoever calls it need not change anything.
        yield from subject.changed("superseded by", old.superseded_by, new.superseded_by, Effect.ADDITIVE)
        if old.security != new.security:
            own = old.security or ", ".join(self._old.service.security)
            now = new.security or ", ".join(self._new.service.security)
            yield from self._security(subject, own, now)
        if old.statuses and new.statuses:
            for status in sorted({*old.statuses} ^ {*new.statuses}):
                was, now = (status if status in each.statuses else "" for each in (old, new))
                # Every status is understood, documented or not.
                yield from subject.changed("documented status", was, now, Effect.PROSE)
        # Only the vendor calls it so: nobody's code does.
        yield from subject.changed("operationId", old.vendor_id or old.id, new.vendor_id or new.id, Effect.PROSE)

    def _guards(self, subject: _Subject, old: Operation, new: Operation) -> Iterator[Change]:
        """What is refused from now on breaks; more filters to choose from, and no guard any more, do not."""
        before, after = (each.mass or Mass("", ()) for each in (old, new))
        fewer = not {*before.filters} <= {*after.filters} or before.within != after.within
        effect = Effect.BREAKING if new.mass and (fewer or not old.mass) else Effect.ADDITIVE
        for aspect, had, has in (
            ("needs one of", before.filters, after.filters),
            ("within", before.within, after.within),
        ):
            yield from subject.changed(aspect, ", ".join(sorted(had)), ", ".join(sorted(has)), effect)
        was, now = ("yes" if each.paid else "no" for each in (old, new))
        yield from subject.changed("costs money", was, now, Effect.BREAKING if new.paid else Effect.ADDITIVE)

    # Functions

    def _function(self, subject: _Subject, old: Function, new: Function) -> Iterator[Change]:
        yield from subject.retained(old, new)
        yield from subject.deprecated(before=old.deprecated, after=new.deprecated)
        # Nobody reads a result that is always None.
        more = old.returns == "None" or self._takes(old.returns, new.returns)
        effect = Effect.ADDITIVE if more else Effect.BREAKING
        if not same(old.returns, new.returns):
            yield from subject.changed("returns", old.returns, new.returns, effect)
        yield from self._positionals(subject, old.positionals, new.positionals)
        yield from self._named(subject, old, new)
        yield from subject.reworded(old.prose, new.prose)

    def _positionals(self, subject: _Subject, old: list[Argument], new: list[Argument]) -> Iterator[Change]:
        """Arguments without a name: their order and their number are what a caller knows."""
        names, others = [argument.name for argument in old], [argument.name for argument in new]
        # No caller knows another name alone; the same names in another order mean something else.
        moved = any(
            name != other and (name in others or other in names) for name, other in zip(names, others, strict=False)
        )
        breaking = moved or len(names) != len(others)
        effect = Effect.BREAKING if breaking else Effect.PROSE
        yield from subject.changed("positional arguments", ", ".join(names), ", ".join(others), effect)
        if not breaking:
            for before, after in zip(old, new, strict=True):
                yield from self._argument(_argument(subject, before), before, after)

    def _named(self, subject: _Subject, old: Function, new: Function) -> Iterator[Change]:
        pairs = matched(
            (argument for argument in old.arguments if argument.kind != POSITIONAL),
            (argument for argument in new.arguments if argument.kind != POSITIONAL),
            lambda argument: argument.name,
            lambda argument: (argument.place, argument.json_name or argument.name),
        )
        places = [argument.name for argument in old.arguments], [argument.name for argument in new.arguments]
        for before, after in pairs:
            if before and after:
                found = _argument(subject, before)
                yield from found.changed("renamed", before.name, after.name, Effect.BREAKING)
                yield from found.changed("sent as", before.json_name, after.json_name, Effect.BEHAVIOUR)
                yield from found.changed("sent in", before.place, after.place, Effect.BEHAVIOUR)
                yield from found.changed("written as", before.style, after.style, Effect.BEHAVIOUR)
                effect = Effect.ADDITIVE if after.kind == EITHER else Effect.BREAKING
                yield from found.changed("given", before.kind, after.kind, effect)
                if before.kind == after.kind == EITHER:
                    at = [names.index(each.name) + 1 for names, each in zip(places, (before, after), strict=True)]
                    yield from found.changed("position", str(at[0]), str(at[1]), Effect.BREAKING)
                yield from self._argument(found, before, after)
            elif after:
                effect = Effect.BREAKING if after.required else Effect.ADDITIVE
                yield _argument(subject, after).added(_need(after), after.annotation, effect)
            elif before:
                yield _argument(subject, before).removed()

    def _argument(self, subject: _Subject, old: Argument, new: Argument) -> Iterator[Change]:
        yield from subject.retained(old, new)
        effect = Effect.BREAKING if new.required else Effect.ADDITIVE
        yield from subject.changed("", _need(old), _need(new), effect)
        if old.default and new.default:
            yield from subject.changed("default", old.default, new.default, Effect.BEHAVIOUR)
        if not same(old.annotation, new.annotation):
            taken = self._takes(new.annotation, old.annotation)
            effect = Effect.ADDITIVE if taken else Effect.BREAKING
            yield from subject.changed("type", old.annotation, new.annotation, effect)
        yield from subject.facts(old.facts, new.facts)
        yield from subject.reworded(old.prose, new.prose)

    # Classes

    def _classes(self) -> Iterator[Change]:
        old: dict[str, Class | Enumeration] = {**self._old.handwritten, **self._old.classes, **self._old.enumerations}
        new: dict[str, Class | Enumeration] = {**self._new.handwritten, **self._new.classes, **self._new.enumerations}
        for name in sorted({*old, *new}):
            before, after = old.get(name), new.get(name)
            kind: Kind = "enumeration" if isinstance(before or after, Enumeration) else "class"
            subject = _Subject(kind, name, name)
            if before is None or after is None:
                yield subject.added("", "") if after else subject.removed()
            elif isinstance(before, Class) and isinstance(after, Class):
                # Who implements a protocol has to follow each change of it.
                worst = Effect.BREAKING if "Protocol" in (*before.bases, *after.bases) else None
                for change in self._class(subject, before, after):
                    yield replace(change, effect=worst) if worst and change.effect is not Effect.PROSE else change
            elif isinstance(before, Enumeration) and isinstance(after, Enumeration) and before.type == after.type:
                yield from self._enumeration(subject, before, after)
            else:
                yield from subject.changed("is", _nature(before), _nature(after), Effect.BREAKING)

    def _class(self, subject: _Subject, old: Class, new: Class) -> Iterator[Change]:
        yield from subject.retained(old, new)
        for base in [base for base in old.bases if not any(self._takes(base, each) for each in new.bases)]:
            yield from subject.changed("is a", base, "", Effect.BREAKING)
        for base in [base for base in new.bases if not any(self._takes(base, each) for each in old.bases)]:
            yield from subject.changed("is a", "", base, Effect.ADDITIVE)
        for before, after in matched(
            old.fields, new.fields, lambda each: each.json_name or each.name, lambda each: each.name
        ):
            if before and after:
                yield from self._field(old, before, after)
            elif after:
                breaking = after.required and old.name in self._given
                effect = Effect.BREAKING if breaking else Effect.ADDITIVE
                yield _member(old, after, "field").added(_need(after), after.annotation, effect)
            elif before:
                yield _member(old, before, "field").removed()
        for function, other in matched(old.functions, new.functions, lambda each: each.name):
            if function and other:
                yield from self._function(_member(old, function, "function"), function, other)
            elif other:
                yield _member(old, other, "function").added("", "")
            elif function:
                yield _member(old, function, "function").removed()
        rest = _Subject("field", f"{old.name}.additional_properties", old.name)
        yield from self._types(rest, old, old.further_annotation, new.further_annotation)
        yield from subject.changed("further fields", old.further, new.further, Effect.BEHAVIOUR)
        yield from subject.reworded(old.prose, new.prose)

    def _field(self, owner: Class, old: Field, new: Field) -> Iterator[Change]:
        subject = _member(owner, old, "field")
        yield from subject.retained(old, new)
        yield from subject.changed("renamed", old.name, new.name, Effect.BREAKING)
        yield from subject.changed("JSON name", old.json_name, new.json_name, Effect.BEHAVIOUR)
        # What need not be given may be absent when it is read.
        breaking = owner.name in self._given if new.required else self._is_read(owner)
        yield from subject.changed("", _need(old), _need(new), Effect.BREAKING if breaking else Effect.ADDITIVE)
        yield from self._types(subject, owner, old.annotation, new.annotation)
        yield from subject.facts(old.facts, new.facts)
        yield from subject.reworded(old.prose, new.prose)

    def _types(self, subject: _Subject, owner: Class, old: str, new: str) -> Iterator[Change]:
        if same(old, new):
            return
        given_as_before = owner.name not in self._given or self._takes(new, old)
        read_as_before = not self._is_read(owner) or self._takes(old, new)
        effect = Effect.ADDITIVE if given_as_before and read_as_before else Effect.BREAKING
        yield from subject.changed("type", old, new, effect)

    def _is_read(self, owner: Class) -> bool:
        # What no call leads to is there to read what comes another way, as in the body of a webhook.
        return owner.name in self._read or owner.name not in self._given

    def _enumeration(self, subject: _Subject, old: Enumeration, new: Enumeration) -> Iterator[Change]:
        yield from subject.retained(old, new)
        effect = Effect.BREAKING if old.helpers else Effect.ADDITIVE
        yield from subject.changed("helpers", old.helpers, new.helpers, effect)
        for before, after in matched(old.members, new.members, lambda member: member.value, lambda member: member.name):
            if before and after:
                member = _member(old, before, "value")
                yield from member.retained(before, after)
                yield from member.changed("renamed", before.name, after.name, Effect.BREAKING)
                yield from member.changed("value", before.value, after.value, Effect.BREAKING)
                yield from member.reworded(before.label, after.label)
            elif after:
                yield _member(old, after, "value").added("", after.value)
            elif before:
                yield _member(old, before, "value").removed(before.value)
        yield from subject.reworded(old.prose, new.prose)


def _operation(resource: Resource, operation: Operation) -> _Subject:
    where = f"client.{resource.name}"
    return _Subject("operation", f"{where}.{operation.name}", where)


def _argument(function: _Subject, argument: Argument) -> _Subject:
    given = f"{argument.name}=" if argument.kind == KEYWORD else argument.name
    return _Subject("argument", f"{function.subject}({given})", function.where)


def _member(owner: Class | Enumeration, member: Field | Function | Member, kind: Kind) -> _Subject:
    return _Subject(kind, f"{owner.name}.{member.name}", owner.name)


def _limits(operation: Operation) -> str:
    return ", ".join(f"{limit.requests} in {limit.seconds} s" for limit in operation.limits)


def _need(thing: Argument | Field) -> str:
    return "required" if thing.required else "optional"


def _nature(thing: Class | Enumeration) -> str:
    return "a class" if isinstance(thing, Class) else f"an enumeration of {thing.type}"
