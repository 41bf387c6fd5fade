"""Whatever a document says, its normal form has every field and every value of it, at the same place."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from scripts.lib.report import Failed, Refused
from scripts.spec.document import Document, Schema
from scripts.spec.lint import lint
from scripts.spec.normalise import normalise
from scripts.spec.normalise.conservation import check_conserved
from tests.pipeline.documents import small_document
from tests.pipeline.settings import STEADY

T = TypeVar("T")
REF = "#/components/schemas/"
COMBINATORS = ("allOf", "anyOf", "oneOf")

# --- Any schema ---

NAMES = ("a", "b", "c")
TYPES = ("string", "integer", "number", "boolean", "null", "array", "object")
VALUES = (None, True, False, -2, 0, 1, 0.5, 1.0, -2.5, "", "a", "A", "1")
NOTES: tuple[Schema, ...] = ({}, {}, {"description": "d"}, {"example": 1})


def ref(key: str) -> Schema:
    return {"$ref": REF + key}


class Draft:
    """Draws schemas; `references` are the components that they may refer to."""

    def __init__(self, draw: st.DrawFn, *references: str) -> None:
        self._draw = draw
        self._references = references

    def one_of(self, choices: Sequence[T]) -> T:
        return self._draw(st.sampled_from(choices))

    def some_of(self, choices: Sequence[T], most: int) -> list[T]:
        return [self.one_of(choices) for _ in range(self.one_of(range(1, most + 1)))]

    def schema(self, depth: int = 3) -> Schema:
        kinds = [self.leaf, self.leaf, self.reference] if self._references else [self.leaf]
        if depth:
            kinds += [self.thing, self.array, self.mapping, self.union, self.everything, self.thing_with_union]
        schema = self.one_of(kinds)(depth - 1)
        return schema if "$ref" in schema else {**schema, **self.one_of(NOTES)}

    def leaf(self, depth: int) -> Schema:
        kind = self.one_of(("any", "type", "types", "enum", "enum of a type", "const"))
        schema: Schema = {}
        if kind in ("type", "enum of a type"):
            schema["type"] = self.one_of(TYPES)
        if kind == "types":
            schema["type"] = list(dict.fromkeys(self.some_of(TYPES, 3)))
        if kind.startswith("enum"):
            schema["enum"] = self.some_of(VALUES, 4)
        if kind == "const":
            schema["const"] = self.one_of(VALUES)
        return schema

    def reference(self, depth: int) -> Schema:
        return ref(self.one_of(self._references))

    def thing(self, depth: int) -> Schema:
        """An object in every form; what is joined with others has only `fields`."""
        nullable: Schema = self.one_of(
            (
                *({}, {"type": "object"}, {"type": ["object", "null"]}, {"type": ["null", "string", "object"]}),
                *({"type": ["string", "null"]}, {"type": "array", "items": self.leaf(0)}, {"enum": ["a", 1]}),
            )
        )
        further: Schema = self.one_of(({}, {"additionalProperties": self.schema(depth)}))
        return {**self.fields(depth), **further, **nullable}

    def fields(self, depth: int) -> Schema:
        schema: Schema = {"properties": {name: self.schema(depth) for name in self.some_of(NAMES, 3)}}
        if self.one_of((True, False)):
            schema["required"] = list(dict.fromkeys(self.some_of(NAMES, 2)))
        further = self.one_of((None, True, False))
        return schema if further is None else {**schema, "additionalProperties": further}

    def array(self, depth: int) -> Schema:
        return {
            **self.one_of(({}, {"type": "array"}, {"type": ["array", "null"]}, {"type": "string"})),
            "items": self.schema(depth),
        }

    def mapping(self, depth: int) -> Schema:
        return {"type": "object", "additionalProperties": self.schema(depth)}

    def union(self, depth: int) -> Schema:
        return {self.one_of(("anyOf", "oneOf")): [self.schema(depth) for _ in self.some_of(NAMES, 3)]}

    def everything(self, depth: int) -> Schema:
        return {"allOf": [self.one_of((self.fields, self.fields, self.union))(depth) for _ in self.some_of(NAMES, 3)]}

    def thing_with_union(self, depth: int) -> Schema:
        rules = [{"required": ["a"]}, {"type": "object", "required": ["b"]}]
        members = self.one_of((rules, [self.fields(depth) for _ in self.some_of(NAMES, 3)]))
        return {**self.fields(depth), self.one_of(COMBINATORS): members}


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A document with four components: an object, one that holds itself, and two that can be anything."""
    other = {"type": draw(st.sampled_from(("string", "integer", "null", "array")))}
    tree = {"type": "object", "properties": {"a": ref("Tree"), "b": {"anyOf": [ref("Tree"), other]}}}
    shared = {
        "Tree": tree,
        "Thing": Draft(draw).thing(1),
        "Alias": Draft(draw).schema(2),
        "Other": Draft(draw, "Thing").schema(2),
    }
    anything = Draft(draw, *shared)
    return around(anything.schema(), anything.fields(2), **shared)


