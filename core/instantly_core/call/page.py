"""Pages of lists, and the walk from one to the next."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from ..models.decode import Decoder, Drift
from ..models.unset import UNSET
from .operation import Operation, Paging

if TYPE_CHECKING:
    from asyncio import Task

T = TypeVar("T")

ITEMS = ("items",)
TOTALS = ("total", "total_count", "total_items")
HAS_MORE = "has_more"


class PageRequest:
    """The arguments of a list, and those for the page at a cursor."""

    __slots__ = ("_body", "_page_size", "_paging", "_query", "_size", "start")

    def __init__(
        self, operation: Operation[Any], query: Mapping[str, Any] | None, body: Any, max_items: int | None
    ) -> None:
        if not isinstance(max_items, int | None):
            raise TypeError(f"max_items must be a whole number, not {type(max_items).__name__}")
        if max_items is not None and max_items < 0:
            raise ValueError("max_items must not be negative")
        assert operation.paging is not None
        self._paging = paging = operation.paging
        self._query = dict(query or {})
        self._body = dict(body or {}) if paging.place == "body" else body
        arguments = self._body if paging.place == "body" else self._query
        self._page_size = size = operation.page_size
        if size is not None and arguments.get(paging.limit, UNSET) is UNSET:
            arguments[paging.limit] = size if max_items is None else max(1, min(size, max_items))
        self._size = arguments.get(paging.limit, UNSET)
        start = arguments.get(paging.parameter)
        if start and paging.counts:
            start = _whole(paging.parameter, start)
        self.start: str | None = str(start) if start else None

    def at(self, cursor: str | None) -> tuple[Mapping[str, Any], Any]:
        """Return query and body for the page at a cursor, None for the first."""
        if cursor is None:
            return self._query, self._body
        place = {self._paging.parameter: int(cursor) if self._paging.counts else cursor}
        if self._paging.place == "body":
            return self._query, {**self._body, **place}
        return {**self._query, **place}, self._body

    def counted(self, data: PageData[T], cursor: str | None) -> PageData[T]:
        """Return the page at a cursor with the cursor of the next page, where that is not in the answer but counted."""
        paging, items = self._paging, len(data.items)
        if paging.counts is None:
            return data
        here = int(cursor or self.start or paging.first)
        size = int(self._size) if isinstance(self._size, int | float) else None
        seen = (here if paging.counts == "items" else (here - paging.first) * (size or items)) + items
        total = next((data.extra[name] for name in TOTALS if type(data.extra.get(name)) is int), None)
        complete = total is None or seen >= total
        # A page may also be short because the service has a bound of its own, and a total may be that of the page.
        last = size is not None and items < size <= (self._page_size or size) and complete
        last = last or (not items and (complete or paging.counts == "items"))
        if not last and data.extra.get(HAS_MORE) is not False:
            data.next_cursor = str(here + (items if paging.counts == "items" else 1))
        data.may_repeat = complete
        return data


def _whole(name: str, value: Any) -> int:
    """The whole number that an argument is."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, int):
        raise TypeError(f"{name} must be a whole number, not {type(value).__name__}")
    return value


class PageData(Generic[T]):
    """One page as decoded. `may_repeat` says that a service could give it for ever, whatever page it is asked for."""

    __slots__ = ("extra", "items", "may_repeat", "next_cursor")

    def __init__(self, items: list[T], next_cursor: str | None, extra: dict[str, Any]) -> None:
        self.items = items
        self.next_cursor = next_cursor
        self.extra = extra
        self.may_repeat = False

    def within(self, max_items: int | None) -> PageData[T]:
        """Return the page; without items if `max_items` is 0, for which the service has no request."""
        return PageData([], None, self.extra) if max_items == 0 else self

    def cursor_after(self, start: str | None) -> str | None:
        """Return the cursor of the next page; None after one that points to itself."""
        return self.next_cursor if self.next_cursor != start else None

    def repeats(self, items: list[T]) -> bool:
        """Return whether this is the page before it once more, which had `items`."""
        return self.may_repeat and self.items == items


def decode_page(
    paging: Paging, item: Decoder[T], value: Any, container: Any, key: str | int, drift: Drift
) -> PageData[T]:
    """Decode a page. If its form deviates, it has the items that can be found, and perhaps no next page."""
    if not isinstance(value, dict):
        if paging.items or not isinstance(value, list):
            drift(container, key, "a page")
        return PageData(_items(item, value, drift) if isinstance(value, list) else [], None, {})
    extra = value
    rows = _at(value, paging.items or ITEMS)
    if isinstance(rows, list):
        extra = _without(extra, paging.items or ITEMS)
    else:
        # An object with a list that is counted may end without the list.
        if rows is not UNSET or not (paging.counts and paging.items):
            drift(*_place(value, paging.items or ITEMS), "array")
        rows = []
    cursor = _at(value, paging.cursor)
    if type(cursor) in (int, float):
        # A number still points somewhere.
        drift(*_place(value, paging.cursor), "string")
        cursor = str(cursor)
    if cursor is None or isinstance(cursor, str):
        extra = _without(extra, paging.cursor)
    elif cursor is not UNSET:
        drift(*_place(value, paging.cursor), "string")
    return PageData(_items(item, rows, drift), cursor if cursor and isinstance(cursor, str) else None, dict(extra))


