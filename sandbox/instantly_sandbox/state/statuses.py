"""Statuses of objects, as far as the sandbox itself sets them."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class CampaignStatus(IntEnum):
    """Status of a campaign or a subsequence."""

    DRAFT = 0
    ACTIVE = 1
    PAUSED = 2
    COMPLETED = 3
    RUNNING_SUBSEQUENCES = 4
    UNHEALTHY = -1
    BOUNCE_PROTECT = -2
    SUSPENDED = -99


class LeadStatus(IntEnum):
    """Status of a lead."""

    ACTIVE = 1
    PAUSED = 2
    COMPLETED = 3
    BOUNCED = -1
    UNSUBSCRIBED = -2
    SKIPPED = -3


class AccountStatus(IntEnum):
    """Status of an account."""

    ACTIVE = 1
    PAUSED = 2
    CONNECTION_ERROR = -1
    SOFT_BOUNCE_ERROR = -2
    SENDING_ERROR = -3


class WarmupStatus(IntEnum):
    """Status of the warm-up of an account."""

    PAUSED = 0
    ACTIVE = 1


class WebhookStatus(IntEnum):
    """Status of a webhook."""

    ACTIVE = 1
    DISABLED = -1


class AgentStatus(IntEnum):
    """Status of an AI agent."""

    TRIAL_EXPIRED = -1
    INACTIVE = 0
    ACTIVE = 1


class ActionStatus(StrEnum):
    """Status of what an AI agent does or proposes."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
