"""Docstrings of generated code: what is said of each part of the client model."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scripts.codegen import facts
from scripts.codegen.client_model import Argument, Class, Enumeration, Field, Member, Operation, Resource
from scripts.codegen.docstrings import docstring, entry, sentence


def resource_doc(resource: Resource) -> str:
    """The docstring of a resource where it is an attribute of the client."""
    return docstring([resource.prose], 4)


def resource_class_doc(resource: Resource) -> str:
    """The docstring of a class of a resource: once for all methods, it says what they raise."""
    return docstring([f"{sentence(resource.prose)} Methods raise `InstantlyError`."], 4)


def summary_doc(operation: Operation) -> str:
    """The first sentence of the docstring of a method, as a docstring of its own."""
    return docstring([operation.prose.partition("\n\n")[0]], 4)


def operation_doc(operation: Operation) -> str:
    """The docstring of a method: what the call does, its arguments, its errors, and the operation behind it."""
    return docstring(list(_operation(operation)), 8)


def class_doc(of: Class | Enumeration) -> str:
    """The docstring of a class."""
    return docstring([of.prose or of.origin or f"{of.name}.", removal(of.removed_on)], 4)


def field_doc(field: Field) -> str:
    """The docstring of a field; "" if there is nothing to say."""
    return docstring([place(field)], 4)


def member_doc(member: Member) -> str:
    """The docstring of a member of an enumeration; "" if its name says the same."""
    words = re.sub(r"[^a-z0-9]+", " ", member.label.lower()).strip()
    said = member.name.lower().replace("_", " ").strip()
    return docstring([member.label, removal(member.removed_on)] if member.removed_on or words != said else [], 4)


def place(of: Argument | Field) -> str:
    """A place in one paragraph: its description, its facts, and the day on which the vendor removed it."""
    stated = [facts.sentence(fact) for fact in of.facts if not facts.is_said(fact, of.prose)]
    return " ".join(filter(None, [of.prose, *stated, removal(of.removed_on)]))


def removal(day: str) -> str:
    """The sentence about a part that the vendor removed; "" for one that the API has."""
    return f"Deprecated: removed from the API on {day}." if day else ""


def _operation(operation: Operation) -> Iterator[str]:
    summary, _, description = operation.prose.partition("\n\n")
    yield summary
    yield removal(operation.removed_on)
    yield f"Superseded by `{operation.superseded_by}`." if operation.superseded_by else ""
    yield description
    if operation.arguments:
        entries = [entry(argument.name, place(argument), 8) for argument in operation.arguments]
        yield "Args:\n" + "\n".join(entries)
    if raised := [entry(name, when, 8) for name, when in raises(operation)]:
        yield "Raises:\n" + "\n".join(raised)
    source = f"`{operation.http_method} {operation.path}`, operation `{operation.id}`"
    source += f", now `{operation.vendor_id}`." if operation.vendor_id else "."
    if operation.scopes:
        source += f" Scopes, any one of: {', '.join(f'`{scope}`' for scope in operation.scopes)}."
    for limit in operation.limits:
        source += f" Limit: {limit.requests} calls in {limit.seconds} seconds."
    yield source


def raises(operation: Operation) -> Iterator[tuple[str, str]]:
    """The errors that not every method raises, and when: the class of the resource names the others."""
    if operation.failure:
        yield "OperationFailedError", "The service answered with status 200 that it failed."
    if operation.at("path"):
        yield "ValueError", "A value of the path is empty, or would address something else."
    if operation.saves:
        yield "OSError", "The file cannot be written."
    for guard in (operation.mass, operation.paid):
        if guard:
            yield "ValueError", f"It would {guard.does}, and the caller does not say that this is meant."
