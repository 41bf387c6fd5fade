"""One request and the answer to it, as it arrives: status first, then the body within its bounds."""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Iterator
from typing import IO

from ..real_time import monotonic
from .library import DecodingError, Headers, ReadTimeout, Request, Response

DEFAULT_MAX_RESPONSE_BYTES = 64_000_000

# The encodings that are asked for: those that can be unpacked within bounds.
ACCEPT_ENCODING = "gzip, deflate"

# Of the answer to a failed attempt this much is worth waiting for.
_ERROR_SECONDS = 2.0
_ERROR_BYTES = 1_000_000
_PIECE_BYTES = 1_000_000
_MAX_ENCODINGS = 3

# For zlib: both forms that have a header.
_WITH_HEADER = 47
_GZIP = b"\x1f"

_STATUS_LINE = rb"HTTP/1\.[01] ([45]\d\d)(?: [^\r\n]*)?\r?\n?"
_CHARSET = r"""(?i)charset\s*=\s*["']?([^\s"';]+)"""


class TooLargeError(DecodingError):
    """The answer exceeds `max_response_bytes`."""


class Answer:
    """An answer with its body, or with as much of it as came.

    Attributes:
        status_code: the HTTP status.
        reason: the words after it.
        headers: its headers.
        content: its body, unpacked.
    """

    __slots__ = ("content", "headers", "reason", "status_code")

    def __init__(self, status_code: int, reason: str = "", headers: Headers | None = None) -> None:
        self.status_code = status_code
        self.reason = reason
        self.headers = Headers() if headers is None else headers
        self.content = b""

    @property
    def is_success(self) -> bool:
        """Whether the status reports a success."""
        return 200 <= self.status_code < 300

    @property
    def text(self) -> str:
        """The body as text, in the encoding that the answer names, or else UTF-8; what is no text is replaced."""
        named = re.search(_CHARSET, self.headers.get("content-type", ""))
        if named:
            try:
                return self.content.decode(named[1], "replace")
            except (LookupError, ValueError):
                pass  # Not every codec of Python is one of text.
        return self.content.decode("utf-8", "replace")


class Exchange:
    """A request that is sent once, and the answer to it. The body of a success goes into a sink, where there is one.

    Attributes:
        request: the request.
        deadline: when the call gives up, by the monotonic clock.
        answer: the answer, from its status on; None before.
        whole: whether the answer has come, up to its last byte.
        sent: whether the request may have reached the service.
    """

    __slots__ = (
        "_decoders",
        "_left",
        "_max_bytes",
        "_parts",
        "_sink",
        "_unpacked",
        "answer",
        "deadline",
        "request",
        "sent",
        "whole",
    )

    def __init__(self, request: Request, deadline: float, max_bytes: int, sink: IO[bytes] | None) -> None:
        self._sink = sink
        self.request = request
        self.deadline = deadline
        self.answer: Answer | None = None
        self.whole = False
        self.sent = False
        self._max_bytes = max_bytes
        self._left = max_bytes
        self._unpacked = max_bytes
        self._parts: list[bytes] = []
        self._decoders: list[_Decoder] = []

    def begin(self, response: Response) -> Answer:
        """Take status and headers of the answer. From now on the deadline may be an earlier one."""
        answer = self.answer = Answer(response.status_code, response.reason_phrase, response.headers)
        if not answer.is_success:
            self.deadline = min(self.deadline, monotonic() + _ERROR_SECONDS)
            self._max_bytes = self._left = self._unpacked = min(self._max_bytes, _ERROR_BYTES)
            self._sink = None
        elif self._sink is not None:
            self._left = self._unpacked = sys.maxsize
            self._sink.seek(0)
            self._sink.truncate()
        if "content-encoding" in response.headers:
            self._decoders = _decoders(response.headers["content-encoding"])
        return answer

    def cut(self, head: bytes) -> None:
        """Take the status of an answer that ended within its headers, if it is one of a failure."""
        if self.answer is None and (line := re.match(_STATUS_LINE, head)):
            self.answer = Answer(int(line[1]))

    def receive(self, piece: bytes) -> None:
        """Keep a piece of the body as it arrived: unpacked, in the sink of a success.

        Raises:
            DecodingError: it cannot be unpacked.
            ReadTimeout: the deadline is over.
            TooLargeError: the body exceeds its bounds.
        """
        self._left -= len(piece)
        if self._left < 0:
            self._too_large("received")
        if not self._decoders:
            self._store(piece)
            return
        pieces: Iterator[bytes] = iter((piece,))
        for decoder in self._decoders:
            pieces = decoder.unpack(pieces)
        for unpacked in pieces:
            self._unpacked -= len(unpacked)
            if self._unpacked < 0:
                self._too_large("unpacked")
            self._store(unpacked)

    def _store(self, unpacked: bytes) -> None:
        self._check_time()
        if self._sink is None:
            self._parts.append(unpacked)
        else:
            self._sink.write(unpacked)

    def end(self) -> None:
        """Note that the body is complete.

        Raises:
            DecodingError: what it was packed in is not.
            ReadTimeout: the deadline is over.
        """
        self._check_time()
        if not all(decoder.complete for decoder in self._decoders):
            raise DecodingError("the compressed body ends too early")
        self.whole = True

    def keep(self) -> None:
        """Give the answer the body that has arrived, all of it or some."""
        if self.answer is not None:
            parts = self._parts
            self.answer.content = parts[0] if len(parts) == 1 else b"".join(parts)

    def take(self, content: bytes) -> None:
        """Take a body that somebody else has read and unpacked."""
        self._decoders = []
        self.receive(content)

    def _check_time(self) -> None:
        if monotonic() > self.deadline:
            raise ReadTimeout("the call has reached its deadline")

    def _too_large(self, how: str) -> None:
        raise TooLargeError(
            f"the answer has more than {self._max_bytes:,} bytes {how}; max_response_bytes= allows more"
        )


class _Decoder:
    """Unpacks one encoding, in pieces of bounded size."""

    __slots__ = ("_is_deflate", "_object", "_started")

    def __init__(self, name: str) -> None:
        self._object = zlib.decompressobj(_WITH_HEADER)
        self._is_deflate = name == "deflate"
        self._started = False

    @property
    def complete(self) -> bool:
        return self._object.eof or not self._started

    def unpack(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            rest = piece
            while rest:
                if self._object.eof and not self._next_member(rest):
                    break
                yield self._step(rest)
                rest = self._object.unconsumed_tail or self._object.unused_data

    def _next_member(self, rest: bytes) -> bool:
        # Files of gzip that are joined are one; whatever else follows the end is ignored.
        if self._is_deflate or not rest.startswith(_GZIP):
            return False
        self._object = zlib.decompressobj(_WITH_HEADER)
        return True

    def _step(self, data: bytes) -> bytes:
        first, self._started = not self._started, True
        try:
            return self._object.decompress(data, _PIECE_BYTES)
        except zlib.error as error:
            if not (first and self._is_deflate):
                raise DecodingError(str(error)) from error
        # Some services send it without a header.
        self._object = zlib.decompressobj(-zlib.MAX_WBITS)
        return self._step(data)


def _decoders(encodings: str) -> list[_Decoder]:
    names = [name for part in encodings.split(",") if (name := part.strip().lower()) not in ("", "identity")]
    if len(names) > _MAX_ENCODINGS or not {"gzip", "x-gzip", "deflate"}.issuperset(names):
        raise DecodingError(f"the answer has an encoding that nobody asked for: {', '.join(names)}")
    return [_Decoder(name) for name in reversed(names)]
