"""What the operations do, a module a subject. An operation without a handler answers with a sample of its schema."""

from . import (
    analytics,
    background_jobs,
    block_list,
    campaigns,
    custom_tags,
    email_verifications,
    lead_imports,
    lead_labels,
    lead_lists,
    lead_moves,
    leads,
    reactions,
    sending,
    sending_status,
    subsequences,
    workspaces,
)

__all__ = [
    "analytics",
    "background_jobs",
    "block_list",
    "campaigns",
    "custom_tags",
    "email_verifications",
    "lead_imports",
    "lead_labels",
    "lead_lists",
    "lead_moves",
    "leads",
    "reactions",
    "sending",
    "sending_status",
    "subsequences",
    "workspaces",
]
