"""What the document does not promise: a client takes it whole without raising, and a strict one refuses it."""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given

from instantly_contract.calls import located
from instantly_contract.sameness import page, same, written
from instantly_core import AsyncPage, Page
from instantly_core.errors import DriftError
from tests.contract.mutations import TIMESTAMPS, mutated
from tests.contract.service import ANSWERING, KINDS, Service
from tests.contract.settings import examples
from tests.contract.strategies import fitting, validator
from tests.contract.strictness import promised
from tests.meant import meant

pytestmark = pytest.mark.slow


@cache
def rfc_3339() -> jsonschema_rs.Draft202012Validator:
    return validator(meant(), {"type": "string", "format": "date-time"})


def means_a_moment(text: str) -> bool:
    return TIMESTAMPS.get(text, rfc_3339().is_valid(text))


@pytest.mark.parametrize("name", ANSWERING)
def test_what_nobody_promised_arrives_whole_and_is_refused_where_it_must(service: Service, name: str) -> None:
    operation = meant().operations[name]
    schema = operation.success[2]
    assert schema is not None
    takes = validator(meant(), promised(meant(), operation), formats={"date-time": means_a_moment})
    failure, paging = located()[name][2].failure, located()[name][2].paging

    @examples(6)
    @given(mutated(fitting(meant(), schema)))
    def check(value: Any) -> None:
        if failure and failure.matches(value):
            return
        for kind in KINDS:
            result = service.ask(operation, value, kind)
            expected = page(value, paging) if isinstance(result, Page | AsyncPage) else value
            assert same(expected, written(result, paging)), (kind, written(result, paging))
            if takes.is_valid(value):
                service.ask(operation, value, kind, strict=True)
            else:
                with pytest.raises(DriftError):
                    service.ask(operation, value, kind, strict=True)

    check()
