"""A document in our words has the vendor's structure, whole, and not one sentence of the vendor's."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from scripts.lib.layout import PROJECT
from scripts.lib.report import Refused
from scripts.spec.document import Document
from scripts.spec.load import Source, from_bytes, load
from scripts.spec.texts import Texts, Worded, in_our_words, read_texts, structure
from tests.pipeline.documents import small_document

SENTENCE = "The nightingale sings at dawn, and everybody hears it"
VENDOR = PROJECT.root.parent / "shared" / "documents"
TABLES = {
    *("content", "headers", "parameters", "paths", "properties", "requestBodies", "responses", "schemas", "variables"),
    *("securitySchemes", "x-enumDescriptions", "$defs", "patternProperties", "pathItems", "webhooks"),
}
"""Keys whose object has names for keys."""
FACTS = {"const", "default", "enum", "required"}


def source(document: Document) -> Source:
    return from_bytes(Path("api.json"), json.dumps(document).encode())


def worded(document: Document, texts: dict[str, str] | None = None, examples: dict[str, Any] | None = None) -> Worded:
    return in_our_words(source(document), Texts(texts or {}, examples or {}))


def large_document() -> Document:
    """The small document with every kind of object that OpenAPI gives words to."""
    document = small_document()
    document["servers"] += [{"url": "https://{zone}.example", "variables": {"zone": {"default": "eu", "enum": ["eu"]}}}]
    document["webhooks"] = {"moved": {"post": {"operationId": "moved", "responses": {"204": {"description": "Ok"}}}}}
    schema = document["components"]["schemas"]["def-1"]
    schema["properties"]["part"] = {
        "anyOf": [{"type": "object", "properties": {"description": {"type": "string"}}}, {"type": "null"}],
        "patternProperties": {"^x": {"type": "string"}},
        "prefixItems": [{"type": "string"}],
        "if": {"required": ["a"]},
        "then": {"not": {"type": "null"}},
        "contains": {"type": "string"},
        "xml": {"name": "part"},
    }
    document["components"]["parameters"] = {"Limit": {"name": "limit", "in": "query", "schema": {"type": "integer"}}}
    document["components"]["responses"] = {"Gone": {"description": "x", "headers": {"X-At": {"schema": {}}}}}
    document["components"]["requestBodies"] = {"New": {"content": {"application/json": {"schema": {}}}}}
    document["paths"]["/api/robots"]["parameters"] = [{"$ref": "#/components/parameters/Limit"}]
    return document


def with_sentences(node: Any, *, names: bool = False) -> Any:
    """A copy of a document with a sentence of the vendor's wherever a document can have one."""
    if isinstance(node, list):
        return [with_sentences(each) for each in node]
    if not isinstance(node, dict):
        return node
    copied = {
        key: value if key in FACTS and not names else with_sentences(value, names=key in TABLES and not names)
        for key, value in node.items()
    }
    if names:
        return copied
    if "x-enumDescriptions" in copied:
        copied["x-enumDescriptions"] = dict.fromkeys(copied["x-enumDescriptions"], SENTENCE)
    return copied | {
        **dict.fromkeys(("description", "summary", "example", "$comment", "x-note", "note"), SENTENCE),
        "examples": [SENTENCE],
        "externalDocs": {"url": "https://x.example", "description": SENTENCE},
        "x-notes": {"first": SENTENCE, "more": [SENTENCE], "description": "Nightingale."},
        "contact": {"name": "nightingale"},
    }


def documents() -> list[Any]:
    return [pytest.param(file, id=file.stem) for file in sorted(VENDOR.glob("*.json"))] or [
        pytest.param(None, marks=pytest.mark.skip("the vendor's documents are not there"))
    ]


def test_no_sentence_of_the_vendor_gets_through_anywhere() -> None:
    planted = with_sentences(large_document())
    assert json.dumps(planted).count(SENTENCE) > 500
    assert "nightingale" not in worded(planted).source.bytes_.decode().lower()


