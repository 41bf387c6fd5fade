"""Strategies for values that fit a schema of the document, as far from the usual ones as the schema lets them be."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema_rs
from hypothesis import strategies as st

from instantly_sandbox.engine.document import Document, Schema

Strategy = st.SearchStrategy[Any]

TEXT = st.text(max_size=12)
# Beyond 64 bits parsers of JSON differ: orjson rounds, the standard library does not.
INTEGERS = st.integers(-(2**63), 2**63 - 1)
NUMBERS = st.one_of(INTEGERS, st.floats(allow_nan=False, allow_infinity=False))
LETTERS = st.text(string.ascii_lowercase, min_size=4, max_size=8)
NAMES = LETTERS.map("x_{}".format)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXT)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=4,
)
FORMATS: dict[str, Strategy] = {
    "uuid": st.uuids().map(str),
    "email": st.builds("{}@{}.example.com".format, LETTERS, LETTERS),
    "uri": st.builds("https://{}.example.com/{}".format, LETTERS, LETTERS),
    "date": st.dates().map(str),
    "date-time": st.builds(
        "{}T{:02}:{:02}:{:02}{}{}".format,
        st.one_of(st.dates(), st.sampled_from(["0001-01-01", "9999-12-31", "2028-02-29"])),
        st.integers(0, 23),
        st.integers(0, 59),
        st.integers(0, 59),
        st.sampled_from(["", ".1", ".250", ".123456"]),
        st.sampled_from(["Z", "z", "+00:00", "-00:00", "+05:45", "-23:59"]),
    ),
}
TYPES = {
    "string": str,
    "boolean": bool,
    "null": type(None),
    "number": (int, float),
    "integer": (int, float),
    "object": dict,
    "array": list,
}


def validator(document: Document, schema: Schema, **options: Any) -> jsonschema_rs.Draft202012Validator:
    """What decides whether a value fits a schema."""
    whole = {**schema, "components": document.raw.get("components", {})}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True, **options)


def fitting(document: Document, schema: Schema, *, known: bool = False) -> Strategy:
    """Values that fit a schema; parts of it that are not understood are left to its validator.

    Of `known` fields alone are objects, unless the schema says something of further ones or names none.
    """
    return _strategies(document, known).values(schema).filter(validator(document, schema).is_valid)


class _Fitting:
    def __init__(self, document: Document, known: bool) -> None:
        self._document = document
        self._known_alone = known
        self._known: dict[str, Strategy] = {}

    def values(self, schema: Schema) -> Strategy:
        # Equal schemas share their strategy: to make one takes longer than to draw from it.
        key = json.dumps(schema, sort_keys=True)
        if key not in self._known:
            self._known[key] = st.deferred(lambda: ANYTHING)  # for what refers to itself
            self._known[key] = self._values(self._document.resolve(schema))
        return self._known[key]

    def _values(self, schema: Schema) -> Strategy:
        for union in ("anyOf", "oneOf"):
            if union in schema:
                rest = {key: value for key, value in schema.items() if key != union}
                return st.one_of([self.values(_both(rest, self._document.resolve(part))) for part in schema[union]])
        if "allOf" in schema:
            whole: Schema = {key: value for key, value in schema.items() if key != "allOf"}
            for part in schema["allOf"]:
                whole = _both(whole, self._document.resolve(part))
            return self.values(whole)
        types = schema.get("type", _implied(schema))
        names = [types] if isinstance(types, str) else types
        if "enum" in schema:
            return st.sampled_from([value for value in schema["enum"] if _is_any(value, names)])
        if "const" in schema:
            return st.just(schema["const"])
        known = [st.sampled_from(schema["x-known"])] if "x-known" in schema else []
        return st.one_of([*known, *(getattr(self, f"_{name}")(schema) for name in names)]) if names else ANYTHING

    def _object(self, schema: Schema) -> Strategy:
        fields = {name: self.values(field) for name, field in schema.get("properties", {}).items()}
        required = [name for name in schema.get("required", ()) if name in fields]
        least, most = schema.get("minProperties", 0), schema.get("maxProperties", 3)
        more = schema.get("additionalProperties", not (self._known_alone and fields))
        known = st.fixed_dictionaries(
            {name: fields[name] for name in required},
            optional={name: field for name, field in fields.items() if name not in required},
        ).filter(lambda drawn: not fields or len(drawn) >= least)
        if more is False:
            return known
        others = self.values(more) if isinstance(more, Mapping) else ANYTHING
        # Fields beyond the document are possible everywhere, and expected only where there are no others.
        extra = st.dictionaries(
            NAMES, others, min_size=0 if fields else least, max_size=max(1 if fields else most, least)
        )
        return st.builds(lambda one, other: {**other, **one}, known, extra)

    def _array(self, schema: Schema) -> Strategy:
        least = schema.get("minItems", 0)
        items = self.values(schema["items"]) if "items" in schema else ANYTHING
        return st.lists(items, min_size=least, max_size=min(schema.get("maxItems", least + 2), least + 2))

    def _string(self, schema: Schema) -> Strategy:
        if "pattern" in schema:
            return st.from_regex(re.compile(schema["pattern"])).map(str.strip)
        least = schema.get("minLength", 0)
        text = st.text(min_size=least, max_size=min(schema.get("maxLength", least + 12), least + 12))
        return FORMATS.get(schema.get("format", ""), text)

    def _number(self, schema: Schema) -> Strategy:
        low, high = schema.get("minimum"), schema.get("maximum")
        whole = self._integer(schema)
        return st.one_of(whole, st.floats(low, high, allow_nan=False, allow_infinity=False))

    def _integer(self, schema: Schema) -> Strategy:
        low, high = schema.get("minimum"), schema.get("maximum")
        return st.integers(-(2**63) if low is None else int(low), 2**63 - 1 if high is None else int(high))

    def _boolean(self, schema: Schema) -> Strategy:
        return st.booleans()

    def _null(self, schema: Schema) -> Strategy:
        return st.none()


@cache
def _strategies(document: Document, known: bool) -> _Fitting:
    return _Fitting(document, known)


def _both(one: Schema, other: Schema) -> Schema:
    """One schema for two that hold at the same time."""
    return {
        **one,
        **other,
        **({"properties": fields} if (fields := {**one.get("properties", {}), **other.get("properties", {})}) else {}),
        "required": [*one.get("required", ()), *other.get("required", ())],
    }


def _implied(schema: Schema) -> list[str]:
    if "enum" in schema:
        return list(TYPES)
    return ["object"] if "properties" in schema else ["array"] if "items" in schema else []


def _is_any(value: Any, types: list[str]) -> bool:
    return any(isinstance(value, TYPES[name]) and isinstance(value, bool) == (name == "boolean") for name in types)  # type: ignore[arg-type]
