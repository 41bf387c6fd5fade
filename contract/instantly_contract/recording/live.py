"""Record from a service: which operations can be called without doing harm, with what, and what they answer.

Reads are called with ids that lists gave before, in the same run and in memory: on disk there are only stand-ins.
Writes are called only if each is named, with arguments that were given for it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from instantly_client import SPEC_SHA256, Instantly, errors
from instantly_contract.calls import call, located
from instantly_contract.cassettes import Provenance, Recording
from instantly_contract.check import known_operations
from instantly_contract.recording.tape import Tape
from instantly_core import UNSET, Page
from instantly_sandbox.engine.document import Operation, pinned
from instantly_sandbox.engine.resources import kinds_at, placeholders
from instantly_sandbox.recording.exchange import Exchange
from instantly_sandbox.recording.scrub import BASE_URL, Leak, Scrubber

FEW = 2
SALT_BYTES = 32


class Source(NamedTuple):
    """The source of a value: a field of the first item of a list; `many` if an array of it is wanted."""

    list: str
    field: str = "id"
    many: bool = False

    def __str__(self) -> str:
        return f"the first {self.field} of {self.list}"


# By the name of a parameter or of a field of the body, the kind of the object and its field that are wanted; with the
# operation where the value is not asked for by itself.
VALUES = {
    "parent_campaign": ("Campaign", "id"),
    "resource_id": ("Lead List", "id"),
    "test_id": ("Inbox Placement Test", "id"),
    "test_ids": ("Inbox Placement Test", "id"),
    "emails": ("Account", "email"),
    "testAccountVitals.accounts": ("Account", "email"),
}
# Of bodies that no list has a value for.
FIXED: Mapping[str, Any] = {"search_filters": {}}

Given = Mapping[str, Any]
"""The arguments of an operation: `path`, `query` and `body`, each by the document's names."""


@dataclass
class Step:
    """One call: with what, and what it needs of lists that come before it.

    Attributes:
        needs: the part (`path`, `query` or `body`) and the name of a value -> where it comes from.
        lacks: what nobody has said, so that the call cannot be made.
    """

    operation: Operation
    given: dict[str, dict[str, Any]]
    needs: dict[tuple[str, str], Source] = field(default_factory=dict)
    lacks: list[str] = field(default_factory=list)

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return not reads(self.operation)

    @property
    def description(self) -> str:
        """With what it is called, or why it is not, in words."""
        if self.lacks:
            return f"not called: {' and '.join(self.lacks)} must be given"
        given = [f"{name}={value!r}" for part in self.given.values() for name, value in part.items()]
        return ", ".join([*given, *(f"{name}: {source}" for (_, name), source in self.needs.items())])


def reads(operation: Operation) -> bool:
    """Whether an operation changes nothing."""
    return operation.method == "GET" or located()[operation.id][2].safe


def plan(names: Collection[str], writes: Collection[str], given: Mapping[str, Given]) -> list[Step]:
    """The calls of these reads, after the lists that they need, and of these writes; of all reads without either."""
    wanted = list(names)
    if not wanted and not writes:
        wanted = [operation.id for operation in pinned() if reads(operation)]
    steps: dict[str, Step] = {}

    def add(name: str) -> None:
        if name not in steps:
            step = _step(pinned().operations[name], given.get(name, {}))
            for source in () if step.lacks else step.needs.values():
                add(source.list)
            steps[name] = step

    # What needs nothing first: it is not for lists alone that the order is readable.
    for name in sorted(wanted, key=lambda name: bool(_step(pinned().operations[name], given.get(name, {})).needs)):
        add(name)
    for name in writes:
        add(name)
    return list(steps.values())


def _step(operation: Operation, given: Given) -> Step:
    step = Step(operation, {part: dict(given.get(part, {})) for part in ("path", "query", "body")})
    for part, name, schema in _wanted(operation):
        source = _value(name) or _value(f"{operation.id}.{name}") or _place(operation, name)
        if name in step.given[part]:
            continue
        if name == "limit" and not step.writes:
            step.given[part][name] = FEW
        elif step.writes or (source is None and name not in FIXED):
            step.lacks.append(name)
        elif source is None:
            step.given[part][name] = FIXED[name]
        else:
            step.needs[part, name] = source._replace(many=schema.get("type") == "array")
    return step


def _value(name: str) -> Source | None:
    kind, field = VALUES.get(name, ("", ""))
    return Source(sources()[kind], field) if kind in sources() else None


