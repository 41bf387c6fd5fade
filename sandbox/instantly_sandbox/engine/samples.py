"""Samples: random values that fit a schema. The same seed gives the same values."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil
from random import Random
from typing import Any, ClassVar

from ..state.clock import timestamp
from ..state.identity import uuid7
from .document import Document, Schema
from .patterns import matching
from .validation import validator

_OPTIONAL = 0.8
_DEEP = 12
"""The depth from which on objects have their required fields only: schemas may refer to themselves."""
_TRIES = 30
_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
_WORDS = ("harbour", "lantern", "meadow", "orchid", "paper", "quarry", "river", "saffron", "timber", "willow")


class Sampler:
    """Sampler: draws values that fit schemas.

    Args:
        document: resolves references.
        random: makes the random choices.
        now: the upper bound of timestamps.
    """

    def __init__(self, document: Document, random: Random, now: datetime) -> None:
        self._document = document
        self._random = random
        self._now = now
        self._depth = 0
        self._first = True

    def fitting(self, schema: Schema) -> Any:
        """A value that fits the schema, also where its parts limit each other; the best try, if none does."""
        takes = validator(self._document, schema)
        self._first = True
        value = self.draw(schema)
        self._first = False
        for _ in range(_TRIES):
            if takes.is_valid(value):
                break
            value = self.draw(schema)
        return value

    def draw(self, schema: Schema) -> Any:
        """A value that fits the schema part by part."""
        self._depth += 1
        try:
            return self._draw(self._document.resolve(schema))
        finally:
            self._depth -= 1

    def _draw(self, schema: Schema) -> Any:
        if "const" in schema:
            return schema["const"]
        for combinator in ("oneOf", "anyOf"):
            if combinator in schema:
                members = schema[combinator]
                return self._union(schema, members[0] if self._first else self._random.choice(members))
        if "allOf" in schema:
            return self._together(schema)
        if "enum" in schema:
            return self._random.choice(_listed(schema))
        return self._by_type[self._type(schema)](self, schema)

    def _union(self, schema: Schema, member: Schema) -> Any:
        if "properties" not in schema and "allOf" not in schema:
            return self.draw(member)
        return self._together({**schema, "allOf": [*schema.get("allOf", ()), member]})

    def _together(self, schema: Schema) -> Any:
        parts = [self._document.resolve(part) for part in schema["allOf"]]
        # A part may say no more than which fields are required.
        required = [name for part in (schema, *parts) for name in part.get("required", ())]
        own = [self._object({**schema, "required": required})] if "properties" in schema else []
        values = [*own, *(self.draw(part) for part in parts if self._says_what_it_is(part))]
        if all(isinstance(value, dict) for value in values):
            return {name: field for value in values for name, field in value.items()}
        return values[0]

    def _says_what_it_is(self, schema: Schema) -> bool:
        return any(key in schema for key in ("type", "properties", "enum", "const", "allOf", "anyOf", "oneOf"))

    def _type(self, schema: Schema) -> str:
        types = schema.get("type")
        if types is None:
            return "object" if "properties" in schema else "array" if "items" in schema else "any"
        named = [types] if isinstance(types, str) else [name for name in types if name != "null"]
        return named[0] if named else "null"

    def _object(self, schema: Schema) -> dict[str, Any]:
        required = schema.get("required", ())
        return {
            name: self.draw(field)
            for name, field in schema.get("properties", {}).items()
            if name in required or (self._depth < _DEEP and self._random.random() < _OPTIONAL)
        } or self._open(schema)

    def _open(self, schema: Schema) -> dict[str, Any]:
        # An object that must not be empty gets a key.
        more = schema.get("additionalProperties")
        if schema.get("minProperties") and isinstance(more, dict):
            return {self._random.choice(_WORDS): self.draw(more)}
        if schema.get("minProperties") and schema.get("properties"):
            name, field = next(iter(schema["properties"].items()))
            return {name: self.draw(field)}
        return {}

    def _array(self, schema: Schema) -> list[Any]:
        minimum, maximum = schema.get("minItems", 0), schema.get("maxItems", 3)
        count = max(minimum, min(maximum, self._random.randint(1, 2) if self._depth < _DEEP else 0))
        drawn = [self.draw(schema.get("items", {"type": "string"})) for _ in range(count)]
        return drawn if not schema.get("uniqueItems") else [v for n, v in enumerate(drawn) if v not in drawn[:n]]

    def _string(self, schema: Schema) -> str:
        drawn = self._format(schema)
        if drawn is not None:
            return drawn
        word = self._random.choice(_WORDS).ljust(schema.get("minLength", 0), "-")[: schema.get("maxLength", None)]
        given = (schema.get("example"), schema.get("default"), word)
        texts = [text for text in given if isinstance(text, str)]
        pattern = schema.get("pattern", "")
        return next((text for text in texts if re.search(pattern, text)), matching(pattern) or texts[0])

    def _format(self, schema: Schema) -> str | None:
        random = self._random
        moment = self._now - timedelta(seconds=random.randrange(60 * 24 * 3600))
        match schema.get("format"):
            case "uuid":
                return uuid7(moment.timestamp(), random)
            case "date-time":
                return timestamp(moment)
            case "date":
                return moment.date().isoformat()
            case "email":
                return f"{random.choice(_WORDS)}@{random.choice(_WORDS)}.example.com"
            case "uri" | "url":
                return f"https://{random.choice(_WORDS)}.example.com"
            case "hostname":
                return f"{random.choice(_WORDS)}.example.com"
            case "time":
                return f"{moment:%H:%M:%S}Z"
            case "ipv4":
                return "192.0.2.1"
        return None

    def _number(self, schema: Schema) -> int | float:
        example = schema.get("example")
        if isinstance(example, int | float) and not isinstance(example, bool):
            return example
        if not _BOUNDS & schema.keys():
            return self._random.randint(1, 2)  # It may be a code, and most codes have these.
        high = schema.get("maximum", schema.get("exclusiveMaximum", 1001) - 1)
        low: float = schema.get("minimum", schema.get("exclusiveMinimum", min(0, high) - 1) + 1)
        step: int | float = schema.get("multipleOf", 1)
        first = ceil(low / step) * step
        last = min(high, low + 100)
        return low if first > last else first + step * self._random.randint(0, int((last - first) / step))

    def _boolean(self, schema: Schema) -> bool:
        return self._random.random() < 0.5

    def _null(self, schema: Schema) -> None:
        return None

    _by_type: ClassVar[dict[str, Callable[[Sampler, Schema], Any]]] = {
        "object": _object,
        "array": _array,
        "string": _string,
        "number": _number,
        "integer": _number,
        "boolean": _boolean,
        "null": _null,
        "any": _string,
    }


_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}


def _listed(schema: Schema) -> list[Any]:
    # Some enumerations list values of another type than their own. Null is never drawn from them.
    types = schema.get("type", list(_PYTHON_TYPES))
    named = [types] if isinstance(types, str) else types
    fitting = {kind for name in named if name != "null" for kind in _PYTHON_TYPES[name]}
    return [value for value in schema["enum"] if type(value) in fitting] or [None]