def _items(item: Decoder[T], rows: list[Any], drift: Drift) -> list[T]:
    return [item(row, rows, index, drift) for index, row in enumerate(rows)]


def _place(value: dict[str, Any], keys: Sequence[str]) -> tuple[Any, str]:
    """The innermost object on the way of keys, and the key after it."""
    for key in keys[:-1]:
        if not isinstance(value.get(key), dict):
            return value, key
        value = value[key]
    return value, keys[-1]


def _at(value: dict[str, Any], keys: Sequence[str]) -> Any:
    """What the keys lead to; UNSET if there is nothing."""
    if not keys:
        return UNSET
    container, key = _place(value, keys)
    return container.get(key, UNSET) if key == keys[-1] else UNSET


def _without(value: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """An object without what the keys lead to, and without what has nothing else in it."""
    if not keys or keys[0] not in value:
        return value
    rest = {key: inner for key, inner in value.items() if key != keys[0]}
    inner = _without(value[keys[0]], keys[1:]) if len(keys) > 1 and isinstance(value[keys[0]], dict) else {}
    return {**rest, keys[0]: inner} if inner else rest


class _Walk:
    """State of one walk over pages: it ends without a new cursor, at `max_items`, and at several empty pages in a row.

    An empty page may have others after it, where the service filters a page after it has cut it.
    """

    __slots__ = ("_empty", "_seen", "left")

    MAX_EMPTY_PAGES = 3

    def __init__(self, start: str | None, max_items: int | None) -> None:
        self._seen = {start}
        self._empty = 0
        self.left = max_items

    def after(self, page: _FirstItems[Any]) -> str | None:
        """Return the cursor of the page after this one; None at the end."""
        cursor = page.next_cursor
        self._empty = 0 if page.items else self._empty + 1
        if self.left is not None:
            self.left -= len(page.items)
        done = self._empty >= self.MAX_EMPTY_PAGES or (self.left is not None and self.left <= 0)
        if done or cursor is None or cursor in self._seen:
            return None
        self._seen.add(cursor)
        return cursor


class _Fetch(Generic[T]):
    """Fetches the page at a cursor. A pickle does not have it, because it leads to a client."""

    __slots__ = ("_fetch",)

    def __init__(self, fetch: Callable[[Any], T]) -> None:
        self._fetch = fetch

    def __call__(self, cursor: str | None) -> T:
        return self._fetch(cursor)

    def __deepcopy__(self, memo: object) -> _Fetch[T]:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _Fetch, (without_client,)


def without_client(cursor: str | None) -> Any:
    """Refuse to fetch a page for one that came out of a pickle."""
    raise RuntimeError(
        "This page came out of a pickle, without its client: go on with its `next_cursor`, "
        "which most lists take as `starting_after`"
    )


class NotFetchedError(RuntimeError, AttributeError):
    """A page has no items yet. An AttributeError too, because `hasattr` and inspection look at all attributes."""


class _FirstItems(Generic[T]):
    """The items of a page as the first of the walk over its list: only what is true of both can be asked for."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def items(self) -> list[T]: ...

        @property
        def next_cursor(self) -> str | None: ...

    def __bool__(self) -> bool:
        return bool(self.items) or self.next_cursor is not None

    def __getitem__(self, index: int) -> T:
        if not isinstance(cast("object", index), int) or index < 0:
            raise TypeError("A page counts from its first item only: `page.items` and `list(page)` have all indices")
        if index >= len(self.items):
            raise IndexError(f"This page has {len(self.items)} items: those of the pages after it come by iterating")
        return self.items[index]

    if not TYPE_CHECKING:

        def __len__(self):
            raise TypeError("A page has no length: `len(page.items)` counts this page, `len(list(page))` all pages")


@contextmanager
def _ahead(prefetch: bool) -> Generator[Callable[[Callable[[], T]], Callable[[], T]], None, None]:
    """Give a function that makes calls in a thread ahead of time, and returns a function that waits for the result."""
    if not prefetch:
        yield lambda call: call
        return
    from concurrent.futures import ThreadPoolExecutor
    from contextvars import copy_context

    threads = ThreadPoolExecutor(1)
    try:
        yield lambda call: threads.submit(copy_context().run, call).result
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


class Page(_FirstItems[T]):
    """A page of a list. It leads to the pages after it.

    Iterating walks over the items of this page and then over those of the following pages, which are fetched as
    they are needed. Each walk begins anew at this page. A page is false if it has neither items nor a page after it. A
    pickle of it has the items and the cursor, but does not lead on.

    Attributes:
        items: the items of this page.
        next_cursor: the cursor of the following page (`starting_after` of most lists, the position where pages are
            counted), to go on from there another day; None on the last.
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
        self._fetch = fetch if isinstance(fetch, _Fetch) else _Fetch(fetch)
        self._start = start
        self._max_items = max_items

    def __iter__(self) -> Iterator[T]:
        return self.walk()

    def walk(self, *, prefetch: bool = False) -> Iterator[T]:
        """Walk over all items, as iterating does.

        Args:
            prefetch: whether the next page is fetched, in a thread, while the items of the page before it are used.
        """
        return islice((item for page in self.pages(prefetch=prefetch) for item in page.items), self._max_items)

    def first(self) -> T | None:
        """Return the first item; None if there are no items."""
        for item in self:
            return item
        return None

    def collect(self) -> list[T]:
        """Return all items. Do this before you change them, for what leaves the list may shift the pages after it."""
        return list(self.walk(prefetch=True))

    def pages(self, *, prefetch: bool = False) -> Iterator[Page[T]]:
        """Walk over this page and those after it, up to the one that completes `max_items`.

        Args:
            prefetch: whether the next page is fetched, in a thread, while the one before it is used.
        """
        page, walk = self, _Walk(self._start, self._max_items)
        with _ahead(prefetch) as fetch_ahead:
            while True:
                cursor = walk.after(page)
                fetched = None if cursor is None else fetch_ahead(partial(self._fetch, cursor))
                yield page
                if cursor is None or fetched is None:
                    return
                data = fetched()
                if data.repeats(page.items):
                    return
                page = Page(data, self._fetch, cursor, walk.left)

    def __repr__(self) -> str:
        return _describe("Page", len(self.items), self.next_cursor)


class AsyncPage(_FirstItems[T]):
    """A page of a list. It leads to the pages after it.

    `async for item in page` walks over the items of this page and then over those of the following pages, which are
    fetched as they are needed. `await page` fetches this page, if that has not happened yet, and returns it; only
    then has it `items`. Each walk begins anew at this page. A page is false if it has neither items nor a page after
    it. A pickle of it has the items and the cursor, but does not lead on.
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
        self._fetch = fetch if isinstance(fetch, _Fetch) else _Fetch(fetch)
        self._start = start
        self._max_items = max_items

    @property
    def items(self) -> list[T]:
        """The items of this page."""
        return self._fetched().items

    @property
    def next_cursor(self) -> str | None:
        """The cursor of the following page, to go on from there another day; None on the last."""
        return self._fetched().cursor_after(self._start)

    @property
    def extra(self) -> dict[str, Any]:
        """The other fields of the page, as JSON."""
        return self._fetched().extra

    def _fetched(self) -> PageData[T]:
        if self._data is None:
            raise NotFetchedError("The page is not fetched yet: `await` it, or walk over it with `async for`")
        return self._data

    def __await__(self) -> Generator[Any, Any, AsyncPage[T]]:
        return self._fetch_first().__await__()

    async def _fetch_first(self) -> AsyncPage[T]:
        if self._data is None:
            self._data = (await self._fetch(None)).within(self._max_items)
        return self

    async def __aiter__(self) -> AsyncIterator[T]:
        async for item in self.walk():
            yield item

    async def walk(self, *, prefetch: bool = False) -> AsyncIterator[T]:
        """Walk over all items, as `async for` does.

        Args:
            prefetch: whether the next page is fetched, in a task, while the items of the page before it are used.
        """
        left = self._max_items
        if left == 0:
            return
        async with aclosing(self.pages(prefetch=prefetch)) as pages:
            async for page in pages:
                for item in page.items:
                    yield item
                    if left is not None:
                        left -= 1
                        if left == 0:
                            return

    if not TYPE_CHECKING:

        def __iter__(self):
            raise TypeError("An asynchronous page is walked over with `async for`, not with `for`")

    async def first(self) -> T | None:
        """Return the first item; None if there are no items."""
        async for item in self:
            return item
        return None

    async def collect(self) -> list[T]:
        """Return all items. Do this before you change them, for what leaves the list may shift the pages after it."""
        return [item async for item in self.walk(prefetch=True)]

    async def pages(self, *, prefetch: bool = False) -> AsyncGenerator[AsyncPage[T], None]:
        """Walk over this page and those after it, up to the one that completes `max_items`.

        Args:
            prefetch: whether the next page is fetched, in a task, while the one before it is used.
        """
        from asyncio import create_task

        page, walk = await self._fetch_first(), _Walk(self._start, self._max_items)
        task: Task[PageData[T]] | None = None
        try:
            while True:
                cursor = walk.after(page)
                if prefetch and cursor is not None:
                    task = create_task(self._fetch(cursor))
                yield page
                if cursor is None:
                    return
                data = await (self._fetch(cursor) if task is None else task)
                if data.repeats(page.items):
                    return
                page = AsyncPage(data, self._fetch, cursor, walk.left)
        finally:
            if task is not None:
                task.cancel()

    def __repr__(self) -> str:
        if self._data is None:
            return "<AsyncPage, not fetched yet>"
        return _describe("AsyncPage", len(self._data.items), self.next_cursor)


def _describe(name: str, count: int, next_cursor: str | None) -> str:
    return f"<{name} of {count} items, {'more to come' if next_cursor else 'the last'}>"
