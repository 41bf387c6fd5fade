from __future__ import annotations

import copy
import json
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.lib.layout import PROJECT
from scripts.lib.report import child
from scripts.spec import lint as lint_module
from scripts.spec.lint import bounds, lint, survey
from scripts.spec.lint.bounds import MAX_PROPERTIES, MAX_TEXT, MAX_VALUES
from scripts.spec.lint.names import MAX_NAME
from scripts.spec.lint.references import MAX_STEPS
from scripts.spec.lint.survey import MAX_NESTING
from scripts.spec.load import load, walk
from tests.pipeline.documents import small_document
from tests.pipeline.settings import JSON, STEADY

PINNED = PROJECT.document
DOCUMENTS = sorted((PROJECT.root.parent / "shared" / "documents").glob("20??-??-??.json"))

ROBOTS = "/paths/~1api~1robots"
ROBOT = "/paths/~1api~1robots~1{id}"
LIST, GET, PATCH = f"{ROBOTS}/get", f"{ROBOT}/get", f"{ROBOT}/patch"
SCHEMAS = "/components/schemas"
NAME = f"{SCHEMAS}/def-1/properties/name"
STRING = {"type": "string"}
GONE = ...


def keys_of(pointer: str) -> list[str]:
    return [key.replace("~1", "/").replace("~0", "~") for key in pointer.split("/")[1:]]


def find(document: Any, pointer: str) -> Any:
    """The value at `pointer`; a KeyError, IndexError or TypeError if nothing does."""
    for key in keys_of(pointer):
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


def put(document: Any, pointer: str, value: object) -> None:
    """Put `value` at `pointer`, at the end of an array if the last key is `-`; `GONE` takes away what is there."""
    outer, _, _ = pointer.rpartition("/")
    target, key = find(document, outer), keys_of(pointer)[-1]
    if isinstance(target, list):
        position = len(target) if key == "-" else int(key)
        target[position : position + 1] = [] if value is GONE else [value]
    elif value is GONE:
        del target[key]
    else:
        target[key] = value


def changed(changes: dict[str, Any]) -> dict[str, Any]:
    document = small_document()
    for pointer, value in changes.items():
        put(document, pointer, copy.deepcopy(value))
    return document


class Case(NamedTuple):
    """A change of the small document, and the findings that it has to lead to: where, and a part of what."""

    changes: dict[str, Any]
    findings: dict[str, str]


def case(pointer: str, value: object, what: str, *, at: str | None = None, **more: Any) -> Case:
    return Case({pointer: value, **more}, {pointer if at is None else at: what})


