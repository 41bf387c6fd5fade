"""The client as one value: what users call, give and read.

It is made once, after naming. Templates render it, `verify` compares the imported package with it, and the judge of
changes compares two of them. Annotations are Python source. A *fact* changes what the service does though not a type;
*prose* is words only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

POSITIONAL, EITHER, KEYWORD = "positional", "either", "keyword"
"""The ways to give an argument."""

REPEATABLE = {"GET", "HEAD", "OPTIONS"}
"""HTTP methods that change nothing, so that the client repeats them after a failure."""

_NAME = re.compile(r"[A-Za-z_]\w*")


class Fact(NamedTuple):
    """One thing about a place that changes what the service does, though not the place's type.

    `aspect` is `format`, `pattern`, `limits`, `values`, `default` or `deprecated`; the items of a list have theirs, as
    in `limits of items`. `value` says what it is.
    """

    aspect: str
    value: str


class RateLimit(NamedTuple):
    """At most so many `requests` in any so many `seconds`."""

    requests: int
    seconds: int


class Mass(NamedTuple):
    """A call that reaches everything where no filter narrows it, as `instantly_core.call.guards` has it."""

    does: str
    filters: tuple[str, ...]
    within: tuple[str, ...] = ()
    flag: str = ""


class Paid(NamedTuple):
    """A call that costs money, as `instantly_core.call.guards` has it."""

    does: str
    free: str = ""


@dataclass(frozen=True)
class Argument:
    """An argument of a function; `place` is the part of the request that it goes to, and `json_name` its name there.

    `style` says how it is written there, "" for the usual way of its place. `default` is Python source, "" for what is
    required. `removed_on` is the day on which the vendor removed it, here and below.
    """

    name: str
    annotation: str
    kind: str = KEYWORD
    default: str = ""
    place: str = ""
    json_name: str = ""
    style: str = ""
    facts: tuple[Fact, ...] = ()
    removed_on: str = ""
    prose: str = field(default="", compare=False)

    @property
    def required(self) -> bool:
        return not self.default and not self.name.startswith("*")


@dataclass(frozen=True)
class Function:
    """A function or method: its arguments, and the annotation of its result."""

    name: str
    arguments: tuple[Argument, ...]
    result: str
    deprecated: bool = False
    removed_on: str = ""
    prose: str = field(default="", compare=False)

    @property
    def saves(self) -> bool:
        """Whether the method writes its answer to the file `to`, if one is given."""
        return any(argument.name == "to" and not argument.place for argument in self.arguments)

    @property
    def returns(self) -> str:
        """The annotation of what it returns."""
        return self.result

    @property
    def positionals(self) -> list[Argument]:
        return [argument for argument in self.arguments if argument.kind == POSITIONAL]

    @property
    def keywords(self) -> list[Argument]:
        return [argument for argument in self.arguments if argument.kind == KEYWORD]


@dataclass(frozen=True)
class Operation(Function):
    """A method of a resource that calls an operation of the API.

    `id` is the operationId on record, `vendor_id` the vendor's now, "" if it is the same. Of a page, `result` is the
    annotation of an item, `cursor` the part of the request that takes the cursor, and `paging` the way from page to
    page as Python source, "" for the usual one; `extra` are the fields that a page has in `page.extra`. `failure` says
    how a success reports a failure, as Python source. `answer` is json, text or bytes, "" for none. `plain` says that
    a person judged a write to be neither mass nor paid. `superseded_by` is the call that the vendor has instead of it
    now, as a user writes it. `security` is "" where it is that of the whole API, `content_type` where a body is JSON.
    `statuses` are those that the document has answers for; the client understands every other one, too. `example` are
    the arguments of a call, by name, as Python source.
    """

    id: str = ""
    vendor_id: str = ""
    http_method: str = ""
    path: str = ""
    scopes: tuple[str, ...] = ()
    safe: bool = False
    cursor: str = ""
    paging: str = ""
    extra: tuple[str, ...] = ()
    page_size: int | None = None
    limits: tuple[RateLimit, ...] = ()
    failure: str = ""
    mass: Mass | None = None
    paid: Paid | None = None
    plain: bool = field(default=False, compare=False)
    security: str = ""
    has_body: bool = False
    superseded_by: str = ""
    content_type: str = ""
    statuses: tuple[str, ...] = field(default=(), compare=False)
    answer: str = field(default="", compare=False)
    example: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @property
    def guarded(self) -> list[str]:
        """The fields by which it is known whether it may go out, filters first."""
        mass = [*self.mass.filters, *self.mass.within, self.mass.flag] if self.mass else []
        return list(filter(None, [*mass, self.paid.free if self.paid else ""]))

    @property
    def renamed(self) -> list[Argument]:
        """The arguments for these fields that have another name."""
        return [each for each in self.arguments if each.json_name in self.guarded and each.name != each.json_name]

    @property
    def repeatable(self) -> bool:
        """Whether the client sends it again after a failure that may have reached the service."""
        return self.safe or self.http_method in REPEATABLE

    @property
    def returns(self) -> str:
        """The annotation of what the method returns."""
        return f"Page[{self.result}]" if self.cursor else self.result

    def at(self, place: str) -> list[Argument]:
        """The arguments that go to `place`: path, query, header, cookie, body or whole body."""
        return [argument for argument in self.arguments if argument.place == place]


@dataclass(frozen=True)
class Resource:
    """The operations of a tag; `helpers` names the hand-written help that it also has, `client_helpers` that which the
    client has with it.
    """

    name: str
    class_name: str
    operations: tuple[Operation, ...]
    helpers: str = ""
    prose: str = field(default="", compare=False)
    client_helpers: str = ""

    def constant(self, operation: Operation) -> str:
        """The name in the resource's module of what the engine knows of an operation."""
        name = operation.name.upper().strip("_")
        return f"{name}_" if name in ("UNSET", self.class_name) else name


