"""A receiver of webhooks with FastAPI. It answers at once, works later, and drops repeats.

pip install fastapi uvicorn
INSTANTLY_API_KEY=... WEBHOOK_SECRET=... uvicorn webhooks_fastapi:app
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import BackgroundTasks, FastAPI, HTTPException, Request

from instantly_client import AsyncInstantly, errors, webhooks

PATH = "/webhooks/instantly"

repeats = webhooks.Repeats()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    async with AsyncInstantly() as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=lifespan)


@app.post(PATH, status_code=204)
async def receive(request: Request, tasks: BackgroundTasks) -> None:
    try:
        webhooks.verify(request.headers, os.environ.get("WEBHOOK_SECRET"))
        event = webhooks.parse(await request.body())
    except errors.WebhookVerificationError as error:
        raise HTTPException(401) from error
    except errors.WebhookParseError as error:
        raise HTTPException(400, str(error)) from error
    if repeats.is_new(event):
        tasks.add_task(work, request.app.state.client, event)  # It begins when the answer has been sent.


async def work(client: AsyncInstantly, event: webhooks.DeliveredEvent) -> None:
    match event:
        case webhooks.ReplyReceived() if "price" in str(event.reply_text).lower():
            await event.reply(client, text=f"Hello {event.lead_data.get('firstName', 'there')}, 49 a month.")
        case webhooks.EmailBounced() | webhooks.LeadUnsubscribed():
            await client.block_list.create(bl_value=event.lead_email)
