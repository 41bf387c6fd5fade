"""Reading an OpenAPI document: its operations, its schemas, and the places of schemas.

A *place* is a readable, stable address of a schema: `Campaign.campaign_schedule.schedules[]`,
`createCampaign:body.name`, `listCampaign:query.status`, `getLead:response.payload{}`. Components are addressed by
their title, because the vendor renumbers their keys; `[]` is an array's item, `{}` a map's value, and the members of
a union share the place of the union.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

from scripts.lib.identifiers import pascal_case, words

Document = dict[str, Any]
Schema = dict[str, Any]

_VERBS = {"post": "create", "put": "replace", "patch": "update"}
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
COMBINATORS = ("allOf", "anyOf", "oneOf")
SCHEMA_REF = "#/components/schemas/"


class Operation(NamedTuple):
    """One operation of a document: its path template, HTTP method in lower case, and the raw object."""

    path: str
    method: str
    raw: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.raw.get("operationId") or derived_id(self.path, self.method))


def derived_id(path: str, method: str) -> str:
    """What an operation is called that has no operationId: `GET /api/v2/robots/{id}/arms` is `getRobotsArmsById`."""
    names = re.findall(r"\{(.*?)\}", path)
    things = words(re.sub(r"\{.*?\}", " ", re.sub(r"^/(api/)?(v\d+/)?", "", path)))
    parts = [_VERBS.get(method, method), *things, *(["by", *words(" and ".join(names))] if names else [])]
    return parts[0] + "".join(map(str.capitalize, parts[1:]))


def operations(document: Document) -> Iterator[Operation]:
    """The operations in document order."""
    for path, item in document["paths"].items():
        for method, raw in item.items():
            if method in METHODS:
                yield Operation(path, method, raw)


def address(method: str, path: str) -> tuple[str, str]:
    """Where a request goes: the method and the path, whatever its variables are called."""
    return method, re.sub(r"\{[^{}]*\}", "{}", path)


def parameters(document: Document, operation: Operation) -> list[dict[str, Any]]:
    """The parameters of an operation: its own and those of its path item, references resolved, in that order."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for raw in [*operation.raw.get("parameters", []), *document["paths"][operation.path].get("parameters", [])]:
        parameter = resolve(document, raw)
        found.setdefault((parameter["in"], parameter["name"]), parameter)
    return list(found.values())


def resolve(document: Document, node: dict[str, Any]) -> dict[str, Any]:
    """`node`, or what its `$ref` (chain) points at inside the document."""
    while "$ref" in node:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[_unescaped(part)]
        node = target
    return node


def component_schemas(document: Document) -> dict[str, Schema]:
    """The component schemas, by key."""
    schemas: dict[str, Schema] = document.get("components", {}).get("schemas", {})
    return schemas


def schemas_by_title(document: Document) -> dict[str, Schema]:
    """The component schemas, by title."""
    return {component_title(key, schema): schema for key, schema in component_schemas(document).items()}


def component_key(reference: str) -> str:
    """The key of the component schema that a `$ref` points at."""
    return _unescaped(reference.removeprefix(SCHEMA_REF))


def _unescaped(part: str) -> str:
    return unquote(part).replace("~1", "/").replace("~0", "~")


def component_title(key: str, schema: Schema) -> str:
    """The stable name of a component: its title, or its key where it has none."""
    return str(schema.get("title") or key)


def successes(operation: Operation) -> list[tuple[str, dict[str, Any]]]:
    """The documented responses of success of an operation, by status code: `default`, where no 2xx is documented."""
    responses = operation.raw["responses"]
    codes = sorted(code for code in responses if code.startswith("2")) or ["default"]
    return [(code, responses[code]) for code in codes if code in responses]


def component_place(key: str, schema: Schema) -> str:
    return pascal_case(component_title(key, schema))


def root_of(place: str) -> str:
    """The component or the operation that a place is in."""
    return place.partition(":")[0] if ":" in place else re.split(r"[.\[{|]", place, maxsplit=1)[0]


def root_schemas(document: Document) -> Iterator[tuple[str, Schema]]:
    """Every outermost schema with its place: components, parameters, request bodies, success responses."""
    for key, schema in component_schemas(document).items():
        yield component_place(key, schema), schema
    for operation in operations(document):
        for parameter in parameters(document, operation):
            if "schema" in parameter:
                yield f"{operation.id}:{parameter['in']}.{parameter['name']}", parameter["schema"]
        body = resolve(document, operation.raw.get("requestBody", {}))
        for media in body.get("content", {}).values():
            if "schema" in media:
                yield f"{operation.id}:body", media["schema"]
        for _, response in successes(operation):
            for media in resolve(document, response).get("content", {}).values():
                if "schema" in media:
                    yield f"{operation.id}:response", media["schema"]


