"""Examples: the code that a change breaks, before it and after it."""

from __future__ import annotations

from scripts.compatibility.judge import Change
from scripts.lib.identifiers import snake_case


def example(change: Change) -> tuple[str, str]:
    """Python code that uses the subject of a change, before and after; "" where nothing can be written any more.

    Both are "" for a change that no code shows, as that of a server.
    """
    if change.kind in ("operation", "function"):
        return _call(change)
    if change.kind == "argument":
        return _argument(change)
    if change.kind in ("field", "value"):
        return _member(change)
    if change.kind in ("class", "enumeration"):
        imported = f"from instantly_client.models import {change.subject}"
        return (imported, "") if change.action == "removed" else ("", "")
    return (change.subject, "") if change.kind == "resource" and change.action == "removed" else ("", "")


def _call(change: Change) -> tuple[str, str]:
    call = f"{change.subject}(...)"
    if change.action == "removed":
        return call, ""
    if change.aspect == "renamed":
        return call, f"{change.new}(...)"
    if change.aspect == "returns":
        return f"result = {call}  # {change.old}", f"result = {call}  # {change.new}"
    if change.aspect == "positional arguments":
        return f"{change.subject}({change.old})", f"{change.subject}({change.new})"
    if change.aspect == "needs one of":
        given = change.new.partition(", ")[0]
        return call, f"{change.subject}(..., {given}=...)" if given else call
    if change.aspect == "repeated after a failure":
        resource, _, method = change.subject.removeprefix("client.").partition(".")
        return f"{call}  # sent once", f"client.with_options(max_retries=0).{resource}.{method}(...)  # to send it once"
    return "", ""


def _argument(change: Change) -> tuple[str, str]:
    call, _, given = change.subject.removesuffix(")").partition("(")
    name = given.removesuffix("=")
    written = f"{name}=..." if given != name else name
    without, with_it = f"{call}(...)", f"{call}(..., {written})"
    if change.action == "removed":
        return with_it, without
    if change.action == "added" or (change.aspect == "" and change.new == "required"):
        return without, with_it
    if change.aspect == "renamed":
        return with_it, f"{call}(..., {change.new}=...)"
    if change.aspect == "type":
        typed = f"{call}(..., {name}={name})" if given != name else f"{call}({name})"
        return f"{typed}  # {change.old}", f"{typed}  # {change.new}"
    return "", ""


def _member(change: Change) -> tuple[str, str]:
    owner, _, name = change.subject.rpartition(".")
    variable = owner if change.kind == "value" else snake_case(owner)
    used = f"{variable}.{name}"
    if change.action == "removed":
        return used, ""
    if change.aspect == "renamed":
        return used, f"{variable}.{change.new}"
    if change.action == "added" or (change.aspect == "" and change.new == "required"):
        return f"{owner}(...)", f"{owner}(..., {name}=...)"
    if change.aspect == "":
        return f"{used}  # always there", f"{used}  # UNSET where it is left out"
    if change.aspect in ("type", "value"):
        return f"{used}  # {change.old}", f"{used}  # {change.new}"
    return "", ""
