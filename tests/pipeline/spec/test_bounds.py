"""Small documents that are large to walk end soon: as a named client, or with a bound that a finding names."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.lib.report import Refused
from scripts.naming.hoist import name_document
from scripts.spec.document import Document
from scripts.spec.lint import lint
from scripts.spec.lint.references import MAX_STEPS
from scripts.spec.normalise import normalise
from scripts.spec.normalise.size import MAX_DEPTH, MAX_SCHEMAS
from scripts.spec.registry import Registry
from tests.pipeline.large_documents import LINKS, chain, ladder, reference, with_schemas

STEPS = 24


def classes(document: Document) -> set[str]:
    """The classes of a document, which lint has to find sound."""
    assert lint(document) == []
    return {*name_document(normalise(document), Registry()).class_at.values()}


def refusal(document: Document) -> str:
    with pytest.raises(Refused) as caught:
        classes(document)
    return str(caught.value)


@pytest.mark.parametrize("link", sorted(LINKS.keys() - {"anyOf of arrays"}))
@pytest.mark.parametrize("in_body", [False, True])
def test_a_component_that_many_ways_lead_to_is_walked_once(link: str, in_body: bool) -> None:
    body = LINKS[link](0) if in_body else None
    named = classes(with_schemas(ladder(link, STEPS), body=body))
    assert "Robot" in named


def test_each_schema_of_a_ladder_is_a_class() -> None:
    assert {f"Step{number}" for number in range(STEPS)} <= classes(with_schemas(ladder("property", STEPS)))


@pytest.mark.slow
def test_schemas_that_double_where_they_are_written_out_are_refused() -> None:
    told = f"the schemas come to more than {MAX_SCHEMAS:,}"
    assert told in refusal(with_schemas(ladder("anyOf of arrays", STEPS)))
    families: dict[str, Any] = {}
    for number in range(STEPS):
        for family in ("One", "Other"):
            inner = {"$ref": f"#/components/schemas/{family}{number + 1}"}
            families[f"{family}{number}"] = {"type": "object", "properties": {"a": inner, "b": inner}}
    ends = {f"{family}{STEPS}": {"type": "object", "properties": {family: {}}} for family in ("One", "Other")}
    both = {"anyOf": [{"$ref": "#/components/schemas/One0"}, {"$ref": "#/components/schemas/Other0"}]}
    assert told in refusal(with_schemas({"Both": both, **families, **ends}))


@pytest.mark.slow
@pytest.mark.parametrize("steps", [600, 2000])
def test_a_chain_of_fields_has_no_bound(steps: int) -> None:
    assert f"Step{steps}" in classes(with_schemas(chain("property", steps)))


@pytest.mark.parametrize(
    "link", ["allOf", *(pytest.param(link, marks=pytest.mark.slow) for link in ("anyOf", "reference", "array"))]
)
def test_a_chain_of_what_is_written_out_has_a_bound(link: str) -> None:
    assert "Robot" in classes(with_schemas(chain(link, MAX_STEPS)))
    for steps in (MAX_STEPS + 1, 600, 2000):
        (finding,) = lint(with_schemas(chain(link, steps)))
        assert f"for more than {MAX_STEPS} steps" in finding.what


@pytest.mark.slow
def test_a_circle_of_what_is_written_out_has_a_bound() -> None:
    def circle(count: int) -> Document:
        each = {
            f"Step{n}": {"type": "array", "items": {"anyOf": [reference((n + 1) % count), {}]}} for n in range(count)
        }
        return with_schemas(each)

    assert "Robot" in classes(circle(MAX_STEPS))
    assert [finding.pointer for finding in lint(circle(MAX_STEPS + 1))] == ["/components/schemas/Step0"]


def test_schemas_that_nest_too_deep_where_they_are_written_out_are_refused() -> None:
    def nested(depth: int, inner: dict[str, Any]) -> dict[str, Any]:
        return {"type": "array", "items": nested(depth - 1, inner)} if depth else inner

    for depth in (2, 20):
        steps = {f"Step{number}": nested(depth, reference(number + 1)) for number in range(MAX_STEPS)}
        document = with_schemas({**steps, f"Step{MAX_STEPS}": {"type": "string"}})
        assert f"the schemas nest more than {MAX_DEPTH} deep" in refusal(document)
