"""What the operations do, a module a subject. An operation without a handler answers with a sample of its schema."""

from . import background_jobs, campaigns, webhook_deliveries, webhook_events, webhooks, workspaces

__all__ = ["background_jobs", "campaigns", "webhook_deliveries", "webhook_events", "webhooks", "workspaces"]
