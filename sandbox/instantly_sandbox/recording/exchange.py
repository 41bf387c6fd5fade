"""An exchange: one request and its answer, as they went over the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class Exchange(NamedTuple):
    """One request and its answer."""

    method: str
    uri: str
    request_headers: Mapping[str, str]
    request_body: bytes
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body of the answer as JSON."""
        return json.loads(self.body)
