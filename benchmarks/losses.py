"""Losses between the document and a decoded answer: three answers to every operation, and every field counts."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from benchmarks.figure import STOCK, Measured, Row, Unavailable
from benchmarks.setting import Setting

NO_OPERATION = ("broken", "missing", "misled")


def measure(setting: Setting) -> Measured:
    setting.on_step("ours")
    ours = problems(setting, "ours")
    broken, lost = counted(ours)
    stock: float | str
    compared = ""
    output = setting.stock_output
    if isinstance(output, Unavailable):
        stock = str(output)
    else:
        setting.on_step(STOCK)
        stock_broken, stock_lost = counted(problems(setting, "stock", output[0].parent))
        stock = stock_broken + stock_lost.total()
        warned = output[1].count("response will be omitted from generated client")
        compared = f"; stock: {stock_broken} operations, {describe(stock_lost)}, of which it warns of {warned}"
    remarks = tuple(f"{operation}: {problem}" for operation, problem in ours.items() if problem)
    plainly = f"{broken} operations broken, {describe(lost)} of {len(ours)}{compared}"
    return Measured(broken + lost.total(), None, {STOCK: stock}, plainly, remarks)


def problems(setting: Setting, client: str, *folder: Path) -> dict[str, str]:
    # Whichever client it is, what judges its answers comes with ours.
    found: dict[str, str] = json.loads(setting.probe(setting.ours, "answers", client, setting.answers, *folder))
    return found


def counted(found: dict[str, str]) -> tuple[int, Counter[str]]:
    """The number of operations that cannot be called, and the responses that come out damaged, by how."""
    kinds = Counter(problem.partition(" ")[0] for problem in found.values() if problem)
    broken = sum(kinds.pop(kind, 0) for kind in NO_OPERATION)
    return broken, kinds


def describe(lost: Counter[str]) -> str:
    kinds = ", ".join(f"{count} {kind}" for kind, count in lost.most_common())
    return f"{lost.total()} responses lost{f' ({kinds})' if kinds else ''}"


ROWS = [Row("losses", "responses lost and operations broken", 0, "", measure)]
