"""Hold the client that can be imported, whichever it is, against answers of the service of another document.

    python -m tests.contract.foreign_program DOCUMENT

It prints, as JSON, where the client is, how many operations and answers there were, and what went wrong.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from hypothesis import given

import instantly_client
from instantly_client import models
from instantly_contract.calls import located
from instantly_contract.sameness import page, same, written
from instantly_core import AsyncPage, Flag, Model, Page
from instantly_core.models.fields import fields_of, members_of
from instantly_sandbox.engine.document import Document, Operation, pinned
from tests.contract.service import Service
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
    answers = 0
    with Service() as service:
        for operation in common:
            if operation.success[2] is None:
                continue
            try:
                answers += hold(service, operation, other)
            except Exception as problem:
                problems[operation.id] = f"{type(problem).__name__}: {problem}"[:300]
    client = str(Path(instantly_client.__file__).parent)
    print(json.dumps({"client": client, "operations": len(common), "answers": answers, "problems": problems}))


def flagged(value: Any) -> Any:
    """A JSON value with 1 for true and 0 for false in the fields that the client has as flags."""
    if isinstance(value, dict):
        return {
            name: int(inner) if name in FLAGS and isinstance(inner, bool) else flagged(inner)
            for name, inner in value.items()
        }
    return [flagged(item) for item in value] if isinstance(value, list) else value


def hold(service: Service, operation: Operation, other: Document) -> int:
    """Let the client decode answers to an operation; returns how many."""
    failure, paging = located()[operation.id][2].failure, located()[operation.id][2].paging
    schema = operation.success[2]
    assert schema is not None
    answers = 0

    @examples(2)
    @given(fitting(other, schema))
    def check(value: Any) -> None:
        nonlocal answers
        if failure and failure.matches(value):
            return
        answers += 1
        result = service.ask(operation, value, "sync")
        expected = page(value, paging) if isinstance(result, Page | AsyncPage) else value
        # A flag is written as 1 or 0, also where another version of the service has true or false.
        assert same(flagged(expected), flagged(written(result, paging))), f"{value} became {written(result, paging)}"

    check()
    return answers


if __name__ == "__main__":
    main()
