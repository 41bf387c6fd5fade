"""Record from the real service: what would be called, and what it answers, scrubbed before it is kept.

Only reads are called, in an order in which lists come first: the ids that other operations need are theirs. A write is
called if it is named, with the body that was given for it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from instantly_client import SPEC_SHA256, Instantly, errors
from instantly_core import UNSET
from instantly_core import Operation as Known
from instantly_sandbox.document import Operation, pinned
from tests.contract.calls import call, located
from tests.contract.cassettes import Provenance, Recording
from tests.contract.scrub import Scrubber
from tests.contract.tape import Tape

PRODUCTION = "api.instantly.ai"
PAGE = 3
_PLACE = re.compile(r"/\{(\w+)\}")
# Fields that hold the id of something that a list elsewhere has.
LISTED_AT = {
    "email": "/api/v2/accounts",
    "parent_campaign": "/api/v2/campaigns",
    "campaign_id": "/api/v2/campaigns",
    "test_id": "/api/v2/inbox-placement-tests",
    "resource_id": "/api/v2/lead-lists",
}


@dataclass
class Plan:
    """A call that is to be made.

    Attributes:
        operation: of the document.
        needs: names of values that it cannot do without -> the path of the list that has them; None where none has.
        write: it changes something.
        body: given by the caller.
    """

    operation: Operation
    needs: Mapping[str, str | None]
    write: bool
    body: Any = UNSET

    @property
    def lacks(self) -> list[str]:
        """What nobody can give it."""
        return [name for name, listed_at in self.needs.items() if listed_at is None]


@dataclass
class Skipped:
    """A call that could not be made, and why."""

    operation: str
    reason: str


@dataclass
class Ids:
    """What lists have told: path of the list -> its items."""

    items: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def of(self, listed_at: str, name: str) -> Any:
        """The value that an item of a list has for a name; None if there is no item."""
        for item in self.items.get(listed_at, ()):
            return item.get(name) or item.get("id")
        return None


def plan(names: Iterable[str], writes: Mapping[str, Any]) -> list[Plan]:
    """The calls to make, lists first: those that are named, or all reads.

    Args:
        names: operationIds.
        writes: operationId of a write that may be called -> its body.

    Raises:
        ValueError: a name is none, or is that of a write that is not among `writes`.
    """
    known = located()
    wanted = list(names) or [name for name, (_, _, operation) in known.items() if is_read(operation)]
    for name in [*wanted, *writes]:
        if name not in known:
            raise ValueError(f"there is no operation {name!r}: names are those of the document, such as listCampaign")
    refused = [name for name in wanted if not is_read(known[name][2]) and name not in writes]
    if refused:
        raise ValueError(f"{', '.join(refused)} changes something: name it with --write if you mean it")
    chosen = [pinned().operations[name] for name in dict.fromkeys([*wanted, *writes])]
    plans = [Plan(each, _needs(each), each.id in writes, writes.get(each.id, UNSET)) for each in chosen]
    return sorted(plans, key=lambda one: (one.write, len(one.needs)))


def provenance_of(base_url: str) -> Provenance:
    """Only what the real service answers is live."""
    return "live" if urlsplit(base_url).hostname == PRODUCTION else "sandbox"


def is_read(operation: Known[Any]) -> bool:
    """Whether an operation changes nothing."""
    return operation.method == "GET" or operation.reads


def _needs(operation: Operation) -> dict[str, str | None]:
    needs: dict[str, str | None] = {}
    for name in _PLACE.findall(operation.path):
        before = operation.path.partition(f"/{{{name}}}")[0]
        needs[name] = LISTED_AT.get(name) or (before if _has_list(before) else None)
    for parameter in operation.parameters:
        if parameter["in"] == "query" and parameter.get("required"):
            needs[parameter["name"]] = LISTED_AT.get(parameter["name"])
    if operation.takes_body and is_read(located()[operation.id][2]):
        for name in pinned().resolve(operation.body).get("required", ()):
            needs[name] = LISTED_AT.get(name)
    return needs


def _has_list(path: str) -> bool:
    return any(operation.path in (path, f"{path}/list") and operation.cursor for operation in pinned())


def record(
    plans: Iterable[Plan],
    client_of: Callable[[Tape], Instantly],
    key: str,
    provenance: Provenance,
    tell: Callable[[str], None],
) -> Iterator[Recording | Skipped]:
    """Make the calls, and give what came, scrubbed."""
    tape = Tape()
    scrubber = Scrubber(key, salt=secrets.token_bytes(16))
    ids = Ids()
    try:
        with client_of(tape) as client:
            for each in plans:
                tell(each.operation.id)
                yield _recorded(each, client, tape, ids, scrubber, provenance)
    finally:
        tape.close()


def _recorded(
    each: Plan, client: Instantly, tape: Tape, ids: Ids, scrubber: Scrubber, provenance: Provenance
) -> Recording | Skipped:
    operation = each.operation
    values = {name: ids.of(listed_at, name) if listed_at else None for name, listed_at in each.needs.items()}
    if missing := [name for name, value in values.items() if value is None]:
        return Skipped(operation.id, f"nothing is known for {', '.join(missing)}")
    path = {name: values.pop(name) for name in _PLACE.findall(operation.path)}
    in_body = operation.method != "GET"
    page = {"limit": PAGE} if operation.cursor else {}
    body = each.body if each.write else {**values, **page} if in_body and operation.takes_body else UNSET
    try:
        with suppress(errors.StatusError, errors.OperationFailedError):
            call(client, operation.id, path, {} if in_body else {**values, **page}, body)
    except errors.InstantlyError as error:
        return Skipped(operation.id, str(error))
    taken = tape.take()[-1:]
    (exchange,) = taken
    if 200 <= exchange.status < 300 and operation.cursor:
        ids.items[operation.path.removesuffix("/list")] = exchange.json().get("items", [])
    case = "success" if 200 <= exchange.status < 300 else str(exchange.status)
    today = datetime.now(UTC).date().isoformat()
    return Recording(operation.id, case, provenance, today, SPEC_SHA256, [scrubber.exchange(exchange)])
