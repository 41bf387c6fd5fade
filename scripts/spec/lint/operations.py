"""Operations of a document: their paths, ids, parameters, responses and schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from scripts.lib.report import Finding, child
from scripts.spec.document import METHODS, derived_id
from scripts.spec.lint.names import MAX_NAME, doubles
from scripts.spec.lint.references import resolve
from scripts.spec.lint.shapes import FIELDS
from scripts.spec.lint.survey import Survey, as_kind, get, quote
from scripts.spec.load import kind_of as json_kind_of
from scripts.spec.media_types import JSON, chosen, kind_of

STYLES = {
    "path": ("simple",),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
"""The styles of parameters that the client writes, by their place."""

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def check_paths(survey: Survey) -> Iterator[Finding]:
    why = "the client would send requests to another address than the document means"
    paths = get(survey.document, "paths", dict)
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


def check_path_items(survey: Survey) -> Iterator[Finding]:
    why = "operations that are written there would be missing from the client"
    for pointer, raw in survey.places["path item"]:
        if "$ref" in raw and any(key in raw for key in (*METHODS, "parameters")):
            what = "a path has either a reference or operations and parameters, and this has both"
            yield Finding(child(pointer, "$ref"), what, "OpenAPI does not say which of them counts")
        for key in raw:
            if key not in FIELDS["path item"] and key != "$ref" and not key.startswith("x-"):
                yield Finding(child(pointer, key), "OpenAPI has no such HTTP method", why)


def check_operation_ids(survey: Survey) -> Iterator[Finding]:
    names: list[tuple[str, str]] = []
    for operation in survey.operations():
        if name := get(operation.raw, "operationId", str):
            names.append((child(operation.pointer, "operationId"), name))
        elif "operationId" not in operation.raw:
            names.append((operation.pointer, derived_id(operation.path, operation.method)))
    why = "one of the operations would be missing from the client; the document has to give each a name of its own"
    yield from doubles("operationId", names, why)


def check_responses(survey: Survey) -> Iterator[Finding]:
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
        elif not any(code.startswith("2") or code == "default" for code in codes):
            yield Finding(pointer, "the operation has no response for success (2xx)", why)
        yield from _kinds(survey, pointer, responses)


def _kinds(survey: Survey, pointer: str, responses: dict[str, Any]) -> Iterator[Finding]:
    """A finding for each success that answers with another kind of body than the one before it."""
    known: dict[str, str] = {}
    for code in sorted(code for code in responses if code.startswith("2")):
        found = chosen(get(resolve(survey, as_kind(dict, responses[code]), "responses"), "content", dict))
        if found is None:
            continue
        kind = known.setdefault(kind_of(found[0]), code)
        if len(known) > 1 and kind == code:
            what = f"{code} answers with {quote(found[0])}, and {min(known.values())} with what is read in another way"
            why = "a method returns one kind of value; describe one media type that both statuses answer with"
            yield Finding(child(pointer, code), what, why)


def check_parameters(survey: Survey) -> Iterator[Finding]:
    for pointer, raw in survey.places["parameter"]:
        if "$ref" in raw:
            continue
        place = get(raw, "in", str)
        if isinstance(raw.get("in"), str) and place not in STYLES:
            why = "the client would leave it out of the request without a word"
            yield Finding(child(pointer, "in"), f"OpenAPI has no parameters in {quote(place)}", why)
        if place == "path" and raw.get("required") is not True:
            why = "a path without it is another path, so the client could call another operation"
            yield Finding(pointer, "a parameter in the path has to be `required: true`", why)
        if place in ("header", "cookie") and not _TOKEN.fullmatch(get(raw, "name", str)):
            why = "HTTP could not send it; a name has letters, digits and signs such as `-` and `_`, as in `X-Trace-Id`"
            yield Finding(child(pointer, "name"), f"no {place} can be called {quote(get(raw, 'name', str))}", why)
        if "schema" not in raw and "content" not in raw:
            why = "nobody can say what values it takes, so any mistake with it is found only by the server"
            yield Finding(pointer, "the parameter has neither `schema` nor `content`", why)
        if "content" in raw and [kind_of(media_type) for media_type in get(raw, "content", dict)] != [JSON]:
            why = "the client would not know how to write the value; describe it by `schema`, or by one JSON media type"
            yield Finding(child(pointer, "content"), "the content of a parameter has to be JSON", why)
        elif place in STYLES and "schema" in raw:
            yield from _style(survey, pointer, raw)


def _style(survey: Survey, pointer: str, raw: dict[str, Any]) -> Iterator[Finding]:
    """A finding where a parameter is to be written in a way that the client does not know."""
    place, style = get(raw, "in", str), get(raw, "style", str)
    if style and style not in STYLES[place]:
        why = f"the service would read something else; what can be sent there is {' or '.join(STYLES[place])}"
        yield Finding(child(pointer, "style"), f"the style {quote(style)} is not supported in {quote(place)}", why)
    elif resolve(survey, get(raw, "schema", dict), "schemas").get("type") == "object" and style != "deepObject":
        why = "its fields would be parameters of their own; describe it by `content`, or in a query say `deepObject`"
        yield Finding(child(pointer, "schema"), f"an object cannot be sent in {quote(place)} in this style", why)


def check_parameters_of_operations(survey: Survey) -> Iterator[Finding]:
    why_twice = "one of them would be missing from the client"
    why_path = "the address of the request could not be made from the arguments of the call"
    for operation in survey.operations():
        declared: dict[tuple[str, str], str] = {}
        for owner in (operation.path_item, operation):
            here: set[tuple[str, str]] = set()
            for index, entry in enumerate(get(owner.raw, "parameters", list)):
                pointer = child(owner.pointer, "parameters", index)
                raw = resolve(survey, as_kind(dict, entry), "parameters")
                key = get(raw, "in", str), get(raw, "name", str)
                if not all(key):  # a finding elsewhere
                    continue
                if key in here:
                    yield Finding(pointer, f"{key[0]} parameter {quote(key[1])} is twice here", why_twice)
                here.add(key)
                declared[key] = pointer
        in_template = set(_template_names(operation.path))
        in_path = {name: pointer for (place, name), pointer in declared.items() if place == "path"}
        for name in sorted(in_template - in_path.keys()):
            yield Finding(operation.pointer, f"the path has a parameter {quote(name)}, which is not declared", why_path)
        for name in sorted(in_path.keys() - in_template):
            yield Finding(in_path[name], f"the path has no parameter {quote(name)}", why_path)
        names = [(pointer, name) for (_, name), pointer in declared.items()]
        yield from doubles("parameter", names, "a call could not give both")


def check_schemas(survey: Survey) -> Iterator[Finding]:
    known = {"array", "boolean", "integer", "null", "number", "object", "string"}
    why_type = "values of an unknown type cannot be checked or decoded"
    why_enum = "there would be no value that a user could give or get"
    for pointer, raw in survey.places["schema"]:
        types = raw.get("type", "object")
        for name in types if isinstance(types, list) else [types]:
            if isinstance(name, str) and name not in known:
                yield Finding(child(pointer, "type"), f"there is no type {quote(name)}", why_type)
        if types == []:
            yield Finding(child(pointer, "type"), "the list of types is empty", why_type)
        for keyword in ("enum", "anyOf", "oneOf", "allOf"):
            if raw.get(keyword) == []:
                yield Finding(child(pointer, keyword), f"`{keyword}` is empty", why_enum)
        for index, value in enumerate(get(raw, "enum", list)):
            if isinstance(value, dict | list):
                why = "an enumeration in Python has plain values only"
                yield Finding(
                    child(pointer, "enum", index), f"an enumeration cannot have {json_kind_of(value)} in it", why
                )


def _template_names(path: str) -> list[str]:
    return re.findall(r"\{([^{}/]+)\}", path)


def _climbs(path: str) -> bool:
    """Whether a segment of `path` is `.` or `..` or hides a separator, however often it is percent-encoded."""
    segments = path.split("/")
    while (decoded := [unquote(segment) for segment in segments]) != segments:
        segments = decoded
    return any(segment in (".", "..") or "/" in segment or "\\" in segment for segment in segments)
