"""The service itself behind a port of this machine: requests are forwarded to it, and recorded with its answers.

What is recorded has neither the key nor anything about anybody, and is what `instantly-contract` reads.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from instantly_core.error_tree import InstantlyError
from instantly_core.http import library as http
from instantly_core.http.exchange import ACCEPT_ENCODING
from instantly_core.http.exchange import Exchange as Sent
from instantly_core.http.pool import Pool
from instantly_core.secret import Secret, printable

from .engine.document import JSON, Document, Operation
from .engine.messages import Answer, Refusal, Request, phrase
from .engine.validation import read_body, read_query
from .recording.exchange import Exchange
from .recording.scrub import Leak, Scrubber

SECONDS = 60.0
TIMEOUTS = {"connect": 5.0, "read": 30.0, "write": 30.0, "pool": 5.0}
MAX_BYTES = 64_000_000
MAX_DEVIATIONS = 5
MAX_REASON = 200
SALT_BYTES = 32

_SENT_ON = ("authorization", "content-type", "accept", "user-agent", "x-as-workspace")
# Of the connection to the service, or no longer true of a body that was read from it.
_NOT_PASSED_ON = frozenset(
    {
        *("connection", "content-encoding", "content-length", "keep-alive", "proxy-authenticate", "set-cookie"),
        *("strict-transport-security", "trailer", "transfer-encoding", "upgrade"),
    }
)
_PLAIN = re.compile(r"[\x20-\x7e]*")
_NUMBER = re.compile(r"(\d+)-.*\.json")


class Upstream:
    """A service that requests are forwarded to.

    Args:
        url: where it is.
        document: what its answers are checked by.
        log: called with a line for each thing to know; it never has the key.
        record: the folder that requests are recorded in with their answers; None for no recordings.
        allow_writes: forward also what changes something.

    Raises:
        ValueError: the URL is not one of a service, or would carry the key without encryption to another machine.
        OSError: the folder cannot be made.
    """

    def __init__(
        self,
        url: str,
        document: Document,
        log: Callable[[str], None],
        *,
        record: Path | None = None,
        allow_writes: bool = False,
    ) -> None:
        self.url = _checked(url)
        self._document = document
        self._log = log
        self._allow_writes = allow_writes
        self._pool = Pool(None, None, None)
        self._salt = secrets.token_bytes(SALT_BYTES)
        self._folder = record
        self._lock = Lock()
        if record is not None:
            record.mkdir(parents=True, exist_ok=True)
            numbers = [int(found[1]) for path in record.iterdir() if (found := _NUMBER.fullmatch(path.name))]
            self._recorded = max(numbers, default=0)

    def close(self) -> None:
        """Close the connections, and end the requests that are under way."""
        self._pool.close()

    def handle(self, request: Request) -> Answer:
        """Answer a request with what the service says. Safe from any number of threads."""
        operation = self._document.match(request.method, request.path)[0]
        try:
            self._admit(request, operation)
            answer = self._forwarded(request)
        except Refusal as refusal:
            return refusal.answer()
        if operation is None:
            self._log(f"{request.method} is of no operation that the document has, and is not recorded")
            return answer
        for deviation in (*self._of_request(operation, request), *self._of_answer(operation, answer)):
            self._log(f"{operation.id}: {deviation}")
        if self._folder is not None:
            self._record(self._folder, operation, request, answer)
        return answer

    def _admit(self, request: Request, operation: Operation | None) -> None:
        if not request.target.startswith("/"):
            raise Refusal(400, "The target of a request begins with a slash here")
        safe = request.method == "GET" if operation is None else operation.is_safe
        if not safe and not self._allow_writes:
            name = operation.id if operation else request.method
            raise Refusal(403, f"{name} may change something: --allow-writes forwards it")

    def _forwarded(self, request: Request) -> Answer:
        headers = {name: request.headers[name] for name in _SENT_ON if name in request.headers}
        try:
            sent = http.Request(
                request.method,
                self.url + request.target,
                headers={**headers, "accept-encoding": ACCEPT_ENCODING},
                content=request.body or None,
                extensions={"timeout": dict(TIMEOUTS)},
            )
            exchange = Sent(sent, monotonic() + SECONDS, MAX_BYTES, None)
            self._pool.send(exchange)
        except http.TimeoutException:
            raise Refusal(504, "The service did not answer in time") from None
        except (http.RequestError, http.InvalidURL, InstantlyError, OSError, ValueError) as error:
            reason = Secret(request.key or secrets.token_hex()).shown(str(error).partition(";")[0], MAX_REASON)
            raise Refusal(502, f"The service gave no answer: {reason or type(error).__name__}") from None
        answer = exchange.answer
        assert answer is not None
        passed = {
            name: value
            for name, value in answer.headers.items()
            if name not in _NOT_PASSED_ON and _PLAIN.fullmatch(value)
        }
        return Answer(answer.status_code, passed, b"" if answer.status_code in (204, 304) else answer.content)

    def _of_request(self, operation: Operation, request: Request) -> Iterator[str]:
        """Where a request is not as the document says."""
        try:
            read_query(operation, request)
            read_body(operation, request)
        except Refusal as refusal:
            yield f"the request does not fit the document: {printable(refusal.message)}"

    def _of_answer(self, operation: Operation, answer: Answer) -> Iterator[str]:
        """Where an answer is not as the document says; without its values."""
        status, media, schema = operation.success
        if answer.status != status:
            media, schema = JSON, operation.refusals.get(answer.status)
        if schema is None and answer.status != status:
            yield f"status {answer.status} ({phrase(answer.status)}) is not documented"
        elif schema is not None and "json" in media:
            try:
                value = answer.json()
            except (ValueError, RecursionError):
                yield f"the answer with {answer.status} is no JSON"
                return
            for number, error in enumerate(self._document.validators.of(schema).iter_errors(value)):
                if number == MAX_DEVIATIONS:
                    yield "the answer deviates in more places"
                    return
                place = "/".join(map(str, error.instance_path)) or "the whole"
                yield f"the answer deviates from the document at {printable(place)}: {error.kind.name}"

    def _record(self, folder: Path, operation: Operation, request: Request, answer: Answer) -> None:
        uri = self.url + request.target
        whole = Exchange(request.method, uri, request.headers, request.body, answer.status, answer.headers, answer.body)
        key = request.key or secrets.token_hex()
        try:
            scrubbed = Scrubber(key, salt=self._salt, document=self._document).exchange(whole)
            text = json.dumps(_as_json(operation, scrubbed), indent=2, ensure_ascii=False) + "\n"
            with self._lock:
                self._recorded += 1
                name = f"{self._recorded:04}-{operation.id}-{answer.status}.json"
            part = folder / f".{name}.part"
            part.write_text(text, encoding="utf-8", errors="backslashreplace")
            os.replace(part, folder / name)
        except Leak as leak:
            self._log(f"{operation.id} is not recorded: {leak}")
        except RecursionError:
            self._log(f"{operation.id} is not recorded: it is nested too deeply")
        except OSError as error:
            self._log(f"{operation.id} is not recorded: {error.strerror or error}")


def _as_json(operation: Operation, exchange: Exchange) -> dict[str, Any]:
    """A recording in the form that people can bring."""
    request = {
        "method": exchange.method,
        "url": exchange.uri,
        "headers": dict(exchange.request_headers),
        "body": _body(exchange.request_body),
    }
    return {
        "operationId": operation.id,
        "status": exchange.status,
        "headers": dict(exchange.headers),
        "body": _body(exchange.body),
        "request": request,
    }


def _body(body: bytes) -> Any:
    if not body:
        return None
    text = body.decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except ValueError:
        return text
    # A text, or nothing, is said otherwise in a recording.
    return text if isinstance(value, str) or value is None else value


def _checked(url: str) -> str:
    """The URL of a service, without a slash at its end."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if (
        not host
        or parts.scheme not in ("http", "https")
        or parts.query
        or parts.fragment
        or parts.username
        or port == 0
    ):
        raise ValueError(f"{printable(url)!r} is no address of a service such as https://api.instantly.ai")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValueError(f"the key would travel to {printable(host)} without encryption: use https")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
