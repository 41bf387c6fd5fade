"""Made-up documents that could follow the pinned one: each does one thing that the vendor has done, or is likely to."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from scripts.spec.document import Document, component_schemas, operations, resolve
from tests.pipeline import revisions

Change = Callable[[Document], None]

SUCCESSORS: dict[str, Change] = {}

ERROR = {"type": "object", "properties": {"statusCode": {"type": "number"}, "message": {"type": "string"}}}
TEXT = {"type": "string", "example": "North"}
TIME = {"type": "string", "format": "date-time", "example": "2026-01-01T00:00:00.000Z"}
ID = {"type": "string", "format": "uuid", "example": "019cc043-aee6-7ae9-a545-d7de53430e37"}


def successor(change: Change) -> Change:
    SUCCESSORS[change.__name__] = change
    return change


def following(document: Document, *names: str) -> Document:
    """The document after these changes."""
    document = copy.deepcopy(document)
    for name in names:
        SUCCESSORS[name](document)
    return document


@successor
def a_resource_is_added(document: Document) -> None:
    fields = {"id": ID, "timestamp_created": TIME, "name": TEXT, "note": {"type": ["string", "null"]}}
    document["components"]["schemas"]["def-900"] = {
        "title": "Depot",
        "type": "object",
        "properties": fields,
        "required": ["id", "name", "timestamp_created"],
        "additionalProperties": False,
    }
    document["tags"].append({"name": "Depot", "description": "Places where things are kept."})
    depot = {"$ref": "#/components/schemas/def-900"}
    given = {"type": "object", "properties": {"name": TEXT, "note": fields["note"]}, "additionalProperties": False}
    _add_list(document, "/api/v2/depots", "listDepot", depot, "Depot")
    _add(document, "/api/v2/depots", "post", "createDepot", depot, "Depot", {**given, "required": ["name"]})
    for method, id in (("get", "getDepot"), ("patch", "patchDepot"), ("delete", "deleteDepot")):
        body = given if method == "patch" else None
        _add(document, "/api/v2/depots/{id}", method, id, depot, "Depot", body)
    _add(document, "/api/v2/depots/{id}/close", "post", "closeDepot", depot, "Depot")


@successor
def a_list_says_its_total(document: Document) -> None:
    page = _pages(document)[0]
    page["properties"]["total"] = {"type": "integer", "example": 3}
    page["properties"]["has_more"] = {"type": "boolean", "example": False}
    page["required"] = [*page.get("required", ()), "total"]


@successor
def the_items_of_a_list_are_extended(document: Document) -> None:
    page = next(page for page in _pages(document) if "$ref" in page["properties"]["items"]["items"])
    more = {"type": "object", "properties": {"depot": {"type": ["string", "null"], "example": None}}}
    items = page["properties"]["items"]
    items["items"] = {"allOf": [items["items"], more]}


@successor
def an_enumeration_has_odd_values(document: Document) -> None:
    _first_object(document)["properties"]["mood"] = {
        "type": "string",
        "enum": ["none", "fields", "in-between", "50%", "Über", "class", "2nd", "a b", "datetime"],
        "example": "none",
    }


@successor
def an_operation_is_renamed(document: Document) -> None:
    _put(document, revisions.operation_renamed(document, revisions.first)[0])


@successor
def an_operation_is_dropped(document: Document) -> None:
    _put(document, revisions.operation_removed(document, revisions.first)[0])


@successor
def an_operation_moves(document: Document) -> None:
    _put(document, revisions.operation_moved(document, revisions.first)[0])


@successor
def fields_are_dropped(document: Document) -> None:
    for schema in component_schemas(document).values():
        optional = set(schema.get("properties", ())).difference(schema.get("required", ()))
        for name in sorted(optional):
            if name.startswith("is_"):
                del schema["properties"][name]


@successor
def a_list_has_another_form_of_cursor(document: Document) -> None:
    for parameter in _lists(document)[0]["parameters"]:
        if parameter["name"] == "starting_after":
            parameter["schema"] = {"type": "string", "example": "WyIyMDI2LTA4LTAzIiwiMDE5OCJd"}


@successor
def a_failure_has_a_new_form(document: Document) -> None:
    problem = {
        "type": "object",
        "properties": {
            "type": {"type": "string", "example": "conflict"},
            "errors": {"type": "array", "items": {"type": "object", "properties": {"field": TEXT}}, "minItems": 1},
        },
        "required": ["type", "errors"],
        "additionalProperties": False,
    }
    for operation in [each for each in operations(document) if "requestBody" in each.raw][:3]:
        for status in ("409", "422"):
            operation.raw["responses"][status] = _answer(problem)


@successor
def failures_have_no_body(document: Document) -> None:
    for operation in operations(document):
        operation.raw["responses"] |= {"503": {"description": "Later."}}
    for operation in [each for each in operations(document) if "requestBody" in each.raw][-3:]:
        operation.raw["responses"] |= {status: {"description": "No."} for status in ("400", "401", "404", "409", "429")}


@successor
def each_enumeration_has_a_value_more(document: Document) -> None:
    def add(schema: dict[str, Any]) -> None:
        values = schema.get("enum")
        if isinstance(values, list) and len(values) > 1:
            kinds = {type(value) for value in values if value is not None}
            if kinds in ({str}, {int}):
                schema["enum"] = [*values, "brand_new" if kinds == {str} else 77]

    _visit([document["components"]["schemas"], _answers(document)], add)


@successor
def each_object_has_a_field_more(document: Document) -> None:
    def add(schema: dict[str, Any]) -> None:
        if schema.get("type") == "object" and schema.get("properties"):
            schema["properties"]["region"] = {"type": ["string", "null"], "example": "North"}

    _visit([document["components"]["schemas"], _answers(document)], add)


@successor
def a_helper_has_more_to_pass_on(document: Document) -> None:
    raw = next(each.raw for each in operations(document) if each.raw["operationId"] == "bulkAddLeads")
    given = resolve(document, raw["requestBody"]["content"]["application/json"]["schema"])
    given["properties"]["source"] = TEXT
    told = resolve(document, raw["responses"]["200"]["content"]["application/json"]["schema"])
    told["properties"] |= {"suppressed_count": {"type": "integer", "example": 0}, "regions": {"type": "array"}}


@successor
def an_operation_costs_money(document: Document) -> None:
    body = {"type": "object", "properties": {"count": {"type": "integer", "minimum": 1}}, "required": ["count"]}
    receipt = {"type": "object", "properties": {"credits_used": {"type": "number", "example": 5}}}
    _add(document, "/api/v2/credits/spend", "post", "spendCredits", receipt, _tag(document), body)


@successor
def a_list_is_counted(document: Document) -> None:
    items = {"type": "array", "items": {"type": "object", "properties": {"name": TEXT}, "required": ["name"]}}
    fields = {"items": items, "total": {"type": "integer"}, "limit": {"type": "integer"}, "skip": {"type": "integer"}}
    answer = {"type": "object", "properties": fields, "required": ["items"]}
    raw = _add(document, "/api/v2/visits", "get", "listVisits", answer, _tag(document))
    raw["parameters"] = [_query(name, {"type": "integer", "minimum": 0}) for name in ("limit", "skip")]


@successor
def a_body_is_a_reference(document: Document) -> None:
    filters = {"title": "VisitFilter", "type": "object", "properties": {"name": TEXT, "depth": {"type": "integer"}}}
    document["components"]["schemas"]["def-901"] = {**filters, "required": ["name"]}
    answer = {"type": "object", "properties": {"count": {"type": "integer"}}, "required": ["count"]}
    body = {"$ref": "#/components/schemas/def-901"}
    _add(document, "/api/v2/visits/count", "post", "countVisits", answer, _tag(document), body)


@successor
def a_file_is_sent(document: Document) -> None:
    file = {"type": "string", "format": "binary"}
    fields = {"file": file, "name": TEXT, "copies": {"type": "integer"}}
    form = {"type": "object", "properties": fields, "required": ["file", "copies"]}
    answer = {"type": "object", "properties": {"id": ID}, "required": ["id"]}
    raw = _add(document, "/api/v2/attachments", "post", "sendAttachment", answer, _tag(document))
    raw["requestBody"] = {"content": {"multipart/form-data": {"schema": form}}, "required": True}
    raw = _add(document, "/api/v2/attachments/{id}", "get", "downloadAttachment", TEXT, _tag(document))
    raw["responses"]["200"] = {
        "description": "The file.",
        "content": {"application/pdf": {"schema": file}},
    }


@successor
def a_call_answers_with_nothing(document: Document) -> None:
    body = {"type": "object", "properties": {"name": TEXT}, "required": ["name"]}
    raw = _add(document, "/api/v2/rows/{id}/cells/{number}", "put", "putCell", TEXT, _tag(document), body)
    raw["parameters"].append({"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}})
    raw["responses"]["200"] = {"description": "Done."}
    raw = _add(document, "/api/v2/rows/{id}", "delete", "deleteRow", TEXT, _tag(document))
    raw["responses"] = {"204": {"description": "Done."}, "404": _answer(ERROR)}


def _add_list(document: Document, path: str, id: str, item: Any, tag: str) -> None:
    fields = {"items": {"type": "array", "items": item}, "next_starting_after": ID}
    raw = _add(document, path, "get", id, {"type": "object", "properties": fields, "required": ["items"]}, tag)
    limit = {"type": "integer", "minimum": 1, "maximum": 50, "example": 10}
    raw["parameters"] = [_query("limit", limit), _query("starting_after", ID)]


def _add(
    document: Document, path: str, method: str, id: str, answer: Any, tag: str, body: Any = None
) -> dict[str, Any]:
    raw: dict[str, Any] = {"operationId": id, "summary": "Do something new.", "tags": [tag]}
    if "{id}" in path:
        raw["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": ID}]
    if body is not None:
        raw["requestBody"] = {"content": {"application/json": {"schema": body}}, "required": True}
    raw["responses"] = {"200": _answer(answer), **{status: _answer(ERROR) for status in ("401", "404", "429")}}
    document["paths"].setdefault(path, {})[method] = raw
    return raw


def _answer(schema: Any) -> dict[str, Any]:
    return {"description": "What came of it.", "content": {"application/json": {"schema": schema}}}


def _query(name: str, schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _lists(document: Document) -> list[dict[str, Any]]:
    """The lists that are read in pages."""
    return [
        each.raw
        for each in operations(document)
        if any(parameter.get("name") == "starting_after" for parameter in each.raw.get("parameters", ()))
    ]


def _pages(document: Document) -> list[dict[str, Any]]:
    """The schemas of their answers."""
    answers = [raw["responses"]["200"]["content"]["application/json"]["schema"] for raw in _lists(document)]
    return [page for page in answers if "items" in resolve(document, page).get("properties", {})]


def _first_object(document: Document) -> dict[str, Any]:
    return next(schema for schema in component_schemas(document).values() if "properties" in schema)


def _tag(document: Document) -> str:
    tag: str = document["tags"][0]["name"]
    return tag


def _answers(document: Document) -> list[Any]:
    """The schemas of what operations answer with when all is well."""
    return [
        media["schema"]
        for each in operations(document)
        for status, response in each.raw["responses"].items()
        if status.startswith("2")
        for media in response.get("content", {}).values()
        if "schema" in media
    ]


def _visit(node: Any, visit: Change) -> None:
    """Visit each schema in a node; what it is called by is no schema."""
    if isinstance(node, dict):
        visit(node)
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _visit(inner, visit)


def _put(document: Document, other: Document) -> None:
    document.clear()
    document.update(other)
