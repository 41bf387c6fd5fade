"""Losses between the document and a decoded answer: three answers to every operation, and every field counts."""

from __future__ import annotations

import json
from collections import Counter

from benchmarks.figure import STOCK, Measured, Row, Unavailable
from benchmarks.setting import Contestant, Setting

NO_OPERATION = ("broken", "missing")


def measure(setting: Setting) -> Measured:
    setting.on_step("ours")
    ours = problems(setting, setting.ours)
    broken, lost = counted(ours)
    stock: float | str
    compared = ""
    contestant, output = setting.stock, setting.stock_output
    if isinstance(contestant, Unavailable) or isinstance(output, Unavailable):
        stock = str(contestant)
    else:
        setting.on_step(STOCK)
        stock_broken, stock_lost = counted(problems(setting, contestant))
        stock = stock_broken + stock_lost.total()
        warned = output[1].count("response will be omitted from generated client")
        compared = f"; stock: {stock_broken} operations, {describe(stock_lost)}, of which it warns of {warned}"
    remarks = tuple(f"{operation}: {problem}" for operation, problem in ours.items() if problem)
    plainly = f"{broken} operations broken, {describe(lost)} of {len(ours)}{compared}"
    return Measured(broken + lost.total(), None, {STOCK: stock}, plainly, remarks)


def problems(setting: Setting, contestant: Contestant) -> dict[str, str]:
    found: dict[str, str] = json.loads(setting.probe(contestant, "answers", contestant.probe, setting.answers))
    return found


def counted(found: dict[str, str]) -> tuple[int, Counter[str]]:
    """The number of operations that cannot be called, and the responses that come out damaged, by how."""
    broken = sum(problem in NO_OPERATION for problem in found.values())
    return broken, Counter(p.partition(" ")[0] for p in found.values() if p and p not in NO_OPERATION)


def describe(lost: Counter[str]) -> str:
    kinds = ", ".join(f"{count} {kind}" for kind, count in lost.most_common())
    return f"{lost.total()} responses lost{f' ({kinds})' if kinds else ''}"


ROWS = [Row("losses", "responses lost and operations broken", 0, "", measure)]
