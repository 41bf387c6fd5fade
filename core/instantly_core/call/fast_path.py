"""The fast path of an operation: when it is tried, and what of an answer is reported already."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from types import FunctionType
from typing import TYPE_CHECKING, Any

from ..models.drift import DriftLog
from ..models.unset import UNSET
from .operation import Operation, as_bytes, as_text
from .page import PageData

if TYPE_CHECKING:
    from ..models.fast import Notes, Reading

MAX_FALLBACKS = 3
PAUSE = 1000
"""After three answers in a row that the ordinary decoder had to take, the next thousand are its own."""

# A timestamp with many digits may be rounded to one with few, but hardly each one of a long answer.
_FEW_BYTES = 65_536


@cache
def library() -> Any:
    """The module of the fast path, whose import takes as long as a first call; None where msgspec is not installed."""
    try:
        import_module("msgspec")
    except ImportError:
        return None
    return import_module("instantly_core.models.fast")


def fast_path_of(operation: Operation[Any]) -> FastPath | None:
    """The fast path of an operation; None for an answer whose form only the ordinary decoder knows."""
    if operation.fast_path is UNSET:
        operation.fast_path = make_fast_path(operation)
    path: FastPath | None = operation.fast_path
    return path


def make_fast_path(operation: Operation[Any]) -> FastPath | None:
    """Return a new fast path of an operation, which has learnt nothing yet, or None."""
    if operation.response in (None, as_text, as_bytes) or operation.failure is not None:
        return None
    form, paging = operation.response(), operation.paging
    if isinstance(form, FunctionType):
        return None
    if paging is None:
        return FastPath(operation.name, form, None)
    if len(paging.items) != 1 or len(paging.cursor) != 1 or paging.items == paging.cursor:
        return None
    return FastPath(operation.name, form, (paging.items[0], paging.cursor[0]))


class FastPath:
    """The fast path of an operation whose answer has the type `form`, or is a page of such items.

    `page` has the names of the items and of the cursor of a page.
    """

    def __init__(self, name: str, form: Any, page: tuple[str, str] | None) -> None:
        self._name = name
        self._form = form
        self._page = page
        self._extra: tuple[str, ...] = ()
        self._single: frozenset[Any] = frozenset()
        self._version = -1
        self._read: Callable[[bytes, Notes], Any] | None = None
        self._fallbacks = 0
        self._pause = 1  # One answer is not worth its making.

    def read(self, content: bytes, log: DriftLog) -> Any:
        """Return an answer; UNSET if the ordinary decoder has to take it."""
        if self._pause:
            self._pause -= 1
            return UNSET
        fast = library()
        if fast is None:
            return UNSET
        if self._version != fast.STRUCTS.version:
            self._build(fast)
        if self._read is None:
            return UNSET
        notes = fast.Notes()
        try:
            result = self._read(content, notes)
            if (notes.fine or len(content) < _FEW_BYTES) and fast.FINE.search(content):
                result = UNSET
        except (fast.OddError, fast.msgspec.MsgspecError, RecursionError, ValueError):
            result = UNSET
        if result is not UNSET and notes.places:
            if any(place.model not in self._single for place in notes.places):
                result = UNSET  # Which of its places it is, the ordinary decoder knows.
            elif log.learn(self._name, notes.places):
                return UNSET  # It reports them, this once.
        if result is UNSET:
            self._fallbacks += 1
            if self._fallbacks == MAX_FALLBACKS:
                self._fallbacks, self._pause = 0, PAUSE
        else:
            self._fallbacks = 0
        return result

    def learn(self, result: Any) -> None:
        """Take up the fields that an answer had beyond those of its models."""
        if self._read is not None and not self._pause:
            fast = library()
            if isinstance(result, PageData) and self._page is not None:
                new = sorted(fast.readable({*result.extra} - {*self._extra, *self._page}))
                extra = (*self._extra, *new)[: fast.MAX_LEARNT]
                if extra != self._extra:
                    self._extra, self._version = extra, -1
                result = result.items
            if found := fast.further_fields(result):
                fast.STRUCTS.learn(found)

    def _build(self, fast: Any) -> None:
        version, json = fast.STRUCTS.version, fast.msgspec.json
        self._single = fast.models_at_one_place(self._form)
        try:
            reading = fast.reading_of(self._form)
            if self._page is None:
                self._read = _reader(json, reading)
            else:
                self._read = _page_reader(
                    json, fast.page_struct(reading.type, *self._page, self._extra), reading, self._extra
                )
        except (TypeError, ValueError):  # msgspec has no class for it, such as one with a quote in a name.
            self._read = None
        self._version = version


def _reader(json: Any, reading: Reading) -> Callable[[bytes, Notes], Any]:
    parse, decoder = json.Decoder(reading.type).decode, reading.decoder
    if decoder is None:
        return lambda content, notes: parse(content)
    return lambda content, notes: decoder(parse(content), None, "", notes)


def _page_reader(json: Any, struct: type, item: Reading, extra: tuple[str, ...]) -> Callable[[bytes, Notes], Any]:
    parse, decoder = json.Decoder(struct).decode, item.decoder

    def read(content: bytes, notes: Notes) -> PageData[Any]:
        page = parse(content)
        rows = page.items
        if decoder is not None:
            rows = [decoder(row, None, "", notes) for row in rows]
        values = {name: getattr(page, f"extra{number}") for number, name in enumerate(extra)}
        more = {name: value for name, value in values.items() if value is not UNSET}
        return PageData(rows, page.cursor or None, more)

    return read
