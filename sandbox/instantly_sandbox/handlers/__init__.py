"""What the operations do, a module a subject. An operation without a handler answers with a sample of its schema."""

from . import (
    account_analytics,
    account_campaign_mappings,
    accounts,
    background_jobs,
    campaigns,
    emails,
    warmup,
    webhook_deliveries,
    webhook_events,
    webhooks,
    workspaces,
)

__all__ = [
    "account_analytics",
    "account_campaign_mappings",
    "accounts",
    "background_jobs",
    "campaigns",
    "emails",
    "warmup",
    "webhook_deliveries",
    "webhook_events",
    "webhooks",
    "workspaces",
]
