"""Feed a client the answers in a file and print what it loses: `python answers.py ours|stock FILE`.

Prints `{operation: problem}` as JSON, with an empty problem where all is well.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx

from benchmarks.probes.service import ID, KEY, URL

Sample = dict[str, Any]


def main() -> None:
    which, file = sys.argv[1:]
    samples: list[Sample] = json.loads(Path(file).read_text("utf-8"))
    problems: dict[str, str] = {}
    for operation, problem in {"ours": ours, "stock": stock}[which](samples):
        problems[operation] = problems.get(operation) or problem
    print(json.dumps(problems))


def response_of(sample: Sample) -> httpx.Response:
    if not sample["content_type"]:
        return httpx.Response(sample["status"])
    value = sample["value"]
    content = json.dumps(value) if "json" in sample["content_type"] else value
    return httpx.Response(sample["status"], content=content, headers={"content-type": sample["content_type"]})


def judged(sample: Sample, result: Any) -> str:
    """The faults of the result of a call that was answered with the sample."""
    expected = sample["value"]
    if result is None and expected is not None:
        return "dropped"
    first = result[0] if isinstance(result, list) and result else result
    if sample["typed"] and isinstance(first, dict):
        return "untyped"
    return "" if same(expected, plain(result)) else "altered"


def plain(value: Any) -> Any:
    """The JSON of a decoded value."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    return [plain(item) for item in value] if isinstance(value, list) else value


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are equal, timestamps by their value."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, str) and isinstance(right, str):
        return left == right or (moment(left) is not None and moment(left) == moment(right))
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


# The client of this project: every method of both clients, called as a user would


def ours(samples: list[Sample]) -> Iterator[tuple[str, str]]:
    package = importlib.import_module("instantly_client")
    for kind in sorted({sample["kind"] for sample in samples}):
        of_kind = [sample for sample in samples if sample["kind"] == kind]
        answers = {(sample["method"], re.sub(r"\{.*?\}", ID, sample["path"])): sample for sample in of_kind}
        asked: list[Sample] = []

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(answers[request.method, request.url.path])  # noqa: B023 - called while the loop is here
            return response_of(asked[-1])  # noqa: B023

        # Strict, since a value that was left as it came is not decoded; but what is absent cannot be lost.
        strict = kind != "sparse"
        options = {"api_key": KEY, "transport": httpx.MockTransport(answer), "limiter": None, "strict": strict}
        for client in (package.Instantly(**options), package.AsyncInstantly(**options)):
            reached = set()
            for method in methods(client):
                asked.clear()
                try:
                    result = called(method)
                except Exception as error:
                    if asked:
                        yield asked[0]["operation"], f"raises {type(error).__name__}: {error}"
                    continue
                if not asked:
                    continue
                reached.add(asked[0]["operation"])
                yield asked[0]["operation"], judged(asked[0], result)
            yield from ((sample["operation"], "missing") for sample in of_kind if sample["operation"] not in reached)


def methods(client: Any) -> Iterator[Callable[..., Any]]:
    for name, attribute in vars(type(client)).items():
        if isinstance(attribute, cached_property):
            resource = getattr(client, name)
            yield from (getattr(resource, method) for method in vars(type(resource)) if not method.startswith("_"))


def called(method: Callable[..., Any]) -> Any:
    """Call a method with just what it needs; a page comes back as the JSON object that it was."""
    path, named = [], {}
    for parameter in inspect.signature(method).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY:
            if parameter.default is parameter.empty or parameter.name == "everything":
                named[parameter.name] = something(parameter)
        elif parameter.default is parameter.empty:
            path.append(ID)
    result = method(*path, **named)
    if inspect.isawaitable(result):
        result = asyncio.run(awaited(result))
    if type(result).__name__ in ("Page", "AsyncPage"):
        return PageOf(result)
    return result


def something(parameter: inspect.Parameter) -> Any:
    if parameter.name == "everything":
        return True
    return [ID] if parameter.annotation.startswith("Sequence[") else ID


async def awaited(result: Any) -> Any:
    return await result


class PageOf:
    """A page, with the JSON that it was read from."""

    def __init__(self, page: Any) -> None:
        self._page = page

    def to_dict(self) -> dict[str, Any]:
        cursor = {"next_starting_after": self._page.next_cursor} if self._page.next_cursor else {}
        return {"items": plain(self._page.items), **cursor, **self._page.extra}


# The output of the stock generator: every module of its package `api`


def stock(samples: list[Sample]) -> Iterator[tuple[str, str]]:
    package = importlib.import_module("stock_client")
    assert package.__file__
    modules = {endpoint(path): path for path in Path(package.__file__).parent.glob("api/*/*.py")}
    client = package.Client(base_url=URL)
    for sample in samples:
        path = modules.get((sample["method"], nameless(sample["path"])))
        if path is None:
            yield sample["operation"], "missing"
            continue
        try:
            module = importlib.import_module(f"stock_client.api.{path.parent.name}.{path.stem}")
        except SyntaxError:
            yield sample["operation"], "broken"
            continue
        yield sample["operation"], parsed_by_stock(module, client, sample)


def parsed_by_stock(module: ModuleType, client: Any, sample: Sample) -> str:
    try:
        result = module._parse_response(client=client, response=response_of(sample))
    except Exception as error:
        return f"raises {type(error).__name__}"
    return judged(sample, result)


def endpoint(path: Path) -> tuple[str, str]:
    text = path.read_text("utf-8")
    found = [re.search(rf'"{key}": "(.*?)"', text) for key in ("method", "url")]
    method, url = (match[1] if match else "" for match in found)
    return method.upper(), nameless(url)


def nameless(path: str) -> str:
    """The generator writes the names of path parameters in its own way."""
    return re.sub(r"\{.*?\}", "{}", path)


if __name__ == "__main__":
    main()
