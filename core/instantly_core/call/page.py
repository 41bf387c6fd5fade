"""Pages of lists, and the walk from one to the next."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator, Mapping
from itertools import islice
from typing import Any, Generic, TypeVar

from ..models.decode import Decoder, Drift
from ..models.unset import UNSET
from .operation import Operation

T = TypeVar("T")

CURSOR = "starting_after"
NEXT_CURSOR = "next_starting_after"
ITEMS = "items"
LIMIT = "limit"


class PageRequest:
    """The arguments of a list, and those for the page at a cursor."""

    __slots__ = ("_body", "_in_body", "_query", "start")

    def __init__(
        self, operation: Operation[Any], query: Mapping[str, Any] | None, body: Any, max_items: int | None
    ) -> None:
        if not isinstance(max_items, int | None):
            raise TypeError(f"max_items must be a whole number, not {type(max_items).__name__}")
        if max_items is not None and max_items < 0:
            raise ValueError("max_items must not be negative")
        self._in_body = operation.cursor == "body"
        self._query = dict(query or {})
        self._body = dict(body or {}) if self._in_body else body
        arguments = self._body if self._in_body else self._query
        size = operation.page_size
        if size is not None and arguments.get(LIMIT, UNSET) is UNSET:
            arguments[LIMIT] = size if max_items is None else max(1, min(size, max_items))
        self.start: str | None = arguments.get(CURSOR) or None

    def at(self, cursor: str | None) -> tuple[Mapping[str, Any], Any]:
        """Return query and body for the page at a cursor, None for the first."""
        if cursor is None:
            return self._query, self._body
        if self._in_body:
            return self._query, {**self._body, CURSOR: cursor}
        return {**self._query, CURSOR: cursor}, self._body


class PageData(Generic[T]):
    """One page as decoded."""

    __slots__ = ("extra", "items", "next_cursor")

    def __init__(self, items: list[T], next_cursor: str | None, extra: dict[str, Any]) -> None:
        self.items = items
        self.next_cursor = next_cursor
        self.extra = extra

    def within(self, max_items: int | None) -> PageData[T]:
        """Return the page; without items if `max_items` is 0, for which the service has no request."""
        return PageData([], None, self.extra) if max_items == 0 else self

    def cursor_after(self, start: str | None) -> str | None:
        """Return the cursor of the next page; None after an empty page, or one that points to itself."""
        return self.next_cursor if self.items and self.next_cursor != start else None


def decode_page(item: Decoder[T], value: Any, container: Any, key: str | int, drift: Drift) -> PageData[T]:
    """Decode a page. If its form deviates, it has the items that can be found, and perhaps no next page."""
    if isinstance(value, list):
        drift(container, key, "a page")
        return PageData(_items(item, value, drift), None, {})
    if not isinstance(value, dict):
        drift(container, key, "a page")
        return PageData([], None, {})
    extra = {name: field for name, field in value.items() if name not in (ITEMS, NEXT_CURSOR)}
    rows = value.get(ITEMS, UNSET)
    if not isinstance(rows, list):
        drift(value, ITEMS, "array")
        if rows is not UNSET:
            extra[ITEMS] = rows
        rows = []
    cursor = value.get(NEXT_CURSOR)
    if cursor is not None and not isinstance(cursor, str):
        drift(value, NEXT_CURSOR, "string")
        # A number still points somewhere.
        if type(cursor) in (int, float):
            cursor = str(cursor)
        else:
            extra[NEXT_CURSOR] = cursor
            cursor = None
    return PageData(_items(item, rows, drift), cursor or None, extra)


def _items(item: Decoder[T], rows: list[Any], drift: Drift) -> list[T]:
    return [item(row, rows, index, drift) for index, row in enumerate(rows)]


class Page(Generic[T]):
    """A page of a list. It leads to the pages after it.

    Iterating walks over the items of this page and then over those of the following pages, which are fetched as
    they are needed. Each walk begins anew at this page.

    Attributes:
        items: the items of this page.
        next_cursor: `starting_after` of the following page, to go on from there another day; None on the last.
        extra: the other fields of the page, as JSON; also `items` and a cursor of an unexpected type.
    """

    __slots__ = ("_fetch", "_max_items", "_start", "extra", "items", "next_cursor")

    def __init__(
        self, data: PageData[T], fetch: Callable[[str], PageData[T]], start: str | None, max_items: int | None
    ) -> None:
        data = data.within(max_items)
        self.items: list[T] = data.items
        self.next_cursor: str | None = data.cursor_after(start)
        self.extra: dict[str, Any] = data.extra
        self._fetch = fetch
        self._start = start
        self._max_items = max_items

    def __iter__(self) -> Iterator[T]:
        return islice((item for page in self.pages() for item in page.items), self._max_items)

    def pages(self) -> Iterator[Page[T]]:
        """Walk over this page and those after it, up to the one that completes `max_items`."""
        page, left = self, self._max_items
        seen = {self._start}
        while True:
            yield page
            left = None if left is None else left - len(page.items)
            cursor = page.next_cursor
            if cursor is None or cursor in seen or (left is not None and left <= 0):
                return
            seen.add(cursor)
            page = Page(self._fetch(cursor), self._fetch, cursor, left)

    def __repr__(self) -> str:
        return _describe("Page", len(self.items), self.next_cursor)


class AsyncPage(Generic[T]):
    """A page of a list. It leads to the pages after it.

    `async for item in page` walks over the items of this page and then over those of the following pages, which are
    fetched as they are needed. `await page` fetches this page, if that has not happened yet, and returns it; only
    then has it `items`. Each walk begins anew at this page.
    """

    __slots__ = ("_data", "_fetch", "_max_items", "_start")

    def __init__(
        self,
        data: PageData[T] | None,
        fetch: Callable[[str | None], Coroutine[Any, Any, PageData[T]]],
        start: str | None,
        max_items: int | None,
    ) -> None:
        self._data = data
        self._fetch = fetch
        self._start = start
        self._max_items = max_items

    @property
    def items(self) -> list[T]:
        """The items of this page."""
        return self._fetched().items

    @property
    def next_cursor(self) -> str | None:
        """`starting_after` of the following page, to go on from there another day; None on the last."""
        return self._fetched().cursor_after(self._start)

    @property
    def extra(self) -> dict[str, Any]:
        """The other fields of the page, as JSON."""
        return self._fetched().extra

    def _fetched(self) -> PageData[T]:
        if self._data is None:
            raise RuntimeError("The page is not fetched yet: `await` it, or walk over it with `async for`")
        return self._data

    def __await__(self) -> Generator[Any, Any, AsyncPage[T]]:
        return self._first().__await__()

    async def _first(self) -> AsyncPage[T]:
        if self._data is None:
            self._data = (await self._fetch(None)).within(self._max_items)
        return self

    async def __aiter__(self) -> AsyncIterator[T]:
        left = self._max_items
        if left == 0:
            return
        async for page in self.pages():
            for item in page.items:
                yield item
                if left is not None:
                    left -= 1
                    if left == 0:
                        return

    async def pages(self) -> AsyncIterator[AsyncPage[T]]:
        """Walk over this page and those after it, up to the one that completes `max_items`."""
        page, left = await self._first(), self._max_items
        seen = {self._start}
        while True:
            yield page
            left = None if left is None else left - len(page.items)
            cursor = page.next_cursor
            if cursor is None or cursor in seen or (left is not None and left <= 0):
                return
            seen.add(cursor)
            page = AsyncPage(await self._fetch(cursor), self._fetch, cursor, left)

    def __repr__(self) -> str:
        if self._data is None:
            return "<AsyncPage, not fetched yet>"
        return _describe("AsyncPage", len(self._data.items), self.next_cursor)


def _describe(name: str, count: int, next_cursor: str | None) -> str:
    return f"<{name} of {count} items, {'more to come' if next_cursor else 'the last'}>"
