"""The pinned document is what the published API is: its structure, its prose, its examples."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from scripts.spec import lock as locks
from scripts.spec.document import Document, Operation, Schema, operations
from scripts.spec.texts import structure

ROOT = Path(__file__).parents[3]
LOCK = locks.read(ROOT / "openapi" / "api_v2.lock.toml")
DOCUMENT: Document = json.loads((ROOT / "openapi" / "api_v2.json").read_text("utf-8"))
OPERATIONS = {operation.id: operation for operation in operations(DOCUMENT)}
COMPONENTS: dict[str, Schema] = DOCUMENT["components"]["schemas"]

MISSING = "words that a pin reports as missing"

PUBLISHED = (ROOT.parent / "shared" / "documents").glob("*.json")
VENDORS = next((file for file in PUBLISHED if sha256(file.read_bytes()).hexdigest() == LOCK.vendor_sha256), None)
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


@pytest.mark.slow
@pytest.mark.skipif(VENDORS is None, reason="the document as the vendor published it is not beside the checkout")
def test_its_structure_is_the_vendors() -> None:
    assert VENDORS is not None
    theirs: Document = json.loads(VENDORS.read_bytes())
    assert json.dumps(structure(DOCUMENT)) == json.dumps(structure(theirs))


# Prose


@needs_own_prose
def test_no_words_of_an_operation_are_empty() -> None:
    for id, operation in OPERATIONS.items():
        for name in ("summary", "description"):
            assert operation.raw.get(name, MISSING).strip(), f"{id} has an empty {name}"
        for parameter in operation.raw.get("parameters", []):
            assert parameter.get("description", MISSING).strip(), f"{id}: parameter {parameter['name']}"
        for status, response in operation.raw["responses"].items():
            assert response.get("description", MISSING).strip(), f"{id}: response {status}"
        assert _with_empty_description(_schemas_of(operation)) == [], id


@needs_own_prose
def test_no_words_of_a_component_are_empty() -> None:
    assert [key for key, schema in COMPONENTS.items() if not schema.get("description", MISSING).strip()] == []
    assert _with_empty_description(list(COMPONENTS.items())) == []


@needs_own_prose
def test_no_words_of_the_head_are_empty() -> None:
    for node in (DOCUMENT["info"], *DOCUMENT["servers"], *DOCUMENT["tags"]):
        assert node.get("description", MISSING).strip(), node


# Examples


@needs_own_prose
def test_examples_of_operations_are_valid() -> None:
    assert {id: wrong for id, each in OPERATIONS.items() if (wrong := _wrong_examples(_schemas_of(each)))} == {}


@needs_own_prose
def test_examples_of_components_are_valid() -> None:
    assert _wrong_examples(list(COMPONENTS.items())) == []


# Walking schemas


def _schemas_of(operation: Operation) -> list[tuple[str, Schema]]:
    """Every outermost schema of an operation, error bodies included, with its place."""
    raw = operation.raw
    found = [(f"?{parameter['name']}", parameter["schema"]) for parameter in raw.get("parameters", [])]
    bodies = {"body": raw.get("requestBody", {"content": {}}), **raw["responses"]}
    for place, body in bodies.items():
        found += [(place, media["schema"]) for media in body.get("content", {}).values() if "schema" in media]
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
