"""Ask what an order would cost, without ordering anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from ..call.arguments import explained, in_methods

Quote = TypeVar("Quote")
Quote_co = TypeVar("Quote_co", covariant=True)


class _Orders(Protocol[Quote_co]):
    def create(self, *, items: Sequence[Any], order_type: str, simulation: bool) -> Quote_co: ...


class _AsyncOrders(Protocol[Quote_co]):
    async def create(self, *, items: Sequence[Any], order_type: str, simulation: bool) -> Quote_co: ...


class DfyOrderHelpers:
    """Helpers of the resource `dfy_orders`."""

    __slots__ = ()

    def quote(self: _Orders[Quote], *, items: Sequence[Any], order_type: str) -> Quote:
        """Ask what an order would cost, and whether it could be placed. Nothing is ordered, and no card is charged.

        It is `create` with `simulation=True`, and goes out in a dry run, too.

        Args:
            items: The domains that would be ordered, each with its accounts, as `create` takes them.
            order_type: The kind of order.

        Returns:
            The prices, and `order_is_valid`: whether `create` with `simulation=False` would order.
        """
        return self.create(items=items, order_type=order_type, simulation=True)


class AsyncDfyOrderHelpers:
    """Helpers of the resource `dfy_orders`."""

    __slots__ = ()

    async def quote(self: _AsyncOrders[Quote], *, items: Sequence[Any], order_type: str) -> Quote:
        """Ask what an order would cost, and whether it could be placed. Nothing is ordered, and no card is charged.

        It is `create` with `simulation=True`, and goes out in a dry run, too.

        Args:
            items: The domains that would be ordered, each with its accounts, as `create` takes them.
            order_type: The kind of order.

        Returns:
            The prices, and `order_is_valid`: whether `create` with `simulation=False` would order.
        """
        return await self.create(items=items, order_type=order_type, simulation=True)


in_methods(DfyOrderHelpers, explained)
in_methods(AsyncDfyOrderHelpers, explained)
