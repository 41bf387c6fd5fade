"""Facts that only words state. If many are missing at once, the words have another form, and the facts still hold."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.codegen.client_model import ClientModel
from scripts.lib.report import Finding, counted

MAX_VANISHED = 3

_WHY = "the vendor states them in words, and rather writes these in another form than drops so many facts at once"


def vanished(old: ClientModel, new: ClientModel) -> Iterator[tuple[str, Finding]]:
    """What has vanished from more than `MAX_VANISHED` places of the client at once, each with its id."""
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
    for id_, places, noun in (
        ("scopes-vanished", without_scopes, "operation"),
        ("labels-vanished", without_labels, "enumeration"),
    ):
        if len(places) > MAX_VANISHED:
            what = f"{id_}: {counted(places, noun)} lost them all, {', '.join(places[:8])}"
            yield id_, Finding("", what + (", ..." if len(places) > 8 else ""), _WHY)
