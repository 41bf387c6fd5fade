"""Base classes of the generated resources."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from .arguments import in_methods, with_encoding
from .client import AsyncClient, SyncClient

R = TypeVar("R")


class resource_property(cached_property[R]):  # noqa: N801, used like a decorator
    """A resource of a client, made when it is first used.

    On the class of the client it is the class of the resource: `create_autospec` and inspection find its methods there.
    """

    if not TYPE_CHECKING:

        def __get__(self, client, owner=None):
            return type(self.func(None)) if client is None else super().__get__(client, owner)


class _Resource:
    """The base of all resources."""

    # With a dict, so that the tests of a program can replace a method of one client.
    __slots__ = ("__dict__", "_client")

    _client: Any

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._client!r}>"


class Resource(_Resource):
    """A sync resource: the operations of one part of the API."""

    __slots__ = ()

    _client: SyncClient

    def __init_subclass__(cls) -> None:
        in_methods(cls, with_encoding)

    def __init__(self, client: SyncClient) -> None:
        self._client = client


class AsyncResource(_Resource):
    """An async resource: the operations of one part of the API."""

    __slots__ = ()

    _client: AsyncClient

    def __init_subclass__(cls) -> None:
        in_methods(cls, with_encoding)

    def __init__(self, client: AsyncClient) -> None:
        self._client = client


class RawResource(_Resource):
    """A resource whose methods return a `RawResponse`; its client is a raw view."""

    __slots__ = ()

    def __init__(self, client: Any) -> None:
        self._client = client
