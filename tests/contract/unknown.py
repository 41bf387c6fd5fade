"""A field and a status of a campaign that no document has, whatever the pinned one adds."""

from __future__ import annotations

from itertools import count

from instantly_client.models import CampaignStatus
from instantly_sandbox.engine.document import pinned
from instantly_sandbox.recording.known import known

FIELD = next(name for times in count(1) if (name := "unheard" * times) not in known(pinned()).words)
STATUS = max(CampaignStatus) + 1
