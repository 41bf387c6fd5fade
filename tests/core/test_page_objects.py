"""Pages as Python objects: truth, first item, index, length, copies and pickles."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any

import pytest

from tests.core.engine import LIST, Engine, Script, pages_of


def page_of(engine: Engine, *pages: tuple[list[Any], str | None]) -> Any:
    """The first page of a list, fetched."""
    return engine.result(engine.client(pages_of(list(pages))).page(LIST))


def test_a_page_is_false_if_there_are_no_items(engine: Engine) -> None:
    assert not page_of(engine, ([], None))
    assert page_of(engine, ([1], None))


def test_the_first_item(engine: Engine) -> None:
    assert engine.result(page_of(engine, ([1, 2], None)).first()) == 1
    assert engine.result(page_of(engine, ([], None)).first()) is None


def test_the_first_item_needs_no_second_page(engine: Engine) -> None:
    script = pages_of([([1], "a"), ([2], None)])
    assert engine.result(engine.client(script).page(LIST).first()) == 1
    assert len(script.requests) == 1


def test_an_index_counts_from_the_first_item(engine: Engine) -> None:
    page = page_of(engine, ([1, 2], "a"), ([3], None))
    assert [page[0], page[1]] == [1, 2]
    with pytest.raises(IndexError, match=r"^This page has 2 items: those of the pages after it come by iterating$"):
        page[2]
    for wrong in (-1, slice(1), "a"):
        with pytest.raises(TypeError, match=r"^A page counts from its first item only"):
            page[wrong]


def test_the_length_would_be_that_of_one_page_and_is_refused(engine: Engine) -> None:
    with pytest.raises(TypeError, match=r"`len\(page.items\)` counts this page"):
        len(page_of(engine, ([1, 2], "a"), ([3], None)))


def test_only_an_asynchronous_loop_walks_over_an_asynchronous_page() -> None:
    engine = Engine("async")
    page = engine.client(Script()).page(LIST)
    with pytest.raises(TypeError, match=r"^An asynchronous page is walked over with `async for`, not with `for`$"):
        iter(page)
    engine.close()


def test_the_truth_of_a_page_that_is_not_fetched_is_unknown() -> None:
    engine = Engine("async")
    with pytest.raises(RuntimeError, match="not fetched yet"):
        bool(engine.client(Script()).page(LIST))
    engine.close()


def test_inspection_of_a_page_raises_nothing(engine: Engine) -> None:
    page = engine.client(pages_of([([1], None)])).page(LIST)
    if engine.kind == "async":
        assert not hasattr(page, "items")
    inspect.getmembers(page)
    assert ("items", [1]) in inspect.getmembers(engine.result(page))


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_has_the_items_and_the_cursor_but_no_client(engine: Engine, protocol: int) -> None:
    script = Script({"items": [1, 2], "next_starting_after": "a", "total": 5})
    page = pickle.loads(pickle.dumps(engine.result(engine.client(script).page(LIST)), protocol))
    assert (page.items, page.next_cursor, page.extra) == ([1, 2], "a", {"total": 5})
    with pytest.raises(RuntimeError, match=r"^This page came out of a pickle, without its client"):
        engine.items(page)


def test_a_walk_over_the_only_page_works_after_a_pickle_too(engine: Engine) -> None:
    page = pickle.loads(pickle.dumps(page_of(engine, ([1, 2], None))))
    assert engine.items(page) == [1, 2]


def test_a_page_that_is_not_fetched_cannot_be_fetched_after_a_pickle() -> None:
    engine = Engine("async")
    page = pickle.loads(pickle.dumps(engine.client(Script()).page(LIST)))
    with pytest.raises(RuntimeError, match=r"^This page came out of a pickle, without its client"):
        engine.result(page)
    engine.close()


def test_a_pickled_raw_response_has_its_page(engine: Engine) -> None:
    client = engine.client(pages_of([([1], "a")]))
    raw = pickle.loads(pickle.dumps(engine.result(client.with_raw_response.page(LIST))))
    assert (raw.status_code, raw.parsed.items, raw.parsed.next_cursor) == (200, [1], "a")


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_leads_on(engine: Engine, copied: Any) -> None:
    page = copied(page_of(engine, ([1], "a"), ([2], None)))
    assert engine.items(page) == [1, 2]


def test_a_walk_of_very_many_pages_is_no_deeper_than_one_of_two(engine: Engine) -> None:
    pages: list[tuple[list[Any], str | None]] = [([number], str(number)) for number in range(2000)]
    assert len(engine.items(page_of(engine, *pages, ([0], None)))) == 2001


def test_a_raw_response_says_where_its_result_is(engine: Engine) -> None:
    raw = engine.result(engine.client(pages_of([([1], None)])).with_raw_response.page(LIST))
    with pytest.raises(TypeError, match=r"^A RawResponse is not the result itself, which is in its `parsed`$"):
        list(raw)