def test_the_structure_stays_whole() -> None:
    document = large_document()
    said = worded(with_sentences(document), {"*.name": "Our name."}).source.document
    assert structure(said) == structure(document)
    # What only looks like words is a fact: a property that is called so, a default, a value.
    part = said["components"]["schemas"]["def-1"]["properties"]["part"]
    assert part["anyOf"][0]["properties"]["description"]["type"] == "string"
    assert said["components"]["schemas"]["def-1"]["title"] == "Robot"
    fact = {"type": "string", "default": SENTENCE, "enum": [SENTENCE], "pattern": "a b c d e f g h"}
    document["components"]["schemas"]["def-1"]["properties"]["fact"] = fact
    assert worded(document).source.document["components"]["schemas"]["def-1"]["properties"]["fact"] == fact


@pytest.mark.slow
@pytest.mark.parametrize("file", documents())
def test_the_structure_of_the_vendor_s_documents_stays_and_their_words_go(file: Path) -> None:
    vendor = load(file)
    said = in_our_words(vendor, read_texts(PROJECT.texts)).source
    assert structure(said.document) == structure(vendor.document)
    again = in_our_words(said, read_texts(PROJECT.texts)).source
    assert again.bytes_ == said.bytes_
    planted = in_our_words(source(with_sentences(vendor.document)), read_texts(PROJECT.texts)).source
    assert "nightingale" not in planted.bytes_.decode().lower()
    assert structure(planted.document) == structure(vendor.document)


@pytest.mark.slow
def test_the_pinned_document_says_what_our_words_say() -> None:
    pinned = load(PROJECT.document)
    said = in_our_words(pinned, read_texts(PROJECT.texts))
    assert without_examples(said.source.document) == without_examples(pinned.document)
    assert said.stubs == ()


def without_examples(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: without_examples(value) for key, value in node.items() if key != "example"}
    return [without_examples(each) for each in node] if isinstance(node, list) else node


def test_words_are_found_at_their_place() -> None:
    said = worded(
        small_document(),
        {
            "info": "Our robots.",
            "tags.Robot": "Robots of ours.",
            "Robot": "A robot.",
            "Robot.name": "Its name.",
            "listRobot:summary": "List them.",
            "listRobot": "In no order.",
            "listRobot:query.limit": "How many.",
            "listRobot:200": "Robots.",
            "listRobot:response.items": "The robots.",
            "patchRobot:body.mood": "Its mood.",
            "listRobot:401:error.message": "What is wrong.",
            "Robot.status=-1": "Out of order, for now at least, it seems",
        },
        {"Robot.name": "Marvin"},
    ).source.document
    robot = said["components"]["schemas"]["def-1"]
    listed = said["paths"]["/api/robots"]["get"]
    assert said["info"]["description"] == "Our robots."
    assert said["tags"][0]["description"] == "Robots of ours."
    assert (robot["description"], robot["properties"]["name"]["description"]) == ("A robot.", "Its name.")
    assert robot["properties"]["name"]["example"] == "Marvin"
    assert (listed["summary"], listed["description"]) == ("List them.", "In no order.")
    assert listed["parameters"][0]["description"] == "How many."
    assert listed["responses"]["200"]["description"] == "Robots."
    page = listed["responses"]["200"]["content"]["application/json"]["schema"]
    assert page["properties"]["items"]["description"] == "The robots."
    error = listed["responses"]["401"]["content"]["application/json"]["schema"]
    assert error["properties"]["message"]["description"] == "What is wrong."
    body = said["paths"]["/api/robots/{id}"]["patch"]["requestBody"]["content"]["application/json"]
    assert body["schema"]["properties"]["mood"]["description"] == "Its mood."
    assert "example" not in body
    assert robot["properties"]["status"]["x-enumDescriptions"] == {
        "0": "Asleep",
        "1": "Awake",
        "-1": "Out of order, for now at least, it seems",
    }


