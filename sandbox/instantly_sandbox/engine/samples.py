"""Samples: random values that fit a schema. The same seed gives the same values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any, ClassVar

from ..state.clock import timestamp
from ..state.identity import uuid7
from .document import Document, Schema

_OPTIONAL = 0.8
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

    def draw(self, schema: Schema) -> Any:
        """A value that fits the schema."""
        schema = self._document.resolve(schema)
        if "const" in schema:
            return schema["const"]
        for combinator in ("oneOf", "anyOf"):
            if combinator in schema:
                return self._union(schema, schema[combinator][0])
        if "allOf" in schema:
            return self._together(schema)
        if "enum" in schema:
            return self._random.choice(_listed(schema))
        return self._by_type[self._type(schema)](self, schema)

    def _union(self, schema: Schema, member: Schema) -> Any:
        value = self.draw(member)
        if isinstance(value, dict) and "properties" in schema:
            return {**self._object(schema), **value}
        return value

    def _together(self, schema: Schema) -> Any:
        values = [self.draw(part) for part in schema["allOf"]]
        if all(isinstance(value, dict) for value in values):
            own = self._object(schema) if "properties" in schema else {}
            return {name: field for value in [*values, own] for name, field in value.items()}
        return values[0]

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
            if name in required or self._random.random() < _OPTIONAL
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
        count = max(minimum, min(maximum, self._random.randint(1, 2)))
        return [self.draw(schema.get("items", {"type": "string"})) for _ in range(count)]

    def _string(self, schema: Schema) -> str:
        drawn = self._format(schema)
        if drawn is not None:
            return drawn
        example = schema.get("example")
        if isinstance(example, str):
            return example
        word = self._random.choice(_WORDS)
        return word.ljust(schema.get("minLength", 0), "-")[: schema.get("maxLength", None)]

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
            case "uri":
                return f"https://{random.choice(_WORDS)}.example.com"
        return None

    def _number(self, schema: Schema) -> int | float:
        example = schema.get("example")
        if isinstance(example, int | float) and not isinstance(example, bool):
            return example
        low = schema.get("minimum", 0)
        return self._random.randint(int(low), int(min(schema.get("maximum", low + 100), low + 100)))

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
