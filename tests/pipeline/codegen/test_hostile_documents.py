"""Documents that were written to do harm, or look like it: refused with a clear message, or inert text."""

from __future__ import annotations

import ast
import io
import json
import re
import shutil
import tokenize
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from instantly_core import SyncClient
from scripts.codegen.docstrings import docstring, literal
from scripts.lib.layout import PACKAGE, PROJECT, Layout
from scripts.lib.report import CONTROL, Failed, Refused, child
from scripts.naming.names import Namer
from scripts.regenerate import regenerate_foreign
from scripts.spec.lint import lint
from scripts.spec.lint.bounds import MAX_TEXT
from scripts.spec.load import parse
from scripts.spec.registry import Registry, write_registry
from tests.pipeline.documents import small_document
from tests.pipeline.settings import STEADY

pytestmark = pytest.mark.slow

Document = dict[str, Any]

# No name that is derived from a text has this spelling: those are `z_qcode`, `ZQCODE` and, in a class, `ZQcode`.
MARKER = "zQcode"

OVERLAY = """\
overlay: 1.0.0
info: {title: No corrections, version: "1"}
actions: [{target: $.info, description: It has no effect., update: {}}]
"""

CONTROLS = ["\0", "\n", "\r", "\t", "\x1b[2J", "\x7f", "\x85", "\u2028", "\u202e", "\u2066", "\u200f", "\ufeff"]

# What can stand where a name is made of it: no control characters, and short enough for a name.
NAMES = {
    "quotes": f'"""\'\'\'{MARKER}"""\'',
    "templates": f"{{{{{MARKER}}}}}{{%{MARKER}%}}{{#{MARKER}{{0}}",
    "escapes": f"\\N{{{MARKER}}}\\x41\\",
    "folders": f"../../etc/passwd/{MARKER}",
    "code": f'");__import__("os").system("touch PWNED")#{MARKER}',
    "invisible": f"{MARKER}\u200b\u200d\u2060\u00ad\U000e0041",
}

# What can stand in prose: anything at all.
TEXTS = {
    "quotes": f'{MARKER}""" \'\'\'{MARKER}\'\'\' \\"""; ""\0" {MARKER}() ""\u202e" "\u200b"" "{MARKER}" ',
    "templates": f"{{{{ {MARKER}() }}}} {{% for x in {MARKER} %}} {{# {MARKER} #}} {{{MARKER}!r}} %({MARKER})s",
    "escapes": f"\\N{{{MARKER}}} \\x4 \\u12 \\U0 \\8 \\\n\\{MARKER} {'long' * 20_000} \\",
    "folders": f"Args: ../../{MARKER}\n{MARKER}()\n\nReturns:\n    /etc/passwd ..\\..\\{MARKER} file:///{MARKER}",
    "code": f'"); __import__("os").system("touch PWNED {MARKER}") #\n"""\n{MARKER}()\r\nimport os\r"""\n# {MARKER}\n',
    "invisible": f"\u200b{MARKER}\u200d\u2060\u00ad\ufe0f\U000e0041\u3164{f'{MARKER}()'.join(CONTROLS)}{MARKER}",
}


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A project without names on record and without corrections."""
    root = tmp_path_factory.mktemp("project")
    for name in ("core", "templates", "generator-config.yaml"):
        (root / name).symlink_to(PROJECT.root / name)
    (root / "openapi").mkdir()
    (root / "openapi" / "overlay.yaml").write_text(OVERLAY, "utf-8")
    return Layout(root)


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, some levels deep, so that what climbs out of the output is seen."""
    folder = tmp_path / "a" / "b" / "c"
    folder.mkdir(parents=True)
    (tmp_path / "bystander").write_text("as it was", "utf-8")
    monkeypatch.chdir(folder)
    return folder


# --- What has to hold for every run ---


