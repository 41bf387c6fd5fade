from __future__ import annotations

import asyncio
import json
import threading
from itertools import islice
from typing import Any

import httpx
import pytest

from instantly_core import UNSET, AsyncPage, DriftEvent, Page, errors
from tests.core.engine import LIST, SEARCH, Engine, Script, pages_of


def cursors(script: Script) -> list[str | None]:
    return [request.url.params.get("starting_after") for request in script.requests]


def test_a_walk_goes_over_all_pages(engine: Engine) -> None:
    script = pages_of([([1, 2], "a"), ([3], "b"), ([4], None)])
    page = engine.client(script).page(LIST, query={"search": "x"})
    assert engine.items(page) == [1, 2, 3, 4]
    assert cursors(script) == [None, "a", "b"]
    assert [request.url.params["search"] for request in script.requests] == ["x"] * 3
    assert [request.url.params["limit"] for request in script.requests] == ["100"] * 3


@pytest.mark.parametrize(
    ("pages", "items"),
    [
        ([([1], None)], [1]),
        ([([1], "")], [1]),
        ([([1], "a"), ([], "b"), ([2], None)], [1, 2]),
        ([([], "a"), ([1], None)], [1]),
        ([([1], "a"), ([], "b"), ([], "c"), ([2], None)], [1, 2]),
        ([([1], "a"), ([], "b"), ([], "c"), ([], "d"), ([9], None)], [1]),
        ([([], "a"), ([], "a"), ([9], None)], []),
        ([([1], "a"), ([], None)], [1]),
        ([([1], "a"), ([2], "a"), ([9], None)], [1, 2]),
        ([([1], "a"), ([2], "b"), ([3], "a"), ([9], None)], [1, 2, 3]),
        ([([1], 17), ([2], None)], [1, 2]),
        ([([1], {"odd": True}), ([9], None)], [1]),
    ],
)
def test_where_a_walk_ends(engine: Engine, pages: Any, items: list[int]) -> None:
    assert engine.items(engine.client(pages_of(pages)).page(LIST)) == items


def test_items_and_a_cursor_that_are_none_are_kept(engine: Engine) -> None:
    page = engine.result(engine.client(Script({"items": "no", "next_starting_after": [1], "total": 5})).page(LIST))
    assert page.items == []
    assert page.next_cursor is None
    assert page.extra == {"items": "no", "next_starting_after": [1], "total": 5}


def test_a_cursor_that_points_to_its_own_page_ends_the_walk(engine: Engine) -> None:
    script = pages_of([([1], "a"), ([9], None)])
    assert engine.items(engine.client(script).page(LIST, query={"starting_after": "a"})) == [1]


@pytest.mark.parametrize(
    ("answer", "items"),
    [
        ({}, []),
        ({"items": None}, []),
        ({"items": "no"}, []),
        ([], []),
        ([1, 2], [1, 2]),
        ("text", []),
        (None, []),
        ({"items": [{"id": "a"}, 5, None, {"legs": "two"}]}, [{"id": "a"}, 5, None, {"legs": "two"}]),
    ],
)
def test_odd_pages_lose_nothing(engine: Engine, answer: Any, items: list[Any]) -> None:
    client = engine.client(Script(httpx.Response(200, content=json.dumps(answer))))
    assert engine.items(client.page(LIST)) == items


def test_a_page_at_hand(engine: Engine) -> None:
    script = Script({"items": [1, 2], "next_starting_after": "a", "total": 5}, {"items": [3]})
    page = engine.result(engine.client(script).page(LIST))
    assert page.items == [1, 2]
    assert page.next_cursor == "a"
    assert page.extra == {"total": 5}
    assert len(script.requests) == 1
    assert engine.pages(page) == [[1, 2], [3]]
    assert engine.items(page) == [1, 2, 3]
    assert len(script.requests) == 3


def test_an_empty_page_with_a_cursor_has_a_successor(engine: Engine) -> None:
    page = engine.result(engine.client(pages_of([([], "a")])).page(LIST))
    assert page.next_cursor == "a"
    assert page


