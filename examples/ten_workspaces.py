"""Report the figures of all workspaces of an agency, several at once.

python examples/ten_workspaces.py
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from instantly_client import AsyncInstantly, SubWorkspace, errors

AT_ONCE = 5


class Figures(NamedTuple):
    """The figures of a workspace, or why there are none."""

    name: str
    campaigns: int = 0
    sent: int = 0
    replies: int = 0
    problem: str = ""


async def figures(workspace: SubWorkspace[AsyncInstantly]) -> Figures:
    """The figures of a workspace. What fails in one says nothing about the others."""
    try:
        campaigns = await workspace.client.campaigns.get_analytics()
    except errors.InstantlyError as error:
        return Figures(workspace.name, problem=str(error))
    sent = sum(campaign.emails_sent_count for campaign in campaigns)
    return Figures(workspace.name, len(campaigns), sent, sum(campaign.reply_count for campaign in campaigns))


async def report(client: AsyncInstantly) -> list[Figures]:
    """The figures of all workspaces, by name."""
    together = asyncio.Semaphore(AT_ONCE)

    async def one(workspace: SubWorkspace[AsyncInstantly]) -> Figures:
        async with together:
            return await figures(workspace)

    return sorted(await asyncio.gather(*[one(workspace) async for workspace in client.workspaces()]))


async def main() -> None:
    async with AsyncInstantly() as client:
        for each in await report(client):
            print(f"{each.name:<30} {each.campaigns:>5} {each.sent:>8} {each.replies:>6}  {each.problem}")


if __name__ == "__main__":
    asyncio.run(main())
