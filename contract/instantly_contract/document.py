"""The document's promises of answers: their schemas, the scopes of calls, and how a 200 reports a failure.

The document is the one that the installed client was made from: the pinned one with the overlay's corrections, and
without prose. The corrections of schemas only narrow (a format, a required field), so what is valid here is valid
against the pinned file as well; a test checks every recording by both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple
from urllib.parse import unquote

from instantly_core import UNSET
from instantly_sandbox.engine.validators import Validators

Schema = Mapping[str, Any]
Place = tuple[str | int, ...]
"""The keys that lead to a value from the root of an answer."""

METHODS = ("get", "post", "put", "patch", "delete")
COMBINATORS = ("allOf", "anyOf", "oneOf")
NO_CONTENT = 204


class Violation(NamedTuple):
    """A place where a value is not as a schema says."""

    pointer: str
    expected: str
    got: Any


@dataclass(frozen=True)
class Promise:
    """The answers of an operation by the document: `answers` has the schemas by status and media type."""

    operation: str
    method: str
    path: str
    parameters: tuple[Schema, ...]
    scopes: tuple[str, ...]
    failure: Schema | None
    answers: Mapping[int, Mapping[str, Schema]]

    @property
    def errors(self) -> set[int]:
        """The documented statuses of failures."""
        return {status for status in self.answers if status >= 400}

    def failed(self, body: Any) -> bool:
        """Whether a body that came with 200 reports a failure."""
        if self.failure is None or not isinstance(body, dict):
            return False
        value = body.get(self.failure["field"])
        return value == self.failure["value"] if "value" in self.failure else bool(value)

    def schema(self, status: int, content_type: str) -> Schema | None:
        """The schema of an answer; None where the document has none for it."""
        return self.answers.get(status, {}).get(content_type.partition(";")[0].strip().lower())


class Document:
    """The promises of an OpenAPI 3.1 document."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        self._validators = Validators(raw)
        self.promises = {promise.operation: promise for promise in self._read()}

    def _read(self) -> Iterator[Promise]:
        for path, item in self._raw["paths"].items():
            for method in METHODS:
                if method in item:
                    yield self._promise(method, path, item[method], item.get("parameters", ()))

    def _promise(self, method: str, path: str, raw: Mapping[str, Any], common: Any) -> Promise:
        answers = {
            int(status): {
                kind.lower(): media.get("schema", {})
                for kind, media in self.resolve(response).get("content", {}).items()
                if int(status) != NO_CONTENT
            }
            for status, response in raw["responses"].items()
            if status.isdigit()
        }
        parameters = tuple(self.resolve(parameter) for parameter in [*raw.get("parameters", ()), *common])
        scopes = tuple(raw.get("x-scopes", ()))
        return Promise(raw["operationId"], method.upper(), path, parameters, scopes, raw.get("x-failure"), answers)

    def resolve(self, node: Any) -> Any:
        """A node, or what its `$ref` points at."""
        while isinstance(node, Mapping) and "$ref" in node:
            target: Any = self._raw
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[unquote(part).replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def violations(self, schema: Schema, value: Any) -> Iterator[Violation]:
        """Findings where a value is not as a schema says."""
        validator = self._validators.of(schema)
        try:
            found = list(validator.iter_errors(value))
        except UnicodeEncodeError:  # Half a character, which many a cut text ends with.
            whole = json.dumps(value, ensure_ascii=False).encode(errors="replace")
            found = list(validator.iter_errors(json.loads(whole)))
        except ValueError:
            yield Violation("", "fewer levels", "more than can be checked")
            return
        for error in found:
            yield from _violations(error)

    def names(self, schema: Schema, place: Place) -> bool:
        """Whether the document has a field at a place by its name."""
        *parent, key = place
        return any(key in each.get("properties", {}) for each in self._at(schema, tuple(parent)))

    def opens(self, schema: Schema, place: Place) -> bool:
        """Whether the document says that the object at a place may have fields that it does not name."""
        return any(each.get("additionalProperties", False) is not False for each in self._at(schema, place))

    def _at(self, schema: Schema, place: Place) -> list[Schema]:
        """The schemas that may hold for the value at a place."""
        found = [schema]
        for key in place:
            found = [inner for each in found for other in self._variants(each) for inner in _below(other, key)]
        return [other for each in found for other in self._variants(each)]

    def _variants(self, schema: Schema) -> Iterator[Schema]:
        schema = self.resolve(schema)
        yield schema
        for combinator in COMBINATORS:
            for member in schema.get(combinator, ()):
                yield from self._variants(member)


@cache
def corrected() -> Document:
    """The document that the installed client was made from."""
    return Document(json.loads((files("instantly_client") / "openapi.json").read_text("utf-8")))


def pointer(place: Place) -> str:
    """A place as a JSON pointer."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in place)


def _below(schema: Schema, key: str | int) -> Iterator[Schema]:
    if isinstance(key, int):
        inner = schema.get("items")
    else:
        inner = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
    if isinstance(inner, Mapping):
        yield inner


def _violations(error: Any) -> Iterator[Violation]:
    place, details = tuple(error.instance_path), error.kind.as_dict()
    match error.kind.name:
        case "required":
            yield Violation(pointer((*place, details["property"])), "a required field", UNSET)
        case "additionalProperties" | "unevaluatedProperties":
            for name in details["unexpected"]:
                yield Violation(pointer((*place, name)), "no such field", error.instance[name])
        case "oneOf" | "anyOf" as name:
            yield Violation(pointer(place), f"what {name} admits", error.instance)
        case name:
            said = next((str(value) for value in details.values()), "") if len(details) == 1 else ""
            yield Violation(pointer(place), f"{name} {said}".rstrip(), error.instance)
