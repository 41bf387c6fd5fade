"""Retry state of one call. The clients send and sleep; this decides."""

from __future__ import annotations

import os
from logging import DEBUG, INFO, WARNING
from random import random
from types import TracebackType
from typing import IO, Any, Self

from .. import error_tree as errors
from ..http.exchange import Answer, Exchange
from ..http.library import DecodingError, Request, RequestError, TimeoutException
from ..log import logger
from ..ratelimit.limits import Watcher
from ..real_time import monotonic, perf_counter
from ..stop import closed_error
from . import retry
from .events import CallEnd, Event, Kind
from .failure import request_id, status_error
from .observers import Observers
from .operation import Operation
from .options import WORKSPACE_HEADER, Options

_REASON_CHARACTERS = 500
# A wait of so many seconds is worth a line in the log.
_NOTEWORTHY = ((30.0, WARNING), (2.0, INFO))


class Attempts:
    """The attempts of one call: each ends with `answered` or `failed`, which say how long to wait for the next one.

    Where they say None, the call ends with `outcome`.

    Attributes:
        bucket: the limiter's bucket in which the call is waiting.
        sent: whether an attempt may have been carried out.
    """

    __slots__ = (
        "_began",
        "_call_id",
        "_deadline",
        "_error",
        "_exchange",
        "_is_open",
        "_number",
        "_observers",
        "_operation",
        "_options",
        "_sink",
        "_watcher",
        "bucket",
        "sent",
    )

    def __init__(
        self,
        operation: Operation[Any],
        options: Options,
        watcher: Watcher | None,
        observers: Observers,
        sink: IO[bytes] | None,
    ) -> None:
        self._operation = operation
        self._options = options
        self._watcher = watcher
        self._observers = observers
        self._sink = sink
        self._number = 0
        self._began = 0.0
        self._deadline = monotonic() + options.deadline
        self._error: errors.APIError | None = None
        self._call_id = ""
        self._is_open = False
        self.bucket: str | None = None
        self.sent = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        ended = getattr(self._options.on_event, "ended", None)
        if ended is not None and self._call_id:
            end = CallEnd(self._call_id, None if kind is None else kind.__name__)
            self._observers.notify("on_event", ended, end)
        if isinstance(error, errors.ClientClosedError):
            raise closed_error(sent=self.sent) from None

    def remaining(self) -> float:
        """Return the seconds until the deadline."""
        return max(0.0, self._deadline - monotonic())

    def begin(self, request: Request) -> Exchange:
        """Start an attempt, whose timeouts end at the deadline."""
        self._number += 1
        timeouts = request.extensions["timeout"]
        remaining = self.remaining()
        if remaining < timeouts["read"]:
            seconds = max(remaining, 0.001)
            request.extensions["timeout"] = {name: min(limit, seconds) for name, limit in timeouts.items()}
        if self._options.on_event is not None:
            self._emit("request")
        self._error = None
        self._exchange = exchange = Exchange(request, self._deadline, self._options.max_response_bytes, self._sink)
        self._began = perf_counter()
        self._is_open = True
        return exchange

    def ended(self) -> None:
        """Note the end of an attempt, whatever its outcome."""
        if self._is_open:
            self.sent = self.sent or self._exchange.sent
        if self._watcher is not None:
            self._watcher.ended(perf_counter() - self._began, self._exchange.answer is not None)

    def answered(self) -> float | None:
        """Return the seconds to wait before the next attempt after one with an answer."""
        answer = self._exchange.answer
        assert answer is not None
        self._is_open = False
        if self._options.on_event is not None or logger.isEnabledFor(DEBUG):
            self._note_answer(answer)
        if answer.is_success:
            return None
        after = retry.retry_after(answer.headers)
        self._error = status_error(
            self._operation, answer, self._options.secret, after, attempt=self._number, workspace=self._workspace
        )
        return self._next_wait(retry.of_status(answer.status_code), after)

    def failed(self, error: Exception) -> float | None:
        """Return the seconds to wait before the next attempt after one that was cut short."""
        answer = self._exchange.answer
        if answer is not None and not answer.is_success:
            # The status is known, and says more than what became of the body.
            return self.answered()
        self._is_open = False
        kind = type(error).__name__
        seconds = perf_counter() - self._began
        failure = retry.of_exception(error, sent=self._exchange.sent)
        reason = self._reason(error)
        operation = self._operation
        where = f"{self._options.base_url}, attempt {self._number}"
        message = f"{operation.name}: {kind} after {seconds:.1f} s ({where}): {reason}"
        if advice := retry.advice(error):
            message += f"; {advice}"
        details: dict[str, Any] = {"operation": operation.name, "scopes": operation.scopes}
        if isinstance(error, DecodingError):
            details["status_code"] = None if answer is None else answer.status_code
            self._error = errors.DecodeError(message, **details)
        else:
            sent = self._exchange.sent and not retry.never_sent(error)
            if sent and not retry.is_safe(operation.method, operation.safe):
                message += "; it may have been carried out"
            timeout = isinstance(error, TimeoutException | TimeoutError)
            self._error = (errors.APITimeoutError if timeout else errors.APIConnectionError)(
                message, sent=sent, **details
            )
        self._error.__cause__ = _without_request(error, reason)
        logger.debug(
            "%s %s failed: %s in %.3f s (attempt %d)",
            operation.method, operation.path, kind, seconds, self._number,
        )  # fmt: skip
        if self._options.on_event is not None:
            self._emit("failure", seconds=seconds, reason=kind)
        return self._next_wait(failure, None)

    def _reason(self, error: Exception) -> str:
        try:
            text = str(error)
        except Exception:  # An exception class of the caller's transport.
            text = ""
        return self._options.secret.shown(text, _REASON_CHARACTERS).rstrip(".") or "no reason given"

    def outcome(self) -> Answer:
        """Return the answer to the last attempt.

        Raises:
            APIError: it failed.
        """
        if self._error is not None:
            raise self._error
        assert self._exchange.answer is not None
        return self._exchange.answer

    def too_long(self, seconds: float) -> errors.RateLimitError:
        """Return the error for a call that would have to wait for the limiter beyond its deadline."""
        operation = self._operation
        return errors.RateLimitError(
            f"{operation.name}: not sent: the rate limit is used up for {seconds:.0f} s, longer than the call may take",
            operation=operation.name,
            retry_after=seconds,
            scopes=operation.scopes,
        )

    def limited(self, seconds: float) -> None:
        """Note a wait for the limiter."""
        self._waiting(seconds, "limit")

    def _next_wait(self, failure: retry.Failure, after: float | None) -> float | None:
        options, operation = self._options, self._operation
        self.sent = self.sent or failure is retry.Failure.UNCLEAR
        wait = retry.next_wait(
            failure,
            method=operation.method,
            safe=operation.safe,
            attempt=self._number,
            max_retries=options.max_retries,
            retry_writes=options.retry_writes and not operation.once,
            retry_after=after,
            remaining=self.remaining(),
            jitter=random(),
        )
        if wait is not None:
            self._waiting(wait, "retry")
        return wait

    def _waiting(self, seconds: float, reason: str) -> None:
        operation = self._operation
        level = next((level for limit, level in _NOTEWORTHY if seconds > limit), DEBUG)
        logger.log(level, "%s %s waits %.3f s (%s)", operation.method, operation.path, seconds, reason)
        if self._options.on_event is not None:
            self._emit("wait", seconds=seconds, reason=reason, bucket=self.bucket if reason == "limit" else None)

    def _note_answer(self, answer: Answer) -> None:
        operation = self._operation
        seconds = perf_counter() - self._began
        identity = request_id(answer, self._options.secret)
        logger.debug(
            "%s %s -> %d in %.3f s (attempt %d, request %s)",
            operation.method, operation.path, answer.status_code, seconds, self._number, identity,
        )  # fmt: skip
        if self._options.on_event is not None:
            self._emit("response", status_code=answer.status_code, seconds=seconds, request_id=identity)

    @property
    def _workspace(self) -> str | None:
        return self._options.workspace or self._options.headers.get(WORKSPACE_HEADER)

    def _emit(self, kind: Kind, **details: Any) -> None:
        hook = self._options.on_event
        if hook is not None:
            operation = self._operation
            self._call_id = self._call_id or os.urandom(6).hex()
            event = Event(
                kind,
                operation.name,
                operation.method,
                operation.path,
                # A wait belongs to the attempt that follows.
                self._number + (kind == "wait"),
                call_id=self._call_id,
                workspace=self._workspace,
                base_url=self._options.base_url,
                **details,
            )
            self._observers.notify("on_event", hook, event)


def _without_request(error: Exception, reason: str) -> Exception:
    # The exception refers to the request, and its traceback to the headers: both contain the key.
    try:
        return type(error)(reason)
    except Exception:  # An exception class of the caller's transport.
        return RequestError(reason)