@pytest.mark.parametrize("max_items", [None, 3])
def test_all_items_at_once(engine: Engine, max_items: int | None) -> None:
    script = pages_of([([1, 2], "a"), ([3], "b"), ([4], None)])
    page = engine.client(script).page(LIST, max_items=max_items)
    assert engine.result(page.collect()) == [1, 2, 3, 4][:max_items]
    assert cursors(script) == [None, "a", "b"][: 3 if max_items is None else 2]


def test_the_next_page_is_fetched_while_this_one_is_used(engine: Engine) -> None:
    script = pages_of([([1], "a"), ([2], "b"), ([3], None)])
    asked = threading.Semaphore(0)

    def service(request: httpx.Request) -> httpx.Response:
        asked.release()
        return script(request)

    page = engine.client(service).page(LIST)

    if engine.kind == "sync":
        walk = page.walk(prefetch=True)
        assert next(walk) == 1
        assert all(asked.acquire(timeout=10) for _ in range(2))
    else:

        async def walked() -> None:
            walk = page.walk(prefetch=True)
            assert await anext(walk) == 1
            while len(script.requests) < 2:
                await asyncio.sleep(0)
            await walk.aclose()
            assert len(asyncio.all_tasks()) == 1

        engine.result(walked())
    assert cursors(script)[:2] == [None, "a"]


def test_a_failure_of_a_page_fetched_ahead_comes_out_where_it_is_needed(engine: Engine) -> None:
    script = Script({"items": [1], "next_starting_after": "a"}, httpx.Response(404))
    page = engine.client(script).page(LIST)
    seen: list[int] = []

    async def walked() -> None:
        async for item in page.walk(prefetch=True):
            seen.append(item)  # noqa: PERF401, an item that came is kept when the next one fails

    walk = walked if engine.kind == "async" else lambda: seen.extend(page.walk(prefetch=True))
    with pytest.raises(errors.NotFoundError):
        engine.result(walk())
    assert seen == [1]


def test_resuming(engine: Engine) -> None:
    script = pages_of([([3], "b"), ([4], None)])
    page = engine.client(script).page(LIST, query={"starting_after": "a", "limit": 1})
    assert engine.items(page) == [3, 4]
    assert cursors(script) == ["a", "b"]
    assert [request.url.params["limit"] for request in script.requests] == ["1", "1"]


def test_the_cursor_in_a_body(engine: Engine) -> None:
    script = pages_of([([1], "a"), ([2], None)])
    page = engine.client(script).page(SEARCH, body={"campaign": "c"})
    assert engine.items(page) == [1, 2]
    assert script.bodies == [
        {"campaign": "c", "limit": 100},
        {"campaign": "c", "limit": 100, "starting_after": "a"},
    ]
    assert not script.requests[0].url.query


def test_a_body_for_the_cursor_alone(engine: Engine) -> None:
    script = pages_of([([1], "a"), ([2], None)])
    assert engine.items(engine.client(script).page(SEARCH)) == [1, 2]


@pytest.mark.parametrize(
    ("most", "items", "requests", "limit"),
    [(0, [], 1, "1"), (1, [1], 1, "1"), (2, [1, 2], 1, "2"), (3, [1, 2, 3], 2, "3"), (1000, [1, 2, 3, 4], 2, "100")],
)
def test_max_items(engine: Engine, most: int, items: list[int], requests: int, limit: str) -> None:
    script = pages_of([([1, 2], "a"), ([3, 4], None)])
    assert engine.items(engine.client(script).page(LIST, max_items=most)) == items
    assert len(script.requests) == (0 if most == 0 and engine.kind == "async" else requests)
    assert all(request.url.params["limit"] == limit for request in script.requests)


def test_max_items_ends_the_pages_too(engine: Engine) -> None:
    script = pages_of([([1, 2], "a"), ([3, 4], "b"), ([5], None)])
    assert engine.pages(engine.client(script).page(LIST, max_items=3)) == [[1, 2], [3, 4]]


