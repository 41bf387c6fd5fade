"""Decoders built from the fields of models, each once, when it is first needed."""

from __future__ import annotations

from datetime import date, datetime
from keyword import iskeyword
from typing import Any, TypeVar, get_args, get_origin

from .decode import (
    Decoder,
    Drift,
    Flag,
    ListOf,
    MapOf,
    Nullable,
    OneOf,
    anything,
    boolean,
    day,
    flag,
    integer,
    nothing,
    number,
    text,
    timestamp,
)
from .fields import Field, fields_of, further_form, is_enumeration, members_of, once
from .unset import UNSET


class Plain:
    """What a type is in JSON: the decoder, the words for it, and the classes that a parser gives for it.

    Values of the classes `passing` are what they should be, and stay as they are.
    """

    __slots__ = ("classes", "decoder", "expected", "passing")

    def __init__(
        self, decoder: Decoder[Any], expected: str, classes: tuple[type, ...], passing: tuple[type, ...] = ()
    ) -> None:
        self.decoder = decoder
        self.expected = expected
        self.classes = classes
        self.passing = passing


PLAIN = {
    str: Plain(text, "string", (str,), (str,)),
    int: Plain(integer, "integer", (int, float), (int,)),
    float: Plain(number, "number", (int, float), (int, float)),
    bool: Plain(boolean, "boolean", (bool,), (bool,)),
    Flag: Plain(flag, "0 or 1", (int, float)),
    date: Plain(day, "date", (str,)),
    datetime: Plain(timestamp, "timestamp", (str,)),
}
"""Type of a JSON scalar -> how it is decoded."""


class ModelDecoder:
    """The decoder of a model, built when it first decodes: a model may contain itself, or never come."""

    __slots__ = ("_built", "_model")

    def __init__(self, model: type[Any]) -> None:
        self._model = model
        self._built: Decoder[Any] | None = None

    def __call__(self, value: Any, container: Any, key: str | int, drift: Drift) -> Any:
        built = self._built
        if built is None:
            built = self._built = model_decoder(self._model)
        return built(value, container, key, drift)

    def in_place(self, namespace: dict[str, Any], name: str) -> Decoder[Any]:
        """This decoder for source that calls it by a name, which is that of the built one from its first use on."""

        def decode(value: Any, container: Any, key: str | int, drift: Drift) -> Any:
            namespace[name] = built = model_decoder(self._model)
            return built(value, container, key, drift)

        return decode


def decoder_of(form: Any) -> Decoder[Any]:
    """The decoder of values of a type: a class, `list[...]`, `dict[str, ...]`, `Any`, None, or a union of these.

    Raises:
        TypeError: there is no decoder for it.
    """
    members, nullable = members_of(form)
    if not members:
        return nothing
    if len(members) == 1:
        decoder = _plain(members[0]).decoder
        return Nullable(decoder) if nullable and decoder is not anything else decoder
    plains = [_plain(member) for member in members]
    by_class = {each: plain.decoder for plain in plains for each in plain.classes}
    union = OneOf(" or ".join(dict.fromkeys(plain.expected for plain in plains)), by_class)
    return Nullable(union) if nullable else union


def _plain(form: Any) -> Plain:
    """How values of a type that is no union are decoded."""
    if form in PLAIN:
        return PLAIN[form]
    if form is Any or isinstance(form, TypeVar):
        return Plain(anything, "a value", ())
    origin, arguments = get_origin(form), get_args(form)
    if origin is list:
        return Plain(ListOf(decoder_of(arguments[0])), "array", (list,))
    if origin is dict:
        return Plain(MapOf(decoder_of(arguments[1])), "object", (dict,))
    if is_enumeration(form):
        return Plain(form.decode, form.__name__, (int, float) if issubclass(form, int) else (str,))
    if hasattr(form, "from_dict"):
        return Plain(ModelDecoder(form), form.__name__, (dict,))
    raise TypeError(f"there is no decoder for {form!r}")


