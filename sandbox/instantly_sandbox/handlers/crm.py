"""The phone numbers of a workspace."""

from __future__ import annotations

from datetime import timedelta

from ..engine.context import Call, Entity, handles

KIND = "Phone Number"
DAYS = 30


def rent(call: Call) -> Entity:
    """Give the workspace a number, of those that are set aside for fiction."""
    id = call.new_id()
    number = call.of(KIND)[id] = {
        "id": id,
        "timestamp_created": call.now,
        "organization_id": call.workspace.id,
        "phone_number": f"+1202555{call.random.randint(100, 199):04d}",
        "country": "US",
        "locality": "Washington",
        "subscription_id": "sub_sandbox",
        "twilio_sid": f"PN{call.random.getrandbits(128):032x}",
        "renewal_date": (call.service.clock.now() + timedelta(days=DAYS)).date().isoformat(),
        "price": 6,
    }
    return number


@handles("listPhoneNumbers")
def listed(call: Call) -> list[Entity]:
    return list(call.of(KIND).values())


@handles("deletePhoneNumber")
def delete(call: Call) -> Entity:
    number = call.find(KIND, call.path["id"])
    del call.of(KIND)[number["id"]]
    return {name: value for name, value in number.items() if name not in ("renewal_date", "price")}
