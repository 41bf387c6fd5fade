"""Hooks and callbacks of the caller. None of them breaks a call: a write that was carried out must not look failed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import isawaitable, iscoroutine
from typing import Any, TypeVar

from ..log import logger

T = TypeVar("T")


class Observers:
    """Calls the hooks of a client. Whatever they raise is logged, once for each hook and kind of error.

    Attributes:
        pending: what `async def` hooks returned, with the name of the hook.
    """

    __slots__ = ("_logged", "pending")

    def __init__(self) -> None:
        self._logged: set[tuple[str, str]] = set()
        self.pending: list[tuple[str, Awaitable[Any]]] = []

    def notify(self, name: str, hook: Callable[[T], Any], value: T) -> None:
        """Call a hook; `name` is that of the argument that it was given as."""
        try:
            result = hook(value)
        except Exception as error:
            self._failed(name, error)
        else:
            if result is not None and isawaitable(result):
                self.pending.append((name, result))

    def settle(self) -> None:
        """Refuse what `async def` hooks returned."""
        while self.pending:
            name, result = self.pending.pop(0)
            if iscoroutine(result):
                result.close()
            self._failed(name, TypeError("only an async client awaits its hooks"))

    async def settle_async(self) -> None:
        """Await what `async def` hooks returned."""
        while self.pending:
            name, result = self.pending.pop(0)
            try:
                await result
            except Exception as error:
                self._failed(name, error)

    def _failed(self, name: str, error: Exception) -> None:
        kind = (name, type(error).__qualname__)
        if kind not in self._logged:
            self._logged.add(kind)
            logger.warning("%s raised an error, which is ignored", name, exc_info=error)
