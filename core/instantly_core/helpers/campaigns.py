"""Say why a campaign does not send."""

from __future__ import annotations

from typing import Any, Protocol

from ..call.arguments import explained, in_methods
from .obstacles import Obstacle, obstacles


class _Campaigns(Protocol):
    _client: Any

    def get(self, id: str, /) -> Any: ...

    def get_sending_status(self, id: str, /) -> Any: ...


class CampaignHelpers:
    """Helpers of the resource `campaigns`."""

    __slots__ = ()

    def why_not_sending(self: _Campaigns, id: str, /) -> list[Obstacle]:
        """Say why a campaign does not send, or sends little: in sentences, with what to do.

        It looks at the campaign, its sending status, its accounts and whether it has leads. It changes nothing.

            for obstacle in client.campaigns.why_not_sending(id):
                print(obstacle.message, obstacle.advice)

        Args:
            id: Id of the campaign.

        Returns:
            What keeps it from sending, each with `code`, `message`, `advice` and `accounts`; an empty list if nothing
            does.

        Raises:
            APIError: The campaign, its sending status, the accounts or its leads could not be fetched.
        """
        campaign = self.get(id)
        sending = self.get_sending_status(id)
        accounts = self._client.accounts.list().collect()
        leads = self._client.leads.list(campaign=id, max_items=1).collect()
        return obstacles(campaign, sending, accounts, leads)


class AsyncCampaignHelpers:
    """Helpers of the resource `campaigns`."""

    __slots__ = ()

    async def why_not_sending(self: _Campaigns, id: str, /) -> list[Obstacle]:
        """Say why a campaign does not send, or sends little: in sentences, with what to do.

        It looks at the campaign, its sending status, its accounts and whether it has leads. It changes nothing.

            for obstacle in client.campaigns.why_not_sending(id):
                print(obstacle.message, obstacle.advice)

        Args:
            id: Id of the campaign.

        Returns:
            What keeps it from sending, each with `code`, `message`, `advice` and `accounts`; an empty list if nothing
            does.

        Raises:
            APIError: The campaign, its sending status, the accounts or its leads could not be fetched.
        """
        campaign = await self.get(id)
        sending = await self.get_sending_status(id)
        accounts = await self._client.accounts.list().collect()
        leads = await self._client.leads.list(campaign=id, max_items=1).collect()
        return obstacles(campaign, sending, accounts, leads)


in_methods(CampaignHelpers, explained)
in_methods(AsyncCampaignHelpers, explained)
