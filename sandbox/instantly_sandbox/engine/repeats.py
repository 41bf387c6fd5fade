"""Repeats: an object that the sandbox draws at random says again what the request said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..state.workspaces import Entity
from .context import RequestContext
from .document import Document, Operation, Schema
from .validation import validator


def repeating(context: RequestContext, answer: Any) -> Any:
    """A sampled answer with what the request said: in its path, its query and its body."""
    schema = context.operation.success[2]
    if schema is None or not isinstance(answer, dict):
        return answer
    body = context.body if isinstance(context.body, dict) else {}
    said = {**context.query, **body, **{name: value for name, value in context.path.items() if name != "id"}}
    last = next(reversed(context.path), None)
    if last is not None and not _holds(context.runtime.document, schema, answer, last):
        said |= {"id": context.path[last]} if _names_its_answer(context.operation) else {}
    return with_fields(context.runtime.document, schema, answer, said)


def with_fields(document: Document, schema: Schema, entity: Entity, fields: Mapping[str, Any]) -> Entity:
    """The object with those of the fields that it knows, each if it still fits its schema with it.

    A field that only objects in it know goes there.
    """
    takes = validator(document, schema)
    known = document.fields(schema)
    changed = dict(entity)
    for name, value in fields.items():
        if name in known or name in changed:
            tries = [{**changed, name: value}]
        else:
            inner = ((key, part) for key, part in changed.items() if isinstance(part, dict))
            tries = [
                {**changed, key: {**part, name: value}}
                for key, part in inner
                if name in part or name in document.fields(known.get(key))
            ]
        changed = next((each for each in tries if takes.is_valid(each)), changed)
    return changed


def _holds(document: Document, schema: Schema, answer: Entity, name: str) -> bool:
    return name != "id" and (name in answer or name in document.fields(schema))


def _names_its_answer(operation: Operation) -> bool:
    """Whether the last id in the path is of what the answer describes; a longer path may name that, and this not."""
    document, answer = operation.document, operation.document.resolve(operation.success[2])
    same = (each for each in document if document.resolve(each.success[2]) == answer)
    return all(each.path.count("{") <= operation.path.count("{") for each in same)
