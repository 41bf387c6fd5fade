"""Review: what a person has to judge of operations that are new, because the document does not say it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scripts.codegen.client_model import ClientModel, Operation
from scripts.lib.identifiers import words

_READS = {"analytics", "check", "count", "facet", "find", "get", "insights", "list", "lookup", "preview", "query"}
_READS |= {"search", "stats", "test"}
_DELETIONS = {"clear", "delete", "purge", "remove", "reset"}
_PAID = {"buy", "checkout", "credit", "credits", "enrich", "enrichment", "order", "orders", "purchase", "renew"}
_LIMIT = re.compile(r"\b\d[\d,]*\b[^.]{0,40}\b(?:per|an?|every) (?:second|minute|hour|day|month)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Question:
    """A question about a new operation: the mark of the overlay that answers it, and why it is asked."""

    mark: str
    call: str
    request: str
    why: str


def questions(old: ClientModel, new: ClientModel) -> list[Question]:
    """The questions about the operations that `new` has and `old` has not, by mark."""
    known = {operation.id for _, operation in old.operations}
    found = [
        Question(mark, f"client.{resource.name}.{operation.name}", f"{operation.http_method} {operation.path}", why)
        for resource, operation in new.operations
        if operation.id not in known
        for mark, why in _about(operation)
    ]
    return sorted(found, key=lambda question: (question.mark, question.call))


def _about(operation: Operation) -> Iterator[tuple[str, str]]:
    said = {*words(operation.id), *words(operation.path)}
    writes = operation.http_method != "GET"
    if operation.http_method == "POST" and not operation.safe and said & _READS:
        yield "x-safe", "a POST that is called like a read: may it be repeated?"
    deletes = operation.http_method == "DELETE" or (writes and said & _DELETIONS)
    if deletes and not operation.filters and not operation.at("path"):
        yield "x-filters", "it deletes more than one thing: does it need a filter?"
    if writes and not operation.safe and said & _PAID:
        yield "paid", "it may cost money: should its docstring, or a guard, say so?"
    if not operation.limits and _LIMIT.search(operation.prose):
        yield "x-limits", "its description speaks of a limit: which one?"
