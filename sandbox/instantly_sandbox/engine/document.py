"""Document of the API: operations by method and path, schemas, documented answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

from .validators import Validators

Schema = Mapping[str, Any]

JSON = "application/json"
REMOVED = "x-removed-fields"
CURSOR = "starting_after"
NEXT_CURSOR = "next_starting_after"

_METHODS = ("get", "post", "put", "patch", "delete")
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Limit:
    """Rate limit: at most `count` requests in `seconds`."""

    count: int
    seconds: float


class Operation:
    """Operation of the document."""

    def __init__(self, document: Document, method: str, path: str, raw: Mapping[str, Any], common: Any) -> None:
        self.document = document
        self.id: str = raw["operationId"]
        self.method = method.upper()
        self.path = path
        self.scopes: frozenset[str] = frozenset(raw.get("x-scopes", ()))
        self.limits = [Limit(int(limit["count"]), limit["seconds"]) for limit in raw.get("x-limits", ())]
        self.parameters = [document.resolve(parameter) for parameter in [*raw.get("parameters", ()), *common]]
        self.open_to_all = raw.get("security") == []
        self.is_safe = self.method == "GET" or bool(raw.get("x-safe"))
        self._raw = raw
        # A fixed segment goes before a placeholder: /campaigns/analytics is not a campaign.
        self.order = [segment.startswith("{") for segment in path.split("/")]
        self.pattern = re.compile(_PLACE.sub(r"(?P<\1>[^/]+)", path))

    def __repr__(self) -> str:
        return f"<Operation {self.id} {self.method} {self.path}>"

    @cached_property
    def body_type(self) -> str:
        """The media type of the body: JSON, unless the document has others only."""
        content = self.document.resolve(self._raw.get("requestBody", {})).get("content", {})
        return next(iter(content), JSON) if JSON not in content else JSON

    @cached_property
    def body(self) -> Schema | None:
        """The schema of the body; None without a body."""
        content = self.document.resolve(self._raw.get("requestBody", {})).get("content", {})
        schema: Schema | None = content.get(self.body_type, {}).get("schema")
        return schema

    @property
    def takes_body(self) -> bool:
        """Whether there is a body that is not null."""
        return self.body is not None and self.body.get("type") != "null"

    @property
    def body_required(self) -> bool:
        """Whether a request without a body is incomplete."""
        body = self.document.resolve(self._raw.get("requestBody", {}))
        return self.takes_body and (
            bool(body.get("required")) or bool(self.document.resolve(self.body).get("required"))
        )

    @cached_property
    def cursor(self) -> str:
        """An example cursor of this list, or else the type of its cursors; empty for an operation without cursors."""
        given = [parameter["schema"] for parameter in self.parameters if parameter["name"] == CURSOR]
        given += [field for name, field in self.document.fields(self.body).items() if name == CURSOR]
        schemas = map(self.document.resolve, given)
        return next((str(schema.get("example", schema.get("type", "string"))) for schema in schemas), "")

    @property
    def foreign_scope(self) -> str:
        """A scope that does not permit the operation."""
        return min(self.document.scopes - self.scopes - {"all:all"})

    @cached_property
    def success(self) -> tuple[int, str, Schema | None]:
        """Status, content type and schema of the success; a 204 has neither type nor schema."""
        status = min(
            (code for code in self._raw["responses"] if code.startswith("2")),
            key=lambda code: (not code.isdigit(), code),
        )
        content = self.document.resolve(self._raw["responses"][status]).get("content", {})
        if status == "204" or not content:
            return int(status), "", None
        content_type, media = next(iter(content.items()))
        return int(status), content_type, media.get("schema", {})

    @cached_property
    def refusals(self) -> dict[int, Schema]:
        """The schemas of the documented errors, by status."""
        found = {}
        for code, response in self._raw["responses"].items():
            if not code.startswith("2") and code.isdigit():
                content = self.document.resolve(response).get("content", {})
                found[int(code)] = content.get(JSON, {}).get("schema", {})
        return found

    def refusal_type(self, status: int) -> str:
        """The media type of an error: JSON, unless the document has others only; "" where it documents no body."""
        if str(status) not in self._raw["responses"]:
            return JSON
        content = self.document.resolve(self._raw["responses"][str(status)]).get("content", {})
        return JSON if JSON in content else next(iter(content), "")


class Document:
    """OpenAPI document. Finds operations, resolves references, keeps validators.

    Args:
        raw: an OpenAPI 3.1 document.
        drops_fields: whether objects have names of removed fields apart.
    """

    def __init__(self, raw: Mapping[str, Any], *, drops_fields: bool = False) -> None:
        self.raw = raw
        self.validators = Validators(raw)
        self.drops_fields = drops_fields
        self._dropping: dict[int, bool] = {}
        found = [
            Operation(self, method, path, item[method], item.get("parameters", ()))
            for path, item in raw["paths"].items()
            for method in _METHODS
            if method in item
        ]
        self.operations = {operation.id: operation for operation in found}
        paths: dict[str, list[Operation]] = {}
        for operation in found:
            paths.setdefault(operation.path, []).append(operation)
        self._by_path = sorted(paths.values(), key=lambda item: item[0].order)
        self._at = paths
        self._components: dict[str, str] = {
            schema.get("title", key): key for key, schema in raw.get("components", {}).get("schemas", {}).items()
        }

    @cached_property
    def scopes(self) -> frozenset[str]:
        """Scopes that operations need, and scopes that a key can have."""
        found = set().union(*(operation.scopes for operation in self))
        creates = self.operations.get("createAPIKey")
        if creates:
            fields = self.resolve(creates.body).get("properties", {})
            found.update(fields.get("scopes", {}).get("items", {}).get("enum", ()))
        return frozenset(found)

    def match(self, method: str, path: str) -> tuple[Operation | None, dict[str, str], list[str]]:
        """The operation of a request, its path values, and the methods that its path has."""
        for item in self._by_path:
            found = item[0].pattern.fullmatch(path)
            if found:
                values = {name: unquote(value) for name, value in found.groupdict().items()}
                operation = next((operation for operation in item if operation.method == method), None)
                return operation, values, sorted(operation.method for operation in item)
        return None, {}, []

    def at(self, path: str) -> list[Operation]:
        """The operations at a path of the document."""
        return self._at.get(path, [])

    def resolve(self, node: Any) -> Any:
        """A node, or the target of its `$ref`."""
        while isinstance(node, Mapping) and "$ref" in node:
            target: Any = self.raw
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[unquote(part).replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def component(self, title: str) -> Schema:
        """The schema of the object with this title; an empty one, if the document has no such object."""
        schema: Schema = self.raw["components"]["schemas"][self._components[title]] if title in self._components else {}
        return schema

    def fields(self, schema: Schema | None) -> dict[str, Any]:
        """The schemas of an object's fields, also of those that it has from the parts of an `allOf`."""
        resolved = self.resolve(schema) or {}
        parts = [self.fields(part) for part in resolved.get("allOf", ())]
        own = {name: self.resolve(field) for name, field in resolved.get("properties", {}).items()}
        return {name: field for part in [*parts, own] for name, field in part.items()}

    @property
    def titles(self) -> list[str]:
        """The titles of its objects."""
        return list(self._components)

    def required(self, schema: Schema | None) -> list[str]:
        """The names of an object's required fields, also of those that it has from the parts of an `allOf`."""
        resolved = self.resolve(schema) or {}
        parts = [name for part in resolved.get("allOf", ()) for name in self.required(part)]
        return list(dict.fromkeys([*parts, *resolved.get("required", ())]))

    def title(self, schema: Schema | None) -> str | None:
        """The title of the component that a schema refers to; None without a reference."""
        if not schema or "$ref" not in schema:
            return None
        title: str | None = self.resolve(schema).get("title")
        return title

    def without_removed(self, schema: Schema, value: Any) -> Any:
        """An answer without the fields that the service has dropped since its handler was written."""
        schema = self.resolve(schema)
        if not self._drops(schema):
            return value
        if isinstance(value, list):
            return [self.without_removed(schema.get("items", {}), item) for item in value]
        if not isinstance(value, dict):
            return value
        removed, fields = schema.get(REMOVED, ()), self.fields(schema)
        return {
            name: self.without_removed(fields.get(name, {}), inner)
            for name, inner in value.items()
            if name not in removed
        }

    def _drops(self, schema: Any) -> bool:
        """Whether the service has dropped a field of an object that this schema describes, at any depth."""
        if not schema or not isinstance(schema, Mapping):  # True: anything
            return False
        known = self._dropping.get(id(schema))
        if known is None:
            seen: dict[int, Any] = {}
            rest: list[Any] = [schema]
            while rest:
                each = self.resolve(rest.pop())
                if isinstance(each, Mapping) and id(each) not in seen:
                    seen[id(each)] = each
                    rest += [each.get("items"), *self.fields(each).values()]
            known = self._dropping[id(schema)] = any(REMOVED in each for each in seen.values())
        return known

    def __iter__(self) -> Iterator[Operation]:
        return iter(self.operations.values())


def _set_apart(node: dict[str, Any]) -> dict[str, Any]:
    """A schema with the names apart of fields that the client keeps although the service has dropped them."""
    fields = node.get("properties")
    if isinstance(fields, dict):
        removed = [
            name
            for name, field in fields.items()
            if isinstance(field, dict) and isinstance(field.get("x-removed"), str)
        ]
        if removed:
            node["properties"] = {name: field for name, field in fields.items() if name not in removed}
            node[REMOVED] = removed
    return node


@cache
def pinned() -> Document:
    """The document that the installed client was generated from."""
    text = (files("instantly_client") / "openapi.json").read_text("utf-8")
    drops_fields = '"x-removed"' in text
    return Document(json.loads(text, object_hook=_set_apart if drops_fields else None), drops_fields=drops_fields)