def inner_schemas(place: str, schema: Schema) -> Iterator[tuple[str, Schema]]:
    """The schemas directly inside `schema`, with their places."""
    for name, inner in schema.get("properties", {}).items():
        yield f"{place}.{name}", inner
    if isinstance(schema.get("items"), dict):
        yield f"{place}[]", schema["items"]
    if isinstance(schema.get("additionalProperties"), dict):
        yield f"{place}{{}}", schema["additionalProperties"]
    for combinator in COMBINATORS:
        for inner in schema.get(combinator, []):
            yield place, inner


def all_schemas(document: Document) -> Iterator[tuple[str, Schema]]:
    """Every schema of the document with its place, outer before inner."""

    def walk(place: str, schema: Schema) -> Iterator[tuple[str, Schema]]:
        yield place, schema
        for inner_place, inner in inner_schemas(place, schema):
            yield from walk(inner_place, inner)

    for place, schema in root_schemas(document):
        yield from walk(place, schema)


Rule = Callable[[Schema], Schema]


def map_schema(schema: Schema | bool, rule: Rule) -> Schema:
    """A copy of `schema` in which `rule` was applied to every schema, innermost first."""
    # In JSON Schema `true` is anything, and `false` nothing.
    copy = dict(schema) if isinstance(schema, dict) else {} if schema else {"not": {}}
    if "properties" in copy:
        copy["properties"] = {name: map_schema(inner, rule) for name, inner in copy["properties"].items()}
    if isinstance(copy.get("items"), dict):
        copy["items"] = map_schema(copy["items"], rule)
    if isinstance(copy.get("additionalProperties"), dict):
        copy["additionalProperties"] = map_schema(copy["additionalProperties"], rule)
    for combinator in COMBINATORS:
        if combinator in copy:
            copy[combinator] = [map_schema(inner, rule) for inner in copy[combinator]]
    return rule(copy)


def map_schemas(document: Document, rule: Rule) -> Document:
    """A copy of `document` in which `rule` was applied to every schema, innermost first."""
    return map_root_schemas(document, lambda _, schema: map_schema(schema, rule))


def map_root_schemas(document: Document, rule: Callable[[str, Schema], Schema]) -> Document:
    """A copy of `document` in which `rule` was applied to every outermost schema and its place.

    The place is "" in what several operations share: parameters of paths, and components that are no schemas.
    """

    def described(place: str, raw: dict[str, Any]) -> dict[str, Any]:
        return {**raw, "schema": rule(place, raw["schema"])} if "schema" in raw else raw

    def node(place: str, raw: dict[str, Any]) -> dict[str, Any]:
        """A part of an operation; only parameters have a schema of their own, and not by media type."""
        if "content" not in raw:
            return described(place, raw) if "in" in raw else raw
        return {**raw, "content": {name: described(place, media) for name, media in raw["content"].items()}}

    def operation(raw: dict[str, Any]) -> dict[str, Any]:
        raw = dict(raw)
        owner = raw.get("operationId", "")
        if "parameters" in raw:
            raw["parameters"] = [
                node(f"{owner}:{parameter.get('in')}.{parameter.get('name')}", parameter)
                for parameter in raw["parameters"]
            ]
        if "requestBody" in raw:
            raw["requestBody"] = node(f"{owner}:body", raw["requestBody"])
        raw["responses"] = {
            code: response if code.startswith("x-") else node(f"{owner}:response", response)
            for code, response in raw["responses"].items()
        }
        return raw

    def path_item(raw: dict[str, Any]) -> dict[str, Any]:
        raw = {key: operation(value) if key in METHODS else value for key, value in raw.items()}
        if "parameters" in raw:
            raw["parameters"] = [node("", parameter) for parameter in raw["parameters"]]
        return raw

    components = dict(document.get("components", {}))
    if "schemas" in components:
        schemas = components["schemas"].items()
        components["schemas"] = {key: rule(component_place(key, schema), schema) for key, schema in schemas}
    for section in ("parameters", "requestBodies", "responses"):
        if section in components:
            components[section] = {key: node("", value) for key, value in components[section].items()}
    return {
        **document,
        "components": components,
        "paths": {path: path_item(item) for path, item in document["paths"].items()},
    }


def with_operation_ids(document: Document) -> Document:
    """A copy of `document` in which every operation has an operationId."""
    ids = {id(operation.raw): operation.id for operation in operations(document)}
    return map_operations(document, lambda raw: raw if "operationId" in raw else {**raw, "operationId": ids[id(raw)]})


def map_operations(document: Document, rule: Callable[[dict[str, Any]], dict[str, Any]]) -> Document:
    """A copy of `document` in which `rule` was applied to every operation object."""
    return {
        **document,
        "paths": {
            path: {key: rule(value) if key in METHODS else value for key, value in item.items()}
            for path, item in document["paths"].items()
        },
    }
