"""Phone numbers of a workspace."""

from __future__ import annotations

from datetime import timedelta

from ..engine.context import RequestContext
from ..engine.registry import handles
from ..state.workspaces import Entity

KIND = "Phone Number"
DAYS = 30


def rent(context: RequestContext) -> Entity:
    """Give the workspace a phone number, from the range that is reserved for fiction."""
    id = context.new_id()
    number = context.of(KIND)[id] = {
        "id": id,
        "timestamp_created": context.now,
        "organization_id": context.workspace.id,
        "phone_number": f"+1202555{context.random.randint(100, 199):04d}",
        "country": "US",
        "locality": "Washington",
        "subscription_id": "sub_sandbox",
        "twilio_sid": f"PN{context.random.getrandbits(128):032x}",
        "renewal_date": (context.runtime.clock.now() + timedelta(days=DAYS)).date().isoformat(),
        "price": 6,
    }
    return number


@handles("listPhoneNumbers")
def listed(context: RequestContext) -> list[Entity]:
    return list(context.of(KIND).values())


@handles("deletePhoneNumber", of=KIND)
def delete(context: RequestContext) -> Entity:
    number = context.find(KIND, context.path["id"])
    del context.of(KIND)[number["id"]]
    return {name: value for name, value in number.items() if name not in ("renewal_date", "price")}
