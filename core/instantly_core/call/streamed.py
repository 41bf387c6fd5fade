"""Answers that are too large for memory, in a temporary file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Self

from ..http.library import Headers

_IN_MEMORY_BYTES = 1_000_000
_PIECE_BYTES = 65_536


def temporary_file() -> IO[bytes]:
    """Return a file that vanishes when it is closed; as long as it is small it is only in memory."""
    return SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Generator[IO[bytes], None, None]:
    """Return a block that writes a file: it appears with all of its content, or not at all if the block raises.

    Raises:
        TypeError: it is no path.
        OSError: the file cannot be written.
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"to: it takes the path of a file, not a {type(path).__name__}")
    path = Path(path)
    new = path.with_name(f".{os.urandom(6).hex()}.part")
    try:
        with open(new, "xb") as file:
            yield file
        os.replace(new, path)
    except BaseException:
        with suppress(OSError):
            new.unlink()
        raise


class StreamedResponse:
    """A whole answer in a temporary file. Close it, best by `with`; each way to read it begins at its first byte.

    Attributes:
        status_code: the HTTP status.
        headers: the headers of the answer; names in any case.
        request_id: the service's id of the request; None if it gives none.
    """

    __slots__ = ("_file", "headers", "request_id", "status_code")

    def __init__(self, file: IO[bytes], *, status_code: int, headers: Headers, request_id: str | None) -> None:
        self._file = file
        self.status_code = status_code
        self.headers = headers
        self.request_id = request_id

    def iter_bytes(self, size: int = _PIECE_BYTES) -> Iterator[bytes]:
        """Iterate over the body in pieces of `size` bytes."""
        self._file.seek(0)
        while piece := self._file.read(size):
            yield piece

    def iter_lines(self, encoding: str = "utf-8") -> Iterator[str]:
        """Iterate over the lines of a text, without their ends."""
        self._file.seek(0)
        for line in self._file:
            yield line.decode(encoding, "replace").rstrip("\r\n")

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the body to a file, which appears with all of it or not at all; one of that name is replaced.

        Raises:
            OSError: the file cannot be written.
        """
        self._file.seek(0)
        with replacing(path) as new:
            shutil.copyfileobj(self._file, new, _PIECE_BYTES)
        return Path(path)

    def close(self) -> None:
        """Remove the temporary file; more than once does no harm."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<StreamedResponse {self.status_code}>"
