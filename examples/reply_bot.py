"""Answer replies as they come: a receiver of webhooks that keeps each event in a file before it works on it.

pip install fastapi uvicorn
INSTANTLY_API_KEY=... WEBHOOK_SECRET=... PUBLIC_URL=https://ours.example uvicorn examples.reply_bot:app
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from threading import Lock

from fastapi import BackgroundTasks, FastAPI, HTTPException, Request

from instantly_client import Instantly, errors, webhooks

PATH = "/webhooks/instantly"


class Inbox:
    """Events that have arrived, each once, in a file that outlives the program."""

    def __init__(self, path: str) -> None:
        self._lock = Lock()
        self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._file.execute("CREATE TABLE IF NOT EXISTS events (key TEXT PRIMARY KEY, body BLOB, state TEXT)")

    def put(self, event: webhooks.DeliveredEvent, body: bytes) -> None:
        """Keep an event; one that has arrived before changes nothing."""
        with self._lock:
            self._file.execute("INSERT OR IGNORE INTO events VALUES (?, ?, 'new')", (event.key, body))

    def take(self) -> webhooks.DeliveredEvent | None:
        """The next event. It is marked first: what breaks after this is left to a person, and never answered twice."""
        query = (
            "UPDATE events SET state = 'taken' WHERE key = (SELECT key FROM events WHERE state = 'new') RETURNING body"
        )
        with self._lock:
            row = self._file.execute(query).fetchone()
        return webhooks.parse(row[0]) if row else None

    def done(self, event: webhooks.DeliveredEvent) -> None:
        with self._lock:
            self._file.execute("UPDATE events SET state = 'done' WHERE key = ?", (event.key,))

    def left(self) -> int:
        """How many events wait, or broke half-way."""
        with self._lock:
            return int(self._file.execute("SELECT count(*) FROM events WHERE state != 'done'").fetchone()[0])


def compose(event: webhooks.ReplyReceived) -> str | None:
    """The answer to a reply; None leaves it to a person."""
    name = event.lead_data.get("firstName", "there")
    return f"Hello {name}, 49 a month." if "price" in str(event.reply_text).lower() else None


def work(client: Instantly, inbox: Inbox) -> None:
    """Answer what has arrived."""
    while event := inbox.take():
        try:
            # Automatic replies are other events, so that two programs do not talk to each other for ever.
            if isinstance(event, webhooks.ReplyReceived) and (text := compose(event)):
                event.reply(client, text=text)
            inbox.done(event)
        except errors.InstantlyError:
            logging.getLogger(__name__).exception("%r was not answered", event)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    secret = os.environ["WEBHOOK_SECRET"]
    with Instantly() as client:
        app.state.client, app.state.inbox = client, Inbox(os.environ.get("INBOX", "inbox.sqlite"))
        url = os.environ["PUBLIC_URL"] + PATH
        client.webhooks.ensure(url, "reply_received", headers={"X-Webhook-Secret": secret})
        work(client, app.state.inbox)  # What arrived before the last stop.
        yield


app = FastAPI(lifespan=lifespan)


@app.post(PATH, status_code=204)
async def receive(request: Request, tasks: BackgroundTasks) -> None:
    body = await request.body()
    try:
        webhooks.verify(request.headers, os.environ["WEBHOOK_SECRET"])
        event = webhooks.parse(body)
    except errors.WebhookVerificationError as error:
        raise HTTPException(401) from error
    except errors.WebhookParseError as error:
        raise HTTPException(400, str(error)) from error
    request.app.state.inbox.put(event, body)
    tasks.add_task(work, request.app.state.client, request.app.state.inbox)  # In a thread, after the answer.
