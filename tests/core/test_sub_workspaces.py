"""An agency goes through its workspaces, with a client for each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import assert_type

from instantly_client import AsyncInstantly, Instantly, SubWorkspace
from instantly_sandbox import Sandbox


def test_each_workspace_comes_with_a_client_that_acts_for_it() -> None:
    with Sandbox() as sandbox:
        ids = {name: sandbox.add_workspace(name, under=sandbox.workspace_id) for name in ("Halden", "Brunn")}
        sandbox.add_workspace("Another agency's")
        client = sandbox.client()
        found = list(assert_type(client.workspaces(), Iterator[SubWorkspace[Instantly]]))
        assert {workspace.name: workspace.id for workspace in found} == ids
        assert [workspace.client.workspace.get_current().name for workspace in found] == [each.name for each in found]

        async def main() -> list[str]:
            asynchronous: AsyncInstantly = sandbox.async_client()
            return [(await each.client.workspace.get_current()).name async for each in asynchronous.workspaces()]

        assert asyncio.run(main()) == [each.name for each in found]
        assert "Halden" not in repr(found)


def test_only_those_that_have_accepted_are_among_them() -> None:
    with Sandbox() as sandbox:
        other = sandbox.add_workspace("Not yet")
        client = sandbox.client()
        client.workspace_group_members.create(sub_workspace_id=other)
        assert list(client.workspaces()) == []
