"""Messages of a sandbox: requests, answers and refusals, whichever way they travel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

JSON = "application/json; charset=utf-8"


def read_json(text: bytes) -> Any:
    """The value of JSON.

    Raises:
        ValueError: it is no JSON, or has half a character, such as `\\ud800`, which no text can have.
    """
    value = json.loads(text, parse_constant=_no_constant)
    if b"\\u" in text:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("a text has half a surrogate pair") from None
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


@dataclass(frozen=True)
class Request:
    """Request. `target` is the path with the query string; header names are in lower case."""

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

    @property
    def key(self) -> str | None:
        """The API key; None without one."""
        scheme, _, key = self.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else None

    def json(self) -> Any:
        """The body as JSON; None without one."""
        return read_json(self.body) if self.body else None


@dataclass(frozen=True)
class Answer:
    """Answer, and its fate on the way to the client.

    Attributes:
        delay: the seconds until it leaves.
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


def make_answer(status: int, value: Any, content_type: str = JSON) -> Answer:
    """Make an answer with JSON, or with text of another type; without a body for None, or for no type."""
    if value is None or not content_type:
        return Answer(status)
    body = value.encode() if content_type != JSON else json.dumps(value, separators=(",", ":")).encode()
    return Answer(status, {"content-type": content_type}, body)


def phrase(status: int) -> str:
    """The name of a status. Statuses of the edge, above 511, have no registered name."""
    return next((known.phrase for known in HTTPStatus if known == status), "Unknown Error")


class Refusal(Exception):  # noqa: N818 - it is an answer
    """Refusal of a request by the service.

    Args:
        status: the status of the answer.
        message: the reason, in the words of the service.
        body: the whole body, if it is not the usual `statusCode`, `error` and `message`.
        headers: headers of the answer apart from the content type.
        code: the error code of the service's framework, if there is one.
        content_type: the content type of the body, which is a text if this is not JSON; "" for no body.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        code: str | None = None,
        content_type: str = JSON,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})
        self.content_type = content_type
        usual = {"statusCode": status, "error": phrase(status), "message": message}
        self.body: Any = body if body is not None else {**({"code": code} if code else {}), **usual}

    def answer(self) -> Answer:
        """The refusal as an answer."""
        answer = make_answer(self.status, self.body, self.content_type)
        return Answer(answer.status, {**answer.headers, **self.headers}, answer.body)
