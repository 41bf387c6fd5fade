"""The classes of the client as the templates see them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from openapi_python_client.parser.properties import EnumProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol as Property

from scripts.codegen.docstrings import Fact, about, docstring, facts, literal, told, went
from scripts.codegen.parsed import ParsedDocument
from scripts.codegen.types import PythonTypes, classes, json_classes, split_null
from scripts.spec.document import Schema

PLAIN_CLASSES = {"text": ("str",), "integer": ("int",), "number": ("int", "float"), "boolean": ("bool",)}
"""Decoders that are written out in the models, because they only look at the class of a value."""


@dataclass(frozen=True)
class Field:
    """One field of a model; `gone` is the day since when the API has it no more.

    `promised` is whether the API says, or said until it was gone, that it is always there.
    """

    name: str
    attribute: str
    annotation: str
    about: str
    facts: tuple[Fact, ...]
    required: bool
    nullable: bool
    plain: tuple[str, ...]
    expected: str
    decoder: str
    enumeration: str
    json_class: str
    gone: str
    promised: bool

    @property
    def slot(self) -> str:
        """The attribute that holds it: a field that is gone warns when it is read, and is held under another name."""
        return f"_{self.attribute}" if self.gone else self.attribute

    @property
    def doc(self) -> str:
        return docstring([told(self.about, self.facts, self.gone)], 4)


@dataclass(frozen=True)
class Model:
    """One model: its fields, and what it keeps beyond them.

    `extra` says how the document speaks of further fields: closed, open, or not at all (unsaid). Of their values those
    of the classes `extra_plain`, as most are, need no decoder. `decoders` are composed once for the module, by name.
    Some modules are imported only when they are first used. `dropped` is the day since when the API does not have it.
    """

    name: str
    about: str
    doc: str
    fields: list[Field]
    extra: str
    extra_annotation: str
    extra_decoder: str
    extra_plain: tuple[str, ...]
    decoders: dict[str, str]
    imports: dict[str, str]
    late_imports: dict[str, str]
    dropped: str

    @property
    def renamed(self) -> list[Field]:
        """The fields whose JSON name is not the attribute that holds them."""
        return [field for field in self.fields if field.name != field.slot]

    @property
    def gone(self) -> list[Field]:
        """The fields that the API has no more."""
        return [field for field in self.fields if field.gone]


@dataclass(frozen=True)
class Member:
    """One member of an enumeration; `value` is Python source, `label` what the document calls it.

    `gone` is the day since when the API has it no more.
    """

    name: str
    value: str
    label: str
    doc: str
    gone: str


@dataclass(frozen=True)
class Enumeration:
    """One enumeration; `base` is the class of the engine that it derives from, `dropped` as in a model."""

    name: str
    base: str
    about: str
    doc: str
    dropped: str
    members: list[Member]

    @property
    def gone(self) -> list[Member]:
        """The members that the API has no more."""
        return [member for member in self.members if member.gone]


def view_model(parsed: ParsedDocument, name: str) -> Model:
    """The model `name`."""
    schema = parsed.component(name)
    types = PythonTypes(parsed.maps)
    extra = parsed.extra(name)
    mentioned = parsed.mentions(name) - {name}
    # Modules that import each other cannot both do so at the top.
    late = {other for other in mentioned if name in parsed.reaches(other)}
    decoders = _Decoders(can_compose=lambda prop: not classes(prop, parsed.maps) & (late | {name}))
    fields = [_field(parsed, name, key, types, decoders) for key in schema["properties"]]
    extra_decoder = decoders.name("additional_properties", extra, types.decoder(extra)) if extra else ""
    about_class, dropped = _about(parsed, name), str(parsed.component(name).get("x-gone", ""))
    return Model(
        name=name,
        about=about_class,
        doc=docstring([about_class, went(dropped)], 4),
        fields=fields,
        extra=_extra(schema),
        extra_annotation=types.annotation(extra) if extra else "Any",
        extra_decoder=extra_decoder,
        extra_plain=_plain(extra, types) if extra else (),
        decoders=decoders.composed,
        imports={other: parsed.modules[other] for other in sorted(mentioned - late)},
        late_imports={other: parsed.modules[other] for other in sorted(late)},
        dropped=dropped,
    )


def _plain(prop: Property, types: PythonTypes) -> tuple[str, ...]:
    """The classes of the first member of a property, where it only looks at the class and no other member does."""
    (first, *others), _ = split_null(prop)
    plain = PLAIN_CLASSES.get(types.decoder(first), ())
    return plain if plain and not {*plain} & {name for other in others for name in json_classes(other)} else ()


def _extra(schema: Schema) -> str:
    further = schema.get("additionalProperties")
    return "unsaid" if further is None else "closed" if further is False else "open"


class _Decoders:
    """Names for what decoding needs, so that it is made once a module and not with every value."""

    def __init__(self, can_compose: Callable[[Property], bool]) -> None:
        self.composed: dict[str, str] = {}
        self._can_compose = can_compose

    def name(self, attribute: str, prop: Property, decoder: str) -> str:
        """The expression to use for `decoder`: a name where it is composed, else the decoder itself."""
        if "(" not in decoder or not self._can_compose(prop):
            return decoder
        name = f"_{attribute.upper()}"
        self.composed[name] = decoder
        return name

    def members(self, prop: Property) -> str:
        """The name of the members of an enumeration by their values; "" for what is no enumeration."""
        if not isinstance(prop, EnumProperty):
            return ""
        name = f"_{prop.class_info.name}"
        self.composed[name] = f"{prop.class_info.name}.by_value()"
        return name


def view_enumeration(parsed: ParsedDocument, name: str) -> Enumeration:
    """The enumeration `name`."""
    labels = parsed.component(name).get("x-enumDescriptions", {})
    gone = parsed.component(name).get("x-gone-values", {})
    about_class, dropped = _about(parsed, name), str(parsed.component(name).get("x-gone", ""))
    return Enumeration(
        name=name,
        base="IntEnumeration" if parsed.enumerations[name].value_type is int else "StrEnumeration",
        about=about_class,
        doc=docstring([about_class, went(dropped)], 4),
        dropped=dropped,
        members=[
            _member(member, value, labels.get(str(value)) or "", gone.get(str(value), ""))
            for value, member in parsed.named.members[name].items()
        ],
    )


def _field(parsed: ParsedDocument, owner: str, key: str, types: PythonTypes, decoders: _Decoders) -> Field:
    schema = parsed.component(owner)
    attribute = parsed.named.attributes[owner][key]
    prop = parsed.fields(owner)[key]
    members, nullable = split_null(prop)
    decoder = types.decoder_of(members)
    plain = PLAIN_CLASSES.get(decoder, ())
    return Field(
        name=key,
        attribute=attribute,
        annotation=types.annotation(prop),
        about=about(schema["properties"][key]),
        facts=facts(schema["properties"][key]),
        required=key in schema.get("required", []),
        nullable=nullable or decoder == "anything",
        plain=plain,
        expected=types.expectation(members[0]) if plain else "",
        decoder=decoders.name(attribute, prop, decoder),
        enumeration=decoders.members(members[0]) if len(members) == 1 else "",
        json_class=json_classes(members[0])[0] if len(members) == 1 and decoder not in ("anything", "nothing") else "",
        gone=str(schema["properties"][key].get("x-gone", "")),
        promised=key in schema.get("required", []) or "x-gone-required" in schema["properties"][key],
    )


def _about(parsed: ParsedDocument, name: str) -> str:
    return str(parsed.component(name).get("description") or f"{name}.")


def _member(name: str, value: Any, label: str, gone: str) -> Member:
    """A member of an enumeration; it has a docstring unless its name says the same."""
    words = re.sub(r"[^a-z0-9]+", " ", label.lower()).strip()
    paragraphs = [label, went(gone)] if gone or words != name.lower().replace("_", " ").strip() else []
    doc = docstring(paragraphs, 4)
    return Member(name, literal(value) if isinstance(value, str) else str(value), label, doc, gone)