@dataclass(frozen=True)
class Field:
    """A field of a class, or any other attribute; `default` is "" for what is always there, or has to be given.

    `promised` says that the API gives it always, or did until it was removed. `argument` is the annotation of what code
    may give for it, and `read_only` says that it is never sent.
    """

    name: str
    annotation: str
    json_name: str = ""
    default: str = ""
    facts: tuple[Fact, ...] = ()
    promised: bool = False
    removed_on: str = ""
    argument: str = field(default="", compare=False)
    read_only: bool = field(default=False, compare=False)
    prose: str = field(default="", compare=False)

    @property
    def required(self) -> bool:
        """Whether it is always there when it is read, and has to be given when it is sent."""
        return self.promised or not self.default

    @property
    def slot(self) -> str:
        """The attribute that holds it: one that was removed warns when it is read, and is held under another name."""
        return f"_{self.name}" if self.removed_on else self.name


@dataclass(frozen=True)
class Class:
    """A class.

    `further` says how the document speaks of fields beyond these: closed, open, unsaid, "" for what is no model.
    `origin` says where users meet it, for one that the document has no words for.
    """

    name: str
    fields: tuple[Field, ...] = ()
    functions: tuple[Function, ...] = ()
    bases: tuple[str, ...] = ()
    further: str = ""
    further_annotation: str = ""
    removed_on: str = ""
    prose: str = field(default="", compare=False)
    origin: str = field(default="", compare=False)

    def extends(self, base: Class) -> bool:
        """Whether it can be a subclass of `base`: it has all fields of it, and promises no less of any."""
        fields = {each.name: each for each in self.fields}
        alike = (self.bases, self.further_annotation) == (base.bases, base.further_annotation)
        return alike and all(
            (own := fields.get(each.name)) is not None
            and (own.json_name, own.annotation, own.removed_on) == (each.json_name, each.annotation, each.removed_on)
            and (own.required or not each.required)
            for each in base.fields
        )

    @property
    def removed(self) -> list[Field]:
        """The fields that the vendor has removed."""
        return [each for each in self.fields if each.removed_on]

    @property
    def read_only(self) -> list[str]:
        """The attributes of the fields that are never sent."""
        return [each.slot for each in self.fields if each.read_only]

    @property
    def renamed(self) -> list[Field]:
        """The fields whose JSON name is not the attribute that holds them."""
        return [each for each in self.fields if each.json_name != each.slot]


@dataclass(frozen=True)
class Member:
    """A member of an enumeration; `value` is Python source, `label` the document's word for it."""

    name: str
    value: str
    removed_on: str = ""
    label: str = field(default="", compare=False)


@dataclass(frozen=True)
class Enumeration:
    """An enumeration; `type` is what its values are, `int` or `str`, `helpers` the hand-written help that it has."""

    name: str
    type: str
    members: tuple[Member, ...] = ()
    helpers: str = ""
    removed_on: str = ""
    open: bool = field(default=False, compare=False)
    """Whether any other value is as good."""
    prose: str = field(default="", compare=False)
    origin: str = field(default="", compare=False)

    @property
    def removed(self) -> list[Member]:
        """The members that the vendor has removed."""
        return [member for member in self.members if member.removed_on]


@dataclass(frozen=True)
class Service:
    """The servers of the API, and the security schemes that prove who calls."""

    servers: tuple[str, ...] = ()
    security: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClientModel:
    """A whole client. `classes` are the models, `handwritten` the public classes of the engine, all by name."""

    service: Service = Service()
    resources: Mapping[str, Resource] = field(default_factory=dict)
    classes: Mapping[str, Class] = field(default_factory=dict)
    enumerations: Mapping[str, Enumeration] = field(default_factory=dict)
    handwritten: Mapping[str, Class] = field(default_factory=dict)

    @property
    def operations(self) -> Iterator[tuple[Resource, Operation]]:
        """Every operation with its resource."""
        return ((resource, each) for resource in self.resources.values() for each in resource.operations)

    def given(self) -> set[str]:
        """The classes of the objects that code gives, and of those in them."""
        functions = [*(each for _, each in self.operations), *self._functions()]
        return self._reached(argument.annotation for each in functions for argument in each.arguments)

    @property
    def sent(self) -> list[Class]:
        """The models that code gives and of which a type can list the keys."""
        given = self.given()
        return [each for name, each in self.classes.items() if name in given and each.further != "open"]

    def read(self) -> set[str]:
        """The classes of the objects that code gets, and of those in them."""
        functions = [*(each for _, each in self.operations), *self._functions()]
        return self._reached(function.result for function in functions)

    def _functions(self) -> Iterator[Function]:
        return (function for each in self.handwritten.values() for function in each.functions)

    def _reached(self, annotations: Iterable[str]) -> set[str]:
        reached: set[str] = set()
        todo = list(annotations)
        while todo:
            for name in _NAME.findall(todo.pop()):
                found = self.classes.get(name) or self.handwritten.get(name)
                if found and name not in reached:
                    reached.add(name)
                    todo += [*(each.annotation for each in found.fields), found.further_annotation]
        return reached