def test_max_items_must_be_a_number_of_items(engine: Engine) -> None:
    with pytest.raises(ValueError, match=r"^max_items must not be negative$"):
        engine.client(Script()).page(LIST, max_items=-1)
    for wrong, kind in (("a", "str"), (2.5, "float")):
        with pytest.raises(TypeError, match=f"^max_items must be a whole number, not {kind}$"):
            engine.client(Script()).page(LIST, max_items=wrong)


def test_no_items_are_none_on_the_page_as_well(engine: Engine) -> None:
    page = engine.result(engine.client(pages_of([([1], "a"), ([2], None)])).page(LIST, max_items=0))
    assert (page.items, page.next_cursor, engine.items(page), engine.pages(page)) == ([], None, [], [[]])


def test_pages_are_fetched_as_they_are_needed(engine: Engine) -> None:
    script = pages_of([([1], "a"), ([2], "b"), ([3], None)])
    page = engine.client(script).page(LIST)
    if isinstance(page, Page):
        for item in page:
            assert len(script.requests) == item
    else:

        async def walk() -> None:
            async for item in page:
                assert len(script.requests) == item

        engine.result(walk())


def test_each_page_leads_on_by_itself(engine: Engine) -> None:
    script = pages_of([([1], "a"), ([2], "b"), ([3], None), ([3], None)])
    page = engine.client(script).page(LIST)
    if isinstance(page, Page):
        *_, last = page.pages()
    else:

        async def pages() -> list[Any]:
            return [one async for one in page.pages()]

        last = engine.result(pages())[-1]
    assert last.items == [3]
    assert engine.items(last) == [3]


def test_an_async_page_is_fetched_once(engine: Engine) -> None:
    if engine.kind == "sync":
        return
    script = pages_of([([1], None)])
    page = engine.client(script).page(LIST)
    assert repr(page) == "<AsyncPage, not fetched yet>"
    with pytest.raises(RuntimeError, match="not fetched yet"):
        _ = page.items
    assert engine.result(page) is page
    assert engine.result(page).items == [1]
    assert engine.items(page) == [1]
    assert len(script.requests) == 1


def test_two_walks_over_one_async_page_at_once() -> None:
    engine = Engine("async")
    page = engine.client(pages_of([([1], "a"), ([2], None), ([2], None)])).page(LIST)

    async def walk() -> list[Any]:
        return [item async for item in page]

    async def both() -> list[list[Any]]:
        await page
        return list(await asyncio.gather(walk(), walk()))

    assert engine.result(both()) == [[1, 2], [1, 2]]
    engine.close()


def test_reprs(engine: Engine) -> None:
    page: Page[Any] | AsyncPage[Any] = engine.result(engine.client(pages_of([([1], "a")])).page(LIST))
    assert repr(page) == f"<{type(page).__name__} of 1 items, more to come>"
    page = engine.result(engine.client(pages_of([([1], None)])).page(LIST))
    assert repr(page) == f"<{type(page).__name__} of 1 items, the last>"


def test_a_page_keeps_what_was_asked_for_when_the_caller_changes_it(engine: Engine) -> None:
    script = pages_of([([1], "a"), ([2], None)])
    query = {"search": "x"}
    page = engine.result(engine.client(script).page(LIST, query=query))
    query["search"] = "y"
    engine.items(page)
    assert {request.url.params["search"] for request in script.requests} == {"x"}
    assert query == {"search": "y"}


def test_max_items_that_a_page_completes_need_no_page_more(engine: Engine) -> None:
    script = pages_of([([1, 2], "a"), ([3, 4], "b"), ([5], None)])
    assert engine.pages(engine.client(script).page(LIST, max_items=4)) == [[1, 2], [3, 4]]
    assert len(script.requests) == 2


