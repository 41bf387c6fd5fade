"""Facts that only words state. If many are missing at once, the words have another form, and the facts still hold."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.codegen.client_model import ClientModel
from scripts.evolution.acceptance import Objection
from scripts.lib.report import counted

MAX_VANISHED = 3

_WHY = "the vendor states them in words, and rather writes these in another form than drops so many facts at once"


def vanished(old: ClientModel, new: ClientModel) -> Iterator[Objection]:
    """Objections to what has vanished from more than `MAX_VANISHED` places of the client at once."""
    operations = {operation.id: operation for _, operation in new.operations}
    without_scopes = [
        f"client.{resource.name}.{operation.name}"
        for resource, operation in old.operations
        if operation.scopes and operation.id in operations and not operations[operation.id].scopes
    ]
    without_labels = [
        name
        for name, each in old.enumerations.items()
        if any(member.label for member in each.members)
        and name in new.enumerations
        and not any(member.label for member in new.enumerations[name].members)
    ]
    for subject, places, noun in (
        ("scopes", without_scopes, "operation"),
        ("labels", without_labels, "enumeration"),
    ):
        if len(places) > MAX_VANISHED:
            what = f"{counted(places, noun)} lost them all, {', '.join(places[:8])}"
            more = ", ..." if len(places) > 8 else ""
            yield Objection(f"{subject}-vanished", subject, what + more, _WHY)
