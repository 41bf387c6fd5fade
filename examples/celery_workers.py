"""Workers of Celery on several machines, which keep one rate limit together.

pip install 'celery[redis]' 'instantly-client[redis]'
INSTANTLY_API_KEY=... REDIS_URL=redis://127.0.0.1:6379/0 celery --app examples.celery_workers worker
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from celery import Celery

from instantly_client import Instantly, RedisLimiter, errors

REDIS = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")

app = Celery("outreach", broker=REDIS, backend=REDIS)
# A task goes back to the queue if its worker dies, so each one below can be carried out twice without harm.
app.conf.update(task_acks_late=True, task_reject_on_worker_lost=True, worker_prefetch_multiplier=1)


@cache
def client() -> Instantly:
    """The client of this process, made when a task needs it: after the fork of the worker."""
    return Instantly(limiter=RedisLimiter(REDIS, name="instantly"))


# The client tries again by itself what is safe to repeat. What it raises then is tried again later, but not what
# would fail again.
LATER = {
    "autoretry_for": (errors.RateLimitError, errors.ServerError, errors.APIConnectionError),
    "retry_backoff": True,
    "max_retries": 5,
}


@app.task(**LATER)
def pause(campaign_id: str) -> str:
    """Pause a campaign: twice is as good as once."""
    return client().campaigns.pause(campaign_id).status.name


@app.task(**LATER)
def add_leads(rows: list[dict[str, Any]], campaign_id: str) -> dict[str, int]:
    """Add leads: the campaign takes no address twice."""
    try:
        return client().leads.import_rows(rows, campaign_id=campaign_id).counts
    except errors.RowImportError as error:
        # What stopped it decides whether it is tried again.
        raise (error.__cause__ or error) from None


@app.task
def reply(email_id: str, account: str, subject: str, text: str) -> str:
    """Reply to an e-mail. This is the one that must not happen twice, so it looks first, and never tries again."""
    original = client().emails.get(email_id)
    thread = client().emails.list(search=f"thread:{original.thread_id}")
    later = [each for each in thread if each.timestamp_created > original.timestamp_created]
    if any(each.from_address_email == account for each in later):
        return "answered before"
    client().emails.reply(eaccount=account, reply_to_uuid=email_id, subject=subject, body={"text": text})
    return "answered"
