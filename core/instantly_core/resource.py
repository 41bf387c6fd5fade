"""What a group of operations hangs on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .arguments import check_in

if TYPE_CHECKING:
    from .client import AsyncClient, SyncClient


class _Resource:
    """What all kinds of resources have in common."""

    __slots__ = ("_client",)

    _client: Any

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._client!r}>"


class Resource(_Resource):
    """The operations of one subject, sync."""

    __slots__ = ()

    _client: SyncClient

    def __init_subclass__(cls) -> None:
        check_in(cls)

    def __init__(self, client: SyncClient) -> None:
        self._client = client


class AsyncResource(_Resource):
    """The operations of one subject, async."""

    __slots__ = ()

    _client: AsyncClient

    def __init_subclass__(cls) -> None:
        check_in(cls)

    def __init__(self, client: AsyncClient) -> None:
        self._client = client


class RawResource(_Resource):
    """The operations of one subject, answering with a `RawResponse`; its client is a raw view."""

    __slots__ = ()

    def __init__(self, client: Any) -> None:
        self._client = client
