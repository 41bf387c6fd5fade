"""Refuse a document that no sound client can be made from, with everything that is wrong with it at once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any, NamedTuple, TypeAlias, TypeVar
from urllib.parse import unquote

from scripts.lib.identifiers import identifier, pascal_case, snake_case
from scripts.lib.report import CONTROL, Finding, child
from scripts.spec.document import METHODS
from scripts.spec.load import kind_of, walk

MAX_NESTING = 64
MAX_OPERATIONS = 5_000
MAX_SCHEMAS = 200_000
MAX_NAME = 200
MAX_TEXT = 100_000


def lint(document: object) -> list[Finding]:
    """Everything that is wrong with `document`, any JSON value; an empty list if a client can be made from it.

    The pointers of the findings point into the document; where something is missing, at what should have it.
    """
    if isinstance(document, dict) and "swagger" in document and "openapi" not in document:
        what = f"this is Swagger {_quote(str(document['swagger']))}, not OpenAPI 3.1"
        return [Finding("/swagger", what, f"{_WHY_VERSION}; convert it to OpenAPI 3.1 first")]
    survey = _Survey(document)
    findings = [*survey.misshapen, *(finding for rule in _RULES for finding in rule(survey))]
    return list(dict.fromkeys(findings))


# --- The shape that a document must have ---


@dataclass(frozen=True)
class _Scalar:
    name: str
    types: tuple[type, ...]


@dataclass(frozen=True)
class _ListOf:
    item: _Shape


@dataclass(frozen=True)
class _MapOf:
    """An object with any keys. Where it is extensible, keys that begin with `x-` are not entries of it."""

    value: _Shape
    extensible: bool = False


@dataclass(frozen=True)
class _Either:
    """The first of the shapes that takes the type of the value."""

    shapes: tuple[_Shape, ...]


# A string is the name of a kind of object, described in `_FIELDS`.
_Shape: TypeAlias = "str | _Scalar | _ListOf | _MapOf | _Either"

_TEXT = _Scalar("a string", (str,))
_FLAG = _Scalar("a boolean", (bool,))
_NUMBER = _Scalar("a number", (int, float))
_ARRAY = _Scalar("an array", (list,))
_OBJECT = _Scalar("an object", (dict,))
_SCHEMA_OR_FLAG = _Either((_FLAG, "schema"))
_SECURITY = _ListOf(_MapOf(_ListOf(_TEXT)))

# The fields that later steps read, by kind of object. Others may be there and hold anything.
_FIELDS: dict[str, dict[str, _Shape]] = {
    "document": {
        "openapi": _TEXT,
        "info": "info",
        "servers": _ListOf("server"),
        "security": _SECURITY,
        "tags": _ListOf("tag"),
        "components": "components",
        "paths": _MapOf("path item", extensible=True),
    },
    "info": {"title": _TEXT, "version": _TEXT, "summary": _TEXT, "description": _TEXT},
    "server": {"url": _TEXT, "description": _TEXT},
    "tag": {"name": _TEXT, "description": _TEXT},
    "components": {
        "schemas": _MapOf("schema"),
        "responses": _MapOf("response"),
        "parameters": _MapOf("parameter"),
        "requestBodies": _MapOf("request body"),
        "headers": _MapOf("header"),
        "securitySchemes": _MapOf(_OBJECT),
    },
    "path item": {
        **dict.fromkeys(METHODS, "operation"),
        "summary": _TEXT,
        "description": _TEXT,
        "servers": _ListOf("server"),
        "parameters": _ListOf("parameter"),
    },
    "operation": {
        "operationId": _TEXT,
        "summary": _TEXT,
        "description": _TEXT,
        "tags": _ListOf(_TEXT),
        "deprecated": _FLAG,
        "servers": _ListOf("server"),
        "security": _SECURITY,
        "parameters": _ListOf("parameter"),
        "requestBody": "request body",
        "responses": _MapOf("response", extensible=True),
        "x-safe": _FLAG,
        "x-limits": _ListOf("limit"),
        "x-failure": "failure",
        "x-filters": _ListOf(_TEXT),
        "x-within": _ListOf(_TEXT),
    },
    "limit": {"count": _NUMBER, "seconds": _NUMBER},
    "failure": {"field": _TEXT},
    "parameter": {
        "name": _TEXT,
        "in": _TEXT,
        "description": _TEXT,
        "required": _FLAG,
        "deprecated": _FLAG,
        "style": _TEXT,
        "explode": _FLAG,
        "schema": "schema",
        "content": _MapOf("media type"),
    },
    "request body": {"description": _TEXT, "required": _FLAG, "content": _MapOf("media type")},
    "response": {"description": _TEXT, "headers": _MapOf("header"), "content": _MapOf("media type")},
    "header": {"description": _TEXT, "required": _FLAG, "schema": "schema", "content": _MapOf("media type")},
    "media type": {"schema": "schema"},
    "schema": {
        "type": _Either((_TEXT, _ListOf(_TEXT))),
        "enum": _ARRAY,
        "title": _TEXT,
        "description": _TEXT,
        "format": _TEXT,
        "pattern": _TEXT,
        "x-enumDescriptions": _MapOf(_TEXT),
        "properties": _MapOf("schema"),
        "required": _ListOf(_TEXT),
        "additionalProperties": _SCHEMA_OR_FLAG,
        "items": "schema",
        **dict.fromkeys(("anyOf", "oneOf", "allOf"), _ListOf("schema")),
        **dict.fromkeys(("readOnly", "writeOnly", "deprecated", "uniqueItems"), _FLAG),
        **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), _NUMBER),
        **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _NUMBER),
        # No step reads these, but a reference may stand inside.
        **dict.fromkeys(("not", "if", "then", "else", "contains", "propertyNames"), _SCHEMA_OR_FLAG),
        **dict.fromkeys(("unevaluatedItems", "unevaluatedProperties"), _SCHEMA_OR_FLAG),
        **dict.fromkeys(("$defs", "patternProperties", "dependentSchemas"), _MapOf(_SCHEMA_OR_FLAG)),
        "prefixItems": _ListOf(_SCHEMA_OR_FLAG),
    },
}

_REQUIRED = {
    "document": ("openapi", "info", "paths"),
    "info": ("title", "version"),
    "server": ("url",),
    "tag": ("name",),
    "operation": ("responses",),
    "limit": ("count", "seconds"),
    "failure": ("field",),
    "parameter": ("name", "in"),
    "request body": ("content",),
}

# Which kinds of object may be a reference, and in which section of the components its target then stands.
_SECTIONS = {
    "schema": "schemas",
    "response": "responses",
    "parameter": "parameters",
    "request body": "requestBodies",
    "header": "headers",
}

_WHY_VERSION = "other versions write the same thing differently (null, for one), so the client would be wrong"
_WHY_SHAPE = "what should be read here cannot be, so it would be missing from the client or wrong in it"


class _Place(NamedTuple):
    """An object of the document and its pointer."""

    pointer: str
    raw: dict[str, Any]


class _Operation(NamedTuple):
    pointer: str
    raw: dict[str, Any]
    path: str
    path_item: _Place


class _Survey:
    """The objects of a document by kind, as far as they have the shape that they must have, and what has not."""

    def __init__(self, document: object) -> None:
        self.document = _as(dict, document)
        self.places: defaultdict[str, list[_Place]] = defaultdict(list)
        self.misshapen: list[Finding] = []
        self._visit("document", document, "")

    def operations(self) -> Iterator[_Operation]:
        """The operations in document order."""
        for path, item in _get(self.document, "paths", dict).items():
            path_item = _Place(child("/paths", path), _as(dict, item))
            for method in METHODS:
                raw = path_item.raw.get(method)
                if isinstance(raw, dict) and not path.startswith("x-"):
                    yield _Operation(child(path_item.pointer, method), raw, path, path_item)

    def references(self) -> Iterator[tuple[str, str, str]]:
        """Each reference as its pointer, its text, and the section of the components that it must lead to."""
        for kind, section in _SECTIONS.items():
            for pointer, raw in self.places[kind]:
                if isinstance(raw.get("$ref"), str):
                    yield child(pointer, "$ref"), raw["$ref"], section

    def components(self, section: str) -> dict[str, Any]:
        """The components of `section`, by key."""
        return _get(_get(self.document, "components", dict), section, dict)

    def _visit(self, shape: _Shape, value: object, pointer: str) -> None:
        if pointer.count("/") > MAX_NESTING or len(self.places["schema"]) > MAX_SCHEMAS:  # findings of their own
            return
        shapes = shape.shapes if isinstance(shape, _Either) else (shape,)
        for candidate in shapes:
            if _fits(candidate, value):
                self._enter(candidate, value, pointer)
                return
        wanted = " or ".join(_type_of(candidate)[0] for candidate in shapes)
        self.misshapen.append(Finding(pointer, f"this has to be {wanted}, and is {kind_of(value)}", _WHY_SHAPE))

    def _enter(self, shape: _Shape, value: Any, pointer: str) -> None:
        if isinstance(shape, _ListOf):
            for index, item in enumerate(value):
                self._visit(shape.item, item, child(pointer, index))
        elif isinstance(shape, _MapOf):
            for key, item in value.items():
                if not (shape.extensible and key.startswith("x-")):
                    self._visit(shape.value, item, child(pointer, key))
        elif isinstance(shape, str):
            self._enter_object(shape, value, pointer)

    def _enter_object(self, kind: str, raw: dict[str, Any], pointer: str) -> None:
        self.places[kind].append(_Place(pointer, raw))
        fields = _FIELDS[kind]
        for key, value in raw.items():
            if key in fields:
                self._visit(fields[key], value, child(pointer, key))
        if "$ref" in raw and kind in _SECTIONS:
            self._visit(_TEXT, raw["$ref"], child(pointer, "$ref"))
        else:
            for key in _REQUIRED.get(kind, ()):
                if key not in raw:
                    self.misshapen.append(Finding(pointer, f"the field `{key}` is missing", _WHY_SHAPE))


def _fits(shape: _Shape, value: object) -> bool:
    types = _type_of(shape)[1]
    return isinstance(value, types) and (not isinstance(value, bool) or bool in types)


def _type_of(shape: _Shape) -> tuple[str, tuple[type, ...]]:
    if isinstance(shape, _Scalar):
        return shape.name, shape.types
    return ("an array", (list,)) if isinstance(shape, _ListOf) else ("an object", (dict,))


# --- The rules, each over the whole document ---


def _version(survey: _Survey) -> Iterator[Finding]:
    version = survey.document.get("openapi")
    if isinstance(version, str) and not re.fullmatch(r"3\.1\.[0-9]+", version):
        what = f"this is OpenAPI {_quote(version)}, not 3.1"
        yield Finding("/openapi", what, f"{_WHY_VERSION}; convert it to OpenAPI 3.1 first")


def _sizes(survey: _Survey) -> Iterator[Finding]:
    why = "no API needs it; it is a mistake or an attack, and the client would be unusable"
    for count, most, what in (
        (sum(1 for _ in survey.operations()), MAX_OPERATIONS, "operations"),
        (len(survey.places["schema"]), MAX_SCHEMAS, "schemas"),
    ):
        if count > most:
            yield Finding("", f"there are {count:,} {what}, more than {most:,}", why)
    for keys, node in walk(survey.document, deepest=MAX_NESTING + 1):
        if len(keys) > MAX_NESTING:
            yield Finding(child("", *keys), f"this is nested deeper than {MAX_NESTING} levels", why)
        texts = node if isinstance(node, dict) else [node] if isinstance(node, str) else []
        if any(len(text) > MAX_TEXT for text in texts):
            yield Finding(child("", *keys), f"a text here has more than {MAX_TEXT:,} characters", why)


def _paths(survey: _Survey) -> Iterator[Finding]:
    why = "the client would send requests to another address than the document means"
    paths = _get(survey.document, "paths", dict)
    if isinstance(survey.document.get("paths"), dict) and not any(survey.operations()):
        yield Finding("/paths", "there are no operations", "a client without operations is of no use")
    for path in paths:
        pointer = child("/paths", path)
        if path.startswith("x-") or len(path) > MAX_NAME:  # an extension; or too long, which is a finding elsewhere
            continue
        if not path.startswith("/"):
            yield Finding(pointer, 'the path does not begin with "/"', why)
        if not re.fullmatch(r"([A-Za-z0-9._~!$&'()*+,;=:@/{}-]|%[0-9A-Fa-f]{2})*", path):
            yield Finding(pointer, "the path has characters that no path has", why)
        if "//" in path or _climbs(path):
            yield Finding(pointer, "the path has a segment that is empty or leads elsewhere", why)
        outside = re.sub(r"\{[^{}/]+\}", "", path)
        if "{" in outside or "}" in outside:
            yield Finding(pointer, "the path has a brace that belongs to no parameter", why)
        if len(names := _template_names(path)) != len(set(names)):
            yield Finding(pointer, "the path has the same parameter twice", why)


def _path_items(survey: _Survey) -> Iterator[Finding]:
    why = "operations that are written there would be missing from the client"
    for pointer, raw in survey.places["path item"]:
        for key in raw:
            if key not in _FIELDS["path item"] and not key.startswith("x-"):
                what = "a path by reference is not supported" if key == "$ref" else "OpenAPI has no such HTTP method"
                yield Finding(child(pointer, key), what, why)


def _operation_ids(survey: _Survey) -> Iterator[Finding]:
    names: list[tuple[str, str]] = []
    for operation in survey.operations():
        if "operationId" not in operation.raw:
            why = "nothing else gives the operation a name that stays, so users' code would break with the next version"
            yield Finding(operation.pointer, "the operation has no operationId", why)
        elif name := _get(operation.raw, "operationId", str):
            names.append((child(operation.pointer, "operationId"), name))
    why = "one of the operations would be missing from the client; the document has to give each a name of its own"
    yield from _collisions("operationId", names, identifier, why)


def _responses(survey: _Survey) -> Iterator[Finding]:
    why = "the client could not say what the operation returns"
    for operation in survey.operations():
        if not isinstance(responses := operation.raw.get("responses"), dict):
            continue
        pointer = child(operation.pointer, "responses")
        codes = [code for code in responses if not code.startswith("x-")]
        for code in codes:
            if not re.fullmatch(r"[1-5]([0-9]{2}|XX)|default", code):
                yield Finding(child(pointer, code), "this is neither an HTTP status nor `default`", why)
        if not codes:
            yield Finding(pointer, "the operation has no responses", why)
        elif not any(code.startswith("2") for code in codes):
            yield Finding(pointer, "the operation has no response for success (2xx)", why)


def _parameters(survey: _Survey) -> Iterator[Finding]:
    for pointer, raw in survey.places["parameter"]:
        if "$ref" in raw:
            continue
        place = raw.get("in")
        if isinstance(place, str) and place not in ("path", "query", "header"):
            why = "the client would leave it out of the request without a word"
            yield Finding(child(pointer, "in"), f"parameters in {_quote(place)} are not supported", why)
        if place == "path" and raw.get("required") is not True:
            why = "a path without it is another path, so the client could call another operation"
            yield Finding(pointer, "a parameter in the path has to be `required: true`", why)
        if "schema" not in raw:
            why = "nobody can say what values it takes, so any mistake with it is found only by the server"
            yield Finding(pointer, "the parameter has no `schema`; one described by `content` is not supported", why)


def _parameters_of_operations(survey: _Survey) -> Iterator[Finding]:
    why_twice = "one of them would be missing from the client"
    why_path = "the address of the request could not be made from the arguments of the call"
    for operation in survey.operations():
        declared: dict[tuple[str, str], str] = {}
        for owner in (operation.path_item, operation):
            here: set[tuple[str, str]] = set()
            for index, entry in enumerate(_get(owner.raw, "parameters", list)):
                pointer = child(owner.pointer, "parameters", index)
                raw = _resolve(survey, _as(dict, entry), "parameters")
                key = _get(raw, "in", str), _get(raw, "name", str)
                if not all(key):  # a finding elsewhere
                    continue
                if key in here:
                    yield Finding(pointer, f"{key[0]} parameter {_quote(key[1])} stands twice here", why_twice)
                here.add(key)
                declared[key] = pointer
        in_template = set(_template_names(operation.path))
        in_path = {name: pointer for (place, name), pointer in declared.items() if place == "path"}
        for name in sorted(in_template - in_path.keys()):
            yield Finding(
                operation.pointer, f"the path has a parameter {_quote(name)}, which is not declared", why_path
            )
        for name in sorted(in_path.keys() - in_template):
            yield Finding(in_path[name], f"the path has no parameter {_quote(name)}", why_path)
        names = [(pointer, name) for (_, name), pointer in declared.items()]
        yield from _collisions("parameter", names, identifier, "a call could not give both")


def _schemas(survey: _Survey) -> Iterator[Finding]:
    known = {"array", "boolean", "integer", "null", "number", "object", "string"}
    why_type = "values of an unknown type cannot be checked or decoded"
    why_enum = "there would be no value that a user could give or get"
    for pointer, raw in survey.places["schema"]:
        types = raw.get("type", "object")
        for name in types if isinstance(types, list) else [types]:
            if isinstance(name, str) and name not in known:
                yield Finding(child(pointer, "type"), f"there is no type {_quote(name)}", why_type)
        if types == []:
            yield Finding(child(pointer, "type"), "the list of types is empty", why_type)
        for keyword in ("enum", "anyOf", "oneOf", "allOf"):
            if raw.get(keyword) == []:
                yield Finding(child(pointer, keyword), f"`{keyword}` is empty", why_enum)
        for index, value in enumerate(_get(raw, "enum", list)):
            if isinstance(value, dict | list):
                why = "an enumeration in Python has plain values only"
                yield Finding(child(pointer, "enum", index), f"an enumeration cannot have {kind_of(value)} in it", why)


def _references(survey: _Survey) -> Iterator[Finding]:
    why = "what stands there would be missing from the client, with every response that uses it"
    for pointer, reference, section in survey.references():
        key = _target(reference, section)
        if key is None:
            what = f"the reference {_quote(reference)} does not lead to a component in `#/components/{section}/`"
            yield Finding(pointer, what, why)
        elif key not in survey.components(section):
            yield Finding(pointer, f"the reference {_quote(reference)} leads to nothing", why)


# The reference of a component that is, or is a variant of, another component.
_SELF = re.compile(r"(/components/[^/]+/[^/]+)(/(anyOf|oneOf|allOf)/[0-9]+)*/\$ref")


def _circles(survey: _Survey) -> Iterator[Finding]:
    leads_to: dict[str, set[str]] = {}
    for pointer, reference, section in survey.references():
        owner = _SELF.fullmatch(pointer)
        key = _target(reference, section)
        if owner and key is not None:
            leads_to.setdefault(owner[1], set()).add(child("/components", section, key))
    sorter = TopologicalSorter(leads_to)
    with suppress(CycleError):
        sorter.prepare()
    while ready := sorter.get_ready():  # even with circles it gives out everything that does not depend on one
        sorter.done(*ready)
        for pointer in ready:
            leads_to.pop(pointer, None)
    for pointer in leads_to:
        why = "it has no meaning, and no class can be made of it"
        yield Finding(pointer, "the references of this component go in circles and never reach a definition", why)


def _names(survey: _Survey) -> Iterator[Finding]:
    why_control = "in code, in messages and on terminals it would act instead of show"
    why_long = "nobody can read or type it"
    why_nothing = "there would be no way to write it in Python"
    for pointer, text, becomes in _all_names(survey):
        if CONTROL.search(text):
            yield Finding(pointer, f"the name {_quote(text)} has a control character in it", why_control)
        if len(text) > MAX_NAME:
            yield Finding(pointer, f"the name {_quote(text)} has more than {MAX_NAME} characters", why_long)
        if becomes and not _becomes(becomes, text):
            yield Finding(pointer, f"the name {_quote(text)} leaves nothing of a Python name", why_nothing)
    for pointer, raw in survey.places["schema"]:
        for index, value in enumerate(_get(raw, "enum", list)):
            if isinstance(value, str) and CONTROL.search(value):
                what = f"the value {_quote(value)} has a control character in it"
                yield Finding(child(pointer, "enum", index), what, why_control)


def _same_names(survey: _Survey) -> Iterator[Finding]:
    yield from _collisions("component", _titles(survey), _module, "one class would take the place of the other")
    first_uses: dict[str, str] = {}
    for pointer, tag in _tags(survey):
        first_uses.setdefault(tag, pointer)
    spellings = [(pointer, tag) for tag, pointer in first_uses.items()]
    yield from _collisions("tag", spellings, identifier, "the operations of both would be mixed up in one resource")
    for pointer, raw in survey.places["schema"]:
        properties = [(child(pointer, "properties", name), name) for name in _get(raw, "properties", dict)]
        yield from _collisions("property", properties, identifier, "one field would hide the other, and data be lost")


_RULES: tuple[Callable[[_Survey], Iterator[Finding]], ...] = (
    _version,
    _sizes,
    _paths,
    _path_items,
    _operation_ids,
    _responses,
    _parameters,
    _parameters_of_operations,
    _schemas,
    _references,
    _circles,
    _names,
    _same_names,
)


# --- What the rules share ---


_ToName: TypeAlias = Callable[[str], str]


def _all_names(survey: _Survey) -> Iterator[tuple[str, str, _ToName | None]]:
    """Every name of the document with its pointer, and what makes a Python name of it, if one is made."""
    for pointer, raw in survey.places["info"]:
        yield child(pointer, "title"), _get(raw, "title", str), None
        yield child(pointer, "version"), _get(raw, "version", str), None
    for section in _FIELDS["components"]:
        for key in survey.components(section):
            yield child("/components", section, key), key, None
    for pointer, title in _titles(survey):
        yield pointer, title, pascal_case
    for pointer, tag in _tags(survey):
        yield pointer, tag, identifier
    for path in _get(survey.document, "paths", dict):
        yield child("/paths", path), path, None
    for operation in survey.operations():
        if isinstance(name := operation.raw.get("operationId"), str):
            yield child(operation.pointer, "operationId"), name, identifier
    for pointer, raw in survey.places["parameter"]:
        if isinstance(name := raw.get("name"), str):
            yield child(pointer, "name"), name, identifier
    for kind in ("parameter", "request body", "response", "header"):
        for pointer, raw in survey.places[kind]:
            for media_type in _get(raw, "content", dict):
                yield child(pointer, "content", media_type), media_type, None
    for pointer, raw in survey.places["response"]:
        for name in _get(raw, "headers", dict):
            yield child(pointer, "headers", name), name, None
    for pointer, raw in survey.places["schema"]:
        if title := _get(raw, "title", str):
            yield child(pointer, "title"), title, None
        for name in _get(raw, "properties", dict):
            yield child(pointer, "properties", name), name, identifier


def _titles(survey: _Survey) -> Iterator[tuple[str, str]]:
    """What each component schema is called, with the pointer of the text: its title, or its key without one."""
    for key, raw in survey.components("schemas").items():
        pointer = child("/components/schemas", key)
        if title := _get(_as(dict, raw), "title", str):
            yield child(pointer, "title"), title
        else:
            yield pointer, key


def _module(title: str) -> str:
    """The module of the class of a component. Two classes may differ, as `AB` and `Ab` do, and still share it."""
    return snake_case(pascal_case(title))


def _tags(survey: _Survey) -> Iterator[tuple[str, str]]:
    """Every mention of a tag, with its pointer: the declarations first, then the uses."""
    for pointer, raw in survey.places["tag"]:
        if isinstance(name := raw.get("name"), str):
            yield child(pointer, "name"), name
    for operation in survey.operations():
        for index, name in enumerate(_get(operation.raw, "tags", list)):
            if isinstance(name, str):
                yield child(operation.pointer, "tags", index), name


def _collisions(what: str, names: Iterable[tuple[str, str]], to_name: _ToName, why: str) -> Iterator[Finding]:
    """A finding for each of `names` (pointer and text) that comes to the same Python name as one before it."""
    first: dict[str, tuple[str, str]] = {}
    for pointer, text in names:
        name = _becomes(to_name, text)
        if name in first:
            where, other = first[name]
            if text == other:
                yield Finding(pointer, f"the {what} {_quote(text)} stands at {where} too", why)
            else:
                message = f"the {what} {_quote(text)} becomes `{name}` in Python, as {_quote(other)} does at {where}"
                yield Finding(pointer, message, why)
        elif name:
            first[name] = pointer, text


def _becomes(to_name: _ToName, text: str) -> str:
    try:
        return to_name(text)
    except ValueError:
        return ""


def _target(reference: str, section: str) -> str | None:
    """The key of the component in `section` that `reference` leads to, or None if it leads elsewhere."""
    prefix = f"#/components/{section}/"
    key = unquote(reference).removeprefix(prefix)
    if not unquote(reference).startswith(prefix) or "/" in key:
        return None
    return key.replace("~1", "/").replace("~0", "~")


def _resolve(survey: _Survey, raw: dict[str, Any], section: str) -> dict[str, Any]:
    """`raw`, or the component that its references lead to in the end; what leads nowhere is an empty object."""
    seen: set[str] = set()
    while "$ref" in raw:
        key = _target(_get(raw, "$ref", str), section)
        if key is None or key in seen:
            return {}
        seen.add(key)
        raw = _as(dict, survey.components(section).get(key))
    return raw


def _template_names(path: str) -> list[str]:
    return re.findall(r"\{([^{}/]+)\}", path)


def _climbs(path: str) -> bool:
    """Whether a segment of `path` is `.` or `..` or hides a separator, however often it is percent-encoded."""
    segments = path.split("/")
    while (decoded := [unquote(segment) for segment in segments]) != segments:
        segments = decoded
    return any(segment in (".", "..") or "/" in segment or "\\" in segment for segment in segments)


def _quote(text: str) -> str:
    return f'"{text}"' if len(text) <= 80 else f'"{text[:79]}…"'


_T = TypeVar("_T")


def _as(kind: type[_T], value: object) -> _T:
    return value if isinstance(value, kind) else kind()


def _get(raw: dict[str, Any], key: str, kind: type[_T]) -> _T:
    """`raw[key]`, or an empty value of its kind if it is missing or of another kind, which is a finding elsewhere."""
    return _as(kind, raw.get(key))