@once
def model_decoder(model: type[Any]) -> Decoder[Any]:
    """The decoder of a model, compiled from its fields. Of JSON, its source has names of fields as literals.

    An object is merged into a template that has UNSET for each field, so that the values come out in the order of the
    fields, at once, and fields that the model does not have are those by which it grew. Of an open object, most fields
    are of that kind: the others are taken out of a copy.

    Raises:
        TypeError: the attribute of a field is no plain name, or there is no decoder for a field.
    """
    fields = fields_of(model)
    source = Source(model, {"template": {field.json_name: UNSET for field in fields}})
    source.add(
        "def decode(data, container, key, drift):",
        " if data.__class__ is not dict:",
        f"  drift(container, key, {model.__name__!a})",
        "  return data",
        " self = new(model)",
    )
    if fields and model.FURTHER != "open":
        source.add(
            " fields = template | data",
            " more = {}",
            f" if len(fields) > {len(fields)}:",
            "  for name in data:",
            "   if name not in template: more[name] = fields.pop(name)",
            f" {''.join(f'value{position}, ' for position in range(len(fields)))} = fields.values()",
        )
    else:
        source.add(
            " more = data.copy()",
            *(f" value{position} = more.pop({field.json_name!a}, UNSET)" for position, field in enumerate(fields)),
        )
    for position, field in enumerate(fields):
        value, place = f"value{position}", f"data, {field.json_name!a}, drift"
        decoder = decoder_of(field.form)
        if decoder is not anything:
            source.add_conversion(field, decoder, value, place)
        elif not field.optional:
            source.add(f" if {value} is UNSET: {source.named(decoder)}({value}, {place})")
        source.add_assignment(field.attribute, value)
    source.add(" self.additional_properties = more")
    if model.FURTHER != "open":
        source.add(" for name in more:", f"  drift(data, name, 'no such field', {model.FURTHER == 'closed'})")
    further = further_form(model)
    decoder = decoder_of(further)
    if decoder is not anything:
        source.add(" for name, value in more.items():")
        source.add(
            *(f" {line}" for line in source.conversion(further, decoder, "value", "data, name, drift", "more[name]"))
        )
    source.add(" return self")
    compiled: Decoder[Any] = source.compiled("decode")
    return compiled


class Source:
    """The source of a function that makes objects of a model, and the objects that it refers to."""

    def __init__(self, model: type[Any], namespace: dict[str, Any]) -> None:
        self._model = model
        self._namespace = {
            **namespace, "UNSET": UNSET, "model": model, "new": object.__new__, "parse": datetime.fromisoformat
        }  # fmt: skip
        self._lines: list[str] = []

    def add(self, *lines: str) -> None:
        self._lines += lines

    def named(self, value: Any) -> str:
        """A name for an object that the source refers to."""
        name = f"object{len(self._namespace)}"
        self._namespace[name] = value.in_place(self._namespace, name) if isinstance(value, ModelDecoder) else value
        return name

    def add_conversion(self, field: Field, decoder: Decoder[Any], value: str, place: str) -> None:
        """Convert the value of a field, unless it is null or missing and may be so."""
        lines = self.conversion(field.form, decoder, value, place, value, nullable=field.nullable)
        if field.optional:
            self.add(f" if {value} is not UNSET:", *(f" {line}" for line in lines))
        else:
            self.add(*lines)

    def add_assignment(self, attribute: str, value: str) -> None:
        if not _is_plain_name(attribute):
            raise TypeError(f"{self._model.__qualname__} cannot be decoded: {attribute!r} is no plain name")
        self.add(f" self.{attribute} = {value}")

    def conversion(
        self, form: Any, decoder: Decoder[Any], value: str, place: str, target: str, *, nullable: bool = False
    ) -> list[str]:
        """Lines that convert a value for `target`: what most values need is done here, the decoder does the rest."""
        members, also_null = members_of(form)
        decoded = f"{self.named(decoder)}({value}, {place})"
        unless_null = [f"{value} is not None"] if nullable or also_null else []
        if members == [datetime]:
            lines = [
                f" try: moment = parse({value})",
                f" except (TypeError, ValueError): {target} = {decoded}",
                f" else: {target} = moment if moment.tzinfo else {decoded}",
            ]
            return [f" if {unless_null[0]}:", *(f" {line}" for line in lines)] if unless_null else lines
        if len(members) == 1 and is_enumeration(members[0]):
            known = self.named(members[0].by_value())
            kind = "int" if issubclass(members[0], int) else "str"
            return [
                f" if {value}.__class__ is {kind} and {value} in {known}: {target} = {known}[{value}]",
                f" elif {unless_null[0]}: {target} = {decoded}" if unless_null else f" else: {target} = {decoded}",
            ]
        tests = [f"{value}.__class__ is not {kind.__name__}" for kind in _passing(members)] + unless_null
        return [f" if {' and '.join(tests)}: {target} = {decoded}" if tests else f" {target} = {decoded}"]

    def compiled(self, name: str) -> Any:
        """The function `name` of the source."""
        exec(compile("\n".join(self._lines), f"<{name} {self._model.__name__}>", "exec"), self._namespace)
        return self._namespace[name]


def _is_plain_name(attribute: str) -> bool:
    """Whether an attribute has the same name in source as elsewhere, and none that means something to Python."""
    return (
        attribute.isidentifier() and attribute.isascii() and not iskeyword(attribute) and not attribute.startswith("__")
    )


def _passing(members: list[Any]) -> list[type]:
    """The JSON classes of which every value is what it should be, and stays as it is."""
    by_class = {each: plain for plain in map(_plain, members) for each in plain.classes}
    return [each for each, plain in by_class.items() if each in plain.passing]
