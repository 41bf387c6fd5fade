"""Review: what a person has to judge of what is new, because the document does not say it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import signature

from instantly_core.helpers.bulk_result import BulkAddResult
from instantly_core.helpers.leads import LeadHelpers
from instantly_core.helpers.obstacles import SENTENCES
from scripts.codegen.client_model import ClientModel, Operation
from scripts.lib.identifiers import words
from scripts.spec.document import Document, operations

_READS = {"analytics", "check", "count", "facet", "find", "get", "insights", "list", "lookup", "preview", "query"}
_READS |= {"search", "stats", "test"}
_DELETIONS = {"clear", "delete", "purge", "removal", "remove", "reset"}
_PAID = {"buy", "checkout", "credit", "credits", "enrich", "enrichment", "order", "orders", "purchase", "renew"}
_COST = re.compile(
    r"\b(?:bill(?:ed|ing)|charg(?:e|ed|es)|costs?|credits?|paid|pay|prices?|purchas\w+)\b", re.IGNORECASE
)
_LIMIT = re.compile(r"\b\d[\d,]*\b[^.]{0,40}\b(?:per|an?|every) (?:second|minute|hour|day|month)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Question:
    """A question about a new operation: the mark of the overlay that answers it, and why it is asked."""

    mark: str
    call: str
    request: str
    why: str


def questions(old: ClientModel, new: ClientModel, published: Document) -> list[Question]:
    """The questions about the operations that `new` has and `old` has not, by mark, and about writes not judged yet.

    The descriptions of the document as `published` are looked at, whoever's words the client has.
    """
    known = {operation.id for _, operation in old.operations}
    said = {
        each.id: f"{each.raw.get('summary', '')} {each.raw.get('description', '')}" for each in operations(published)
    }
    found = [
        Question(mark, f"client.{resource.name}.{operation.name}", f"{operation.http_method} {operation.path}", why)
        for resource, operation in new.operations
        for mark, why in _about(
            operation, said.get(operation.vendor_id or operation.id, ""), new=operation.id not in known
        )
    ]
    return sorted(found, key=lambda question: (question.mark, question.call))


def not_taken_up(client: ClientModel) -> list[str]:
    """What hand-written helpers say in general words, or do not pass on, because it came after they were written."""
    return [
        *(
            f"{name}.{member.name}: has no sentence of its own in obstacles.py"
            for name, prefix, well in (
                ("CampaignStatus", "campaign_", "active"),
                ("SendingDiagnosticsStatus", "", "healthy"),
            )
            if name in client.enumerations
            for member in client.enumerations[name].members
            if member.name.lower() != well and f"{prefix}{member.name.lower()}" not in SENTENCES
        ),
        *(
            f"LeadBulkAddResult.{field.name}: has no field of its own in bulk_result.py"
            for field in getattr(client.classes.get("LeadBulkAddResult"), "fields", ())
            if field.name not in BulkAddResult.FIELDS
        ),
        *(
            f"client.leads.bulk_add({argument.name}=): add_many in leads.py does not take it"
            for resource, operation in client.operations
            if (resource.name, operation.name) == ("leads", "bulk_add")
            for argument in operation.arguments
            if argument.name not in signature(LeadHelpers.add_many).parameters
        ),
    ]


def unjudged(operation: Operation) -> bool:
    """Whether nobody has said of a write whether it reaches everything, costs money, or does neither."""
    judged = operation.mass or operation.paid or operation.plain
    return not (operation.repeatable or judged or operation.removed_on)


def _about(operation: Operation, description: str, *, new: bool) -> Iterator[tuple[str, str]]:
    named = {*words(operation.id), *words(operation.path)}
    if new and operation.http_method == "POST" and not operation.safe and named & _READS:
        yield "x-safe", "a POST that is called like a read: may it be repeated?"
    if unjudged(operation):
        yield from _judgements(operation, named, description)
    if new and not operation.limits and _LIMIT.search(description):
        yield "x-limits", "its description speaks of a limit: which one?"


def _judgements(operation: Operation, named: set[str], description: str) -> Iterator[tuple[str, str]]:
    """What may have to be said of a write, and why; x-plain where nothing speaks for anything else."""
    mass = ""
    if not operation.at("path"):
        if operation.http_method == "DELETE" or named & _DELETIONS:
            mass = "it deletes what no path names: does it need a filter?"
        elif any(each.json_name.endswith("ids") and not each.required for each in operation.arguments):
            mass = "it acts on many things: on which, if none is named?"
    paid = bool(named & _PAID or _COST.search(description))
    if mass:
        yield "x-mass", f"{mass} If not, mark it x-plain."
    if paid:
        yield "x-paid", "it may cost money. If not, mark it x-plain."
    if not (mass or paid):
        yield "x-plain", "a write that is not judged: does it reach everything without a filter, or cost money?"
