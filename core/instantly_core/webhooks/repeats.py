"""Memory of events that have arrived, so that a repeated one is dropped."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from .event import DeliveredEvent


class Repeats:
    """The last events of this process, to recognize those that arrive again. Any number of threads may ask.

    Several processes need one memory for all of them, which has `event.key` as its key: the cache of Django, Redis, a
    column that is unique.

    Args:
        max_events: The number of events to remember.
    """

    __slots__ = ("_keys", "_lock", "_max_events")

    def __init__(self, max_events: int = 100_000) -> None:
        if max_events < 1:
            raise ValueError(f"max_events is {max_events}: it is at least 1")
        self._max_events = max_events
        self._keys: OrderedDict[str, None] = OrderedDict()
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"<Repeats of {len(self._keys)} events>"

    def is_new(self, event: DeliveredEvent) -> bool:
        """Whether an event has not arrived before; from now on it has."""
        key = event.key
        with self._lock:
            new = key not in self._keys
            self._keys[key] = None
            self._keys.move_to_end(key)
            if len(self._keys) > self._max_events:
                self._keys.popitem(last=False)
        return new
