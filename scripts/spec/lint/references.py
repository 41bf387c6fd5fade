"""References of a document: each has to lead to a component, and never back to itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from typing import Any
from urllib.parse import unquote

from scripts.lib.report import Finding, child
from scripts.spec.lint.survey import Survey, as_kind, get, quote

# The reference of a component that is, or is a variant of, another component.
_SELF = re.compile(r"(/components/[^/]+/[^/]+)(/(anyOf|oneOf|allOf)/[0-9]+)*/\$ref")
# The reference of a component that is written out with it: all but those of its fields.
_PART = re.compile(r"(/components/[^/]+/[^/]+)(/(anyOf|oneOf|allOf)/[0-9]+|/items|/additionalProperties)*/\$ref")
MAX_STEPS = 64


def check_references(survey: Survey) -> Iterator[Finding]:
    why = "what is there would be missing from the client, with every response that uses it"
    for pointer, reference, section in survey.references():
        key = target(reference, section)
        if key is None:
            what = f"the reference {quote(reference)} does not lead to a component in `#/components/{section}/`"
            yield Finding(pointer, what, why)
        elif key not in survey.components(section):
            yield Finding(pointer, f"the reference {quote(reference)} leads to nothing", why)


def check_circles(survey: Survey) -> Iterator[Finding]:
    _, circular = _generations(survey, _SELF)
    for pointer in circular:
        why = "it has no meaning, and no class can be made of it"
        yield Finding(pointer, "the references of this component go in circles and never reach a definition", why)


def check_chains(survey: Survey) -> Iterator[Finding]:
    generations, circular = _generations(survey, _PART)
    too_far = [*generations[MAX_STEPS + 1 : MAX_STEPS + 2], *([circular] if len(circular) > MAX_STEPS else [])]
    for pointer in sorted({min(pointers) for pointers in too_far}):
        what = f"this component refers to another, which refers to another, and so on for more than {MAX_STEPS} steps"
        yield Finding(pointer, what, "no API needs it, and each would have to be written out in the one before")


def _generations(survey: Survey, own: re.Pattern[str]) -> tuple[list[tuple[str, ...]], list[str]]:
    """The components by the longest way that their `own` references go on, and those that go in circles."""
    leads_to: dict[str, set[str]] = {}
    for pointer, reference, section in survey.references():
        owner = own.fullmatch(pointer)
        key = target(reference, section)
        if owner and key is not None:
            leads_to.setdefault(owner[1], set()).add(child("/components", section, key))
    sorter = TopologicalSorter(leads_to)
    with suppress(CycleError):
        sorter.prepare()
    generations = []
    while ready := sorter.get_ready():  # even with circles it gives out everything that does not depend on one
        sorter.done(*ready)
        generations.append(ready)
        for pointer in ready:
            leads_to.pop(pointer, None)
    return generations, list(leads_to)


def target(reference: str, section: str) -> str | None:
    """The key of the component in `section` that `reference` leads to, or None if it leads elsewhere."""
    prefix = f"#/components/{section}/"
    key = unquote(reference).removeprefix(prefix)
    if not unquote(reference).startswith(prefix) or "/" in key:
        return None
    return key.replace("~1", "/").replace("~0", "~")


def resolve(survey: Survey, raw: dict[str, Any], section: str) -> dict[str, Any]:
    """`raw`, or the component that its references lead to in the end; what leads nowhere is an empty object."""
    seen: set[str] = set()
    while "$ref" in raw:
        key = target(get(raw, "$ref", str), section)
        if key is None or key in seen:
            return {}
        seen.add(key)
        raw = as_kind(dict, survey.components(section).get(key))
    return raw
