"""Size of a document whose schemas are written out in one another: it can double with every schema."""

from __future__ import annotations

from scripts.lib.report import Refused, refused
from scripts.spec.document import Document, Schema, inner_schemas, root_schemas

MAX_SCHEMAS = 100_000
MAX_DEPTH = 100


def check_size(document: Document) -> Document:
    """The document itself. Raises `Refused` if its schemas are too many or nest too deep for the steps after this."""
    measured: dict[int, tuple[int, int]] = {}
    measures = [_measure(schema, measured) for _, schema in root_schemas(document)]
    if sum(size for size, _ in measures) > MAX_SCHEMAS:
        raise too_large()
    if any(depth > MAX_DEPTH for _, depth in measures):
        raise too_deep()
    return document


def too_large() -> Refused:
    """The refusal of a document that has too many schemas."""
    what = f"the schemas come to more than {MAX_SCHEMAS:,} where they are written out in one another"
    return refused("normalise", what, "no API needs it; some unions or aliases double at each step")


def too_deep() -> Refused:
    """The refusal of a document whose schemas nest too deep."""
    what = f"the schemas nest more than {MAX_DEPTH} deep where they are written out in one another"
    return refused("normalise", what, "no API needs it; some unions or aliases go on and on")


def _measure(root: Schema, measured: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """How many schemas are in a schema and how deep, itself included; what is at several places is measured once."""
    waiting = [root]
    while waiting:
        schema = waiting[-1]
        inner = [each for _, each in inner_schemas("", schema)]
        if missing := [each for each in inner if id(each) not in measured]:
            waiting += missing
        else:
            known = [measured[id(each)] for each in inner]
            depth = max((depth for _, depth in known), default=0)
            measured[id(schema)] = 1 + sum(size for size, _ in known), 1 + depth
            waiting.pop()
    return measured[id(root)]
