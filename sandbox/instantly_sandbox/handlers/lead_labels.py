"""Lead labels: custom interest statuses."""

from __future__ import annotations

from typing import Any

from ..engine.context import RequestContext
from ..engine.records import Records
from ..engine.registry import handles
from ..state.workspaces import Entity

MAX_OF_SERVICE = 4


def _new_status(context: RequestContext) -> Entity:
    labels = context.of("Lead Label").values()
    highest = max((abs(label["interest_status"]) for label in labels), default=MAX_OF_SERVICE)
    sign = -1 if context.body.get("interest_status_label") == "negative" else 1
    return {"interest_status": sign * (highest + 1)}


LABELS = Records(
    "Lead Label",
    creates="createLeadLabel",
    lists="listLeadLabel",
    gets="getLeadLabel",
    patches="patchLeadLabel",
    search=("label",),
    equal={"interest_status": "interest_status_label"},
    defaults=_new_status,
)


@handles("deleteLeadLabel")
def delete(context: RequestContext) -> Entity:
    label = LABELS.deleted(context)
    # The document does not say that the body is an object.
    status = context.body.get("reassigned_status") if isinstance(context.body, dict) else None
    for kind, field in (("Lead", "lt_interest_status"), ("Email", "i_status")):
        for row in context.of(kind).values():
            if row.get(field) == label["interest_status"]:
                row.pop(field)
                row.update({} if status is None else {field: status})
    return label


@handles("testAiReplyLabelLeadLabels")
def predict(context: RequestContext) -> dict[str, Any]:
    # Without an AI, the sandbox predicts a label that the reply mentions.
    labels = [label["label"] for label in context.of("Lead Label").values() if label.get("use_with_ai")]
    reply = context.body["reply_text"].lower()
    return {
        "result": next((label for label in labels if label.lower() in reply), "Interested"),
        "custom_labels_considered": labels,
    }
