"""Feed a client the answers in a file and print what it loses: `python answers.py ours|stock FILE [FOLDER]`.

FOLDER is where the client is, if it is not ours.

Prints `{operation: problem}` as JSON, with an empty problem where all is well.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx

from benchmarks.probes.service import URL
from instantly_contract.calls import located
from instantly_contract.sameness import page, same, written
from instantly_core import AsyncPage, Page
from instantly_sandbox.engine.document import Operation
from tests.contract.service import KINDS, OPERATIONS, Service

Sample = dict[str, Any]


def main() -> None:
    which, file, *folder = sys.argv[1:]
    sys.path.extend(folder)
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


def judged(result: Any, sample: Sample, back: Any, expected: Any) -> str:
    """The faults of what a call made of a sample; `back` is the JSON of it."""
    if result is None and expected is not None:
        return "dropped"
    first = result[0] if isinstance(result, list) and result else result
    if sample["typed"] and isinstance(first, dict):
        return "untyped"
    return "" if same(expected, back) else "altered"


# The client of this project: each method of both clients, called with just what it requires


def ours(samples: list[Sample]) -> Iterator[tuple[str, str]]:
    with Service() as service:
        for sample in samples:
            for kind in KINDS:
                service.requests.clear()
                yield sample["operation"], asked(service, sample, kind)


@cache
def of_place() -> dict[tuple[str, str], Operation]:
    """Operations by method and path: some have another name on record than in the document."""
    return {(operation.method, operation.path): operation for operation in OPERATIONS.values()}


def asked(service: Service, sample: Sample, kind: str) -> str:
    operation = of_place().get((sample["method"], sample["path"]))
    if operation is None:
        return "missing"
    # Strict, since a value that was left as it came is not decoded; but what is absent cannot be lost.
    strict = sample["kind"] != "sparse"
    try:
        result = service.ask(operation, sample["value"], kind, strict=strict)
    except Exception as error:
        return f"{'raises' if service.requests else 'broken'} {type(error).__name__}: {error}"
    [request] = service.requests
    if request.method != sample["method"] or not re.fullmatch(nameless(sample["path"], "[^/]+"), request.url.path):
        return f"misled to {request.method} {request.url.path}"
    paging = located()[operation.id][2].paging
    expected = page(sample["value"], paging) if isinstance(result, Page | AsyncPage) else sample["value"]
    return judged(result, sample, written(result, paging), expected)


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
    return judged(result, sample, plain(result), sample["value"])


def plain(value: Any) -> Any:
    """The JSON of a decoded value."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    return [plain(item) for item in value] if isinstance(value, list) else value


def endpoint(path: Path) -> tuple[str, str]:
    text = path.read_text("utf-8")
    found = [re.search(rf'"{key}": "(.*?)"', text) for key in ("method", "url")]
    method, url = (match[1] if match else "" for match in found)
    return method.upper(), nameless(url)


def nameless(path: str, value: str = "{}") -> str:
    """A path without the names of its parameters, which the generator writes in its own way."""
    return re.sub(r"\{.*?\}", value, path)


if __name__ == "__main__":
    main()
