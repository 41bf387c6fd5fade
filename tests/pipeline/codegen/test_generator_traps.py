"""What the generator, left to itself, drops or breaks on: each as a part of small documents that go the whole road."""

from __future__ import annotations

import ast
import codecs
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from scripts.codegen.format import format_tree
from scripts.codegen.pipeline import build, load_foreign
from scripts.lib.layout import PACKAGE, PROJECT, Layout
from scripts.lib.report import Failed, Refused

pytestmark = pytest.mark.slow

Schema = dict[str, Any]

STRING: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
NULL: Schema = {"type": "null"}

OVERLAY = """\
overlay: 1.0.0
info: {title: No corrections, version: "1"}
actions: [{target: $.info, description: It has no effect., update: {}}]
"""

# Names that generated code, or Python, has other uses for.
NAMES = [
    *("self", "cls", "list", "from", "type", "id", "class", "print", "data", "value", "drift", "get", "models"),
    *("operations", "builtins", "Any", "UNSET", "additional_properties", "to_dict", "from_dict", "decode", "field"),
    *("define", "datetime", "text", "integer", "Mapping", "None", "body", "query", "headers", "max_items", "model"),
    *("FIELDS", "RENAMED", "0", "1st", "é", "mro", "name", "import", "match", "client", "_private"),
]


def thing(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields}


def ref(key: str) -> Schema:
    return {"$ref": f"#/components/schemas/{key}"}


def array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, NULL]}


def content(schema: Schema, media_type: str = "application/json") -> dict[str, Any]:
    return {"content": {media_type: {"schema": schema}}}


def query(*names: str, place: str = "query", schema: Schema = STRING) -> list[dict[str, Any]]:
    return [{"name": name, "in": place, "schema": schema} for name in names]


def document(operations: dict[str, dict[str, Any]], **components: Schema) -> dict[str, Any]:
    """A document with an operation for each id; `answer` and `sends` are short for the schemas of both bodies."""
    paths: dict[str, Any] = {}
    for number, (name, given) in enumerate(operations.items()):
        raw = {"operationId": name, "tags": ["Robot"], **given}
        answer, sends = raw.pop("answer", None), raw.pop("sends", None)
        raw.setdefault("responses", {"200": {"description": "", **(content(answer) if answer is not None else {})}})
        if sends is not None:
            raw["requestBody"] = content(sends)
        paths[raw.pop("path", f"/api/{number}")] = {"post": raw}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Robots", "version": "1"},
        "components": {"schemas": {"def-0": {"title": "Robot", **thing(name=STRING)}, **components}},
        "paths": paths,
    }


# --- One document with many traps ---

