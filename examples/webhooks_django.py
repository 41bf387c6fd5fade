"""A receiver of webhooks with Django. It answers at once, works later, and drops repeats.

pip install django
INSTANTLY_API_KEY=... WEBHOOK_SECRET=... python webhooks_django.py runserver
"""

from __future__ import annotations

import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.cache import cache
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from instantly_client import Instantly, errors, webhooks

PATH = "/webhooks/instantly"
HOUR = 3600

SETTINGS = {
    "ROOT_URLCONF": __name__,
    "ALLOWED_HOSTS": ["localhost", "127.0.0.1"],
    # A reply may be larger than Django's default, and a webhook whose deliveries are refused is disabled.
    "DATA_UPLOAD_MAX_MEMORY_SIZE": 10 * 2**20,
    # Several processes need a cache that they share.
    "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
}
if not settings.configured:
    settings.configure(**SETTINGS)

worker = ThreadPoolExecutor(max_workers=1)


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    try:
        webhooks.verify(request.headers, os.environ.get("WEBHOOK_SECRET"))
        event = webhooks.parse(request.body)
    except errors.WebhookVerificationError:
        return HttpResponse(status=401)
    except errors.WebhookParseError as error:
        return HttpResponse(str(error), status=400)
    if cache.add(event.key, True, timeout=HOUR):  # False if it has arrived before.
        worker.submit(work, event)
    return HttpResponse(status=204)


def work(event: webhooks.DeliveredEvent) -> None:
    try:
        with Instantly() as client:
            match event:
                case webhooks.ReplyReceived() if "price" in str(event.reply_text).lower():
                    event.reply(client, text=f"Hello {event.lead_data.get('firstName', 'there')}, 49 a month.")
                case webhooks.EmailBounced() | webhooks.LeadUnsubscribed():
                    client.block_list.create(bl_value=event.lead_email)
    except Exception:
        logging.getLogger(__name__).exception("%r was not handled", event)


urlpatterns = [path(PATH.lstrip("/"), receive)]
application = get_wsgi_application()

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