def _place(operation: Operation, name: str) -> Source | None:
    """The source of a value in the path: a list of the kind of object that is at this place."""
    document = operation.document
    item = dict(placeholders(operation.path)).get(name)
    if item is None:
        return None
    known = kinds_at(document, item)
    kind = known[0] if known else next((document.title(each.success[2]) for each in document.at(item)), None)
    if kind not in sources():
        return None
    return Source(sources()[kind], name if name in document.fields(document.component(kind)) else "id")


@cache
def sources() -> dict[str, str]:
    """Kind of object -> a list that gives it; one that needs no values of other lists before others."""
    found: dict[str, str] = {}
    lists = [each for each in pinned() if known_operations()[each.id].cursor and reads(each) and "{" not in each.path]
    for operation in sorted(lists, key=lambda each: any(parameter.get("required") for parameter in each.parameters)):
        items = pinned().fields(operation.success[2]).get("items", {}).get("items")
        kinds = [pinned().title(part) for part in (items, *pinned().resolve(items).get("allOf", ()))]
        found |= {kind: operation.id for kind in kinds if kind and kind not in found}
    return found


def _wanted(operation: Operation) -> Iterator[tuple[str, str, Any]]:
    """The values that a call needs: part, name and schema; and the sizes of pages."""
    for parameter in operation.parameters:
        name = parameter["name"]
        if parameter["in"] == "path" or parameter.get("required") or (name == "limit" and reads(operation)):
            yield parameter["in"], name, parameter["schema"]
    schema = operation.document.resolve(operation.body) if operation.takes_body else {}
    for name, inner in schema.get("properties", {}).items():
        of_page = name == "limit" and operation.cursor
        if name in schema.get("required", ()) or of_page or f"{operation.id}.{name}" in VALUES:
            yield "body", name, inner


def provenance_of(base_url: str) -> Provenance:
    """The provenance of recordings from there: nothing but the service itself is live."""
    url = urlsplit(base_url)
    return "live" if (url.scheme, url.netloc.lower()) == tuple(urlsplit(BASE_URL)[:2]) else "sandbox"


class KeyRefusedError(Exception):
    """The service does not take the key."""


class Result(NamedTuple):
    """Result of a step: a recording, or why it has no recording."""

    step: Step
    recording: Recording | None
    why: str = ""


def record(steps: Iterable[Step], key: str, base_url: str, on_step: Callable[[str], None]) -> Iterator[Result]:
    """Make the calls, as fast as the client's limiter allows; `on_step` gets each before it is made.

    Raises:
        KeyRefusedError: the service does not take the key.
    """
    scrubber = Scrubber(key, salt=secrets.token_bytes(SALT_BYTES))
    seen: dict[str, Any] = {}
    answered = False
    with ExitStack() as stack:
        tape = Tape(scrubber.exchange)
        stack.callback(tape.close)
        client = stack.enter_context(Instantly(api_key=key, base_url=base_url, transport=tape))
        for step in steps:
            empty = [source.list for source in step.needs.values() if seen.get(source.list) is None]
            if step.lacks or empty:
                yield Result(step, None, step.description if step.lacks else f"not called: {empty[0]} gave nothing")
                continue
            on_step(step.operation.id)
            case, why = _call(client, step, seen)
            if case == "401" and not answered:
                raise KeyRefusedError
            taken = tape.take()[-1:]  # Those before it were tried again.
            answered = answered or bool(case)
            yield Result(step, _recording(step, case, taken, provenance_of(base_url)) if case else None, why)


def _call(client: Instantly, step: Step, seen: dict[str, Any]) -> tuple[str, str]:
    """Make a call; return the case that it is, or nothing and why there is nothing to record."""
    values = {part: dict(given) for part, given in step.given.items()}
    for (part, name), source in step.needs.items():
        value = getattr(seen[source.list], source.field)
        values[part][name] = [value] if source.many else value
    try:
        answer = call(client, step.operation.id, values["path"], values["query"], values["body"] or UNSET)
    except errors.OperationFailedError:
        return "failure", ""
    except errors.APIConnectionError as error:
        # The recorder is the transport of the client, which takes what that raises for a failure to connect.
        return "", f"not recorded: {error.__cause__}" if isinstance(error.__cause__, Leak) else f"no answer: {error}"
    except errors.APIError as error:
        return str(error.status_code), ""
    if not isinstance(answer, Page):
        return "success", ""
    seen[step.operation.id] = next(iter(answer.items), None)
    return "first-page", ""


def _recording(step: Step, case: str, exchanges: list[Exchange], provenance: Provenance) -> Recording:
    # With a name of its own, it does not replace what the sandbox says of the same.
    date = datetime.now(UTC).date().isoformat()
    return Recording(step.operation.id, f"{provenance}-{case}", provenance, date, SPEC_SHA256, exchanges)
