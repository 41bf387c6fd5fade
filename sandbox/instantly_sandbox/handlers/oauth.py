"""OAuth sessions. Nobody signs in: the account is connected after a moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ..engine.context import RequestContext
from ..engine.registry import handles
from ..engine.scheduler import action
from ..state.clock import timestamp
from ..state.workspaces import QueuedEvent
from .accounts import ACCOUNTS

KIND = "OAuth Session"
SECONDS_TO_FINISH = 5.0
SECONDS_TO_LIVE = 600.0
PROVIDERS = {"initGoogleOAuth": ("google", 2), "initMicrosoftOAuth": ("microsoft", 3)}


@handles("initGoogleOAuth", "initMicrosoftOAuth")
def begin(context: RequestContext) -> dict[str, Any]:
    provider, code = PROVIDERS[context.operation.id]
    id = f"{context.random.getrandbits(80):020x}"
    context.of(KIND)[id] = {"status": "pending"}
    error = context.runtime.faults.ending("oauth")
    context.schedule(SECONDS_TO_FINISH, "oauth-ends", id=id, provider_code=code, error=error)
    context.schedule(SECONDS_TO_LIVE, "oauth-expires", id=id)
    return {
        "session_id": id,
        "auth_url": f"https://sandbox.invalid/oauth/{provider}?state={id}",
        "expires_at": timestamp(context.runtime.clock.now() + timedelta(seconds=SECONDS_TO_LIVE)),
    }


@action("oauth-ends")
def end(context: RequestContext, id: str, provider_code: int, error: str | None) -> None:
    if error:
        why = "The sandbox was told to let this session fail"
        context.of(KIND)[id] = {"status": "error", "error": error, "error_description": why}
        return
    email = f"mailbox-{len(context.of('Account')) + 1}-{id[:4]}@example.com"
    names = {"first_name": "Sandbox", "last_name": "Mailbox"}
    ACCOUNTS.make(context, {"email": email, "provider_code": provider_code, **names})
    context.of(KIND)[id] = {"status": "success", "email": email, "name": " ".join(names.values())}


def take(context: RequestContext, id: str) -> QueuedEvent:
    """Take the queued end of a session out of the queue."""
    queue = context.workspace.queue
    event = next(event for event in queue if event["action"] == "oauth-ends" and event["arguments"]["id"] == id)
    queue.remove(event)
    return event


@action("oauth-expires")
def expire(context: RequestContext, id: str) -> None:
    if id in context.of(KIND):
        context.of(KIND)[id] = {"status": "expired"}


@handles("getOAuthSessionStatus", of=KIND)
def status(context: RequestContext) -> dict[str, Any]:
    session = context.find(KIND, context.path["sessionId"])
    if session["status"] != "pending":  # The end of a session is shown once.
        del context.of(KIND)[context.path["sessionId"]]
    return session
