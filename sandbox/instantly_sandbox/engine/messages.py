"""What goes in and out of the sandbox, whichever way it came: in the process or over a socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """A request. `target` is the path with the query string; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path, still percent-encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The query string, still percent-encoded."""
        return self.target.partition("?")[2]

    def json(self) -> Any:
        """The body as JSON; None without one."""
        return json.loads(self.body) if self.body else None


@dataclass(frozen=True)
class Answer:
    """An answer, and what becomes of it on its way.

    Attributes:
        delay: seconds until it leaves.
        dropped: the connection breaks instead of answering.
        cut: the connection breaks after so many bytes of the body, although `content-length` announces all.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    dropped: bool = False
    cut: int | None = None

    def json(self) -> Any:
        """The body as JSON; None without one."""
        return json.loads(self.body) if self.body else None


def answer(status: int, value: Any, content_type: str = JSON) -> Answer:
    """An answer with JSON, or with text of another type; None is no body at all."""
    if value is None:
        return Answer(status)
    body = value.encode() if content_type != JSON else json.dumps(value, separators=(",", ":")).encode()
    return Answer(status, {"content-type": content_type}, body)


def phrase(status: int) -> str:
    """What a status is called; those of the edge, above 511, have no registered names."""
    return next((known.phrase for known in HTTPStatus if known == status), "Unknown Error")


class Refusal(Exception):  # noqa: N818 - it is an answer
    """The service refuses a request.

    Args:
        status: of the answer.
        message: what is wrong, in the service's manner.
        body: the whole body, where it is not the usual `statusCode`, `error` and `message`.
        headers: of the answer, beside the content type.
        code: the framework's own code of the error, if it has one.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})
        usual = {"statusCode": status, "error": phrase(status), "message": message}
        self.body = dict(body) if body is not None else {**({"code": code} if code else {}), **usual}

    def answer(self) -> Answer:
        """What goes out."""
        told = answer(self.status, self.body)
        return Answer(told.status, {**told.headers, **self.headers}, told.body)
