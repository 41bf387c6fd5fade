"""A row of the table: what is measured, and its limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.setting import Setting

STOCK = "stock generator"
PEER = "instantlyai"


class Unavailable(Exception):  # noqa: N818 - it says what is so
    """Something to compare with cannot be had here; the message says why."""


@dataclass(frozen=True)
class Measured:
    """Result of a row: our figure, the quartiles that it lies between, the same of others, and plain numbers.

    Where another has no figure there is the reason why instead. Remarks are below the table.
    """

    ours: float | Unavailable
    quartiles: tuple[float, float] | None = None
    others: dict[str, float | str] = field(default_factory=dict)
    plainly: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """A figure: its name on the command line, what it is, the most that it may be, and how it is measured.

    The title of a ratio names its reference, after a slash.

    Without a limit it is there for information. With `least`, the limit is the least that it may be.
    """

    name: str
    title: str
    limit: float | None
    unit: str
    measure: Callable[[Setting], Measured]
    least: bool = False

    def missed(self, measured: Measured) -> bool:
        if self.limit is None or isinstance(measured.ours, Unavailable):
            return False
        return measured.ours < self.limit if self.least else measured.ours > self.limit


def quartiles(values: Sequence[float]) -> tuple[float, float]:
    low, _, high = quantiles(values, n=4, method="inclusive")
    return low, high


def ratio(values: Sequence[float], references: Sequence[float]) -> tuple[float, tuple[float, float]]:
    """The median and the quartiles of the ratios of the pairs that were measured next to each other."""
    pairs = [value / reference for value, reference in zip(values, references, strict=True)]
    return median(pairs), quartiles(pairs)
