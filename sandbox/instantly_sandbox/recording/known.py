"""The document's own words: they say nothing about anybody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, NamedTuple

from ..engine.document import Document

# Beyond the words of the document, those that refusals of a service are made of.
_ENGLISH = """
    a above active add additional already also an and another any are at be before below beyond body cannot cloudflare
    code constant content could characters does doctype empty equal err exactly exceeded expired failed fault fewer find
    for forbidden format found fst ctp gateway has have head html in integer internal invalid is it its items json known
    length limit looks lacks later like long longer match media more must needs no not null number object of on one only
    operation or out p parameter path pattern permission please plan properties property quota querystring rate reach
    reached read request required resource retry route scopes server service should string such supported than that the
    there this title to too try type unauthorized unexpected unknown unsupported until used valid validation value when
    which while with within wrong you your
"""

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\dA-Za-z_]+")
_PROSE = ("example", "examples", "default", "description")


class Known(NamedTuple):
    """The words of a document.

    Attributes:
        fields: the names of fields and parameters.
        allowed: the values of enumerations, by the field that has them.
        values: all of them, and what else is a value of the service's own.
        segments: of paths.
        words: all of that in words.
    """

    fields: frozenset[str]
    allowed: Mapping[str, frozenset[str]]
    values: frozenset[str]
    segments: frozenset[str]
    words: frozenset[str]

    def says(self, text: str) -> bool:
        """Whether a text is made of these words only."""
        return words(text) <= self.words


@cache
def words(text: str) -> frozenset[str]:
    """The words that a name is made of, but for numbers: `smtpPassword2` has "smtp" and "password"."""
    return frozenset(word.lower() for word in _WORDS.findall(text) if not word.isdecimal())


@cache
def known(document: Document) -> Known:
    """The words of a document."""
    fields: set[str] = set()
    allowed: dict[str, set[str]] = {}
    _collect(document.raw, "", fields, allowed)
    segments = {part for operation in document for part in operation.path.split("/") if not part.startswith("{")}
    values = {value for said in allowed.values() for value in said} | fields
    values |= {scope for operation in document for scope in operation.scopes} | {status.phrase for status in HTTPStatus}
    names = {operation.id for operation in document} | {schema.get("title", "") for schema in _schemas(document)}
    spoken = {word for text in values | segments | names for word in words(text)}
    return Known(
        frozenset(fields),
        {field: frozenset(said) for field, said in allowed.items()},
        frozenset(values),
        frozenset(segments),
        frozenset(spoken.union(_ENGLISH.split())),
    )


def _schemas(document: Document) -> Iterable[Any]:
    schemas: Mapping[str, Any] = document.raw.get("components", {}).get("schemas", {})
    return schemas.values()


def _collect(node: Any, field: str, fields: set[str], allowed: dict[str, set[str]]) -> None:
    if isinstance(node, list):
        for item in node:
            _collect(item, field, fields, allowed)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("enum"), list):
        allowed.setdefault(field, set()).update(value for value in node["enum"] if isinstance(value, str))
    if "in" in node and isinstance(node.get("name"), str):  # a parameter
        field = node["name"]
        fields.add(field)
    properties = node.get("properties")
    if isinstance(properties, dict):
        fields.update(properties)
        for name, schema in properties.items():
            _collect(schema, name, fields, allowed)
    for name, inner in node.items():
        if name not in _PROSE and inner is not properties:
            _collect(inner, field, fields, allowed)