def around(answer: Schema, body: Schema, **components: Schema) -> Document:
    """A document whose one operation sends `body` and gets `answer`."""

    def media(schema: Schema) -> dict[str, Any]:
        return {"content": {"application/json": {"schema": schema}}}

    operation = {"operationId": "x", "requestBody": media(body), "responses": {"200": media(answer)}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "components": {"schemas": components},
        "paths": {"/x": {"post": operation}},
    }


# --- What a document holds, found out without the help of the code under test ---


def holdings(document: Document) -> set[tuple[str, ...]]:
    """Every field and every value, by the path to it; references are followed, but not in circles."""
    found: set[tuple[str, ...]] = set()

    def walk(schema: Any, path: tuple[str, ...], above: tuple[str, ...]) -> None:
        if not isinstance(schema, dict):
            return
        if "$ref" in schema and schema["$ref"] not in above:
            target = document["components"]["schemas"][schema["$ref"].removeprefix(REF)]
            walk(target, path, (*above, schema["$ref"]))
        values = [*schema.get("enum", []), *schema.get("x-values", [])]
        values += [schema["const"]] if "const" in schema else []
        found.update((*path, "=", text(value)) for value in values if value is not None)
        for name, field in schema.get("properties", {}).items():
            found.add((*path, name))
            walk(field, (*path, name), above)
        walk(schema.get("items"), (*path, "[]"), above)
        walk(schema.get("additionalProperties"), (*path, "{}"), above)
        for combinator in COMBINATORS:
            for member in schema.get(combinator, []):
                walk(member, path, above)

    for operation in operations_of(document):
        walk(media_schema(operation["responses"]["200"]), ("answer",), ())
        walk(media_schema(operation.get("requestBody", {})), ("body",), ())
    return found


def text(value: Any) -> str:
    return repr(float(value)) if isinstance(value, (int, float)) and not isinstance(value, bool) else repr(value)


def operations_of(document: Document) -> list[dict[str, Any]]:
    return [operation for item in document["paths"].values() for operation in item.values()]


def media_schema(node: dict[str, Any]) -> Any:
    return node.get("content", {}).get("application/json", {}).get("schema")


def every_schema(document: Document) -> Iterator[Schema]:
    def walk(schema: Any) -> Iterator[Schema]:
        if isinstance(schema, dict):
            yield schema
            inner = [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]
            for key in COMBINATORS:
                inner += schema.get(key, [])
            for member in inner:
                yield from walk(member)

    for operation in operations_of(document):
        yield from walk(media_schema(operation["responses"]["200"]))
        yield from walk(media_schema(operation.get("requestBody", {})))
    for component in document["components"]["schemas"].values():
        yield from walk(component)


def check_normal_form(document: Document) -> None:
    components = document["components"]["schemas"]
    for schema in every_schema(document):
        check_schema(schema, components)


def check_schema(schema: Schema, components: dict[str, Schema]) -> None:
    said = [key for key in ("type", "$ref", "allOf", "anyOf") if key in schema]
    assert len(said) <= 1, schema
    assert not {"oneOf", "const", "default", "example", "examples"} & schema.keys(), schema
    assert schema.get("format", "date-time") == "date-time"
    if not said:
        assert not {"enum", "properties", "items", "additionalProperties"} & schema.keys(), schema
    if "allOf" in schema:
        assert [[*member] for member in schema["allOf"]] == [["$ref"]], schema
    if "anyOf" in schema:
        kinds = [json_type(member, components) for member in schema["anyOf"]]
        assert len(kinds) > 1
        assert len(set(kinds)) == len(kinds), schema
        assert not {"integer", "number"} <= set(kinds), schema
        assert "null" not in kinds[:-1], schema
    assert isinstance(schema.get("type", ""), str)
    if schema.get("type") == "array":
        assert "items" in schema
    if "enum" in schema:
        assert {type(value) for value in schema["enum"]} == {{"string": str, "integer": int}[schema["type"]]}, schema
        assert len(set(schema["enum"])) == len(schema["enum"])


