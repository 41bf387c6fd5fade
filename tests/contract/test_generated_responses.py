"""What the document promises, in all its variety: it arrives in a strict client, and comes out again as it was."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly_contract.calls import located
from instantly_contract.sameness import page, same, written
from instantly_core import AsyncPage, Page
from instantly_core.errors import DriftError, OperationFailedError
from tests.contract.service import ANSWERING, KINDS, OPERATIONS, Service
from tests.contract.settings import examples
from tests.contract.strategies import fitting, validator
from tests.contract.strictness import promised
from tests.meant import meant
from tests.published import published

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ANSWERING)
def test_what_the_document_promises_arrives_whole(service: Service, name: str) -> None:
    operation = meant().operations[name]
    schema = operation.success[2]
    assert schema is not None

    paging = located()[name][2].paging

    takes = validator(meant(), promised(meant(), operation))

    @examples(4)
    @given(fitting(meant(), schema))
    def check(value: Any) -> None:
        for kind in KINDS:
            if paging and not takes.is_valid(value):  # Some documents let a page have no items.
                with pytest.raises(DriftError):
                    service.ask(operation, value, kind, strict=True)
                continue
            if (failure := located()[name][2].failure) and failure.matches(value):
                with pytest.raises(OperationFailedError) as failed:
                    service.ask(operation, value, kind, strict=True)
                assert same(value, failed.value.body)
                continue
            result = service.ask(operation, value, kind, strict=True)
            expected = page(value, paging) if isinstance(result, Page | AsyncPage) else value
            assert same(expected, written(result, paging)), (kind, written(result, paging))
            usual = service.ask(operation, value, kind)  # Not strict, and so by the fast path, from its second time on.
            assert same(expected, written(usual, paging)), (kind, written(usual, paging))

    check()


@examples(20)
@given(st.text())
def test_a_file_arrives_as_text(service: Service, text: str) -> None:
    for kind in KINDS:
        assert service.ask(OPERATIONS["downloadBlockListEntry"], text, kind, strict=True) == text


@pytest.mark.parametrize("kind", KINDS)
def test_no_content_is_none(service: Service, kind: str) -> None:
    assert service.ask(OPERATIONS["shareCampaign"], None, kind, strict=True) is None


def test_no_operation_is_left_out() -> None:
    assert published().operations.keys() <= OPERATIONS.keys()
    left_out = {name: OPERATIONS[name].success for name in {*OPERATIONS} - {*ANSWERING}}
    assert all(schema is None or kind.startswith("text/") for _, kind, schema in left_out.values())
