"""Retry state of one call. The clients send and sleep; this decides."""

from __future__ import annotations

from logging import DEBUG
from random import random
from time import monotonic, perf_counter
from typing import Any

from .. import error_tree as errors
from ..http.library import DecodingError, Request, RequestError, Response, TimeoutException
from ..log import logger
from ..ratelimit.limits import Watcher
from . import retry
from .events import Event, Kind
from .failure import request_id, status_error
from .operation import Operation
from .options import Options


class Attempts:
    """The attempts of one call. When `failed` or `refused` returns None, the client raises `outcome`."""

    __slots__ = ("_answered", "_began", "_deadline", "_error", "_number", "_operation", "_options", "_watcher")

    def __init__(self, operation: Operation[Any], options: Options, watcher: Watcher | None) -> None:
        self._operation = operation
        self._options = options
        self._watcher = watcher
        self._number = 0
        self._began = 0.0
        self._deadline = monotonic() + options.deadline
        self._error: errors.APIError | None = None

    def remaining(self) -> float:
        """Return the seconds until the deadline."""
        return max(0.0, self._deadline - monotonic())

    def begin(self, request: Request) -> None:
        """Note the start of an attempt, and limit its timeouts to the deadline."""
        self._number += 1
        timeouts = request.extensions["timeout"]
        remaining = self.remaining()
        if remaining < timeouts["read"]:
            seconds = max(remaining, 0.001)
            request.extensions["timeout"] = {name: min(limit, seconds) for name, limit in timeouts.items()}
        if self._options.on_event is not None:
            self._emit("request")
        self._answered = False
        self._began = perf_counter()

    def ended(self) -> None:
        """Note the end of an attempt, whatever its outcome."""
        if self._watcher is not None:
            self._watcher.ended(perf_counter() - self._began, self._answered)

    def succeeded(self, response: Response) -> bool:
        """Note the answer to an attempt, and return whether it is a success."""
        self._answered = True
        if self._options.on_event is not None or logger.isEnabledFor(DEBUG):
            self._note_answer(response)
        return 200 <= response.status_code < 300

    def refused(self, response: Response) -> float | None:
        """Return the seconds to wait before the next attempt after an answer other than success."""
        after = retry.retry_after(response.headers)
        self._error = status_error(self._operation, response, self._options.secret, after)
        return self._next_wait(retry.of_status(response.status_code), after)

    def failed(self, error: RequestError) -> float | None:
        """Return the seconds to wait before the next attempt after an attempt without an answer."""
        kind = type(error)
        seconds = perf_counter() - self._began
        failure = retry.of_exception(error)
        reason = self._options.secret.scrub(str(error)).rstrip(".") or "no reason given"
        operation = self._operation
        where = f"{self._options.base_url}, attempt {self._number}"
        message = f"{operation.name}: {kind.__name__} after {seconds:.1f} s ({where}): {reason}"
        details: dict[str, Any] = {"operation": operation.name, "scopes": operation.scopes}
        if isinstance(error, DecodingError):
            self._error = errors.DecodeError(message, **details)
        else:
            sent = failure is retry.Failure.UNCLEAR
            if sent and not retry.is_safe(operation.method, operation.safe):
                message += "; it may have been carried out"
            timeout = isinstance(error, TimeoutException)
            self._error = (errors.APITimeoutError if timeout else errors.APIConnectionError)(
                message, sent=sent, **details
            )
        self._error.__cause__ = _without_request(error, reason)
        logger.debug(
            "%s %s failed: %s in %.3f s (attempt %d)",
            operation.method, operation.path, kind.__name__, seconds, self._number,
        )  # fmt: skip
        if self._options.on_event is not None:
            self._emit("failure", seconds=seconds, reason=kind.__name__)
        return self._next_wait(failure, None)

    def outcome(self) -> errors.APIError:
        """Return the error of the last attempt."""
        assert self._error is not None
        return self._error

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
        wait = retry.next_wait(
            failure,
            method=operation.method,
            safe=operation.safe,
            attempt=self._number,
            max_retries=options.max_retries,
            retry_writes=options.retry_writes,
            retry_after=after,
            remaining=self.remaining(),
            jitter=random(),
        )
        if wait is not None:
            self._waiting(wait, "retry")
        return wait

    def _waiting(self, seconds: float, reason: str) -> None:
        operation = self._operation
        logger.debug("%s %s waits %.3f s (%s)", operation.method, operation.path, seconds, reason)
        if self._options.on_event is not None:
            self._emit("wait", seconds=seconds, reason=reason)

    def _note_answer(self, response: Response) -> None:
        operation = self._operation
        seconds = perf_counter() - self._began
        identity = request_id(response)
        logger.debug(
            "%s %s -> %d in %.3f s (attempt %d, request %s)",
            operation.method, operation.path, response.status_code, seconds, self._number, identity,
        )  # fmt: skip
        if self._options.on_event is not None:
            self._emit("response", status_code=response.status_code, seconds=seconds, request_id=identity)

    def _emit(self, kind: Kind, **details: Any) -> None:
        hook = self._options.on_event
        if hook is not None:
            operation = self._operation
            # A wait belongs to the attempt that follows.
            attempt = self._number + (kind == "wait")
            hook(Event(kind, operation.name, operation.method, operation.path, attempt, **details))


def _without_request(error: RequestError, reason: str) -> RequestError:
    # The exception refers to the request, and its traceback to the headers: both contain the key.
    try:
        return type(error)(reason)
    except TypeError:  # An exception class of the caller's transport.
        return RequestError(reason)