FORWARD = {
    **thing(**dict.fromkeys(("to", "cc", "bcc", "subject", "html", "text"), STRING)),
    "required": ["to"],
    "anyOf": [{"required": ["html"]}, {"required": ["text"]}],
}
STATES = {
    "without_null": {"type": ["string", "null"], "enum": ["on", "off"]},
    "with_null": {"type": ["string", "null"], "enum": ["on", "off", None]},
    "with_null_only_listed": {"type": "string", "enum": ["up", "down", None]},
    "numbers": {"type": ["integer", "null"], "enum": [1, 2], "x-enumDescriptions": {"1": "Low", "2": "High"}},
}
ANSWERS: dict[str, Schema] = {
    "answerBesideAnyOf": {**thing(a=STRING, b=STRING), "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
    "answerOneOf": {**thing(a=STRING), "oneOf": [thing(b=STRING), thing(c=INTEGER)]},
    "arrayWithoutItems": thing(
        tags={"type": "array"}, deep=array({"type": "array"}), maybe={"type": ["array", "null"]}
    ),
    "mixedEnumeration": thing(
        kind={"type": "number", "enum": [1, 2, "CAMPAIGN", None, True]}, odd={"enum": [1, 0.5, "a"]}
    ),
    "floatEnumeration": thing(
        rate={"type": "number", "enum": [0.5, 1, 2.5]}, whole={"type": "number", "enum": [1.0, 2.0, 3.0]}
    ),
    "nullableEnumerations": {"type": "object", "properties": STATES},
    "odd_dates": thing(
        day={"type": "string", "format": "date"},
        at={"type": "string", "format": "date-time"},
        maybe={"type": ["string", "null"], "format": "date-time"},
    ),
    "hasNames": {
        "type": "object",
        "properties": {name: {"type": ["string", "null"]} for name in NAMES},
        "required": NAMES,
    },
    "closeValues": thing(value={"type": "string", "enum": ["a", "A", "a!", "", "-", "1", "mro", "name", "é", "名"]}),
    "bareArray": array(thing(x=STRING)),
    "bareMap": {"type": "object", "additionalProperties": thing(y=INTEGER)},
    "bareScalar": INTEGER,
    "bareAny": {},
    "nullableObject": nullable(thing(z=STRING)),
    "getTree": ref("def-1"),
    "getEgg": ref("def-2"),
    "openObject": {**thing(a=STRING), "additionalProperties": thing(more=STRING)},
    "mixedUnion": thing(
        u={"anyOf": [STRING, array(INTEGER), thing(inner=STRING), {"type": "string", "enum": ["q"]}, NULL]}
    ),
    "closedUnion": thing(u={"anyOf": [array(INTEGER), {"type": "string", "enum": ["r", "s"]}, NULL]}),
}
OPERATIONS: dict[str, dict[str, Any]] = {
    **{name: {"answer": schema} for name, schema in ANSWERS.items()},
    "forwardEmail": {"sends": FORWARD},
    "contentOn204": {"responses": {"204": {"description": "Done.", **content({"type": "null"})}}},
    "textAnswer": {"responses": {"200": {"description": "", **content(STRING, "text/csv")}}},
    "sendArray": {"sends": array(STRING)},
    "sendScalar": {"sends": INTEGER},
    "sendUnion": {"sends": {"anyOf": [STRING, array(STRING), NULL]}},
    "sendNothing": {"sends": NULL},
    "sendMap": {"sends": {"type": "object", "additionalProperties": STRING}},
    "withHeaders": {
        "parameters": query("X-Trace-Id", place="header") + query("X-Count", place="header", schema=INTEGER)
    },
    "withNames": {"parameters": query(*NAMES), "sends": thing(extra=STRING)},
    "bodyWithNames": {"sends": {"type": "object", "properties": dict.fromkeys(NAMES, STRING)}},
    "camelPath": {
        "path": "/api/camel/{robotId}/{from}",
        "parameters": [{"name": n, "in": "path", "required": True, "schema": STRING} for n in ("from", "robotId")],
    },
    "sameNames": {
        "path": "/api/same/{id}",
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": STRING}],
        "sends": thing(id=STRING, name=STRING),
    },
    # A field before its parameter, and names of methods that Python or the code has other uses for.
    **{name: {"tags": ["Odd"]} for name in ("list", "get", "print", "type", "id", "self", "value", "drift", "data")},
    **{name: {"tags": ["Odd"]} for name in ("models", "operations", "builtins", "Any", "UNSET", "to_dict", "call")},
    "forTags1": {"tags": ["models"]},
    "forTags2": {"tags": ["operations"]},
    "forTags3": {"tags": ["class"]},
    "forTags4": {"tags": ["list"]},
    "forTags5": {"tags": ["self"]},
    "forTags6": {"tags": ["A/B & C"]},
    "forTags7": {"tags": ["A"]},
    "forTags8": {"tags": ["I"]},
    "forTags9": {"tags": ["Is"]},
}
DOCUMENT = document(
    OPERATIONS,
    **{
        "def-1": {
            "title": "Tree",
            **thing(
                child=ref("def-1"),
                children=array(ref("def-1")),
                by_name={"type": "object", "additionalProperties": ref("def-1")},
                maybe=nullable(ref("def-1")),
                label=STRING,
            ),
        },
        "def-2": {"title": "Egg", **thing(hen=ref("def-3"), label=STRING)},
        "def-3": {
            "title": "Hen",
            **thing(eggs=array(ref("def-2")), pets={"type": "array", "items": nullable(ref("def-1"))}),
        },
        "alias": {"title": "Any Thing", "description": "An alias of a scalar.", "type": "string"},
    },
)


@pytest.fixture(scope="session")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A project without names on record and without corrections."""
    root = tmp_path_factory.mktemp("project")
    for name in ("core", "templates", "generator-config.yaml"):
        (root / name).symlink_to(PROJECT.root / name)
    (root / "openapi").mkdir()
    (root / "openapi" / "overlay.yaml").write_text(OVERLAY, "utf-8")
    return Layout(root)


def generated(document: dict[str, Any], folder: Path, layout: Layout) -> Path:
    """The package of a document, as text with a byte order mark before it."""
    path = folder / "document.json"
    path.write_bytes(codecs.BOM_UTF8 + json.dumps(document).encode())
    source, provenance = load_foreign(path)
    build(source, provenance, folder / "output", layout=layout, pinned=False, on_step=lambda step: None)
    package = folder / "output" / PACKAGE
    check_models_exist(package)
    return package


def check_models_exist(package: Path) -> None:
    """Every model that the resources and operations speak of is there, in annotations too, which nothing evaluates."""
    exports = (package / "models" / "__init__.py").read_text("utf-8")
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "models":
                assert f'"{node.attr}",' in exports, f"{path.name} speaks of models.{node.attr}"


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory, layout: Layout) -> Path:
    return generated(DOCUMENT, tmp_path_factory.mktemp("traps"), layout)


# --- What the client does, found out in a process of its own ---

PROBE = """
import importlib, inspect, json, pkgutil, sys

sys.path[:0] = sys.argv[1:]
from instantly_client import resources
from instantly_core import UNSET, Resource
from instantly_core.models.decode import Drift
from instantly_core.models.encode import jsonable


def described(value):
    if hasattr(value, "FIELDS"):
        shown = {name: described(getattr(value, name)) for name in value.FIELDS.values()}
        more = {f"+{name}": described(inner) for name, inner in value.additional_properties.items()}
        return {"": type(value).__name__, **shown, **more}
    if isinstance(value, list):
        return [described(item) for item in value]
    if isinstance(value, dict):
        return {key: described(item) for key, item in value.items()}
    return f"{type(value).__name__}.{value.name}" if hasattr(value, "name") else type(value).__name__


def operation(name):
    for module in pkgutil.iter_modules(resources.__path__):
        for found in vars(importlib.import_module(f"instantly_client.resources.{module.name}")).values():
            if getattr(found, "name", None) == name:
                return module.name, found
    raise KeyError(name)


def answer(name, value):
    found = operation(name)[1]
    if found.response is None:
        return "nothing"
    drift = Drift()
    decoded = found.decoder(value, None, "", drift)
    reports = [[report.pointer, report.expected] for report in drift.reports(value)]
    return {"described": described(decoded), "json": jsonable(decoded), "drift": reports}


class Recorder:
    def call(self, operation, path=(), query=None, body="nothing", headers=None):
        sent = body if body is UNSET else jsonable(body)
        return [operation.name, list(path), jsonable(query), sent, jsonable(headers)]

    page = call


def sent(name, arguments, keywords):
    resource, _ = operation(name)
    module = importlib.import_module(f"instantly_client.resources.{resource}")
    (found,) = [c for c in vars(module).values() if inspect.isclass(c) and Resource in c.__bases__]
    for method in [m for m in vars(found) if not m.startswith("_")]:
        try:
            call = getattr(found(Recorder()), method)(*arguments, **keywords)
        except TypeError:
            continue
        if call[0] == name:
            return call
    raise KeyError(name)


results = []
for kind, *rest in json.load(sys.stdin):
    try:
        results.append(answer(*rest) if kind == "answer" else sent(*rest))
    except Exception as error:
        results.append({"error": repr(error)})
json.dump(results, sys.stdout, default=repr)
"""

TREE = {
    "label": "a",
    "child": {"label": "b"},
    "children": [{"label": "c", "children": []}],
    "by_name": {"x": {"label": "d"}},
    "maybe": None,
    "unknown": 1,
}
HEN = {"eggs": [{"label": "e"}], "pets": [None, {"label": "f"}]}
ALL_NAMES = dict.fromkeys(NAMES, "x")

# name -> (operation, what comes, what has no place in the answer as the document describes it)
VALUES: dict[str, tuple[str, Any, list[list[str]]]] = {
    "beside anyOf": ("answerBesideAnyOf", {"a": "1", "b": "2"}, []),
    "beside oneOf": ("answerOneOf", {"a": "1", "b": "2", "c": 3}, []),
    "array without items": ("arrayWithoutItems", {"tags": [1, "a", {}], "deep": [[1], []], "maybe": None}, []),
    "mixed: number": ("mixedEnumeration", {"kind": 2}, []),
    "mixed: text": ("mixedEnumeration", {"kind": "CAMPAIGN"}, []),
    "mixed: null": ("mixedEnumeration", {"kind": None}, []),
    "mixed: boolean": ("mixedEnumeration", {"kind": True}, []),
    "mixed: fraction": ("mixedEnumeration", {"odd": 0.5}, []),
    "floats": ("floatEnumeration", {"rate": 2.5, "whole": 2}, []),
    "nullable: null": ("nullableEnumerations", dict.fromkeys(STATES), []),
    "nullable: values": (
        "nullableEnumerations",
        {"without_null": "on", "with_null": "off", "with_null_only_listed": "up", "numbers": 2},
        [],
    ),
    "nullable: unknown": ("nullableEnumerations", {"numbers": 9}, [["/numbers", "RobotEnumerationNumbers"]]),
    "dates": ("odd_dates", {"day": "2026-05-11", "at": "2026-05-11T10:00:00.000Z", "maybe": None}, []),
    "moment for a day": ("odd_dates", {"day": "2026-05-11T10:00:00Z"}, [["/day", "date"]]),
    "no dates": ("odd_dates", {"day": "", "at": "soon"}, [["/day", "date"], ["/at", "timestamp"]]),
    "names": ("hasNames", ALL_NAMES, []),
    "close values": ("closeValues", {"value": ""}, []),
    "bare array": ("bareArray", [{"x": "1"}, {"x": "2", "more": 3}], [["/1/more", "no such field"]]),
    "bare map": ("bareMap", {"k": {"y": 1}}, []),
    "bare scalar": ("bareScalar", 5, []),
    "bare anything": ("bareAny", [1, {"a": None}], []),
    "nullable object: null": ("nullableObject", None, []),
    "nullable object": ("nullableObject", {"z": "1"}, []),
    "text": ("textAnswer", "a,b\n", []),
    "nothing": ("contentOn204", None, []),
    "tree": ("getTree", TREE, [["/unknown", "no such field"]]),
    "hen and egg": ("getEgg", {"label": "g", "hen": HEN}, []),
    "open object": ("openObject", {"a": "1", "b": {"more": "2"}}, []),
    "union: text": ("mixedUnion", {"u": "other"}, []),
    "union: unknown text": ("closedUnion", {"u": "other"}, [["/u", "RobotU"]]),
    "union: array": ("mixedUnion", {"u": [1, 2]}, []),
    "union: object": ("mixedUnion", {"u": {"inner": "1"}}, []),
    "union: null": ("mixedUnion", {"u": None}, []),
    "union: alien": ("mixedUnion", {"u": True}, [["/u", "any"]]),
}
# name -> (operation, positional arguments, keywords)
CALLS: dict[str, tuple[str, list[Any], dict[str, Any]]] = {
    "beside anyOf": ("forwardEmail", [], {"to": "a", "cc": "b", "bcc": "c", "subject": "d", "html": "e", "text": "f"}),
    "array": ("sendArray", [], {"body": ["a"]}),
    "scalar": ("sendScalar", [], {"body": 5}),
    "union": ("sendUnion", [], {"body": "a"}),
    "union left out": ("sendUnion", [], {}),
    "nothing": ("sendNothing", [], {}),
    "map": ("sendMap", [], {"body": {"a": "b"}}),
    "headers": ("withHeaders", [], {"x_trace_id": "a", "x_count": 1}),
    "names in a path": ("camelPath", ["a", "b"], {}),
    "same names": ("sameNames", ["a"], {"body_id": "b", "name": "c"}),
}


@pytest.fixture(scope="session")
def results(package: Path) -> dict[tuple[str, str], Any]:
    tasks = {("answer", name): [operation, value] for name, (operation, value, _) in VALUES.items()}
    tasks |= {("call", name): [*call] for name, call in CALLS.items()}
    return dict(zip(tasks, probe(package, [[kind, *task] for (kind, _), task in tasks.items()]), strict=True))


def probe(package: Path, tasks: Iterable[list[Any]]) -> list[Any]:
    command = [sys.executable, "-c", PROBE, str(package.parent), str(PROJECT.root / "core")]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, input=json.dumps([*tasks]), capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", [name for name in VALUES if name != "nothing"])
def test_an_answer_is_decoded_without_loss(name: str, results: dict[tuple[str, str], Any]) -> None:
    _, value, drift = VALUES[name]
    result = results["answer", name]
    assert "error" not in result, result["error"]
    assert result["json"] == value
    if drift == [["/u", "any"]]:
        assert [pointer for pointer, _ in result["drift"]] == ["/u"]
    else:
        assert result["drift"] == drift


DESCRIBED: dict[str, Any] = {
    "mixed: number": {"": "RobotMixedEnumerationResult", "kind": "RobotEnumerationKindCode.VALUE_2", "odd": "Unset"},
    "mixed: boolean": {"": "RobotMixedEnumerationResult", "kind": "bool", "odd": "Unset"},
    "mixed: fraction": {"": "RobotMixedEnumerationResult", "kind": "Unset", "odd": "float"},
    "floats": {"": "RobotFloatEnumerationResult", "rate": "float", "whole": "RobotEnumerationWhole.VALUE_2"},
    "dates": {"": "RobotOddDatesResult", "day": "date", "at": "datetime", "maybe": "NoneType"},
    "moment for a day": {"": "RobotOddDatesResult", "day": "str", "at": "Unset", "maybe": "Unset"},
    "no dates": {"": "RobotOddDatesResult", "day": "str", "at": "str", "maybe": "Unset"},
    "close values": {"": "RobotCloseValuesResult", "value": "RobotValue.EMPTY"},
    "bare array": [{"": "RobotBareArrayResult", "x": "str"}, {"": "RobotBareArrayResult", "x": "str", "+more": "int"}],
    "bare map": {"k": {"": "RobotBareMapResult", "y": "int"}},
    "bare scalar": "int",
    "nullable object": {"": "RobotNullableObjectResult", "z": "str"},
    "text": "str",
    "open object": {"": "OpenObjectResult", "a": "str", "+b": {"": "RobotOpenObjectResult", "more": "str"}},
}


@pytest.mark.parametrize("name", DESCRIBED)
def test_an_answer_has_the_types_of_the_document(name: str, results: dict[tuple[str, str], Any]) -> None:
    found = results["answer", name]["described"]
    assert found == DESCRIBED[name]


def test_nullable_enumerations_are_one_class_with_or_without_null_in_the_list(
    results: dict[tuple[str, str], Any],
) -> None:
    found = results["answer", "nullable: values"]["described"]
    assert found["without_null"].split(".")[0] == found["with_null"].split(".")[0]
    assert found["numbers"].endswith(".HIGH")
    assert {*results["answer", "nullable: null"]["described"].values()} - {"RobotNullableEnumerationsResult"} == {
        "NoneType"
    }
    classes = {value.split(".")[0] for field, value in found.items() if field}
    assert len(classes) == 3  # on and off, up and down, the numbers


def test_trees_are_models_all_the_way_down(results: dict[tuple[str, str], Any]) -> None:
    tree = results["answer", "tree"]["described"]
    inner = [tree, tree["child"], tree["children"][0], tree["by_name"]["x"]]
    assert [node[""] for node in inner] == ["Tree"] * 4
    egg = results["answer", "hen and egg"]["described"]
    assert (egg[""], egg["hen"][""], egg["hen"]["eggs"][0][""], egg["hen"]["pets"][1][""]) == (
        "Egg",
        "Hen",
        "Egg",
        "Tree",
    )


def test_every_name_is_a_field_of_its_own(results: dict[tuple[str, str], Any]) -> None:
    found = results["answer", "names"]["described"]
    assert len(found) == len(NAMES) + 1
    assert all(name.isidentifier() for name in found if name)


def test_a_success_without_content_is_nothing_whatever_the_document_says(results: dict[tuple[str, str], Any]) -> None:
    assert results["answer", "nothing"] == "nothing"


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        (
            "beside anyOf",
            [[], None, {"to": "a", "cc": "b", "bcc": "c", "subject": "d", "html": "e", "text": "f"}, None],
        ),
        ("array", [[], None, ["a"], None]),
        ("scalar", [[], None, 5, None]),
        ("union", [[], None, "a", None]),
        ("nothing", [[], None, "nothing", None]),
        ("map", [[], None, {"a": "b"}, None]),
        ("headers", [[], None, "nothing", {"X-Trace-Id": "a", "X-Count": 1}]),
        ("names in a path", [["a", "b"], None, "nothing", None]),
        ("same names", [["a"], None, {"id": "b", "name": "c"}, None]),
    ],
)
def test_a_call_sends_what_it_was_given_under_the_names_of_the_document(
    name: str, sent: list[Any], results: dict[tuple[str, str], Any]
) -> None:
    assert results["call", name] == [CALLS[name][0], *sent]


def test_a_body_that_is_optional_can_be_left_out(results: dict[tuple[str, str], Any]) -> None:
    assert results["call", "union left out"] == ["sendUnion", [], None, "UNSET", None]


def method(package: Path, docs: str) -> ast.FunctionDef:
    """The method whose docstring names an operation."""
    for path in (package / "resources").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and f"`{docs}`" in (ast.get_docstring(node) or ""):
                return node
    raise KeyError(docs)


@pytest.mark.parametrize(("operation", "extra"), [("withNames", ["extra"]), ("bodyWithNames", [])])
def test_every_name_is_an_argument_of_its_own(operation: str, extra: list[str], package: Path) -> None:
    found = method(package, operation)
    arguments = [argument.arg for argument in found.args.kwonlyargs]
    assert len({*arguments}) == len(NAMES) + len(extra)
    assert not {*arguments} & {"self", "operations", "builtins"}
    dicts = [node for node in ast.walk(found) if isinstance(node, ast.Dict)]
    sent = {key.value: value.id for node in dicts for key, value in zip(node.keys, node.values, strict=True)}  # type: ignore[union-attr, attr-defined]
    assert {*sent} == {*NAMES, *extra}
    assert {*sent.values()} == {*arguments}


def test_resources_and_methods_hide_nothing(package: Path) -> None:
    odd = ast.parse((package / "resources" / "odds.py").read_text("utf-8"))
    (resource,) = [node for node in odd.body if isinstance(node, ast.ClassDef) and node.name == "Odds"]
    methods = [node.name for node in resource.body if isinstance(node, ast.FunctionDef)]
    assert len({*methods}) == sum(operation.get("tags") == ["Odd"] for operation in OPERATIONS.values())
    client = (package / "client.py").read_text("utf-8")
    for attribute in ("models", "operations", "a_b_cs"):
        assert f"def {attribute}(self)" in client


def test_member_names_that_would_be_the_same_are_different(package: Path) -> None:
    (found,) = [
        node
        for path in (package / "models").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and node.name == "RobotValue"
    ]
    members = [
        (node.targets[0].id, node.value.value)  # type: ignore[attr-defined]
        for node in ast.walk(found)
        if isinstance(node, ast.Assign)
    ]
    enumeration = ANSWERS["closeValues"]["properties"]["value"]["enum"]
    assert [value for _, value in members] == enumeration
    assert len({name for name, _ in members}) == len(enumeration)


# --- Documents of their own, because one of them must not take the others down ---


def page(items: Schema) -> Schema:
    return thing(items=items, next_starting_after=STRING)


SINGLES: dict[str, dict[str, Any]] = {
    "a body that is an object or null": document({"a": {"sends": nullable(thing(x=STRING))}}),
    "a body that is an object or an array": document({"a": {"sends": {"anyOf": [thing(x=STRING), array(STRING)]}}}),
    "a page whose operation takes no cursor": document({"a": {"answer": page(array(thing(x=STRING)))}}),
    "a page whose items are no array": document({"a": {"answer": page(STRING), "parameters": query("starting_after")}}),
    "a page whose items may be null": document(
        {"a": {"answer": page(nullable(array(thing(x=STRING)))), "parameters": query("starting_after")}}
    ),
    "arrays described item by item": document(
        {"a": {"answer": thing(x={"type": "array", "prefixItems": [thing(y=STRING), INTEGER]})}}
    ),
    "operations that are called like keywords": document(
        {"class": {}, "from": {}, "importRobots": {}, "getClass": {}, "None": {}, "async": {}}
    ),
    "operations that are one to the generator": document(
        {"get&all": {"parameters": query("a")}, "getall": {"parameters": query("b")}}
    ),
    "a body given whole beside a parameter called body": document(
        {"a": {"parameters": query("body"), "sends": array(STRING)}}
    ),
    "two answers of success": document(
        {
            "a": {
                "responses": {
                    "200": {"description": "", **content(thing(x=STRING))},
                    "201": {"description": "", **content(thing(y=STRING))},
                    "204": {"description": ""},
                }
            }
        }
    ),
    "objects called like decoders": document(
        {"a": {"answer": thing(x=nullable(ref("n")), y=array(ref("l")), z=ref("l"))}},
        n={"title": "Nullable", **thing(x={"type": ["string", "null"]})},
        l={"title": "List Of", **thing(x=array(STRING))},
    ),
    "nothing but scalars": {**document({"a": {"answer": STRING}}), "components": {}},
    "a component that stands for another": document({"a": {"answer": ref("alias")}}, alias=ref("def-0")),
    "components that are no objects": document(
        {"a": {"answer": ref("l")}, "b": {"answer": ref("m")}, "c": {"answer": ref("u")}},
        l=array(thing(x=STRING)),
        m={"type": "object", "additionalProperties": thing(y=STRING)},
        u={"anyOf": [STRING, thing(z=STRING)]},
    ),
    "bytes": document(
        {"a": {"responses": {"200": {"description": "", **content(STRING, "application/octet-stream")}}}}
    ),
}


@pytest.mark.parametrize("name", SINGLES)
def test_a_document_with(name: str, tmp_path: Path, layout: Layout) -> None:
    assert generated(SINGLES[name], tmp_path, layout).is_dir()


# --- What cannot be done is told ---


def same_ids(document: dict[str, Any]) -> None:
    document["paths"]["/b"] = {"get": {"operationId": "getRobot", "responses": {"200": {"description": ""}}}}


def same_titles(document: dict[str, Any]) -> None:
    document["components"]["schemas"] |= {key: {"title": "AB Test", **thing()} for key in ("def-1", "def-2")}


@pytest.mark.parametrize("change", [same_ids, same_titles])
def test_one_name_for_two_things_is_refused(
    change: Callable[[dict[str, Any]], None], tmp_path: Path, layout: Layout
) -> None:
    damaged = document({"getRobot": {"answer": ref("def-0")}})
    change(damaged)
    with pytest.raises(Refused) as caught:
        generated(damaged, tmp_path, layout)
    assert caught.value.step == "lint"
    assert len(caught.value.findings) == 1


def test_a_warning_of_the_generator_is_a_failure_and_says_of_what(tmp_path: Path, layout: Layout) -> None:
    nothing = [{**query("x", place="path", schema=NULL)[0], "required": True}]
    with pytest.raises(Failed) as caught:
        generated(document({"a": {"parameters": nothing, "path": "/api/{x}"}, "b": {}}), tmp_path, layout)
    assert caught.value.step == "generate"
    assert "None is not allowed in path" in str(caught.value)


def test_a_parameter_described_by_its_content_is_there(tmp_path: Path, layout: Layout) -> None:
    parameter = {"name": "filter", "in": "query", **content(thing(x=STRING))}
    package = generated(document({"a": {"parameters": [parameter]}}), tmp_path, layout)
    assert [argument.arg for argument in method(package, "a").args.kwonlyargs] == ["filter_"]


def test_two_fields_that_are_one_to_the_generator_are_both_there(tmp_path: Path, layout: Layout) -> None:
    package = generated(document({"a": {"answer": thing(**{"a&b": STRING, "ab": STRING})}}), tmp_path, layout)
    text = "".join(path.read_text("utf-8") for path in (package / "models").glob("*.py"))
    assert "    ab: str | Unset" in text
    assert "    a_b: str | Unset" in text


# --- Formatting ---


@pytest.mark.parametrize("code", ["def f(:\n", "x = undefined_name\n", "def f(): pass\ndef f(): pass\n"])
def test_code_that_ruff_complains_of_is_a_failure(code: str, tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(code, "utf-8")
    with pytest.raises(Failed, match=r"module\.py") as caught:
        format_tree(tmp_path)
    assert caught.value.step == "format"


def test_a_missing_ruff_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "No module named ruff" >&2\nexit 1\n', "utf-8")
    python.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(python))
    with pytest.raises(Failed, match="No module named ruff"):
        format_tree(tmp_path)


def test_the_configuration_around_the_tree_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "ruff.toml").write_text(
        'line-length = 20\n[format]\nquote-style = "single"\nexclude = ["*"]\n', "utf-8"
    )
    (tmp_path / "module.py").write_text("import sys\nimport os\nx = ('a long text', os.name)\n\n\n\n\n", "utf-8")
    format_tree(tmp_path)
    assert (tmp_path / "module.py").read_text("utf-8") == 'import os\n\nx = ("a long text", os.name)\n'
