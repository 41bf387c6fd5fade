"""What an operation sends when it is given the least: the service refuses a body where its document has none."""

from __future__ import annotations

import inspect
import re
from typing import Any

import httpx
import pytest

from instantly_client import Instantly
from instantly_sandbox.engine.document import pinned
from tests.core.test_arguments import methods


def has_body(request: httpx.Request) -> bool:
    """Whether the document has a body for the operation; one of the type null is none."""
    operation, _, _ = pinned().match(request.method, request.url.path)
    assert operation
    return operation.takes_body


def test_only_operations_with_a_body_send_one() -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(400)

    with Instantly(api_key="k", transport=httpx.MockTransport(answer), limiter=None) as client:
        for method in methods(client):
            if method.__name__ in ("add_many", "wait"):
                continue
            parameters = inspect.signature(method).parameters.values()
            named = {p.name: least(p) for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty}
            named |= {p.name: True for p in parameters if p.name == "everything"}
            named |= {"campaign_id": "x"} if method.__qualname__ == "Leads.bulk_delete" else {}
            with pytest.raises(Exception, match="400"):
                method(*("x" for p in parameters if p.kind is p.POSITIONAL_ONLY), **named)
    assert len(requests) > 100
    for request in requests:
        assert bool(request.content) is has_body(request) is ("content-type" in request.headers), request.url


def least(parameter: inspect.Parameter) -> Any:
    value: Any = {} if re.search(r"Mapping|params\.", parameter.annotation) else "x"
    return [value] if parameter.annotation.startswith("Sequence[") else value