def query(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": STRING, **more}


def operation(operation_id: str, **more: Any) -> dict[str, Any]:
    return {"operationId": operation_id, "tags": ["Robot"], "responses": {"200": {"description": "Done."}}, **more}


def refer(name: str, section: str = "schemas") -> dict[str, str]:
    return {"$ref": f"#/components/{section}/{name}"}


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


SHAPES = [
    case("/info", GONE, "`info` is missing", at=""),
    case("/paths", GONE, "`paths` is missing", at=""),
    case("/openapi", GONE, "`openapi` is missing", at=""),
    case("/info/version", GONE, "`version` is missing", at="/info"),
    case("/info/title", 1, "has to be a string, and is a number"),
    case("/info", [], "has to be an object, and is an array"),
    case("/servers", {}, "has to be an array, and is an object"),
    case("/servers/0/url", GONE, "`url` is missing", at="/servers/0"),
    case("/security", ["ApiKeyAuth"], "has to be an object", at="/security/0"),
    case("/tags/0/name", None, "has to be a string, and is null"),
    Case(
        {"/components": True, "/paths": {"/a": {"get": operation("a")}}},
        {"/components": "has to be an object, and is a boolean"},
    ),
    case(f"{SCHEMAS}/def-9", "Robot", "has to be an object, and is a string"),
    case("/components/responses", [], "has to be an object"),
    case("/components/securitySchemes/ApiKeyAuth", "bearer", "has to be an object"),
    case(ROBOTS, "a path", "has to be an object"),
    case(f"{ROBOTS}/post", [], "has to be an object"),
    case(f"{ROBOTS}/parameters", {}, "has to be an array"),
    case(f"{LIST}/operationId", 1, "has to be a string"),
    case(f"{LIST}/tags", "Robot", "has to be an array"),
    case(f"{LIST}/tags/0", 1, "has to be a string"),
    case(f"{LIST}/deprecated", "yes", "has to be a boolean"),
    case(f"{LIST}/parameters/0/name", GONE, "`name` is missing", at=f"{LIST}/parameters/0"),
    case(f"{LIST}/parameters/0/in", GONE, "`in` is missing", at=f"{LIST}/parameters/0"),
    Case({f"{LIST}/parameters": [1, 2]}, dict.fromkeys([f"{LIST}/parameters/0", f"{LIST}/parameters/1"], "an object")),
    case(f"{LIST}/parameters/0/required", "true", "has to be a boolean"),
    case(f"{LIST}/parameters/0/schema", 1, "has to be a boolean or an object"),
    case(f"{LIST}/responses", GONE, "`responses` is missing", at=LIST),
    case(f"{LIST}/responses", ["200"], "has to be an object"),
    case(f"{LIST}/responses/200", None, "has to be an object"),
    case(f"{LIST}/responses/200/content", [], "has to be an object"),
    case(f"{LIST}/responses/200/content/application~1json", "x", "has to be an object"),
    case(
        f"{LIST}/responses/200/headers",
        {"X-Total": 1},
        "has to be an object",
        at=f"{LIST}/responses/200/headers/X-Total",
    ),
    case(f"{PATCH}/requestBody", "x", "has to be an object"),
    case(f"{PATCH}/requestBody/content", GONE, "`content` is missing", at=f"{PATCH}/requestBody"),
    case(f"{NAME}/type", 1, "has to be a string or an array"),
    case(f"{NAME}/type", ["string", None], "has to be a string", at=f"{NAME}/type/1"),
    case(f"{NAME}/enum", {"a": 1}, "has to be an array"),
    case(f"{NAME}/title", 1, "has to be a string"),
    case(f"{NAME}/format", [], "has to be a string"),
    case(f"{NAME}/minLength", "1", "has to be a number"),
    case(f"{NAME}/minLength", True, "has to be a number"),
    case(f"{NAME}/readOnly", 1, "has to be a boolean"),
    case(f"{NAME}/items", [], "has to be a boolean or an object"),
    case(f"{NAME}/anyOf", {}, "has to be an array"),
    case(f"{NAME}/oneOf", [1], "has to be a boolean or an object", at=f"{NAME}/oneOf/0"),
    case(f"{NAME}/allOf", ["x"], "has to be a boolean or an object", at=f"{NAME}/allOf/0"),
    case(f"{NAME}/$ref", 1, "has to be a string"),
    case(f"{NAME}/additionalProperties", "no", "has to be a boolean or an object"),
    case(f"{NAME}/not", "no", "has to be a boolean or an object"),
    case(f"{SCHEMAS}/def-1/properties", [], "has to be an object"),
    case(f"{SCHEMAS}/def-1/required", True, "has to be an array"),
    case(f"{SCHEMAS}/def-1/required/0", 1, "has to be a string"),
]

VERSION_AND_SIZES = [
    case("/openapi", "3.2.0", 'OpenAPI "3.2.0", neither 3.0 nor 3.1'),
    case("/openapi", "3.1", "neither 3.0 nor 3.1"),
    case("/openapi", "", "neither 3.0 nor 3.1"),
    case("/x-deep", nested(MAX_NESTING), "nested deeper than 64", at="/x-deep" + "/0" * MAX_NESTING),
    case("/info/description", "a" * (MAX_TEXT + 1), "more than 100,000 characters"),
    case("/info/x-keys", {"a" * (MAX_TEXT + 1): 1}, "more than 100,000 characters"),
    case(
        f"{SCHEMAS}/a",
        {"properties": {f"p{n}": {} for n in range(MAX_PROPERTIES + 1)}},
        "2,001 properties",
        at=f"{SCHEMAS}/a/properties",
    ),
    case(f"{SCHEMAS}/a", {"enum": list(range(MAX_VALUES + 1))}, "20,001 values", at=f"{SCHEMAS}/a/enum"),
]

PATHS = [
    case("/paths", {}, "there are no operations"),
    case("/paths", {"/a": {}, "x-a": {"get": 1}}, "there are no operations"),
    *(
        case(child("/paths", path), {"get": operation("a")}, what)
        for path, what in {
            "api": "does not begin with",
            "": "does not begin with",
            "/a b": "characters that no path has",
            "/a?b": "characters that no path has",
            "/a#b": "characters that no path has",
            '/a"b': "characters that no path has",
            "/é": "characters that no path has",
            "/a%2": "characters that no path has",
            "/..": "leads elsewhere",
            "/a/../b": "leads elsewhere",
            "/a/./b": "leads elsewhere",
            "/a/%2e%2E/b": "leads elsewhere",
            "/a/%252e./b": "leads elsewhere",
            "/a%2Fb": "leads elsewhere",
            "/a%255Cb": "leads elsewhere",
            "//evil.example/a": "leads elsewhere",
            "/a{b": "a brace that belongs to no parameter",
            "/a}b": "a brace that belongs to no parameter",
            "/{}": "a brace that belongs to no parameter",
            "/{{}}": "a brace that belongs to no parameter",
        }.items()
    ),
    Case(
        {"/paths/~1a\\b": {"get": operation("a")}},
        {"/paths/~1a\\b": "leads elsewhere"},
    ),
    Case(
        {"/paths/~1{a}~1{a}": {"get": operation("a", parameters=[query("a", **{"in": "path", "required": True})])}},
        {"/paths/~1{a}~1{a}": "the same parameter twice"},
    ),
    case(f"{ROBOTS}/fetch", operation("a"), "no such HTTP method"),
    case(f"{ROBOTS}/GET", operation("a"), "no such HTTP method"),
    case(f"{ROBOTS}/$ref", "#/paths/~1a", "has either a reference or operations"),
]

OPERATIONS = [
    case(
        f"{LIST}/operationId",
        "getRobot",
        f'the operationId "getRobot" is at {LIST}/operationId too',
        at=f"{GET}/operationId",
    ),
    case(f"{LIST}/operationId", "&&&", "leaves nothing of a Python name"),
    case(f"{LIST}/operationId", "", "leaves nothing of a Python name"),
    case(f"{LIST}/operationId", "list\nRobot", "a control character"),
    case(f"{LIST}/operationId", "list\u202eRobot", "a control character"),
    case(f"{LIST}/operationId", "a" * (MAX_NAME + 1), "more than 200 characters"),
    case(f"{LIST}/responses", {}, "has no responses"),
    case(f"{LIST}/responses", {"x-a": 1}, "has no responses"),
    case(f"{LIST}/responses/200", GONE, "no response for success", at=f"{LIST}/responses"),
    case(f"{LIST}/responses/2000", {"description": "?"}, "neither an HTTP status nor"),
    case(f"{LIST}/responses/ok", {"description": "?"}, "neither an HTTP status nor"),
]

PARAMETERS = [
    case(f"{LIST}/parameters/0/in", "body", 'OpenAPI has no parameters in "body"'),
    case(f"{LIST}/parameters/0/in", "", "OpenAPI has no parameters in"),
    case(f"{LIST}/parameters/0/schema", GONE, "neither `schema` nor `content`", at=f"{LIST}/parameters/0"),
    case(f"{GET}/parameters/0/required", GONE, "has to be `required: true`", at=f"{GET}/parameters/0"),
    case(f"{GET}/parameters/0/required", False, "has to be `required: true`", at=f"{GET}/parameters/0"),
    case(f"{GET}/parameters", [], 'a parameter "id", which is not declared', at=GET),
    case(f"{GET}/parameters/0", query("id"), 'a parameter "id", which is not declared', at=GET),
    case(
        f"{LIST}/parameters/-",
        query("id", **{"in": "path", "required": True}),
        'no parameter "id"',
        at=f"{LIST}/parameters/2",
    ),
    case(f"{LIST}/parameters/-", query("limit"), 'query parameter "limit" is twice', at=f"{LIST}/parameters/2"),
    case(
        f"{GET}/parameters/-",
        query("id"),
        f'the parameter "id" is at {GET}/parameters/0 too',
        at=f"{GET}/parameters/1",
    ),
    case(f"{ROBOTS}/parameters", [query("a"), query("a")], "is twice", at=f"{ROBOTS}/parameters/1"),
    case(f"{LIST}/parameters/0/name", "[]", "leaves nothing", at=f"{LIST}/parameters/0/name"),
    case(f"{LIST}/parameters/0/name", "li\tmit", "a control character", at=f"{LIST}/parameters/0/name"),
    Case(
        {
            "/components/parameters": {"Again": query("limit")},
            f"{LIST}/parameters/-": refer("Again", "parameters"),
        },
        {f"{LIST}/parameters/2": "is twice"},
    ),
]

NAMES = [
    case(f"{SCHEMAS}/Robot", {"type": "object"}, 'the component "Robot" is at'),
    case(f"{SCHEMAS}/def-1/title", "&", "leaves nothing"),
    case(f"{SCHEMAS}/&", {}, "leaves nothing"),
    case(f"{SCHEMAS}/def-1/title", "Robot\x1b[2J", "a control character"),
    case(f"{SCHEMAS}/-\x07-a", {"title": "Bell"}, "a control character"),
    case(f"{NAME}/title", "a\nb", "a control character", at=f"{NAME}/title"),
    case(f"{LIST}/tags/0", "/", "leaves nothing"),
    case(f"{LIST}/tags/0", "Robot\r", "a control character"),
    case(f"{SCHEMAS}/def-1/properties/\0", STRING, "a control character"),
    case(f"{SCHEMAS}/def-1/properties/a\0", STRING, "a control character"),
    case(f"{SCHEMAS}/def-1/properties/a\ud800", STRING, "a control character"),
    case(f"{SCHEMAS}/def-1/properties/{'a' * 201}", STRING, "more than 200 characters"),
    case(f"{PATCH}/requestBody/content/a\nb", {}, "a control character"),
    case(f"{LIST}/responses/200/content/a\nb", {}, "a control character"),
    case(
        f"{LIST}/responses/200/headers",
        {"X\r\nY": {}},
        "a control character",
        at=f"{LIST}/responses/200/headers/X\r\nY",
    ),
    case("/components/headers", {"a\0": {}}, "a control character", at="/components/headers/a\0"),
    case("/info/title", "a\0", "a control character"),
    case(f"{NAME}/enum", ["a", "b\x1b"], "a control character", at=f"{NAME}/enum/1"),
    case("/paths/~1" + "a" * MAX_NAME, {"get": operation("a")}, "more than 200 characters"),
]

TYPES = [
    case(f"{NAME}/type", "text", 'there is no type "text"'),
    case(f"{NAME}/type", "", 'there is no type ""'),
    case(f"{NAME}/type", ["string", "nil"], 'there is no type "nil"', at=f"{NAME}/type"),
    case(f"{NAME}/type", [], "the list of types is empty"),
    case(f"{NAME}/enum", [], "`enum` is empty"),
    case(f"{NAME}/anyOf", [], "`anyOf` is empty"),
    case(f"{NAME}/oneOf", [], "`oneOf` is empty"),
    case(f"{NAME}/allOf", [], "`allOf` is empty"),
    case(f"{NAME}/enum", ["a", ["b"]], "cannot have an array in it", at=f"{NAME}/enum/1"),
    case(f"{NAME}/enum", [{}], "cannot have an object in it", at=f"{NAME}/enum/0"),
]

REFERENCES = [
    *(
        case(f"{NAME}/$ref", reference, what)
        for reference, what in {
            "#/components/schemas/def-9": "leads to nothing",
            "#/components/schemas/": "leads to nothing",
            "#/components/schemas/def-1/properties/id": "does not lead to a component",
            "#/components/schemas/def-1%2Fproperties": "does not lead to a component",
            "#/components/responses/a": "does not lead to a component in `#/components/schemas/`",
            "#/paths/~1api~1robots": "does not lead to a component",
            "#/$defs/a": "does not lead to a component",
            "https://robots.example/a.json": "does not lead to a component",
            "a.json#/components/schemas/def-1": "does not lead to a component",
            "def-1": "does not lead to a component",
            "#": "does not lead to a component",
            "": "does not lead to a component",
        }.items()
    ),
    *(
        case(f"{NAME}/{place}", refer("no"), "leads to nothing", at=f"{NAME}/{place}/$ref")
        for place in ("items", "not", "if", "contains", "additionalProperties", "unevaluatedProperties")
    ),
    *(
        case(f"{NAME}/{place}", [refer("no")], "leads to nothing", at=f"{NAME}/{place}/0/$ref")
        for place in ("anyOf", "oneOf", "allOf", "prefixItems")
    ),
    case(f"{NAME}/patternProperties", {"a": refer("no")}, "leads to nothing", at=f"{NAME}/patternProperties/a/$ref"),
    case(f"{LIST}/parameters/-", refer("no", "parameters"), "leads to nothing", at=f"{LIST}/parameters/2/$ref"),
    case(f"{LIST}/responses/200", refer("no", "responses"), "leads to nothing", at=f"{LIST}/responses/200/$ref"),
    case(f"{PATCH}/requestBody", refer("no", "requestBodies"), "leads to nothing", at=f"{PATCH}/requestBody/$ref"),
    case("/components/headers", {"a": refer("no", "headers")}, "leads to nothing", at="/components/headers/a/$ref"),
    case(f"{SCHEMAS}/a", refer("a"), "go in circles"),
    case(f"{SCHEMAS}/a", {"allOf": [refer("a")]}, "go in circles"),
    case("/components/responses", {"a": refer("a", "responses")}, "go in circles", at="/components/responses/a"),
    Case(
        {
            f"{SCHEMAS}/a": refer("b/c"),
            f"{SCHEMAS}/b~1c": {"anyOf": [STRING, {"oneOf": [refer("a")]}]},
            f"{SCHEMAS}/d": refer("a"),
            f"{SCHEMAS}/e": {"allOf": [refer("def-1"), refer("f")]},
            f"{SCHEMAS}/f": refer("def-2"),
            f"{SCHEMAS}/a/$ref": "#/components/schemas/b~1c",
        },
        dict.fromkeys([f"{SCHEMAS}/a", f"{SCHEMAS}/b~1c", f"{SCHEMAS}/d"], "go in circles"),
    ),
    Case(
        {f"{SCHEMAS}/a{n}": {"type": "array", "items": refer(f"a{n + 1}")} for n in range(MAX_STEPS + 1)}
        | {f"{SCHEMAS}/a{MAX_STEPS + 1}": STRING},
        {f"{SCHEMAS}/a0": "and so on for more than"},
    ),
]

CASES = [*SHAPES, *VERSION_AND_SIZES, *PATHS, *OPERATIONS, *PARAMETERS, *NAMES, *TYPES, *REFERENCES]


def found(document: Any) -> list[tuple[str, str]]:
    return [(finding.pointer, finding.what) for finding in lint(document)]


def test_a_sound_document_has_no_findings() -> None:
    assert lint(small_document()) == []


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        (f"{LIST}/operationId", "get-robot"),
        (f"{LIST}/parameters/-", query("startingAfter")),
        (f"{ROBOTS}/parameters", [query("Limit")]),
        (f"{SCHEMAS}/def-2/title", "robot"),
        (f"{SCHEMAS}/def-2/title", "ROBOT"),
        (f"{SCHEMAS}/Robot", {"$ref": "#/components/schemas/def-1"}),
        ("/tags/-", {"name": "robot"}),
        (f"{LIST}/tags/0", "robot"),
        (f"{SCHEMAS}/def-1/properties/Name", STRING),
        (f"{SCHEMAS}/def-1/properties/name ", STRING),
        (f"{NAME}/enum", ["a", "A", "a "]),
    ],
)
def test_two_spellings_of_one_name_are_no_fault(pointer: str, value: object) -> None:
    assert lint(changed({pointer: value})) == []


