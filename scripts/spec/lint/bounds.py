"""Bounds of a document: the version that it is of, and how large it may be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scripts.lib.report import Finding, child
from scripts.spec.lint.survey import MAX_NESTING, MAX_SCHEMAS, Survey, quote
from scripts.spec.load import walk

MAX_OPERATIONS = 5_000
MAX_TEXT = 100_000
MAX_PROPERTIES = 2_000
MAX_VALUES = 20_000

WHY_VERSION = "other versions write the same thing differently (null, for one), so the client would be wrong"


def check_version(survey: Survey) -> Iterator[Finding]:
    version = survey.document.get("openapi")
    if isinstance(version, str) and not re.fullmatch(r"3\.[01]\.[0-9]+", version):
        what = f"this is OpenAPI {quote(version)}, neither 3.0 nor 3.1"
        yield Finding("/openapi", what, f"{WHY_VERSION}; convert it to OpenAPI 3.1 first")


def check_sizes(survey: Survey) -> Iterator[Finding]:
    why = "no API needs it; it is a mistake or an attack, and the client would be unusable"
    for count, most, what in (
        (sum(1 for _ in survey.operations()), MAX_OPERATIONS, "operations"),
        (len(survey.places["schema"]), MAX_SCHEMAS, "schemas"),
    ):
        if count > most:
            yield Finding("", f"there are {count:,} {what}, more than {most:,}", why)
    for pointer, raw in survey.places["schema"]:
        for key, most, what in (("properties", MAX_PROPERTIES, "properties"), ("enum", MAX_VALUES, "values")):
            if isinstance(raw.get(key), dict | list) and len(raw[key]) > most:
                yield Finding(child(pointer, key), f"there are {len(raw[key]):,} {what}, more than {most:,}", why)
    for keys, node in walk(survey.document, deepest=MAX_NESTING + 1):
        if len(keys) > MAX_NESTING:
            yield Finding(child("", *keys), f"this is nested deeper than {MAX_NESTING} levels", why)
        texts = node if isinstance(node, dict) else [node] if isinstance(node, str) else []
        if any(len(text) > MAX_TEXT for text in texts):
            yield Finding(child("", *keys), f"a text here has more than {MAX_TEXT:,} characters", why)
