"""What a client is to those who use it, as plain values: its calls, what they take and give, its classes and values.

It is made from the same views that the templates render, so it says what stands in the generated code. A place has a
type, facts and prose: *facts* change what the service does though not the type, *prose* is words only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from scripts.codegen import model_views, operation_views
from scripts.codegen.docstrings import Fact
from scripts.codegen.generate import configuration, parse
from scripts.codegen.parsed import ParsedDocument
from scripts.codegen.pipeline import Prepared
from scripts.lib.layout import Layout

# The prefixes by which resources name what stands in other modules.
_PREFIX = re.compile(r"\b(?:models|builtins)\.")
_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Argument:
    """An argument of a call; those that go to the `path` are positional, all others have a name.

    `gone` is the date since when the vendor's document does not have it any more, here and below.
    """

    name: str
    json_name: str
    place: str
    annotation: str
    required: bool
    facts: tuple[Fact, ...]
    prose: str
    gone: str = ""


@dataclass(frozen=True)
class Operation:
    """A call of the client.

    `result` is the annotation of what it returns, of a page that of its items; `page` says where the cursor of the next
    page goes, "" for what is no page. `told` is what else the engine knows of it, in Python.
    """

    resource: str
    method: str
    id: str
    http_method: str
    path: str
    scopes: tuple[str, ...]
    arguments: tuple[Argument, ...]
    result: str
    page: str
    told: dict[str, str]
    filters: tuple[str, ...]
    deprecated: bool
    prose: str
    gone: str = ""


@dataclass(frozen=True)
class Resource:
    """What the operations of a tag hang on; `helpers` names the hand-written help that it has beside them."""

    name: str
    helpers: str
    prose: str


@dataclass(frozen=True)
class Field:
    """A field of a class."""

    name: str
    json_name: str
    annotation: str
    required: bool
    facts: tuple[Fact, ...]
    prose: str
    gone: str = ""


@dataclass(frozen=True)
class Class:
    """A class: `sent` if an argument leads to it, `received` if a result does.

    `further` says how the document speaks of fields beyond these (closed, open, unsaid), `further_annotation` what
    they hold.
    """

    name: str
    fields: tuple[Field, ...]
    further: str
    further_annotation: str
    sent: bool
    received: bool
    prose: str
    gone: str = ""


@dataclass(frozen=True)
class Member:
    """A member of an enumeration; `value` is Python source, `label` what the document calls it."""

    name: str
    value: str
    label: str
    gone: str = ""


@dataclass(frozen=True)
class Enumeration:
    """An enumeration; `type` is what its values are, `int` or `str`."""

    name: str
    type: str
    members: tuple[Member, ...]
    prose: str
    gone: str = ""


@dataclass(frozen=True)
class Description:
    """A whole client: everything by its name, operations by resource and method."""

    resources: dict[str, Resource] = field(default_factory=dict)
    operations: dict[tuple[str, str], Operation] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)
    enumerations: dict[str, Enumeration] = field(default_factory=dict)


def describe(parsed: ParsedDocument) -> Description:
    """The client of a parsed document."""
    resources = operation_views.view_resources(parsed)
    operations = [_operation(resource, method) for resource in resources for method in resource.methods]
    models = {name: model_views.view_model(parsed, name) for name in parsed.modules if name in parsed.models}
    mentioned = {name: _mentioned(_annotations(model)) for name, model in models.items()}
    sent = _reached(_mentioned(a.annotation for operation in operations for a in operation.arguments), mentioned)
    received = _reached(_mentioned(operation.result for operation in operations), mentioned)
    enumerations = [
        model_views.view_enumeration(parsed, name) for name in parsed.modules if name in parsed.enumerations
    ]
    return Description(
        {resource.attribute: Resource(resource.attribute, resource.helpers, resource.about) for resource in resources},
        {(operation.resource, operation.method): operation for operation in operations},
        {name: _class(model, sent=name in sent, received=name in received) for name, model in models.items()},
        {enumeration.name: _enumeration(enumeration) for enumeration in enumerations},
    )


def model_of(prepared: Prepared, layout: Layout) -> Description:
    """The client of a document that is ready to generate from."""
    return describe(parse(prepared.named, configuration(layout.root)))


def _operation(resource: operation_views.Resource, method: operation_views.Method) -> Operation:
    return Operation(
        resource.attribute,
        method.name,
        method.vendor_id,
        method.http_method,
        method.path,
        method.scopes,
        tuple(
            Argument(a.argument, a.name, a.place, _plain(a.annotation), a.required, a.facts, a.about, a.gone)
            for a in method.arguments
        ),
        _plain(method.result),
        method.page,
        {keyword: value for keyword, value in method.told.items() if keyword != "cursor"},
        tuple(method.filters),
        method.deprecated,
        method.about,
        method.gone,
    )


def _class(model: model_views.Model, *, sent: bool, received: bool) -> Class:
    fields = (Field(f.attribute, f.name, f.annotation, f.promised, f.facts, f.about, f.gone) for f in model.fields)
    return Class(
        model.name, tuple(fields), model.extra, model.extra_annotation, sent, received, model.about, model.dropped
    )


def _enumeration(view: model_views.Enumeration) -> Enumeration:
    members = tuple(Member(member.name, member.value, member.label, member.gone) for member in view.members)
    return Enumeration(view.name, {"IntEnumeration": "int"}.get(view.base, "str"), members, view.about, view.dropped)


def _plain(annotation: str) -> str:
    return _PREFIX.sub("", annotation)


def _annotations(model: model_views.Model) -> list[str]:
    return [*(field.annotation for field in model.fields), model.extra_annotation]


def _mentioned(annotations: Iterable[str]) -> set[str]:
    return {name for annotation in annotations for name in _NAME.findall(annotation)}


def _reached(names: set[str], mentioned: dict[str, set[str]]) -> set[str]:
    """`names`, and all that they lead to."""
    reached: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += mentioned.get(name, ())
    return reached