@pytest.mark.skipif(not DOCUMENTS, reason="the documents of the vendor are not beside the checkout")
def test_the_documents_of_the_vendor_are_fit() -> None:
    for path in DOCUMENTS:
        assert lint(load(path).document) == [], path


@pytest.mark.parametrize(("changes", "findings"), CASES)
def test_each_fault_is_found_where_it_is_and_no_other(changes: dict[str, Any], findings: dict[str, str]) -> None:
    document = changed(changes)
    actual = found(document)
    assert {pointer for pointer, _ in actual} == findings.keys(), actual
    for pointer, what in findings.items():
        assert any(place == pointer and what in text for place, text in actual), actual
        find(document, pointer)


@pytest.mark.slow
@pytest.mark.parametrize("rule", lint_module._RULES)
def test_every_rule_is_needed(rule: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    others = tuple(other for other in lint_module._RULES if other is not rule)
    monkeypatch.setattr(lint_module, "_RULES", others)
    assert any({pointer for pointer, _ in found(changed(changes))} != findings.keys() for changes, findings in CASES)


def test_everything_is_found_at_once() -> None:
    several = [VERSION_AND_SIZES[0], PATHS[-1], OPERATIONS[1], PARAMETERS[0], NAMES[-2], TYPES[0], REFERENCES[-2]]
    document = changed({pointer: value for one in several for pointer, value in one.changes.items()})
    assert {pointer for pointer, _ in found(document)} == {pointer for one in several for pointer in one.findings}


@pytest.mark.parametrize("document", [None, True, 1, "a", [], [{}]])
def test_a_document_that_is_no_object_is_found(document: object) -> None:
    [(pointer, what)] = found(document)
    assert pointer == ""
    assert "has to be an object" in what


def test_of_swagger_nothing_else_is_said() -> None:
    [finding] = lint({"swagger": "2.0", "info": {}, "definitions": {}})
    assert str(finding).startswith('/swagger: this is Swagger "2.0", not OpenAPI 3.1 (')
    assert "convert it to OpenAPI 3.1 first" in finding.why


def test_too_many_operations_or_schemas_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_OPERATIONS", 2)
    assert found(small_document()) == [("", "there are 3 operations, more than 2")]
    for module in (bounds, survey):
        monkeypatch.setattr(module, "MAX_SCHEMAS", 3)
    assert ("", "there are 4 schemas, more than 3") in found(small_document())


@pytest.mark.parametrize(
    "changes",
    [
        {f"{LIST}/operationId": "list Robot/s & 'all' \"of\" them"},
        {f"{LIST}/description": 'Any """prose""" \x1b[2J \\ {braces} \u202e\r\n'},
        {f"{NAME}/pattern": "^\0$", f"{NAME}/default": "\0", f"{NAME}/example": {"$ref": "nowhere"}},
        {f"{NAME}/enum": ["", "&&&", "a", "A", "-1", 1, 1.5, True, None]},
        {f"{NAME}/type": "null", f"{NAME}/enum": [None]},
        {f"{SCHEMAS}/def-1/properties/$ref": STRING},
        {f"{SCHEMAS}/def-1/properties/x-a b": STRING, f"{SCHEMAS}/def-1/properties/0": STRING},
        {f"{SCHEMAS}/a b~1c": STRING, f"{NAME}/$ref": "#/components/schemas/a%20b~1c"},
        {
            f"{SCHEMAS}/tree": {
                "type": "object",
                "properties": {"inner": refer("tree")},
                "additionalProperties": refer("tree"),
            }
        },
        {f"{SCHEMAS}/tree": {"anyOf": [STRING, {"type": "array", "items": refer("tree")}]}},
        {
            f"{SCHEMAS}/alias": refer("def-1"),
            f"{SCHEMAS}/wider": {"allOf": [refer("alias"), {"properties": {"a": {}}}]},
        },
        {f"{NAME}/type": "array"},
        {f"{NAME}/x-anything": nested(30), "/x-extension": 1, "/paths/x-extension": 1, f"{ROBOTS}/x-extension": 1},
        {f"{ROBOTS}/summary": "a", f"{ROBOTS}/description": "b", f"{ROBOTS}/servers": [{"url": "/"}]},
        {f"{ROBOTS}/parameters": [query("limit"), query("more")]},
        {f"{ROBOT}/parameters": [query("id", **{"in": "path", "required": True})], f"{GET}/parameters": []},
        {"/components/parameters": {"More": query("more")}, f"{LIST}/parameters/-": refer("More", "parameters")},
        {"/components/responses": {"Ok": {"description": "Done."}}, f"{LIST}/responses/200": refer("Ok", "responses")},
        {f"{LIST}/responses/200": GONE, f"{LIST}/responses/2XX": {"description": "a"}, f"{LIST}/responses/default": {}},
        {f"{LIST}/responses/200": {"description": "Text.", "content": {"text/csv": {}}}},
        {f"{LIST}/tags": GONE},
        {"/tags": GONE},
        {"/webhooks": {"a": {"post": {}}}},
        {
            "/paths/~1a$b~1{c}:d~1~0e~1": {
                "get": operation("a", parameters=[query("c", **{"in": "path", "required": True})])
            }
        },
    ],
)
def test_what_is_unusual_but_sound_is_accepted(changes: dict[str, Any]) -> None:
    assert lint(changed(changes)) == []


@pytest.mark.slow
def test_the_pinned_document_is_sound() -> None:
    assert lint(json.loads(PINNED.read_text(encoding="utf-8-sig"))) == []


def resolve_all(document: Any) -> None:
    for finding in lint(document):
        find(document, finding.pointer)
        assert finding.what
        assert finding.why


@STEADY
@given(JSON)
def test_no_json_value_makes_it_crash(document: object) -> None:
    resolve_all(document)


@pytest.mark.slow
@STEADY
@given(st.data())
def test_no_change_of_a_sound_document_makes_it_crash(data: st.DataObject) -> None:
    document = small_document()
    for _ in range(data.draw(st.integers(1, 3))):
        pointers = [child("", *keys) for keys, _ in walk(document, deepest=30) if keys]
        if not pointers:
            break
        pointer = data.draw(st.sampled_from(pointers))
        put(document, pointer, data.draw(st.one_of(JSON, st.just(GONE))))
    resolve_all(document)


@pytest.mark.slow
def test_no_nesting_makes_it_crash() -> None:
    document = small_document()
    put(document, f"{NAME}/not", {})
    inner = find(document, f"{NAME}/not")
    for _ in range(100_000):
        inner["anyOf"] = [{}]
        inner = inner["anyOf"][0]
    [(pointer, what)] = found(document)
    assert pointer.count("/") == MAX_NESTING + 1
    assert "nested deeper" in what
