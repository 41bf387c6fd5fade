"""What an operation sends when it is given the least: the service refuses a body where its document has none."""

from __future__ import annotations

import httpx
import pytest

from instantly_client import Instantly
from instantly_contract.calls import call
from instantly_sandbox.engine.document import pinned
from tests.contract.service import OPERATIONS, arguments


def has_body(request: httpx.Request) -> bool:
    """Whether the document has a body for the operation; one of the type null does not count."""
    operation, _, _ = pinned().match(request.method, request.url.path)
    assert operation
    return operation.takes_body


def test_only_operations_with_a_body_send_one() -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(400)

    with Instantly(api_key="k", transport=httpx.MockTransport(answer), limiter=None) as client:
        for name in OPERATIONS:
            with pytest.raises(Exception, match="400"):
                call(client, name, *arguments(name))
    assert len(requests) == len(OPERATIONS)
    for request in requests:
        assert bool(request.content) is has_body(request) is ("content-type" in request.headers), request.url
