"""The workspaces of an agency, each with a client that acts for it. The client itself takes this up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from ..call.arguments import explained, in_methods

Client = TypeVar("Client")
Client_co = TypeVar("Client_co", covariant=True)


class SubWorkspace(NamedTuple, Generic[Client]):
    """A workspace of an agency.

    Attributes:
        id: its id.
        name: its name; "" if the service does not say it.
        client: a client that acts for it.
    """

    id: str
    name: str
    client: Client

    def __repr__(self) -> str:
        return f"<SubWorkspace {self.id}>"


class _ActsFor(Protocol[Client_co]):
    @property
    def workspace_group_members(self) -> Any: ...

    def for_workspace(self, workspace_id: str, /) -> Client_co: ...


class WorkspaceHelpers:
    """Helpers of the client."""

    def workspaces(self: _ActsFor[Client]) -> Iterator[SubWorkspace[Client]]:
        """Go through the workspaces under this one that have accepted, each with a client that acts for it.

        This takes the key of an admin workspace. The clients share connections, and by default the rate limits of the
        key.

            for workspace in client.workspaces():
                print(workspace.name, len(workspace.client.campaigns.list().collect()))

        Raises:
            APIError: The workspaces could not be listed.
        """
        for member in self.workspace_group_members.list():
            if member.status == "accepted":
                id = member.sub_workspace_id
                yield SubWorkspace(id, str(member.sub_workspace_name or ""), self.for_workspace(id))


class AsyncWorkspaceHelpers:
    """Helpers of the client."""

    async def workspaces(self: _ActsFor[Client]) -> AsyncIterator[SubWorkspace[Client]]:
        """Go through the workspaces under this one that have accepted, each with a client that acts for it.

        This takes the key of an admin workspace. The clients share connections, and by default the rate limits of the
        key.

            async for workspace in client.workspaces():
                print(workspace.name, len(await workspace.client.campaigns.list().collect()))

        Raises:
            APIError: The workspaces could not be listed.
        """
        async for member in self.workspace_group_members.list():
            if member.status == "accepted":
                id = member.sub_workspace_id
                yield SubWorkspace(id, str(member.sub_workspace_name or ""), self.for_workspace(id))


in_methods(WorkspaceHelpers, explained)
in_methods(AsyncWorkspaceHelpers, explained)
