"""Lists whose pages have another form than the usual one: counted, or inside an object, or under other names."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from instantly_core import DriftEvent, Operation, Paging
from tests.core.engine import Engine, Script, robot


def operation(paging: Paging, *, page_size: int | None = None) -> Operation[Any]:
    method = "GET" if paging.place == "query" else "POST"
    return Operation(
        "findRobots", method, "/api/v2/robots/find", response=lambda: robot, paging=paging, page_size=page_size
    )


OFFSET = Paging("query", "offset", items=(), cursor=(), counts="items")
SKIP = Paging("body", "skip", items=("leads",), cursor=(), counts="items")
PAGES = Paging("query", "page", items=("data",), cursor=(), limit="per_page", counts="pages", first=1)
INSIDE = Paging("query", "cursor", items=("data", "robots"), cursor=("meta", "next"))


class Counting:
    """A service that gives `robots` from an offset or a page on, at most `bound` at once."""

    def __init__(self, count: int, *, bound: int = 100, form: str = "", total: int | None = None) -> None:
        self.robots = list(range(count))
        self.asked: list[dict[str, Any]] = []
        self._bound = bound
        self._form = form
        self._total = total

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = (
            json.loads(request.content)
            if request.content
            else {n: int(float(v)) for n, v in request.url.params.items()}
        )
        self.asked.append(asked)
        size = min(asked.get("limit", asked.get("per_page", self._bound)), self._bound)
        start = asked.get("offset", asked.get("skip", (asked.get("page", 1) - 1) * size))
        rows = self.robots[start : start + size]
        total = {} if self._total is None else {"total": self._total}
        return httpx.Response(200, json={self._form: rows, **total} if self._form else rows)


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20, 25])
@pytest.mark.parametrize("limit", [None, 1, 3, 10])
def test_a_walk_counts_its_items(engine: Engine, count: int, limit: int | None) -> None:
    service = Counting(count, bound=10)
    query = {} if limit is None else {"limit": limit}
    assert engine.items(engine.client(service).page(operation(OFFSET), query=query)) == service.robots
    assert [asked.get("offset", 0) for asked in service.asked] == sorted({a.get("offset", 0) for a in service.asked})


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20, 25])
def test_a_walk_counts_its_pages(engine: Engine, count: int) -> None:
    service = Counting(count, bound=10, form="data")
    page = engine.client(service).page(operation(PAGES), query={"per_page": 10})
    assert engine.items(page) == service.robots
    numbers = [asked.get("page", 1) for asked in service.asked]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("total", [None, 0, 3, 4, 25, 1000])
def test_a_total_that_lies_loses_nothing_and_asks_for_no_page_twice(engine: Engine, total: int | None) -> None:
    service = Counting(25, bound=10, form="leads", total=total)
    page = engine.client(service).page(operation(SKIP, page_size=10), body={"search": "x"})
    assert engine.items(page) == service.robots
    skipped = [asked.get("skip", 0) for asked in service.asked]
    assert len(skipped) == len(set(skipped)) <= 4
    assert all(asked["search"] == "x" for asked in service.asked)


def test_a_short_page_is_the_last_unless_a_total_says_otherwise(engine: Engine) -> None:
    without = Counting(25, bound=4)
    assert engine.items(engine.client(without).page(operation(OFFSET), query={"limit": 10})) == [0, 1, 2, 3]
    told = Counting(25, bound=4, form="leads", total=25)
    assert engine.items(engine.client(told).page(operation(SKIP), body={"limit": 10})) == told.robots
    # More was asked for than the document allows, so that fewer say nothing.
    beyond = Counting(25, bound=10)
    assert (
        engine.items(engine.client(beyond).page(operation(OFFSET, page_size=10), query={"limit": 50})) == beyond.robots
    )


@pytest.mark.parametrize("answer", [[1, 2, 3], [{"id": "a"}]])
def test_a_service_that_does_not_count_ends_the_walk(engine: Engine, answer: list[Any]) -> None:
    script = Script(httpx.Response(200, content=json.dumps(answer)))
    assert engine.items(engine.client(script).page(operation(OFFSET))) == answer
    assert len(script.requests) == 2
    page = engine.client(Script({"leads": answer, "total": len(answer)})).page(operation(SKIP))
    assert engine.pages(page) == [answer]


def test_a_page_that_says_that_there_is_no_more_is_the_last(engine: Engine) -> None:
    script = Script({"data": [1, 2], "has_more": False})
    page = engine.result(engine.client(script).page(operation(PAGES)))
    assert (engine.items(page), page.extra, len(script.requests)) == ([1, 2], {"has_more": False}, 1)


def test_a_counted_walk_can_be_resumed_and_ended(engine: Engine) -> None:
    service = Counting(25, bound=10)
    client = engine.client(service)
    page = engine.result(client.page(operation(OFFSET), query={"offset": 10.0, "limit": 5.0}))
    assert (page.items, page.next_cursor) == ([10, 11, 12, 13, 14], "15")
    assert engine.items(client.page(operation(OFFSET), query={"offset": 20})) == [20, 21, 22, 23, 24]
    assert engine.items(client.page(operation(OFFSET, page_size=10), max_items=12)) == list(range(12))
    with pytest.raises(TypeError, match=r"^offset must be a whole number, not str$"):
        client.page(operation(OFFSET), query={"offset": "first"})


def test_items_inside_an_object(engine: Engine) -> None:
    one = {"data": {"robots": [1], "colour": "red"}, "meta": {"next": "b"}, "status": "ok"}
    script = Script(one, {"data": {"robots": [2]}, "meta": {"next": None}})
    page = engine.result(engine.client(script).page(operation(INSIDE)))
    assert (page.items, page.next_cursor) == ([1], "b")
    assert page.extra == {"data": {"colour": "red"}, "status": "ok"}
    assert engine.items(page) == [1, 2]
    assert script.requests[1].url.params["cursor"] == "b"


@pytest.mark.parametrize(
    ("answer", "extra", "pointer", "expected"),
    [
        ({"data": 5}, {"data": 5}, "/data", "array"),
        ({"data": {"robots": "no"}}, {"data": {"robots": "no"}}, "/data/robots", "array"),
        ({"data": {"robots": []}, "meta": {"next": [1]}}, {"meta": {"next": [1]}}, "/meta/next", "string"),
        ({"data": {"robots": []}, "meta": {"next": 5}}, {}, "/meta/next", "string"),
        ([{}], {}, "", "a page"),
    ],
)
def test_where_a_page_of_another_form_deviates_is_reported(
    engine: Engine, answer: Any, extra: dict[str, Any], pointer: str, expected: str
) -> None:
    events: list[DriftEvent] = []
    script = Script(httpx.Response(200, content=json.dumps(answer)))
    page = engine.result(engine.client(script, on_drift=events.append).page(operation(INSIDE)))
    assert page.extra == extra
    assert [(event.pointer, event.expected) for event in events] == [(pointer, expected)]


def test_a_counted_list_may_end_with_an_answer_without_items(engine: Engine) -> None:
    events: list[DriftEvent] = []
    counted = Paging("query", "skip", cursor=(), counts="items")
    page = engine.result(engine.client(Script({"total": 0}), on_drift=events.append).page(operation(counted)))
    assert (page.items, page.extra, events) == ([], {"total": 0}, [])


def test_an_array_that_came_as_an_object_keeps_what_it_has(engine: Engine) -> None:
    events: list[DriftEvent] = []
    script = Script({"items": [1], "total": 1}, {"items": []})
    page = engine.result(engine.client(script, on_drift=events.append).page(operation(OFFSET)))
    assert (page.items, page.extra) == ([1], {"total": 1})
