"""Work of the pipeline, compared with the generator alone and its formatter, on the same document."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.figure import STOCK, Measured, Row, ratio
from benchmarks.setting import Setting, our_command, run, stock_command

ROUNDS = 3


def measure(setting: Setting) -> Measured:
    ours: list[float] = []
    stock: list[float] = []
    for number in range(1, ROUNDS + 1):
        folder = setting.folder / f"regeneration-{number}"
        setting.on_step(f"run {number} of {ROUNDS}, the stock generator")
        stock.append(seconds(stock_command(folder / "stock_client"), folder))
        setting.on_step(f"run {number} of {ROUNDS}, the pipeline")
        ours.append(seconds(our_command(folder / "ours"), folder))
    figure, spread = ratio(ours, stock)
    return Measured(figure, spread, {STOCK: 1.0}, f"{min(ours):.1f} s, stock generator {min(stock):.1f} s")


def seconds(command: list[str], folder: Path) -> float:
    """Seconds of the processor that a command and its own processes take."""
    folder.mkdir(exist_ok=True)
    start = os.times()
    # The stock generator ends with 1 where it warns, and it does.
    run(command, statuses=(0, 1) if "openapi_python_client" in command else (0,))
    end = os.times()
    return end.children_user + end.children_system - start.children_user - start.children_system


ROWS = [Row("regenerate", "regenerate / stock generator with its formatter", 1.5, "x", measure)]
