"""Lists are walked in whatever form their pages come, and nothing else is taken for one."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.codegen.generate import configuration, parse
from scripts.codegen.views import client_model
from scripts.compatibility.judge import judge
from scripts.lib.layout import PROJECT
from scripts.naming.hoist import name_document
from scripts.spec.document import Document, Schema, operations
from scripts.spec.lint import lint
from scripts.spec.normalise import normalise
from scripts.spec.pages import Paging, page_places, paging
from scripts.spec.registry import Registry
from tests.pipeline.documents import small_document

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
ROBOT: Schema = {"$ref": "#/components/schemas/def-1"}
ROBOTS: Schema = {"type": "array", "items": ROBOT}
CURSOR = {"limit": NUMBER, "starting_after": TEXT}


def thing(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


def listing(answer: Schema, arguments: dict[str, Schema], *, method: str = "get") -> Document:
    """The small document with one operation more, which answers so."""
    document = small_document()
    operation: dict[str, Any] = {
        "operationId": "findRobots",
        "tags": ["Robot"],
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": answer}}}},
    }
    if method == "get":
        operation["parameters"] = [{"name": n, "in": "query", "schema": s} for n, s in arguments.items()]
    else:
        operation["requestBody"] = {"content": {"application/json": {"schema": thing(**arguments)}}}
    document["paths"]["/api/robots/find"] = {method: operation}
    return document


def found(document: Document) -> Paging | None:
    assert lint(document) == []
    document = normalise(document)
    (operation,) = [each for each in operations(document) if each.id == "findRobots"]
    how = paging(document, operation)
    assert ("findRobots:response" in page_places(document)) == (how is not None)
    return how


USUAL = Paging("query", "starting_after")
PAGE = {"items": ROBOTS, "next_starting_after": TEXT}
FORMS: dict[str, tuple[Schema, dict[str, Schema], Paging]] = {
    "the usual form": (thing(**PAGE), CURSOR, USUAL),
    "a total": (thing(**PAGE, total=NUMBER), CURSOR, USUAL),
    "whether there is more": (thing(**PAGE, has_more={"type": "boolean"}), CURSOR, USUAL),
    "an object beside the items": (thing(**PAGE, summary=thing(count=NUMBER)), CURSOR, USUAL),
    "another array beside the items": (thing(**PAGE, warnings={"type": "array", "items": TEXT}), CURSOR, USUAL),
    "a cursor that can be null": (thing(items=ROBOTS, next_starting_after={"type": ["string", "null"]}), CURSOR, USUAL),
    "a page by reference": ({"$ref": "#/components/schemas/def-2"}, CURSOR, USUAL),
    "a page inside": (
        thing(data=thing(**PAGE)),
        CURSOR,
        Paging("query", "starting_after", ("data", "items"), ("data", "next_starting_after")),
    ),
    "a page inside, with its cursor outside": (
        thing(data=thing(robots=ROBOTS), status=TEXT, next_cursor=TEXT),
        {"cursor": TEXT},
        Paging("query", "cursor", ("data", "robots"), ("next_cursor",)),
    ),
    "other names": (
        thing(activities=ROBOTS, next_cursor=TEXT),
        {"cursor": TEXT, "page_size": NUMBER},
        Paging("query", "cursor", ("activities",), ("next_cursor",), "page_size"),
    ),
    "names of another spelling": (
        thing(robots=ROBOTS, nextPageToken=TEXT),
        {"pageToken": TEXT, "maxResults": NUMBER},
        Paging("query", "pageToken", ("robots",), ("nextPageToken",), "maxResults"),
    ),
    "a cursor in what is about the page": (
        thing(data=ROBOTS, pagination=thing(next_cursor=TEXT, total=NUMBER)),
        {"cursor": TEXT},
        Paging("query", "cursor", ("data",), ("pagination", "next_cursor")),
    ),
    "items that are skipped": (
        thing(leads=ROBOTS, total=NUMBER, limit=NUMBER, skip=NUMBER),
        {"skip": NUMBER, "limit": NUMBER},
        Paging("query", "skip", ("leads",), (), "limit", "items"),
    ),
    "an array with an offset": (
        ROBOTS,
        {"offset": {"type": "integer"}, "limit": NUMBER},
        Paging("query", "offset", (), (), "limit", "items"),
    ),
    "pages that are counted": (
        thing(data=ROBOTS, total=NUMBER),
        {"page": NUMBER, "per_page": NUMBER},
        Paging("query", "page", ("data",), (), "per_page", "pages", 1),
    ),
    "pages that are counted from 0": (
        ROBOTS,
        {"page": {"type": "integer", "minimum": 0}, "size": NUMBER},
        Paging("query", "page", (), (), "size", "pages", 0),
    ),
    "a cursor before an offset": (thing(**PAGE), {**CURSOR, "skip": NUMBER}, USUAL),
}


REMOVED = "2026-01-01"
"""The mark of what the vendor removed and we keep."""


def removed(schema: Schema) -> Schema:
    return {**schema, "x-removed": REMOVED}


AFTER_A_REMOVAL: dict[str, tuple[Schema, dict[str, Schema], Paging]] = {
    "another cursor": (
        thing(items=ROBOTS, next_starting_after=removed(TEXT), next_cursor=TEXT),
        {"limit": NUMBER, "starting_after": removed(TEXT), "cursor": TEXT},
        Paging("query", "cursor", cursor=("next_cursor",)),
    ),
    "another argument for the cursor": (
        thing(**PAGE),
        {"limit": NUMBER, "starting_after": removed(TEXT), "cursor": TEXT},
        Paging("query", "cursor"),
    ),
    "pages by number": (
        thing(items=ROBOTS, next_starting_after=removed(TEXT)),
        {"limit": NUMBER, "starting_after": removed(TEXT), "page": NUMBER},
        Paging("query", "page", ("items",), (), "limit", "pages", 1),
    ),
    "other items": (
        thing(items=removed(ROBOTS), data=ROBOTS, next_starting_after=TEXT),
        CURSOR,
        Paging("query", "starting_after", ("data",)),
    ),
    "items inside": (
        thing(items=removed(ROBOTS), next_starting_after=removed(TEXT), result=thing(**PAGE)),
        CURSOR,
        Paging("query", "starting_after", ("result", "items"), ("result", "next_starting_after")),
    ),
    "nothing else": (
        thing(items=ROBOTS, next_starting_after=removed(TEXT)),
        {"limit": NUMBER, "starting_after": removed(TEXT)},
        USUAL,
    ),
}


@pytest.mark.parametrize(("answer", "arguments", "how"), AFTER_A_REMOVAL.values(), ids=AFTER_A_REMOVAL)
def test_what_the_vendor_removed_is_no_way_while_there_is_another(
    answer: Schema, arguments: dict[str, Schema], how: Paging
) -> None:
    document = listing(answer, {})
    operation = document["paths"]["/api/robots/find"]["get"]
    operation["parameters"] = [
        {"name": name, "in": "query", "schema": schema, **({"x-removed": REMOVED} if "x-removed" in schema else {})}
        for name, schema in arguments.items()
    ]
    assert found(document) == how


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(("answer", "arguments", "how"), FORMS.values(), ids=FORMS)
def test_a_list_is_walked_by_what_it_says(
    answer: Schema, arguments: dict[str, Schema], how: Paging, method: str
) -> None:
    document = listing(answer, arguments, method=method)
    if "$ref" in answer:
        document["components"]["schemas"]["def-2"] = {"title": "Robot Arm", **thing(**PAGE, length=NUMBER)}
    wanted = {**vars(how), "place": "query" if method == "get" else "body"}
    assert found(document) == Paging(**wanted)


@pytest.mark.parametrize(
    ("answer", "arguments"),
    [
        (thing(**PAGE), {}),
        (thing(**PAGE), {"limit": NUMBER}),
        (thing(items=ROBOTS), CURSOR),
        (thing(items=TEXT, next_starting_after=TEXT), CURSOR),
        (ROBOTS, {"limit": NUMBER}),
        (ROBOTS, {"offset": TEXT, "limit": NUMBER}),
        (ROBOTS, {"skip": {"type": "boolean"}, "limit": NUMBER}),
        (ROBOTS, {"offset": NUMBER}),
        (thing(robots=ROBOTS, arms=ROBOTS), {"offset": NUMBER, "limit": NUMBER}),
        (thing(agent=thing(tags=ROBOTS), feed=thing(**PAGE)), CURSOR),
        (ROBOT, CURSOR),
        (TEXT, CURSOR),
    ],
)
def test_what_cannot_be_walked_is_no_page(answer: Schema, arguments: dict[str, Schema]) -> None:
    assert found(listing(answer, arguments)) is None


@pytest.mark.parametrize(("answer", "arguments", "how"), FORMS.values(), ids=FORMS)
def test_each_form_gives_a_method_that_walks(answer: Schema, arguments: dict[str, Schema], how: Paging) -> None:
    document = listing(answer, arguments)
    if "$ref" in answer:
        document["components"]["schemas"]["def-2"] = {"title": "Robot Arm", **thing(**PAGE, length=NUMBER)}
    model = client_model(
        parse(name_document(normalise(document), Registry()), configuration(PROJECT.root)), normalise(document)
    )
    (method,) = [each for _, each in model.operations if each.id == "findRobots"]
    assert (method.returns, method.cursor) == ("Page[Robot]", "query")
    assert bool(method.paging) == (how != USUAL)
    assert "max_items" in [argument.name for argument in method.arguments]


@pytest.mark.parametrize(
    "more", [{"total": NUMBER}, {"has_more": {"type": "boolean"}}, {"summary": thing(count=NUMBER)}]
)
def test_a_list_that_gains_a_field_is_the_same_to_its_users(more: dict[str, Schema]) -> None:
    models = []
    for answer in (thing(**PAGE), thing(**PAGE, **more)):
        document = normalise(listing(answer, CURSOR))
        models.append(client_model(parse(name_document(document, Registry()), configuration(PROJECT.root)), document))
    breaking = [str(change) for change in judge(*models) if change.effect.name in ("BREAKING", "BEHAVIOUR")]
    assert breaking == []