def attempt(document: Document, sandbox: Path, layout: Layout) -> Path | Refused | Failed:
    """Run the whole pipeline; return the package, or the error, after checking that no harm was done."""
    source, output = sandbox / "document.json", sandbox / "output"
    source.write_text(json.dumps(document), "utf-8")
    outside = sandbox.parents[2]
    before = snapshot(outside, but=output)
    error: Refused | Failed | None = None
    try:
        regenerate_foreign(source, output, on_step=lambda step: None, layout=layout)
    except (Refused, Failed) as caught:
        error = caught
    assert snapshot(outside, but=output) == before
    if error is None:
        check_inert(output)
        return output / PACKAGE
    assert not output.exists()
    check_message(error)
    return error


def snapshot(folder: Path, *, but: Path) -> dict[str, bytes | None]:
    """Every file and folder below `folder` with its content, except what is in `but`."""
    return {
        str(path): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
        if but not in (path, *path.parents)
    }


def check_inert(tree: Path) -> None:
    """The marker is in string constants and nowhere else."""
    for path in tree.rglob("*"):
        assert MARKER not in path.name
        if path.suffix != ".py":
            continue
        text = path.read_text("utf-8")
        assert path.resolve().is_relative_to(tree.resolve())
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            text_only = token.type == tokenize.STRING or (
                token.type == tokenize.NAME and token.string.lstrip("_")[0].isupper()
            )
            assert MARKER not in token.string or text_only, f"{path}: {token}"
        for node in ast.walk(ast.parse(text)):
            assert not isinstance(node, ast.JoinedStr), f"{path}: an f-string in line {node.lineno}"
            if not isinstance(node, ast.Constant) and ast.unparse(node) != "from os import PathLike":
                assert not {MARKER, "__import__", "os", "system"}.intersection(names_of(node)), (
                    f"{path}: {ast.dump(node)}"
                )


def names_of(node: ast.AST) -> Iterator[str]:
    """The names in a node itself, part by part."""
    for _, value in ast.iter_fields(node):
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str):
                yield from item.split(".")


def check_message(error: Refused | Failed) -> None:
    message = str(error)
    assert error.step
    assert message.strip()
    assert not CONTROL.search(message.replace("\n", ""))
    assert " object at 0x" not in message
    if isinstance(error, Refused):
        assert error.findings
        assert all(finding.what and finding.why for finding in error.findings)


# --- Everywhere at once ---


