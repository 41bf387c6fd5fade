"""Hold the client that can be imported, whichever it is, against answers of the service of another document.

    python -m tests.contract.foreign_program DOCUMENT

Both clients decode each answer, and the fast path does. It prints, as JSON, where the client is, how many operations
and answers there were, how many of these the fast path took, and what went wrong.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import given

import instantly_client
from instantly_client import models
from instantly_contract.calls import located
from instantly_contract.sameness import page, same, written
from instantly_core import AsyncPage, Flag, Model, Page
from instantly_core.call.fast_path import make_fast_path
from instantly_core.models.fields import fields_of, members_of
from instantly_sandbox.engine.document import Document, Operation, pinned
from tests.contract import both_paths
from tests.contract.service import KINDS, Service
from tests.contract.settings import examples
from tests.contract.strategies import fitting

CLASSES = [getattr(models, name) for name in models.__all__]
FIELDS = [field for each in CLASSES if issubclass(each, Model) for field in fields_of(each)]
FLAGS = {field.json_name for field in FIELDS if Flag in members_of(field.form)[0]}


def main() -> None:
    # Those that were served begin with a byte order mark.
    other = Document(json.loads(Path(sys.argv[1]).read_text("utf-8-sig")))
    common = [operation for operation in other if operation.id in pinned().operations]
    problems: dict[str, str] = {}
    answers = Counter[str]()
    with Service() as service:
        for operation in common:
            if operation.success[2] is None:
                continue
            try:
                answers += hold(service, operation, other)
            except Exception as problem:
                problems[operation.id] = f"{type(problem).__name__}: {problem}"[:300]
    client = str(Path(instantly_client.__file__).parent)
    print(json.dumps({"client": client, "operations": len(common), **answers, "problems": problems}))


def flagged(value: Any) -> Any:
    """A JSON value with 1 for true and 0 for false in the fields that the client has as flags."""
    if isinstance(value, dict):
        return {
            name: int(inner) if name in FLAGS and isinstance(inner, bool) else flagged(inner)
            for name, inner in value.items()
        }
    return [flagged(item) for item in value] if isinstance(value, list) else value


def hold(service: Service, operation: Operation, other: Document) -> Counter[str]:
    """Let the clients decode answers to an operation; returns how many, and how many the fast path took."""
    located_operation = located()[operation.id][2]
    failure, paging = located_operation.failure, located_operation.paging
    schema = operation.success[2]
    assert schema is not None
    counts = Counter[str](answers=0, fast=0)

    @examples(2)
    @given(fitting(other, schema))
    def check(value: Any) -> None:
        if failure and failure.matches(value):
            return
        counts["answers"] += 1
        for kind in KINDS:
            result = service.ask(operation, value, kind)
            expected = page(value, paging) if isinstance(result, Page | AsyncPage) else value
            # A flag is written as 1 or 0, also where another version of the service has true or false.
            out = written(result, paging)
            assert same(flagged(expected), flagged(out)), f"{kind}: {value} became {out}"
        if make_fast_path(located_operation) is not None:
            content = json.dumps(value).encode()
            counts["fast"] += both_paths.check(both_paths.started(located_operation), located_operation, content)

    check()
    return counts


if __name__ == "__main__":
    main()
