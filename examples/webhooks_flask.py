"""A receiver of webhooks with Flask. It answers at once, works later, and drops repeats.

pip install flask
INSTANTLY_API_KEY=... WEBHOOK_SECRET=... flask --app webhooks_flask run
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from flask import Flask, abort, request

from instantly_client import Instantly, errors, webhooks

PATH = "/webhooks/instantly"

app = Flask(__name__)
repeats = webhooks.Repeats()
worker = ThreadPoolExecutor(max_workers=1)


@app.post(PATH)
def receive() -> tuple[str, int]:
    try:
        webhooks.verify(request.headers, os.environ.get("WEBHOOK_SECRET"))
        event = webhooks.parse(request.get_data())
    except errors.WebhookVerificationError:
        abort(401)
    except errors.WebhookParseError as error:
        abort(400, str(error))
    if repeats.is_new(event):
        worker.submit(work, event)
    return "", 204


def work(event: webhooks.DeliveredEvent) -> None:
    try:
        with Instantly() as client:
            match event:
                case webhooks.ReplyReceived() if "price" in str(event.reply_text).lower():
                    event.reply(client, text=f"Hello {event.lead_data.get('firstName', 'there')}, 49 a month.")
                case webhooks.EmailBounced() | webhooks.LeadUnsubscribed():
                    client.block_list.create(bl_value=event.lead_email)
    except Exception:
        app.logger.exception("%r was not handled", event)
