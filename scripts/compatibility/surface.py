"""The public surface: the client model as text, a line for each thing that users' code may rely on.

It has all of a model but its prose, and can be read back: so changes since a release are judged like those of a pin.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from difflib import unified_diff
from pathlib import Path
from typing import Any, TypeVar

from scripts.codegen.client_model import (
    KEYWORD,
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
    Paid,
    RateLimit,
    Resource,
    Service,
)
from scripts.codegen.pipeline import load_pinned, model_of, prepare, read_curation
from scripts.compatibility.handwritten import read_handwritten
from scripts.lib.layout import PACKAGE, Layout
from scripts.lib.progress import Progress
from scripts.lib.report import Finding, Refused, refused

FILE = Path("tests", "release", "surface.txt")
"""The file of a project that has its surface on record."""

HEADER = """\
# The public surface of the package. Written by `nox -s surface -- --write`; do not edit, read what changes.
"""

_LINE = re.compile(r"(?P<subject>\S+)(?: (?P<values>\{.*\}))?")
_WHY = "no change can be judged by it; bring it back from version control, or `nox -s surface -- --write`"
_CHILDREN = {"arguments", "operations", "fields", "functions", "members", "name"}
"""Attributes that have lines of their own, or are in the subject."""

Thing = TypeVar("Thing", Argument, Class, Enumeration, Field, Function, Member, Operation, Resource, Service)


def surface(layout: Layout, *, on_step: Progress.OnStep) -> ClientModel:
    """The public surface of the project: the client of its pinned document, and the hand-written part."""
    source, _ = load_pinned(layout)
    prepared = prepare(source.document, read_curation(layout), pinned=True, on_step=on_step)
    return with_handwritten(model_of(prepared, layout), layout.root / "core", layout.generated)


def with_handwritten(model: ClientModel, core: Path, generated: Path) -> ClientModel:
    """A model with the public classes of the engine in the folder `core`."""
    return replace(model, handwritten=read_handwritten(core, generated / PACKAGE))


def differences(recorded: str, found: ClientModel) -> list[str]:
    """Differences of the surface on record from the one that was found, as lines of a unified diff."""
    expected = to_text(found)
    lines = unified_diff(recorded.splitlines(), expected.splitlines(), "on record", "in the source", lineterm="", n=0)
    return [line for line in lines if not line.startswith("@@")]


# To text


def to_text(model: ClientModel) -> str:
    """The surface as the text of its file, the same for the same model."""
    return HEADER + "".join(f"{line}\n" for line in lines(model))


def lines(model: ClientModel) -> list[str]:
    """The lines of a surface: what has an order for users keeps it, all else is sorted."""
    return list(_lines(model))


def _lines(model: ClientModel) -> Iterator[str]:
    yield _line("service", model.service)
    for resource in _sorted(model.resources.values()):
        yield _line(f"client.{resource.name}", resource)
        for operation in _sorted(resource.operations):
            yield from _function(f"client.{resource.name}.{operation.name}", operation)
    for each in _sorted(model.classes.values()):
        yield from _class(f"models.{each.name}", each)
    for enumeration in _sorted(model.enumerations.values()):
        yield _line(f"models.{enumeration.name}", enumeration)
        yield from (_line(f"models.{enumeration.name}.{each.name}", each) for each in _sorted(enumeration.members))
    for each in _sorted(model.handwritten.values()):
        yield from _class(each.name, each)


def _class(subject: str, of: Class) -> Iterator[str]:
    yield _line(subject, of)
    yield from (_line(f"{subject}.{field.name}", field) for field in _sorted(of.fields))
    for function in _sorted(of.functions):
        yield from _function(f"{subject}.{function.name}", function)


def _function(subject: str, of: Function) -> Iterator[str]:
    yield _line(f"{subject}()", of)
    keywords = [argument for argument in of.arguments if argument.kind == KEYWORD]
    for argument in [*(each for each in of.arguments if each.kind != KEYWORD), *_sorted(keywords)]:
        yield _line(f"{subject}({argument.name})", argument)


def _sorted(things: Iterable[Thing]) -> list[Thing]:
    return sorted(things, key=lambda thing: getattr(thing, "name", ""))


def _line(subject: str, thing: Any) -> str:
    values: dict[str, Any] = {
        each.name: getattr(thing, each.name)
        for each in fields(thing)
        if each.compare and each.name not in _CHILDREN and getattr(thing, each.name) != each.default
    }
    if values.get("json_name") == getattr(thing, "name", ""):
        del values["json_name"]
    return f"{subject} {json.dumps(values, ensure_ascii=True)}" if values else subject


# From text


def from_text(text: str, name: str) -> ClientModel:
    """The surface in `text`, which `name` names where it is no surface.

    Raises:
        Refused: a line is no line of a surface, or about the subject of another line.
    """
    return _Text(text, name).model()


class _Text:
    """A text as subjects with their values, put together again."""

    def __init__(self, text: str, name: str) -> None:
        self._name = name
        self._values: dict[str, dict[str, Any]] = {}
        self._inside: dict[str, list[str]] = {}
        findings: list[Finding] = []
        for number, line in enumerate(text.splitlines(), 1):
            if line and not line.startswith("#"):
                findings += self._add(number, line)
        if not self._values and not findings:
            findings.append(Finding("", f"{name} is empty", _WHY))
        if findings:
            raise Refused("surface", findings)

    def _add(self, number: int, line: str) -> Iterator[Finding]:
        match = _LINE.fullmatch(line)
        try:
            values = json.loads(match["values"] or "{}") if match else None
        except ValueError:
            values = None
        if match is None or values is None:
            yield Finding("", f"line {number} of {self._name} is no line of a surface: {line}", _WHY)
        elif match["subject"] in self._values:
            yield Finding("", f"line {number} of {self._name} is the second about {match['subject']}", _WHY)
        else:
            self._values[match["subject"]] = values
            self._inside.setdefault(_owner(match["subject"]), []).append(match["subject"])

    def model(self) -> ClientModel:
        try:
            found = {subject.rpartition(".")[2]: subject for subject in self._inside.get("models", [])}
            names = {name for name, subject in found.items() if "type" in self._values[subject]}
            own = [subject for subject in self._inside.get("", []) if subject != "service"]
            return ClientModel(
                self._make(Service, "service", ""),
                {name: self._resource(name) for name in map(_last, self._inside.get("client", []))},
                {name: self._class(subject) for name, subject in found.items() if name not in names},
                {name: self._enumeration(found[name]) for name in sorted(names)},
                {subject: self._class(subject) for subject in own},
            )
        except (KeyError, TypeError) as error:
            what = f"{self._name} has a line that does not fit the others: {error}"
            raise refused("surface", what, _WHY) from error

    def _resource(self, name: str) -> Resource:
        subject = f"client.{name}"
        operations = [self._function(Operation, each) for each in self._inside.get(subject, [])]
        return self._make(Resource, subject, name, operations=tuple(operations))

    def _class(self, subject: str) -> Class:
        inside = self._inside.get(subject, [])
        return self._make(
            Class,
            subject,
            _last(subject),
            fields=tuple(self._make(Field, each, _last(each)) for each in inside if not each.endswith("()")),
            functions=tuple(self._function(Function, each) for each in inside if each.endswith("()")),
        )

    def _enumeration(self, subject: str) -> Enumeration:
        members = tuple(self._make(Member, each, _last(each)) for each in self._inside.get(subject, []))
        return self._make(Enumeration, subject, _last(subject), members=members)

    def _function(self, kind: type[Thing], subject: str) -> Thing:
        inside = self._inside.get(subject, [])
        arguments = tuple(self._make(Argument, each, each.partition("(")[2].removesuffix(")")) for each in inside)
        return self._make(kind, subject, _last(subject.removesuffix("()")), arguments=arguments)

    def _make(self, kind: type[Thing], subject: str, name: str, **children: Any) -> Thing:
        values = {key: _TYPES.get(key, _plain)(value) for key, value in self._values[subject].items()}
        named: dict[str, Any] = {"name": name} if name else {}
        if "place" in values or (kind is Field and subject.startswith("models.")):
            values.setdefault("json_name", name)
        return kind(**named, **values, **children)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


_TYPES: Mapping[str, Any] = {
    "facts": lambda value: tuple(Fact(*each) for each in value),
    "limits": lambda value: tuple(RateLimit(*each) for each in value),
    "mass": lambda value: Mass(*map(_plain, value)),
    "paid": lambda value: Paid(*value),
}


def _owner(subject: str) -> str:
    """The owner of a subject: the function of an argument, the class of a field; "" at the top."""
    called, bracket, argument = subject.partition("(")
    if argument not in ("", ")"):
        return f"{called}()"
    return called.rpartition(".")[0] if bracket or "." in called else ""


def _last(subject: str) -> str:
    return subject.rpartition(".")[2]
