"""Decoding of the fields of a model, as the template of models needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from openapi_python_client.parser.properties import EnumProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol as Property

from scripts.codegen.parsed import ParsedDocument
from scripts.codegen.types import PythonTypes, classes, json_classes, split_null

PLAIN_CLASSES = {"text": ("str",), "integer": ("int",), "number": ("int", "float"), "boolean": ("bool",)}
"""Decoders that are written out in the models, because they only look at the class of a value."""


@dataclass(frozen=True)
class FieldDecoding:
    """Decoding of one field."""

    nullable: bool
    plain: tuple[str, ...]
    expected: str
    decoder: str
    enumeration: str
    json_class: str


@dataclass(frozen=True)
class Decoding:
    """Decoding of a model: its fields by their JSON names, and what it keeps beyond them.

    Of further values those of the classes `extra_plain`, as most are, need no decoder. `composed` decoders are made
    once for the module, by name. Some modules are imported only when they are first used.
    """

    fields: dict[str, FieldDecoding]
    extra_decoder: str
    extra_plain: tuple[str, ...]
    composed: dict[str, str]
    imports: dict[str, str]
    late_imports: dict[str, str]


def decoding(parsed: ParsedDocument, name: str) -> Decoding:
    """The decoding of the model `name`."""
    types, extra = PythonTypes(parsed.maps), parsed.extra(name)
    mentioned = parsed.mentions(name) - {name}
    # Modules that import each other cannot both do so at the top; what a class extends has to be there.
    late = {other for other in mentioned if name in parsed.reaches(other)} - {parsed.extended(name)}
    decoders = _Decoders(can_compose=lambda prop: not classes(prop, parsed.maps) & (late | {name}))
    fields = {
        key: _field(parsed.named.attributes[name][key], parsed.fields(name)[key], types, decoders)
        for key in parsed.component(name)["properties"]
    }
    return Decoding(
        fields=fields,
        extra_decoder=decoders.name("additional_properties", extra, types.decoder(extra)) if extra else "",
        extra_plain=_plain(extra, types) if extra else (),
        composed=decoders.composed,
        imports={other: parsed.modules[other] for other in sorted(mentioned - late)},
        late_imports={other: parsed.modules[other] for other in sorted(late)},
    )


def _field(attribute: str, prop: Property, types: PythonTypes, decoders: _Decoders) -> FieldDecoding:
    members, nullable = split_null(prop)
    decoder = types.decoder_of(members)
    plain = PLAIN_CLASSES.get(decoder, ())
    return FieldDecoding(
        nullable=nullable or decoder == "anything",
        plain=plain,
        expected=types.expectation(members[0]) if plain else "",
        decoder=decoders.name(attribute, prop, decoder),
        enumeration=decoders.members(members[0]) if len(members) == 1 else "",
        json_class=json_classes(members[0])[0] if len(members) == 1 and decoder not in ("anything", "nothing") else "",
    )


def _plain(prop: Property, types: PythonTypes) -> tuple[str, ...]:
    """The classes of the first member of a property, where it only looks at the class and no other member does."""
    (first, *others), _ = split_null(prop)
    plain = PLAIN_CLASSES.get(types.decoder(first), ())
    return plain if plain and not {*plain} & {name for other in others for name in json_classes(other)} else ()


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
