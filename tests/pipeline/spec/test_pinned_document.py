"""The pinned document is what the published API is: its structure, its prose, its examples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs
import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from scripts.spec import lock as locks
from scripts.spec.document import Document, Operation, Schema, operations

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared"
LOCK = locks.read(ROOT / "openapi" / "api_v2.lock.toml")
DOCUMENT: Document = json.loads((ROOT / "openapi" / "api_v2.json").read_text("utf-8"))
OPERATIONS = {operation.id: operation for operation in operations(DOCUMENT)}
COMPONENTS: dict[str, Schema] = DOCUMENT["components"]["schemas"]

STANDARD_ERROR = ["statusCode", "error", "message"]
# What the facts call the parts of a schema. A keyword that is in neither table fails the test, so that none is lost.
SAME = {
    *("type", "title", "format", "pattern", "minimum", "maximum", "minItems", "maxItems", "minProperties"),
    *("default", "readOnly", "required"),
}
PROSE = {"description", "example", "examples"}
MISSING = "words that a pin reports as missing"

# Where the order of a mapping counts; elsewhere a mapping is a set of keywords.
MINDED = {"fields", "names", "responses", "content"}

# The facts and the pages describe one version of the document; a newer one is pinned by its own lock alone.
FACTS = SHARED / "api-facts"
same_version = FACTS.is_dir() and LOCK.date.isoformat() in (FACTS / "README.md").read_text("utf-8")
needs_facts = pytest.mark.skipif(not same_version, reason="no facts of this version are beside the checkout")
needs_seeds = pytest.mark.skipif(
    not (SHARED / "seeds").is_dir() or not same_version, reason="no pages of this version are beside the checkout"
)
needs_own_prose = pytest.mark.skipif(
    "this project's own" not in LOCK.note, reason="prose and examples are the vendor's"
)


# What the document should be


def test_counts() -> None:
    assert DOCUMENT["openapi"] == LOCK.openapi == "3.1.0"
    assert len(OPERATIONS) == LOCK.operations, "an operationId is there twice"
    counts = (len(DOCUMENT["paths"]), len(COMPONENTS), len(DOCUMENT["tags"]))
    assert counts == (LOCK.paths, LOCK.schemas, LOCK.tags)


def test_bearer_security_for_one_server() -> None:
    schemes = DOCUMENT["components"]["securitySchemes"]
    assert {name: (scheme["type"], scheme["scheme"]) for name, scheme in schemes.items()} == {
        "ApiKeyAuth": ("http", "bearer")
    }
    assert DOCUMENT["security"] == [{"ApiKeyAuth": []}]
    assert [server["url"] for server in DOCUMENT["servers"]] == ["https://api.instantly.ai"]


def test_every_tag_in_use_is_described() -> None:
    described = {tag["name"] for tag in DOCUMENT["tags"]}
    used = {tag for operation in OPERATIONS.values() for tag in operation.raw["tags"]}
    assert used <= described


@needs_own_prose
def test_file_is_written_as_it_is_read() -> None:
    text = (ROOT / "openapi" / "api_v2.json").read_text("utf-8")
    assert text == json.dumps(DOCUMENT, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.slow
def test_passes_the_openapi_validator() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


# Structure, against the facts


@needs_facts
def test_head_equals_the_facts() -> None:
    facts = _facts("api")
    assert {
        "openapi": DOCUMENT["openapi"],
        "version": DOCUMENT["info"]["version"],
        "title": DOCUMENT["info"]["title"],
        "server": DOCUMENT["servers"][0]["url"],
        "security": DOCUMENT["security"],
        "tags": [{"name": tag["name"], "displayName": tag["x-displayName"]} for tag in DOCUMENT["tags"]],
    } == facts


@needs_facts
def test_order_equals_the_facts() -> None:
    assert list(COMPONENTS) == [fact["key"] for fact in _facts("objects")]
    # Operations of one path stand together in the document; the facts list them the same way.
    assert list(OPERATIONS) == [fact["operationId"] for fact in _facts("operations")]


@needs_facts
@pytest.mark.parametrize("key", COMPONENTS)
def test_component_equals_the_facts(key: str) -> None:
    (fact,) = (fact for fact in _facts("objects") if fact["key"] == key)
    schema = {name: value for name, value in COMPONENTS[key].items() if name != "x-tags"}
    found = {"key": key, "tags": COMPONENTS[key]["x-tags"], **_schema(schema)}
    assert _ordered(found) == _ordered(_without_prose(fact))


@needs_facts
@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_operation_equals_the_facts(operation_id: str) -> None:
    (fact,) = (fact for fact in _facts("operations") if fact["operationId"] == operation_id)
    expected = {
        **{name: fact[name] for name in ("operationId", "method", "path", "tags", "scopes")},
        "parameters": [
            {**{name: p[name] for name in ("name", "in", "required")}, "schema": _without_prose(p["schema"])}
            for p in fact["parameters"]
        ],
        "responses": {status: _expected_response(response) for status, response in fact["responses"].items()},
    }
    if "body" in fact:
        expected["body"] = {"required": fact["body"]["required"], "content": _expected_content(fact["body"]["content"])}
    assert _ordered(_operation(OPERATIONS[operation_id])) == _ordered(expected)


# Structure, against the vendor's own pages


@needs_seeds
def test_head_equals_the_page_of_the_vendor() -> None:
    page = _vendor_page()
    assert DOCUMENT["openapi"] == page["openapi"]
    assert {name: DOCUMENT["info"][name] for name in ("title", "version")} == {
        name: page["info"][name] for name in ("title", "version")
    }
    assert [server["url"] for server in DOCUMENT["servers"]] == [server["url"] for server in page["servers"]]
    assert DOCUMENT["security"] == page["security"]
    for name in ("name", "x-displayName"):
        assert [tag[name] for tag in DOCUMENT["tags"]] == [tag[name] for tag in page["tags"]]


@needs_seeds
def test_activate_campaign_equals_the_page_of_the_vendor() -> None:
    (theirs,) = operations(_vendor_page())
    assert theirs.id == "activateCampaign"
    assert _ordered(_operation(OPERATIONS[theirs.id])) == _ordered(_operation(theirs))


@needs_seeds
def test_campaign_equals_the_page_of_the_vendor() -> None:
    ((key, theirs),) = _vendor_page()["components"]["schemas"].items()
    assert theirs["title"] == "Campaign"
    assert COMPONENTS[key]["x-tags"] == theirs["x-tags"]
    ours, theirs = (
        {name: value for name, value in schema.items() if name != "x-tags"} for schema in (COMPONENTS[key], theirs)
    )
    assert _ordered(_schema(ours, labels=False)) == _ordered(_schema(theirs, labels=False))


@needs_seeds
def test_example_of_the_vendor_is_a_campaign() -> None:
    (page,) = (SHARED / "seeds").glob("000_*")
    block = re.search(r"^\{$.*?^\}$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert block is not None
    campaign = json.loads(block[0])
    (schema,) = (schema for schema in COMPONENTS.values() if schema["title"] == "Campaign")
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    assert [error.message for error in validator.iter_errors(campaign)] == []
    assert not validator.is_valid({**campaign, "status": "paused"})
    assert set(campaign) <= set(schema["properties"])


# Prose


@needs_own_prose
@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_no_words_of_an_operation_are_empty(operation_id: str) -> None:
    operation = OPERATIONS[operation_id]
    for name in ("summary", "description"):
        assert operation.raw.get(name, MISSING).strip(), f"{operation_id} has an empty {name}"
    for parameter in operation.raw.get("parameters", []):
        assert parameter.get("description", MISSING).strip(), f"{operation_id}: parameter {parameter['name']}"
    for status, response in operation.raw["responses"].items():
        assert response.get("description", MISSING).strip(), f"{operation_id}: response {status}"
    assert _with_empty_description(_schemas_of(operation)) == []


@needs_own_prose
@pytest.mark.parametrize("key", COMPONENTS)
def test_no_words_of_a_component_are_empty(key: str) -> None:
    assert COMPONENTS[key].get("description", MISSING).strip()
    assert _with_empty_description([(key, COMPONENTS[key])]) == []


@needs_own_prose
def test_no_words_of_the_head_are_empty() -> None:
    for node in (DOCUMENT["info"], *DOCUMENT["servers"], *DOCUMENT["tags"]):
        assert node.get("description", MISSING).strip(), node


# Examples


@needs_own_prose
@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_examples_of_operation_are_valid(operation_id: str) -> None:
    assert _wrong_examples(_schemas_of(OPERATIONS[operation_id])) == []


@needs_own_prose
@pytest.mark.parametrize("key", COMPONENTS)
def test_examples_of_component_are_valid(key: str) -> None:
    assert _wrong_examples([(key, COMPONENTS[key])]) == []


# From OpenAPI to the notation of the facts


def _operation(operation: Operation) -> dict[str, Any]:
    """An operation in the notation of the facts, without prose and examples."""
    raw = operation.raw
    found: dict[str, Any] = {
        "operationId": operation.id,
        "method": operation.method.upper(),
        "path": operation.path,
        "tags": raw["tags"],
        "scopes": _scopes(raw["description"]),
        "parameters": [
            {**{name: p[name] for name in ("name", "in", "required")}, "schema": _schema(p["schema"])}
            for p in raw.get("parameters", [])
        ],
        "responses": {status: _response(status, response) for status, response in raw["responses"].items()},
    }
    if "requestBody" in raw:
        body = raw["requestBody"]
        found["body"] = {"required": body.get("required", False), "content": _content(body["content"])}
    return found


def _scopes(description: str) -> list[str]:
    """The scopes in the opening sentence; only that sentence speaks of scopes."""
    opening = description.split("\n", 1)[0]
    return re.findall(r"`([^`]+)`", opening) if re.search(r"\bscopes\b", opening) else []


def _response(status: str, response: dict[str, Any]) -> dict[str, Any]:
    content = _content(response["content"])
    if status < "400":
        return {"content": content}
    schema = content.get("application/json")
    if len(content) == 1 and isinstance(schema, dict) and list(schema.get("fields", {})) == STANDARD_ERROR:
        (code,) = schema["fields"]["statusCode"]["values"]
        (error,) = schema["fields"]["error"]["values"]
        if schema == _standard_error(code, error):
            return {"standard": [code, error]}
    return content


def _standard_error(code: int, error: str) -> dict[str, Any]:
    fields = {
        "statusCode": {"type": "number", "values": [code]},
        "error": {"type": "string", "values": [error]},
        "message": {"type": "string"},
    }
    return {"type": "object", "fields": fields, "required": STANDARD_ERROR}


def _content(content: dict[str, Any]) -> dict[str, Any]:
    return {kind: _schema(media["schema"]) if "schema" in media else None for kind, media in content.items()}


def _schema(schema: Schema, *, labels: bool = True) -> dict[str, Any]:
    """A schema in the notation of the facts, without prose and examples; `names` holds the labels, or only its keys."""
    found: dict[str, Any] = {}
    for keyword, value in schema.items():
        match keyword:
            case "$ref":
                found["ref"] = value.removeprefix("#/components/schemas/")
            case "properties":
                found["fields"] = {name: _schema(inner, labels=labels) for name, inner in value.items()}
            case "items":
                found["items"] = _schema(value, labels=labels)
            case "additionalProperties":
                found["otherFields"] = _schema(value, labels=labels) if isinstance(value, dict) else value
            case "anyOf" | "oneOf" | "allOf":
                found[keyword] = [_schema(inner, labels=labels) for inner in value]
            case "enum":
                found["values"] = value
            case "x-enumDescriptions":
                found["names"] = {name: label if labels else None for name, label in value.items()}
            case _ if keyword in SAME:
                found[keyword] = value
            case _:
                assert keyword in PROSE, f"a keyword that the facts do not have: {keyword}"
    return found


def _expected_response(response: dict[str, Any]) -> dict[str, Any]:
    if "standard" in response:
        return response
    if "content" in response:
        return {"content": _expected_content(response["content"])}
    return _expected_content(response)


def _expected_content(content: dict[str, Any]) -> dict[str, Any]:
    return {kind: None if schema is None else _without_prose(schema) for kind, schema in content.items()}


def _without_prose(fact: dict[str, Any]) -> dict[str, Any]:
    """A schema of the facts without its notes; of the names of enumeration values, the labels remain."""
    found: dict[str, Any] = {}
    for keyword, value in fact.items():
        match keyword:
            case "note":
                pass
            case "fields":
                found["fields"] = {name: _without_prose(inner) for name, inner in value.items()}
            case "names":
                found["names"] = {name: label for name, (_, label) in value.items()}
            case "items" | "otherFields" if isinstance(value, dict):
                found[keyword] = _without_prose(value)
            case "anyOf" | "oneOf" | "allOf":
                found[keyword] = [_without_prose(inner) for inner in value]
            case _:
                found[keyword] = value
    return found


class _Fields(NamedTuple):
    """Mapping entries in their order."""

    entries: list[tuple[str, Any]]


def _ordered(node: Any, *, is_schema: bool = True) -> Any:
    """`node` in a form whose equality minds the order of fields, names and responses, but not that of keywords.

    It tells 1 from 1.0 and from true, which are equal in Python.
    """
    if isinstance(node, dict):
        entries = [
            (name, _ordered(value, is_schema=not is_schema or name not in MINDED)) for name, value in node.items()
        ]
        return dict(entries) if is_schema else _Fields(entries)
    if isinstance(node, list):
        return [_ordered(value) for value in node]
    return (type(node).__name__, node)


@cache
def _facts(name: str) -> Any:
    return json.loads((FACTS / f"{name}.json").read_text("utf-8"))


@cache
def _vendor_page() -> Document:
    (page,) = (SHARED / "seeds").glob("004_*")
    block = re.search(r"^````yaml.*?\n(.*?)^````", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert block is not None
    document: Document = yaml.safe_load(block[1])
    return document


# Walking schemas


def _schemas_of(operation: Operation) -> list[tuple[str, Schema]]:
    """Every outermost schema of an operation, error bodies included, with the place where it stands."""
    raw = operation.raw
    found = [(f"?{parameter['name']}", parameter["schema"]) for parameter in raw.get("parameters", [])]
    bodies = {"body": raw.get("requestBody", {"content": {}}), **raw["responses"]}
    for place, body in bodies.items():
        found += [(place, media["schema"]) for media in body["content"].values() if "schema" in media]
    return found


def _walk(place: str, schema: Schema, *, is_field: bool = False) -> Iterator[tuple[str, Schema, bool]]:
    """A schema and every schema inside it, each with its place and whether it is a field of an object."""
    yield place, schema, is_field
    for name, inner in schema.get("properties", {}).items():
        yield from _walk(f"{place}.{name}", inner, is_field=True)
    for keyword, suffix in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(schema.get(keyword), dict):
            yield from _walk(place + suffix, schema[keyword])
    for combinator in ("anyOf", "oneOf", "allOf"):
        for number, inner in enumerate(schema.get(combinator, [])):
            yield from _walk(f"{place}|{number}", inner)


def _with_empty_description(schemas: list[tuple[str, Schema]]) -> list[str]:
    return [
        place
        for outer, schema in schemas
        for place, inner, is_field in _walk(outer, schema)
        if is_field and not inner.get("description", MISSING).strip()
    ]


def _wrong_examples(schemas: list[tuple[str, Schema]]) -> list[str]:
    """Examples that break their own schema."""
    wrong = []
    for outer, schema in schemas:
        for place, inner, _ in _walk(outer, schema):
            examples = [*inner.get("examples", []), *([inner["example"]] if "example" in inner else [])]
            for example in examples:
                validator = jsonschema_rs.Draft202012Validator(inner, validate_formats=True)
                wrong += [f"{place}: {error.message}" for error in validator.iter_errors(example)]
    return wrong
