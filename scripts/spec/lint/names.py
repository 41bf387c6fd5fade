"""Names of a document: each has to become a Python name. Two spellings of one are no matter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from scripts.lib.identifiers import identifier, pascal_case
from scripts.lib.report import CONTROL, Finding, child
from scripts.spec.lint.shapes import FIELDS
from scripts.spec.lint.survey import Survey, as_kind, get, quote

MAX_NAME = 200

ToName: TypeAlias = Callable[[str], str]


def check_names(survey: Survey) -> Iterator[Finding]:
    why_control = "in code, in messages and on terminals it would act instead of show"
    why_long = "nobody can read or type it"
    why_nothing = "there would be no way to write it in Python"
    for pointer, text, becomes in _all_names(survey):
        if CONTROL.search(text):
            yield Finding(pointer, f"the name {quote(text)} has a control character in it", why_control)
        if len(text) > MAX_NAME:
            yield Finding(pointer, f"the name {quote(text)} has more than {MAX_NAME} characters", why_long)
        if becomes and not python_name(becomes, text):
            yield Finding(pointer, f"the name {quote(text)} leaves nothing of a Python name", why_nothing)
    for pointer, raw in survey.places["schema"]:
        for index, value in enumerate(get(raw, "enum", list)):
            if isinstance(value, str) and CONTROL.search(value):
                what = f"the value {quote(value)} has a control character in it"
                yield Finding(child(pointer, "enum", index), what, why_control)


def check_same_titles(survey: Survey) -> Iterator[Finding]:
    schemas = survey.components("schemas")
    aliases = {child("/components/schemas", key) for key, raw in schemas.items() if "$ref" in as_kind(dict, raw)}
    classes = [(pointer, title) for pointer, title in titles(survey) if pointer not in aliases]
    yield from doubles("component", classes, "one class would take the place of the other")


def doubles(what: str, names: Iterable[tuple[str, str]], why: str) -> Iterator[Finding]:
    """A finding for each of `names` (pointer and text) that is there before."""
    first: dict[str, str] = {}
    for pointer, text in names:
        if (where := first.setdefault(text, pointer)) != pointer:
            yield Finding(pointer, f"the {what} {quote(text)} is at {where} too", why)


def python_name(to_name: ToName, text: str) -> str:
    try:
        return to_name(text)
    except ValueError:
        return ""


def _all_names(survey: Survey) -> Iterator[tuple[str, str, ToName | None]]:
    """Every name of the document with its pointer, and what makes a Python name of it, if one is made."""
    for pointer, raw in survey.places["info"]:
        yield child(pointer, "title"), get(raw, "title", str), None
        yield child(pointer, "version"), get(raw, "version", str), None
    for section in FIELDS["components"]:
        for key in survey.components(section):
            yield child("/components", section, key), key, None
    for pointer, title in titles(survey):
        yield pointer, title, pascal_case
    for pointer, tag in tags(survey):
        yield pointer, tag, identifier
    for path in get(survey.document, "paths", dict):
        yield child("/paths", path), path, None
    for operation in survey.operations():
        if isinstance(name := operation.raw.get("operationId"), str):
            yield child(operation.pointer, "operationId"), name, identifier
    for pointer, raw in survey.places["parameter"]:
        if isinstance(name := raw.get("name"), str):
            yield child(pointer, "name"), name, identifier
    for kind in ("parameter", "request body", "response", "header"):
        for pointer, raw in survey.places[kind]:
            for media_type in get(raw, "content", dict):
                yield child(pointer, "content", media_type), media_type, None
    for pointer, raw in survey.places["response"]:
        for name in get(raw, "headers", dict):
            yield child(pointer, "headers", name), name, None
    for pointer, raw in survey.places["schema"]:
        if title := get(raw, "title", str):
            yield child(pointer, "title"), title, None
        for name in get(raw, "properties", dict):
            yield child(pointer, "properties", name), name, None


def titles(survey: Survey) -> Iterator[tuple[str, str]]:
    """The name of each component schema, after the pointer of the text: its title, or its key without one."""
    for key, raw in survey.components("schemas").items():
        pointer = child("/components/schemas", key)
        if title := get(as_kind(dict, raw), "title", str):
            yield child(pointer, "title"), title
        else:
            yield pointer, key


def tags(survey: Survey) -> Iterator[tuple[str, str]]:
    """Every mention of a tag, with its pointer: the declarations first, then the uses."""
    for pointer, raw in survey.places["tag"]:
        if isinstance(name := raw.get("name"), str):
            yield child(pointer, "name"), name
    for operation in survey.operations():
        for index, name in enumerate(get(operation.raw, "tags", list)):
            if isinstance(name, str):
                yield child(operation.pointer, "tags", index), name