@pytest.mark.parametrize(
    ("texts", "text"),
    [
        ({"*.name": "Any name."}, "Any name."),
        ({"*.name": "Any name.", "*:body.name": "A name that is sent."}, "A name that is sent."),
        ({"*:body.name": "A name that is sent.", "Robot.name": "A robot's name."}, "A robot's name."),
        ({"Robot.name": "A robot's name.", "Robot:body.name": "A name for it."}, "A name for it."),
        ({"Robot:body.name": "A name for it.", "patchRobot:body.name": "The new name."}, "The new name."),
        ({"listRobot:body.name": "Elsewhere.", "*.names": "Another."}, None),
    ],
)
def test_the_most_exact_key_is_taken(texts: dict[str, str], text: str | None) -> None:
    """A field of a body is one of the component that the tag of its operation names."""
    said = worded(small_document(), texts).source.document
    body = said["paths"]["/api/robots/{id}"]["patch"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"]["name"].get("description") == text


def test_the_member_of_a_union_has_words_of_its_own() -> None:
    document = small_document()
    lengths = [{"type": "integer"}, {"type": "object", "properties": {"cm": {"type": "integer"}}}]
    document["components"]["schemas"]["def-2"]["properties"]["length"] = {"oneOf": lengths}
    texts = {"*.length": "How long it is.", "*.length/object": "With a unit.", "*.length.cm": "In centimetres."}
    length = worded(document, texts).source.document["components"]["schemas"]["def-2"]["properties"]["length"]
    assert length["description"] == "How long it is."
    number, unit = length["oneOf"]
    assert "description" not in number
    assert unit["description"] == "With a unit."
    assert unit["properties"]["cm"]["description"] == "In centimetres."


def test_the_label_of_a_value_is_of_one_place() -> None:
    document = small_document()
    status = document["components"]["schemas"]["def-1"]["properties"]["status"]
    document["components"]["schemas"]["def-2"]["properties"]["status"] = copy.deepcopy(status)
    said = worded(document, {"Robot.status=1": "Up", "*.status=0": "Down"}).source.document["components"]["schemas"]
    assert said["def-1"]["properties"]["status"]["x-enumDescriptions"]["1"] == "Up"
    assert said["def-2"]["properties"]["status"] == status


def test_scopes_stay_and_their_sentence_is_ours() -> None:
    document = small_document()
    operation = document["paths"]["/api/robots"]["get"]
    operation["description"] = "Requires one of the following scopes: `robots:read`, `all:all`\n\n" + SENTENCE
    said = worded(document, {"listRobot": "In no order."}).source.document["paths"]["/api/robots"]["get"]
    sentence = "Needs a key with any one of these scopes: `robots:read`, `all:all`."
    assert said["description"] == f"{sentence}\n\nIn no order."
    bare = worded(document)
    assert bare.source.document["paths"]["/api/robots"]["get"]["description"] == sentence
    assert "listRobot" in bare.stubs


@pytest.mark.parametrize(
    ("example", "own"),
    [
        ("f9cc070d-8dba-4341-b847-f083c358e460", "019c4849-622b-7c4a-9251-ef409166a750"),
        ("1970-01-01T00:00:00.000Z", "2026-02-01T09:00:00.000Z"),
        ("1970-01-01", "2026-02-01"),
        ("Jon", None),
        (7, None),
    ],
)
def test_an_example_that_shows_the_form_of_a_value_is_replaced_by_one_of_ours(example: Any, own: str | None) -> None:
    document = small_document()
    cursor = document["paths"]["/api/robots"]["get"]["parameters"][1]
    cursor["example"] = cursor["schema"]["example"] = example
    [_, said] = worded(document).source.document["paths"]["/api/robots"]["get"]["parameters"]
    assert said["schema"].get("example") == own
    assert "example" not in said


def test_an_example_that_does_not_fit_its_place_is_left_out() -> None:
    document = small_document()
    document["components"]["schemas"]["def-1"]["properties"]["code"] = {"type": "string", "pattern": "^[0-9]+$"}
    for example, own in (("7", "7"), ("seven", None), (7, None)):
        made = worded(document, examples={"Robot.code": example}).source.document
        assert made["components"]["schemas"]["def-1"]["properties"]["code"].get("example") == own


def test_a_place_without_words_gets_a_stub_that_is_reported() -> None:
    document = small_document()
    robot = document["components"]["schemas"]["def-1"]["properties"]
    robot["last_seen_at"] = {"type": "string", "description": SENTENCE}
    robot["height"] = {"type": "number", "description": SENTENCE}
    robot["size"] = {"oneOf": [{"type": "string", "description": SENTENCE}, {"type": "null"}]}
    robot["status"]["x-enumDescriptions"]["-1"] = SENTENCE
    document["paths"]["/api/robots"]["get"]["parameters"][1]["description"] = SENTENCE
    robot["weight"] = {"type": "number", "description": SENTENCE}
    heights = dict.fromkeys(("Factory.height", "Hall.height"), "Height in metres.")
    said = worded(document, {**heights, "Hall.weight": "What the hall can bear.", "Robot.name": "A name."})
    robot = said.source.document["components"]["schemas"]["def-1"]["properties"]
    assert robot["last_seen_at"]["description"] == "The `last_seen_at` of the robot."
    assert robot["height"]["description"] == "Height in metres."
    assert robot["weight"]["description"] == "The `weight` of the robot."
    assert robot["size"]["oneOf"][0]["description"] == "The `size` of the robot."
    listed = said.source.document["paths"]["/api/robots"]["get"]
    assert (listed["summary"], listed["parameters"][1]["description"]) == (
        "List robot.",
        "The `starting_after` of the query.",
    )
    assert robot["status"]["x-enumDescriptions"]["-1"] == "1"
    responses = said.source.document["paths"]["/api/robots"]["get"]["responses"]
    assert (responses["200"]["description"], responses["401"]["description"]) == ("OK.", "Unauthorized.")
    assert {"Robot.last_seen_at", "Robot.height", "Robot.size/string", "Robot.status=-1"} <= {*said.stubs}
    assert {"listRobot:summary", "listRobot:query.starting_after", "listRobot:200"} <= {*said.stubs}
    assert "Robot.name" not in said.stubs


def test_a_component_has_the_words_of_the_place_where_it_was_written_out() -> None:
    document = small_document()
    fields = {"name": {"type": "string"}, "mood": {"type": "integer", "enum": [1], "x-enumDescriptions": {"1": "One"}}}
    document["components"]["schemas"]["RobotRequest"] = {"type": "object", "properties": fields}
    body = document["paths"]["/api/robots/{id}"]["patch"]["requestBody"]["content"]["application/json"]
    body["schema"] = {"$ref": "#/components/schemas/RobotRequest"}
    texts = {"patchRobot:body.name": "A name.", "patchRobot:body.mood=1": "Glad", "*:body.mood": "A mood."}
    renamed = {"places": {"RobotRequest": "patchRobot:body"}}
    said = in_our_words(source(document), Texts(texts), renamed)
    fields = said.source.document["components"]["schemas"]["RobotRequest"]["properties"]
    assert [field["description"] for field in fields.values()] == ["A name.", "A mood."]
    assert (fields["mood"]["x-enumDescriptions"], said.unused) == ({"1": "Glad"}, ())


def test_words_that_no_place_has_are_reported() -> None:
    said = worded(small_document(), {"Robot.name": "A name.", "Robot.title": "A typo."}, {"Robot.age": 3})
    assert said.unused == ("examples.Robot.age", "texts.Robot.title")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[texts", "cannot be read"),
        ("[texts]\nname = 1", "'name' is 1, not a text"),
        ("texts = 1", "texts is not a table"),
        ("[words]", "words is not a table; there are texts and examples"),
    ],
)
def test_words_that_are_not_understood_are_refused_with_their_file(tmp_path: Path, text: str, found: str) -> None:
    path = tmp_path / "texts.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(Refused, match=found) as caught:
        read_texts(path)
    assert str(path) in str(caught.value)


def test_without_a_file_there_are_no_words(tmp_path: Path) -> None:
    assert read_texts(tmp_path / "texts.toml") == Texts()


def test_the_words_are_in_order() -> None:
    lines = PROJECT.texts.read_text("utf-8").split("\n[")
    for table in lines[1:]:
        keys = [line.split(" = ")[0].strip('"') for line in table.splitlines()[1:] if line]
        assert keys == sorted(keys)