def hostile_document(name: str, text: str) -> Document:
    """A document with `name` wherever something is called, and `text` wherever something is described."""
    key = f"Key {name}"
    reference = {"$ref": "#/components/schemas/" + child("", key)[1:]}
    schema = {
        "title": f"Robot {name}",
        "description": text,
        "type": "object",
        "properties": {
            f"told {name}": {
                "type": "string",
                "title": f"T {name}",
                "description": text,
                "pattern": text,
                "format": name,
                "default": text,
                "example": text,
                "examples": [text],
                f"x-{name}": text,
            },
            f"chosen {name}": {
                "type": ["string", "null"],
                "enum": [name, f"b{name}", "plain", None],
                "default": name,
                "x-enumDescriptions": {name: text, "plain": text, text: text},
            },
            "numbered": {"type": "integer", "enum": [0, 1], "x-enumDescriptions": {"0": text, "1": name, text: name}},
            "fixed": {"const": f"c{name}"},
            "mixed": {"enum": [1, name, True], "description": text},
            "when": {"type": "string", "format": "date-time", "default": text, "pattern": name[:60]},
            f"map {name}": {"type": "object", "additionalProperties": {"type": "string", "description": text}},
            f"inner {name}": {"type": "object", "description": text, "properties": {f"x {name}": {"default": text}}},
            "other": {"anyOf": [{"type": "array", "items": {"type": "string", "enum": [name]}}, {"type": "null"}]},
            "next": {**reference, "description": text},
        },
        "required": [f"told {name}", f"inner {name}"],
        f"x-{name}": {name: text},
    }
    parameters = [
        {"name": "id", "in": "path", "required": True, "description": text, "schema": {"type": "string"}},
        {"name": f"q {name}", "in": "query", "description": text, "schema": {"type": "string", "default": text}},
        {"name": f"e {name}", "in": "query", "schema": {"type": "string", "enum": [name, "a"], "default": name}},
        {"name": "X-'`!|#$%&", "in": "header", "description": text, "schema": {"type": "string", "pattern": text}},
    ]
    error = {"description": text, "content": {name: {"schema": {"title": name, "enum": [name]}, "example": text}}}
    operation = {
        "operationId": f"run {name}",
        "summary": text,
        "description": f"Requires one of the following scopes: `{name}`, `all:{name}`.\n\n{text}",
        "tags": [f"Robot {name}", name],
        "parameters": parameters,
        "requestBody": {
            "description": text,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "description": text,
                        "properties": {f"b {name}": {"type": "string", "description": text, "default": text}},
                        "required": [f"b {name}"],
                    },
                    "examples": {name: {"summary": text, "value": {name: text}}},
                }
            },
        },
        "responses": {
            "200": {
                "description": text,
                "headers": {name: {"description": text, "schema": {"type": "string"}}},
                "content": {"application/json": {"schema": reference, "example": text}},
            },
            "400": error,
            "default": error,
            f"x-{name}": text,
        },
        "x-safe": True,
        "x-limits": [{"count": 1, "seconds": 60, name: text}],
        "x-failure": {"field": name, "value": text, name: text},
        "externalDocs": {"url": f"https://robots.example/{MARKER}", "description": text},
        f"x-{name}": text,
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": name, "version": name, "summary": text, "description": text, f"x-{name}": text},
        "servers": [{"url": name, "description": text}],
        "security": [{name: [name]}],
        "tags": [{"name": f"Robot {name}", "description": text, "x-displayName": text}, {"name": name}],
        "components": {
            "schemas": {key: schema},
            "securitySchemes": {name: {"type": "http", "scheme": "bearer", "description": text}},
        },
        "paths": {
            "/api/robots/{id}": {"summary": text, "description": text, "post": operation},
            f"/api/'+{MARKER}()+'/($({MARKER}))": {
                "get": {
                    "operationId": f"walk {name}",
                    "description": text,
                    "tags": [f"Robot {name}"],
                    "responses": {"200": {"description": text}},
                }
            },
        },
        f"x-{name}": text,
    }


@pytest.mark.parametrize("kind", NAMES)
def test_hostile_text_everywhere_comes_out_as_inert_text(kind: str, sandbox: Path, layout: Layout) -> None:
    package = attempt(hostile_document(NAMES[kind], TEXTS[kind]), sandbox, layout)
    assert isinstance(package, Path), package
    written = "".join(path.read_text("utf-8") for path in package.rglob("*.py"))
    assert written.count(MARKER) > 30


FRAGMENTS = st.one_of(
    st.sampled_from(['"', "'", '"""', "'''", "\\", "{", "}", "{{", "}}", "{%", "%}", "{#", "#", "../", "/", ":", "`"]),
    st.sampled_from([" ", "x", "(", ")", "()", ";", ",", "=", "\\N{", "\\u", "None", "0", "é", "名", "\u200b", MARKER]),
    st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]),
)
ANY_FRAGMENTS = st.one_of(FRAGMENTS, st.sampled_from([*CONTROLS, "\r\n", "    "]), st.characters(codec="utf-8"))


def texts(fragments: st.SearchStrategy[str], *, most: int) -> st.SearchStrategy[str]:
    """Texts with the marker in them."""
    some = st.lists(fragments, max_size=most).map("".join)
    return st.tuples(some, some).map(MARKER.join)


@settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=10,
    phases=[Phase.generate],  # making a failing example small would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(texts(FRAGMENTS, most=4), texts(ANY_FRAGMENTS, most=12))
