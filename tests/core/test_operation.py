from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from instantly_core import FailureWhen, Limit, Operation, as_text
from instantly_core.models.decode import Decoder, Drift, anything
from instantly_core.models.unset import UNSET
from tests.core.engine import GET, ID


def test_path_and_query() -> None:
    two: Operation[None] = Operation("moveRobot", "POST", "/api/v2/robots/{id}/to/{place}")
    assert two.target(("a", "b"), None) == "/api/v2/robots/a/to/b"
    assert GET.target((ID,), {"ids": ["a", "b"], "x": UNSET}) == f"/api/v2/robots/{ID}?ids=a&ids=b"
    assert GET.target((ID,), {"x": UNSET}) == f"/api/v2/robots/{ID}"


def test_a_value_stays_one_segment() -> None:
    assert GET.target(("../campaigns/x?y#z%2e",), None) == "/api/v2/robots/..%2Fcampaigns%2Fx%3Fy%23z%252e"


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_values_that_address_something_else_are_refused(value: str) -> None:
    with pytest.raises(ValueError, match="id: it must name something"):
        GET.target((value,), None)


@pytest.mark.parametrize("value", [None, b"x", 5, UNSET, ["x"]])
def test_values_that_are_no_text_are_refused(value: object) -> None:
    with pytest.raises(TypeError, match="id: it must be a str"):
        GET.target((value,), None)


@pytest.mark.parametrize("values", [(), ("a", "b")])
def test_the_number_of_values_is_checked(values: tuple[str, ...]) -> None:
    with pytest.raises(TypeError, match="takes 1 values"):
        GET.target(values, None)


def test_the_decoder_is_asked_for_once_and_late() -> None:
    asked: list[int] = []

    def response() -> Decoder[Any]:
        asked.append(1)
        return anything

    operation = Operation("x", "GET", "/x", response=response)
    assert not asked
    assert operation.decoder is operation.decoder is anything
    assert asked == [1]


def test_text_decodes_to_text() -> None:
    assert as_text()("a,b", None, "", Drift()) == "a,b"


def test_own_limits_are_asked_before_those_of_the_workspace() -> None:
    operation: Operation[None] = Operation("x", "GET", "/x", limits=(Limit(2, 60),))
    assert operation.admissions == (("x", (Limit(2, 60),)), ("", ()))
    assert GET.admissions == (("", ()),)


@pytest.mark.parametrize(
    ("predicate", "body", "failed"),
    [
        (FailureWhen("success", False), {"success": False}, True),
        (FailureWhen("success", False), {"success": True}, False),
        (FailureWhen("success", False), {}, False),
        (FailureWhen("status", "error"), {"status": "error"}, True),
        (FailureWhen("status", "error"), {"status": "pending"}, False),
        (FailureWhen("error"), {"error": "no such account"}, True),
        (FailureWhen("error"), {"error": None}, False),
        (FailureWhen("error"), {"ok": 1}, False),
        (FailureWhen("error"), ["error"], False),
    ],
)
def test_failures_told_in_a_body(predicate: FailureWhen, body: Any, failed: bool) -> None:
    assert predicate.matches(body) is failed


@pytest.mark.parametrize("shown", [repr, str])
def test_repr(shown: Callable[[object], str]) -> None:
    assert shown(GET) == "<Operation getRobot GET /api/v2/robots/{id}>"
