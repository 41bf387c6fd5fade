"""Verifications of e-mail addresses: pending at first, with a result a few seconds later."""

from __future__ import annotations

from random import Random

from ..engine.addresses import is_address, normal
from ..engine.context import RequestContext
from ..engine.records import Records
from ..engine.scheduler import action
from ..state.workspaces import Entity

SECONDS = 5.0
VERIFIED, PENDING, INVALID, RISKY, CATCH_ALL = 1, 11, -1, -2, -3
"""Results of verifying a lead, and its status before."""


def verdict(context: RequestContext, address: str) -> int:
    """The result of verifying an address: always the same with the same seed."""
    if not is_address(address):
        return INVALID
    random = Random(f"{context.runtime.seed} verification {normal(address)}")
    return random.choices((VERIFIED, INVALID, RISKY, CATCH_ALL), (85, 5, 5, 5))[0]


class _Verifications(Records):
    def created(self, context: RequestContext) -> Entity:
        verification = super().created(context)
        context.schedule(SECONDS, "address-verified", email=verification["email"])
        return verification


VERIFICATIONS = _Verifications(
    "Email Verification",
    creates="createEmailVerification",
    gets="checkVerificationStatus",
    key="email",
    defaults=lambda context: {
        "status": "success",
        "verification_status": "pending",
        "catch_all": "pending",
        "credits_used": 1,
    },
)


@action("address-verified")
def verified(context: RequestContext, email: str) -> None:
    found = verdict(context, email)
    context.of("Email Verification")[email].update(
        verification_status="invalid" if found == INVALID else "verified", catch_all=found == CATCH_ALL
    )
