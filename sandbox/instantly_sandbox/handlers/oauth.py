"""Accounts that are connected by OAuth: nobody has to sign in, a moment later they are there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ..engine.context import Call, handles
from ..engine.scheduler import action
from ..state.clock import timestamp
from .accounts import ACCOUNTS

KIND = "OAuth Session"
SECONDS_TO_FINISH = 5.0
SECONDS_TO_LIVE = 600.0
PROVIDERS = {"initGoogleOAuth": ("google", 2), "initMicrosoftOAuth": ("microsoft", 3)}


@handles("initGoogleOAuth", "initMicrosoftOAuth")
def begin(call: Call) -> dict[str, Any]:
    provider, code = PROVIDERS[call.operation.id]
    id = f"{call.random.getrandbits(80):020x}"
    call.of(KIND)[id] = {"status": "pending"}
    error = call.service.faults.ending("oauth")
    call.later(SECONDS_TO_FINISH, "oauth-ends", id=id, provider_code=code, error=error)
    call.later(SECONDS_TO_LIVE, "oauth-expires", id=id)
    return {
        "session_id": id,
        "auth_url": f"https://sandbox.invalid/oauth/{provider}?state={id}",
        "expires_at": timestamp(call.service.clock.now() + timedelta(seconds=SECONDS_TO_LIVE)),
    }


@action("oauth-ends")
def end(call: Call, id: str, provider_code: int, error: str | None) -> None:
    if error:
        why = "The sandbox was told to let this session fail"
        call.of(KIND)[id] = {"status": "error", "error": error, "error_description": why}
        return
    email = f"mailbox-{len(call.of('Account')) + 1}-{id[:4]}@example.com"
    names = {"first_name": "Sandbox", "last_name": "Mailbox"}
    ACCOUNTS.make(call, {"email": email, "provider_code": provider_code, **names})
    call.of(KIND)[id] = {"status": "success", "email": email, "name": " ".join(names.values())}


@action("oauth-expires")
def expire(call: Call, id: str) -> None:
    if id in call.of(KIND):
        call.of(KIND)[id] = {"status": "expired"}


@handles("getOAuthSessionStatus")
def status(call: Call) -> dict[str, Any]:
    session = call.find(KIND, call.path["sessionId"])
    if session["status"] != "pending":  # What has ended is told once.
        del call.of(KIND)[call.path["sessionId"]]
    return session