def test_whatever_a_document_says_nothing_of_it_becomes_code(
    sandbox: Path, layout: Layout, name: str, text: str
) -> None:
    shutil.rmtree(sandbox / "output", ignore_errors=True)  # of the example before this one
    attempt(hostile_document(name, text), sandbox, layout)


@STEADY
@given(texts(ANY_FRAGMENTS, most=12), st.sampled_from([0, 4, 8]))
def test_a_docstring_is_one_string_whatever_it_says(text: str, indent: int) -> None:
    for paragraphs in ([text], [text, text], [f'{text}" '], [f"{text}\\ "]):
        margin = " " * indent
        module = ast.parse(f"if 1:\n{margin or ' '}{docstring(paragraphs, indent)}")
        (branch,) = module.body
        assert isinstance(branch, ast.If)
        (statement,) = branch.body
        assert isinstance(statement, ast.Expr)
        assert isinstance(statement.value, ast.Constant)
        assert MARKER in str(statement.value.value)


@STEADY
@given(texts(st.one_of(ANY_FRAGMENTS, st.characters()), most=12))
def test_a_literal_is_the_text_itself_on_one_line(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text
    assert len(literal(text).splitlines()) == 1
    assert not CONTROL.search(literal(text))


@STEADY
@given(st.dictionaries(st.text(max_size=8), st.sampled_from(["a", "b"]), max_size=3), texts(ANY_FRAGMENTS, most=4))
def test_names_on_record_are_read_as_they_were_written(names: dict[str, str], text: str) -> None:
    registry = Registry(resources={**names, text: "c"}, members={"Robot": {text: "D", **names}})
    assert tomllib.loads(write_registry(registry)) == {
        "resources": registry.resources,
        "operations": {},
        "classes": {},
        "members": registry.members,
    }


def test_prose_is_told_as_it_was_written(sandbox: Path, layout: Layout) -> None:
    document = small_document()
    told = r"A path such as C:\new\table, \d+ or {braces}"
    listing = document["paths"]["/api/robots"]["get"]
    listing["description"] = listing["parameters"][0]["description"] = told
    document["components"]["schemas"]["def-1"]["description"] = told
    document["components"]["schemas"]["def-1"]["properties"]["name"]["description"] = told
    package = attempt(document, sandbox, layout)
    assert isinstance(package, Path), package
    for module, times in (("models/robot.py", 2), ("resources/robots.py", 4)):
        strings = [
            node.value
            for node in ast.walk(ast.parse((package / module).read_text("utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        assert "".join(strings).count(told) == times, module


# --- Place by place, refused before anything is made of it ---


def rename(document: Document, name: str) -> None:
    document["components"]["schemas"] |= {f"k{name}": {"type": "object"}}


def put(*keys: str | int) -> Callable[[Document, str], None]:
    def change(document: Document, text: str) -> None:
        place: Any = document
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = f"x{text}"

    return change


def add(value: Any, *keys: str | int) -> Callable[[Document, str], None]:
    def change(document: Document, text: str) -> None:
        place: Any = document
        for key in keys:
            place = place[key]
        place[f"x{text}"] = value

    return change


ROBOT = ("components", "schemas", "def-1")
LIST = ("paths", "/api/robots", "get")
PATCH = ("paths", "/api/robots/{id}", "patch")
NAMED_PLACES = {
    "info title": put("info", "title"),
    "info version": put("info", "version"),
    "component key": rename,
    "component title": put(*ROBOT, "title"),
    "property title": put(*ROBOT, "properties", "name", "title"),
    "property": add({"type": "string"}, *ROBOT, "properties"),
    "enumeration value": put(*ROBOT, "properties", "name", "enum", 0),
    "tag": put("tags", 0, "name"),
    "tag of an operation": put(*LIST, "tags", 0),
    "operationId": put(*LIST, "operationId"),
    "parameter": put(*LIST, "parameters", 0, "name"),
    "property of a body": add({}, *PATCH, "requestBody", "content", "application/json", "schema", "properties"),
    "media type of a body": add({}, *PATCH, "requestBody", "content"),
    "media type of a response": add({}, *LIST, "responses", "200", "content"),
    "path": add({"get": {"operationId": "other", "responses": {"200": {}}}}, "paths"),
    "response code": add({}, *LIST, "responses"),
}


@pytest.mark.parametrize("place", NAMED_PLACES)
def test_a_name_that_would_act_instead_of_show_is_refused(place: str) -> None:
    for control in CONTROLS:
        document = small_document()
        document["components"]["schemas"]["def-1"]["properties"]["name"]["enum"] = ["a"]
        assert lint(document) == []
        NAMED_PLACES[place](document, f"{MARKER}{control}")
        findings = lint(document)
        assert findings, repr(control)
        check_message(Refused("lint", findings))


@pytest.mark.parametrize(
    "path", ["/a/../b", "/../../etc/passwd", "/a/%2e%2e/b", "/a/%252e%252e/b", "/a\\..\\b", "a", "/a b"]
)
def test_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    document = small_document()
    document["paths"][path] = {"get": {"operationId": "other", "responses": {"200": {"description": ""}}}}
    assert any(finding.pointer == child("/paths", path) for finding in lint(document))


@pytest.mark.parametrize("code", ["2xx", "200; drop", f"2{MARKER}", "../200", "20", "2000", "\uff12\uff10\uff10"])
def test_a_response_code_that_is_none_is_refused(code: str) -> None:
    document = small_document()
    document["paths"]["/api/robots"]["get"]["responses"][code] = {"description": ""}
    assert any(finding.pointer.endswith(child("/responses", code)) for finding in lint(document))


@pytest.mark.parametrize(
    "reference",
    ["file:///etc/passwd", "https://robots.example/x", "../../etc/passwd", "#/components/schemas/../x", "#"],
)
def test_a_reference_that_leads_out_of_the_components_is_refused(reference: str) -> None:
    document = small_document()
    document["components"]["schemas"]["def-1"]["properties"]["arms"]["items"]["$ref"] = reference
    assert len(lint(document)) == 1


@pytest.mark.parametrize("place", ["description", "\\ud800"])
def test_half_of_a_surrogate_pair_is_refused_wherever_it_stands(place: str) -> None:
    text = json.dumps(small_document()).replace('"summary"', f'"{place}": "\\udfff a", "summary"', 1)
    with pytest.raises(Refused, match="half of a surrogate pair") as caught:
        parse(text.encode())
    check_message(caught.value)


def test_too_long_a_text_is_refused() -> None:
    document = small_document()
    document["info"]["description"] = "x" * (MAX_TEXT + 1)
    assert len(lint(document)) == 1


# --- Clear words for what the pipeline itself cannot use ---

LONG = "very long " * 15


def media(document: Document, text: str) -> None:
    response = document["paths"]["/api/robots/{id}"]["get"]["responses"]["200"]
    response["content"] = {text: {"schema": {"type": "string"}}}


def body_media(document: Document, text: str) -> None:
    body = document["paths"]["/api/robots/{id}"]["patch"]["requestBody"]
    body["content"] = {text: {"schema": {"type": "string"}}}


def path_parameter(document: Document, text: str) -> None:
    item = document["paths"]["/api/robots/{id}"]
    document["paths"] = {f"/api/{{{text}}}": item}
    for method in item.values():
        method["parameters"][0]["name"] = text


@pytest.mark.parametrize(
    ("change", "text"),
    [
        pytest.param(media, f'text/"{MARKER}', id="media type of a response"),
        pytest.param(body_media, f'text/"{MARKER}', id="media type of a body"),
        pytest.param(path_parameter, f"{MARKER}'+(x);", id="path parameter"),
        pytest.param(add({"type": "string"}, *ROBOT, "properties"), LONG, id="long property"),
        pytest.param(put(*LIST, "tags", 0), LONG, id="long tag"),
        pytest.param(put(*LIST, "operationId"), LONG, id="long operationId"),
        pytest.param(put(*ROBOT, "title"), LONG, id="long title"),
        pytest.param(put(*LIST, "parameters", 0, "name"), LONG, id="long parameter"),
    ],
)
def test_what_no_client_can_be_made_of_is_told_clearly(
    change: Callable[[Document, str], None], text: str, sandbox: Path, layout: Layout
) -> None:
    document = small_document()
    change(document, text)
    outcome = attempt(document, sandbox, layout)  # either way it did no harm
    assert isinstance(outcome, Path) or len(str(outcome)) < 2_000


@pytest.mark.parametrize(
    "extension",
    [
        {"x-safe": "no"},
        {"x-limits": "many"},
        {"x-limits": [{"count": "many", "seconds": 60}]},
        {"x-limits": [{"count": 1}]},
        {"x-limits": [1]},
        {"x-limits": {"count": 1, "seconds": 60}},
        {"x-failure": "value"},
        {"x-failure": {"value": 1}},
        {"x-failure": {"field": [MARKER]}},
        {"x-failure": {"field": {MARKER: MARKER}}},
    ],
    ids=str,
)
def test_an_extension_of_another_form_than_ours_is_told_clearly(
    extension: dict[str, Any], sandbox: Path, layout: Layout
) -> None:
    document = small_document()
    document["paths"]["/api/robots"]["get"] |= extension
    outcome = attempt(document, sandbox, layout)
    assert isinstance(outcome, Refused | Failed)
    assert next(iter(extension)) in str(outcome)


@pytest.mark.parametrize("labels", ["Asleep", {"0": 5}, {"0": None, "1": ["a"]}, 1], ids=str)
def test_labels_of_another_form_than_ours_do_not_stop_a_run_without_words(
    labels: object, sandbox: Path, layout: Layout
) -> None:
    document = small_document()
    document["components"]["schemas"]["def-1"]["properties"]["status"]["x-enumDescriptions"] = labels
    attempt(document, sandbox, layout)


# --- Names that the generated code needs itself ---


def classes_and_methods(package: Path) -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def test_fields_that_are_called_like_what_the_class_body_uses(sandbox: Path, layout: Layout) -> None:
    document = small_document()
    names = ["field", "define", "text", "integer", "datetime", "drift", "data", "value", "get", "cls", "any"]
    fields = {name: {"type": ["string", "null"]} for name in names}
    document["components"]["schemas"]["def-1"]["properties"] |= fields
    package = attempt(document, sandbox, layout)
    assert isinstance(package, Path), package


def test_objects_that_are_called_like_what_their_module_imports(sandbox: Path, layout: Layout) -> None:
    document = small_document()
    schemas = document["components"]["schemas"]
    for title in ("Nullable", "List Of", "Map Of", "One Of", "Model", "Any", "Self", "Unset", "Drift"):
        schemas[title] = {
            "title": title,
            "type": "object",
            "properties": {
                "tags": {"type": ["array", "null"], "items": {"type": "string"}},
                "marks": {"type": "object", "additionalProperties": {"type": "number"}},
                "owner": {"type": ["string", "number", "object"]},
                "from": {"type": "string"},
                title: {"type": "string"},  # so that no two have the same shape
            },
        }
        schemas["def-1"]["properties"][title] = {"$ref": f"#/components/schemas/{title}"}
    package = attempt(document, sandbox, layout)
    assert isinstance(package, Path), package


def test_objects_whose_names_have_digits_in_them_keep_them(sandbox: Path, layout: Layout) -> None:
    document = small_document()
    document["components"]["schemas"]["def-1"]["title"] = "H2o"
    document["components"]["schemas"]["def-2"]["title"] = "Sha256sum"
    document["paths"]["/api/robots/{id}"]["patch"]["operationId"] = "patchOauth2token"
    package = attempt(document, sandbox, layout)
    assert isinstance(package, Path), package


def test_fields_whose_names_have_the_signs_of_a_place_in_them(sandbox: Path, layout: Layout) -> None:
    document = small_document()
    for number, name in enumerate(["a.b", "a:/", "c[]", "d{}", "e|string", "f..g"]):
        document["components"]["schemas"]["def-1"]["properties"][name] = {
            "type": "object",
            "properties": {f"x{number}": {"type": "string", "enum": [f"v{number}"]}},
        }
    package = attempt(document, sandbox, layout)
    assert isinstance(package, Path), package


def test_an_enumeration_of_everything(sandbox: Path, layout: Layout) -> None:
    document = small_document()
    document["components"]["schemas"]["def-1"]["properties"]["mixed"] = {"enum": [1, "a", 1.5, True, None]}
    package = attempt(document, sandbox, layout)
    assert isinstance(package, Path), package


def test_a_property_called_self(sandbox: Path, layout: Layout) -> None:
    document = small_document()
    document["components"]["schemas"]["def-1"]["properties"]["self"] = {"$ref": "#/components/schemas/def-1"}
    package = attempt(document, sandbox, layout)
    assert isinstance(package, Path), package


def test_arguments_that_are_called_like_what_a_method_uses(sandbox: Path, layout: Layout) -> None:
    document = small_document()
    names = ["operations", "models", "builtins", "body", "self", "query", "headers", "max_items", "UNSET", "Any"]
    document["paths"]["/api/robots"]["get"]["parameters"] += [
        {"name": name, "in": "query", "schema": {"type": "string"}} for name in names
    ]
    fields = document["paths"]["/api/robots/{id}"]["patch"]["requestBody"]["content"]["application/json"]["schema"]
    fields["properties"] |= {name: {"type": "string"} for name in names}
    package = attempt(document, sandbox, layout)
    assert isinstance(package, Path), package
    for path, method in classes_and_methods(package):
        arguments = {
            argument.arg for argument in (*method.args.posonlyargs, *method.args.args, *method.args.kwonlyargs)
        }
        assert "operations" not in arguments, f"{path}: {method.name} hides the module that it uses"


def test_a_parameter_called_body_beside_a_body_that_is_given_whole(sandbox: Path, layout: Layout) -> None:
    document = small_document()
    patch = document["paths"]["/api/robots/{id}"]["patch"]
    patch["parameters"].append({"name": "body", "in": "query", "schema": {"type": "string"}})
    patch["requestBody"]["content"]["application/json"] = {"schema": {"type": "array", "items": {"type": "string"}}}
    package = attempt(document, sandbox, layout)
    assert isinstance(package, Path), package


def test_operations_that_are_called_like_keywords(sandbox: Path, layout: Layout) -> None:
    document = small_document()
    for name in ("importRobot", "class", "Robot.None", "async robot", "lambda", "__init__", "print", "operations"):
        document["paths"][f"/api/{name.replace(' ', '')}"] = {
            "get": {"operationId": name, "tags": ["Robot"], "responses": {"204": {"description": "Done."}}}
        }
    package = attempt(document, sandbox, layout)
    assert isinstance(package, Path), package


@pytest.mark.parametrize("tag", sorted(name for name in dir(SyncClient) if re.fullmatch(r"[a-z]\w+", name)))
def test_tags_that_are_called_like_what_every_client_has(tag: str) -> None:
    document = small_document()
    for item in document["paths"].values():
        for operation in item.values():
            operation["tags"] = [tag]
    (attribute,) = Namer(Registry()).resources(document).values()
    assert not hasattr(SyncClient, attribute), f"client.{attribute} of the engine would be hidden"
