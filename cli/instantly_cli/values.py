"""Values on a command line: texts read as the types that a method's arguments have."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, NamedTuple, Union, get_args, get_origin, is_typeddict

import click

from instantly_cli.suggestions import nearest
from instantly_core import Flag, Model, Unset
from instantly_core.models.fields import fields_by_name, is_enumeration

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    _ParamType = click.ParamType[Any]
else:
    # Generic only in later versions of click.
    _ParamType = click.ParamType

_MAX_NAMED = 12
_YES, _NO = ("true", "yes", "1"), ("false", "no", "0")
_OPENING = ("{", "[")


class Form(NamedTuple):
    """What an argument or a field takes: the types of its values, and whether it takes a list of them, or null."""

    members: tuple[Any, ...]
    many: bool = False
    nullable: bool = False

    @property
    def enumerations(self) -> list[type[Enum]]:
        return [member for member in self.members if is_enumeration(member)]

    @property
    def is_readable(self) -> bool:
        """Whether a text can be read as one of the types."""
        known = any(member in _READERS or is_enumeration(member) for member in self.members)
        return known or self.is_file or self.is_structured

    @property
    def is_file(self) -> bool:
        """Whether a value is the content of a file."""
        return bytes in self.members

    @property
    def is_flag(self) -> bool:
        """Whether it is yes or no, and nothing else."""
        return not self.many and bool(self.members) and all(member in (bool, Flag) for member in self.members)

    @property
    def is_structured(self) -> bool:
        """Whether a value may be an object."""
        return any(member is Any or _is_object(member) or _is_list(member) for member in self.members)

    def inner(self, name: str) -> tuple[str | int, Form]:
        """The key and the form of a part of the value, for its name in a dotted option.

        Raises:
            ValueError: there is no such part.
        """
        if self.many:
            if not name.isdecimal():
                raise ValueError(f"{name!r} must be a position in a list: 0, 1, ...")
            return int(name), self._replace(many=False)
        known: list[str] = []
        for member in self.members:
            if member is Any or member is Mapping or (get_origin(member) is not None and _is_object(member)):
                arguments = get_args(member)
                return name, form_of(arguments[1]) if len(arguments) == 2 else Form((Any,))
            if isinstance(member, type) and issubclass(member, Model):
                fields = fields_by_name(member)
                field = fields.get(name) or fields.get(name.replace("-", "_"))
                if field is not None:
                    return field.json_name, form_of(field.form)
                if member.FURTHER == "open":
                    return name, Form((Any,))
                known += [each.json_name for each in fields.values()]
        raise ValueError(f"there is no field {name!r}{nearest(name, known)}")


def form_of(annotation: Any) -> Form:
    """The form of a type."""
    parts = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    members = [part for part in parts if part not in (None, type(None), Unset)]
    nullable = any(part in (None, type(None)) for part in parts)
    # An object may be a model, or a mapping of its fields: the model says more.
    if any(isinstance(member, type) and issubclass(member, Model) for member in members):
        members = [each for each in members if get_origin(each) is not Mapping and not is_typeddict(each)]
    if len(members) == 1 and _is_list(members[0]):
        return form_of(get_args(members[0])[0])._replace(many=True, nullable=nullable)
    return Form(tuple(members), nullable=nullable)


class Value(_ParamType):
    """A value of one of the types of a form."""

    name = "value"

    def __init__(self, form: Form) -> None:
        self.form = form
        self.name = self._metavar()

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        if self.form.is_file:
            return self._file(value, param, ctx)
        if self.form.many or self.form.is_structured:
            if value.startswith("@"):
                place = "the standard input" if value == "@-" else value
                return self._loaded(_content(value[1:], self, param, ctx), place, param, ctx)
            if value.startswith(_OPENING):
                return self._loaded(value, "the value", param, ctx)
        for member in self._readable():
            try:
                return _reader(member)(value)
            except ValueError:
                continue
        return self.fail(f"{value!r} is not {self.expected()}{self._nearest(value)}", param, ctx)

    def expected(self) -> str:
        """What a value may be, in words."""
        return " or ".join(dict.fromkeys(_words(member) for member in self._readable()))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        names = [name for enumeration in self.form.enumerations for name in names_of(enumeration)]
        return [CompletionItem(name) for name in names if name.startswith(incomplete.lower())]

    def _readable(self) -> list[Any]:
        """The types as which a text is read. Any text next to something more exact would let mistakes through."""
        exact = any(member in (date, datetime) or _is_closed(member) for member in self.form.members)
        return [member for member in self.form.members if not (exact and member is str)]

    def _nearest(self, value: str) -> str:
        return nearest(value.lower(), [name for each in self.form.enumerations for name in names_of(each)])

    def _loaded(self, text: str, place: str, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return json.loads(text)
        except ValueError as error:
            return self.fail(f"{place} is no JSON: {error}", param, ctx)

    def _file(self, path: str, param: click.Parameter | None, ctx: click.Context | None) -> bytes | tuple[str, bytes]:
        """The content of a file, after its name where that is sent too."""
        try:
            if path == "-":
                return sys.stdin.buffer.read()
            content = Path(path).read_bytes()
        except OSError as error:
            return self.fail(f"cannot read {path}: {error.strerror or error}", param, ctx)
        return (Path(path).name, content) if any(get_origin(each) is tuple for each in self.form.members) else content

    def _metavar(self) -> str:
        if self.form.is_file:
            return "file"
        if self.form.is_structured:
            return "json"
        return "name" if self.form.enumerations else _METAVARS.get(self.form.members[0], "value")


def names_of(enumeration: type[Enum]) -> list[str]:
    """The names of the members, as a command line has them."""
    return [member.name.lower() for member in enumeration]


def choices(form: Form) -> str:
    """The sentence of a help text that names the members of an enumeration."""
    names = [name for enumeration in form.enumerations for name in names_of(enumeration)]
    if not names:
        return ""
    more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
    return f"One of: {', '.join(names[:_MAX_NAMED])}{more}."


def _content(path: str, kind: click.ParamType[Any], param: click.Parameter | None, ctx: click.Context | None) -> str:
    """The content of a file, `-` for the standard input."""
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else "it is no text in UTF-8"
        return kind.fail(f"cannot read {path}: {reason}", param, ctx)


def _is_list(form: Any) -> bool:
    return get_origin(form) in (list, Sequence)


def _is_object(form: Any) -> bool:
    if form is Mapping or get_origin(form) in (dict, Mapping):
        return True
    return isinstance(form, type) and (issubclass(form, Model | dict) or hasattr(form, "__required_keys__"))


def _is_closed(form: Any) -> bool:
    """Whether a type is an enumeration that the API may have no other values of."""
    return is_enumeration(form) and not getattr(form, "__open__", False)


def _reader(member: Any) -> Callable[[str], Any]:
    """The function that reads a text as a type, and raises a ValueError for any other."""
    if is_enumeration(member):
        return lambda text: _member(member, text)
    return _READERS.get(member, _json_or_text if member is Any else _no_text)


def _member(enumeration: type[Enum], text: str) -> Enum:
    name = re.sub(r"[^a-z0-9]+", "_", text.lower())
    for member in enumeration:
        if str(member.value) == text:
            return member
    for member in enumeration:
        if member.name.lower() == name:
            return member
    raise ValueError


def _boolean(text: str) -> bool:
    if text.lower() in (*_YES, *_NO):
        return text.lower() in _YES
    raise ValueError


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise click.BadParameter(f"{text} has no time zone: write {moment.isoformat()}Z, or its offset such as +02:00")
    return moment


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _no_text(text: str) -> Any:
    raise ValueError


_READERS: dict[Any, Callable[[str], Any]] = {
    str: str,
    int: int,
    float: float,
    bool: _boolean,
    Flag: _boolean,
    date: _day,
    datetime: _moment,
}

_METAVARS = {str: "text", int: "integer", float: "number", bool: "yes|no", date: "date", datetime: "timestamp"}


def _words(member: Any) -> str:
    if is_enumeration(member):
        return f"one of {', '.join(names_of(member)[:_MAX_NAMED])}"
    return {
        str: "a text",
        int: "a whole number",
        float: "a number",
        bool: "yes or no",
        Flag: "yes or no",
        date: "a day such as 2026-01-31",
        datetime: "a timestamp such as 2026-01-31T12:00:00Z",
    }.get(member, "JSON, @ and the name of a file with it, or @- for the standard input")