def json_type(member: Schema, components: dict[str, Schema]) -> str:
    for wrapped in member.get("allOf", [member]):
        member = components[wrapped["$ref"].removeprefix(REF)] if "$ref" in wrapped else wrapped
    assert isinstance(member.get("type"), str), member
    return str(member["type"])


# --- What has to hold ---


@pytest.mark.slow
@settings(
    STEADY,
    max_examples=150,
    phases=[Phase.generate],  # making a failing example small would take minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(documents())
def test_no_field_and_no_value_is_lost_and_the_normal_form_holds(document: Document) -> None:
    assume(not lint(document))
    untouched = copy.deepcopy(document)
    after = normalise(document)
    assert document == untouched
    assert holdings(document) <= holdings(after)
    check_normal_form(after)
    assert normalise(after) == after


def test_the_normal_form_of_a_plain_document() -> None:
    after = normalise(small_document())
    assert after["components"]["schemas"].keys() == {"def-1", "def-2"}
    robot = after["components"]["schemas"]["def-1"]["properties"]
    assert robot["owner"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert robot["id"] == {"type": "string", "x-format": "uuid", "readOnly": True}
    assert robot["status"]["x-enumDescriptions"] == {"0": "Asleep", "1": "Awake", "-1": "Broken"}


# --- The alarm ---


def damaged(change: str) -> Document:
    document = normalise(small_document())
    robot = document["components"]["schemas"]["def-1"]["properties"]
    if change == "field":
        del robot["name"]
    elif change == "value":
        robot["status"]["enum"].remove(-1)
    elif change == "argument":
        body = document["paths"]["/api/robots/{id}"]["patch"]["requestBody"]["content"]["application/json"]
        del body["schema"]["properties"]["mood"]
    elif change == "reference":
        robot["arms"]["items"] = {}
    return document


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("field", "Robot.name"),
        ("value", "Robot.status = -1"),
        ("argument", "patchRobot:body.mood"),
        ("reference", ".arms[].length"),
    ],
)
def test_a_loss_is_told_with_its_place(change: str, told: str) -> None:
    before = normalise(small_document())
    check_conserved(before, before)
    with pytest.raises(Failed) as caught:
        check_conserved(before, damaged(change))
    assert caught.value.step == "normalise"
    assert told in str(caught.value)


def test_true_does_not_stand_for_one() -> None:
    before = around({"enum": [True, 1]}, {})
    check_conserved(before, before)
    with pytest.raises(Failed, match="True"):
        check_conserved(before, around({"enum": [1]}, {}))


def test_a_value_at_another_place_does_not_stand_for_one_that_is_lost() -> None:
    def answer(one: list[str], two: list[str]) -> Document:
        return around({"type": "object", "properties": {"one": {"enum": one}, "two": {"enum": two}}}, {})

    with pytest.raises(Failed, match=r"x:response\.one = 'b'"):
        check_conserved(answer(["a", "b"], ["c"]), answer(["a"], ["b", "c"]))


def test_a_loss_in_the_repetition_of_a_schema_is_refused_and_any_other_fails() -> None:
    def document(items: Schema) -> Document:
        schemas = {"A": {"title": "A", "type": "array", "items": items}}
        return {"components": {"schemas": schemas}, "paths": {}}

    end = {"type": "object", "properties": {"end": {"type": "string"}}}
    before = document({"anyOf": [ref("A"), end]})
    check_conserved(before, document({"anyOf": [{"type": "array", "items": {}}, end]}))
    with pytest.raises(Refused, match="arrays and maps of A contain themselves by way of unions alone"):
        check_conserved(before, document({"anyOf": [{"type": "array", "items": {"type": "string"}}, end]}))
    with pytest.raises(Failed, match=r"A\[\].end"):
        check_conserved(document(end), document({"type": "string"}))
