"""The clock of another machine, read off its answers."""

from __future__ import annotations

from math import inf


class RemoteClock:
    """The moments of another clock by ours, in seconds.

    Each answer bounds the difference of the clocks: its moment lies between the question and the answer. What all
    answers say together is narrow, however late a single one was read.
    """

    __slots__ = ("_max_ahead", "_min_ahead")

    def __init__(self) -> None:
        self._min_ahead = -inf
        self._max_ahead = inf

    def note(self, asked: float, moment: float, answered: float) -> None:
        """Note a moment of the other clock that lies between two of ours."""
        min_ahead, max_ahead = moment - answered, moment - asked
        if max_ahead >= self._min_ahead and min_ahead <= self._max_ahead:
            self._min_ahead, self._max_ahead = max(min_ahead, self._min_ahead), min(max_ahead, self._max_ahead)
        else:  # One of the clocks has been set.
            self._min_ahead, self._max_ahead = min_ahead, max_ahead

    def ours(self, moment: float) -> float:
        """Return a moment of the other clock by ours."""
        return moment - (self._min_ahead + self._max_ahead) / 2