def second(engine: Engine, script: Script, **options: Any) -> Any:
    """The second page of a list."""
    page = engine.client(script).page(LIST, **options)
    if isinstance(page, Page):
        return list(islice(page.pages(), 2))[1]

    async def walk() -> Any:
        pages = page.pages()
        await anext(pages)
        return await anext(pages)

    return engine.result(walk())


def test_a_page_in_the_middle_leads_on_by_itself(engine: Engine) -> None:
    page = second(engine, pages_of([([1], "a"), ([2], "b"), ([3], "c"), ([4], None)]))
    assert page.next_cursor == "b"
    assert engine.items(page) == [2, 3, 4]


def test_a_page_in_the_middle_knows_how_many_items_are_left(engine: Engine) -> None:
    page = second(engine, pages_of([([1, 2], "a"), ([3, 4], "b"), ([5, 6], None)]), max_items=3)
    assert engine.items(page) == [3]


def test_a_page_in_the_middle_has_no_successor_if_it_points_to_itself(engine: Engine) -> None:
    assert second(engine, pages_of([([1], "a"), ([2], "a")])).next_cursor is None


@pytest.mark.parametrize(
    ("answer", "extra", "pointer", "expected", "got"),
    [
        ([{}], {}, "", "a page", [{}]),
        ("text", {}, "", "a page", "text"),
        ({}, {}, "/items", "array", UNSET),
        ({"items": None, "total": 5}, {"items": None, "total": 5}, "/items", "array", None),
        ({"items": [], "next_starting_after": 17}, {}, "/next_starting_after", "string", 17),
        (
            {"items": [], "next_starting_after": [1]},
            {"next_starting_after": [1]},
            "/next_starting_after",
            "string",
            [1],
        ),
        ({"items": [{}, 5]}, {}, "/items/1", "Robot", 5),
    ],
)
def test_where_a_page_deviates_is_reported(
    engine: Engine, answer: Any, extra: dict[str, Any], pointer: str, expected: str, got: Any
) -> None:
    events: list[DriftEvent] = []
    script = Script(httpx.Response(200, content=json.dumps(answer)))
    page = engine.result(engine.client(script, on_drift=events.append).page(LIST))
    assert page.extra == extra
    assert events == [DriftEvent("listRobots", pointer, expected, got)]


def test_a_cursor_that_is_a_number_leads_on(engine: Engine) -> None:
    script = pages_of([([1], 17), ([2], None)])
    page = engine.result(engine.client(script).page(LIST))
    assert page.next_cursor == "17"
    assert engine.items(page) == [1, 2]
    assert cursors(script)[-1] == "17"


def test_a_walk_that_comes_back_to_where_it_began_ends(engine: Engine) -> None:
    page = engine.client(pages_of([([1], "b"), ([2], "a"), ([9], None)])).page(LIST, query={"starting_after": "a"})
    assert engine.items(page) == [1, 2]


def test_a_first_page_has_no_successor_if_it_points_to_itself(engine: Engine) -> None:
    page = engine.result(engine.client(pages_of([([1], "a")])).page(LIST, query={"starting_after": "a"}))
    assert page.next_cursor is None


def test_no_items_are_asked_for_and_the_rest_of_the_page_is_there(engine: Engine) -> None:
    page = engine.result(engine.client(Script({"items": [1], "total": 5})).page(LIST, max_items=0))
    assert (page.items, page.extra) == ([], {"total": 5})


def test_the_error_of_a_page_that_is_not_fetched_says_what_to_do() -> None:
    engine = Engine("async")
    page = engine.client(Script()).page(LIST)
    told = "The page is not fetched yet: `await` it, or walk over it with `async for`"
    for name in ("items", "next_cursor", "extra"):
        with pytest.raises(RuntimeError, match=f"^{told}$"):
            getattr(page, name)
    engine.close()


def test_a_list_that_is_no_post_is_asked_for_without_a_body(engine: Engine) -> None:
    script = pages_of([([1], "a"), ([2], None)])
    engine.items(engine.client(script).page(LIST))
    for request in script.requests:
        assert request.content == b""
        assert "content-type" not in request.headers
