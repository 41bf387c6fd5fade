"""What a group of operations hangs on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .arguments import check_in

if TYPE_CHECKING:
    from .client import AsyncClient, SyncClient


class Resource:
    """The operations of one subject, sync."""

    __slots__ = ("_client",)

    def __init_subclass__(cls) -> None:
        check_in(cls)

    def __init__(self, client: SyncClient) -> None:
        self._client = client


class AsyncResource:
    """The operations of one subject, async."""

    __slots__ = ("_client",)

    def __init_subclass__(cls) -> None:
        check_in(cls)

    def __init__(self, client: AsyncClient) -> None:
        self._client = client


class RawResource:
    """The operations of one subject, answering with a `RawResponse`; its client is a raw view."""

    __slots__ = ("_client",)

    def __init__(self, client: Any) -> None:
        self._client = client
