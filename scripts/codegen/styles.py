"""Styles of what is sent: how a value is written where that is not as usual, and which parts of forms are files."""

from __future__ import annotations

from scripts.codegen.parsed import ParsedDocument
from scripts.spec.document import Schema

_SEPARATORS = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}


def style_of(place: str, raw: Schema, annotation: str, parsed: ParsedDocument) -> str:
    """How a parameter is written, where that is not as usual: the mark between items, `json`, `deepObject`, `plain`."""
    if raw.get("style") in ("json", "deepObject"):
        return str(raw["style"])
    if place == "path":
        texts = {name for name, each in parsed.enumerations.items() if each.value_type is str} | {"str"}
        return "" if {*annotation.split(" | ")} <= texts else "plain"
    style = raw.get("style", "form")
    exploded = raw.get("explode", style == "form")
    return "" if place != "query" or exploded or "Sequence[" not in annotation else _SEPARATORS.get(style, "")


def with_files(annotation: str, schema: Schema) -> str:
    """The annotation of a part of a form, which is a file where the document says that it is binary."""
    file = "bytes | tuple[str, bytes]"
    if _is_binary(schema):
        return file
    return f"Sequence[{file}]" if _is_binary(schema.get("items", {})) else annotation


def _is_binary(schema: Schema) -> bool:
    return schema.get("x-format") == "binary" or ("contentMediaType" in schema and "contentEncoding" not in schema)
