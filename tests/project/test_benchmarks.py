"""The benchmarks, as far as they need no clock."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import losses, samples, table
from benchmarks.__main__ import ROWS
from benchmarks.figure import Measured, Row, Unavailable, ratio
from benchmarks.probes import answers
from instantly_contract.check import decoded
from instantly_core.errors import OperationFailedError
from instantly_sandbox.recording.exchange import Exchange
from scripts.spec.document import operations
from tests.meant import meant
from tests.published import published

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return dict(published().raw)


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def row(limit: float | None) -> Row:
    return Row("speed", "speed / reference", limit, "x", lambda setting: Measured(1.0))


def test_the_help_names_every_figure() -> None:
    result = call("--help")
    assert result.returncode == 0
    assert all(f"\n  {name} " in result.stdout for name in ROWS)


def test_an_unknown_figure_is_told() -> None:
    result = call("warp")
    assert result.returncode == 2
    assert "unknown figure: warp" in result.stderr


@pytest.mark.slow
def test_a_strict_client_understands_full_answers() -> None:
    for sample in samples.success_samples(dict(meant().raw)):
        if sample.kind == "full" and sample.content_type == "application/json":
            headers, content = {"content-type": sample.content_type}, json.dumps(sample.value).encode()
            exchange = Exchange(sample.method, "https://api.example.com", {}, b"", sample.status, headers, content)
            outcome = decoded(sample.operation, exchange, strict=True)
            assert not isinstance(outcome, Exception) or isinstance(outcome, OperationFailedError), outcome


def test_every_operation_is_answered(document: dict[str, Any]) -> None:
    answered = {(sample.operation, sample.kind) for sample in samples.success_samples(document)}
    assert answered == {(operation.id, kind) for operation in operations(document) for kind in samples.KINDS}


def test_what_a_client_loses_is_found(document: dict[str, Any]) -> None:
    pages = (s for s in samples.success_samples(document) if isinstance(s.value, dict) and s.value.get("items"))
    whole = next(pages)._asdict()
    less = {name: value for name, value in whole["value"].items() if name != "items"}
    assert {*answers.ours([whole])} == {(whole["operation"], "")}
    [(_, damaged)] = {*answers.ours([{**whole, "value": less}])}
    assert damaged.startswith("raises DriftError")
    assert {*answers.ours([{**whole, "path": "/api/v2/nowhere"}])} == {(whole["operation"], "missing")}
    assert answers.judged({"id": "1"}, whole, {"id": "1"}, {"id": "2"}) == ("untyped" if whole["typed"] else "altered")
    assert answers.judged(object(), whole, {"id": "1"}, {"id": "2"}) == "altered"
    assert answers.judged(None, whole, None, {"id": "2"}) == "dropped"


def test_broken_operations_and_damaged_answers_are_counted_apart() -> None:
    found = {"a": "", "b": "missing", "c": "broken TypeError: x", "d": "raises DriftError: y", "e": "altered"}
    assert losses.counted(found) == (2, {"raises": 1, "altered": 1})


@pytest.mark.parametrize(
    ("limit", "ours", "mark"),
    [
        (1.2, 1.2, "ok"),
        (1.2, 1.21, "MISSED"),
        (None, 9.0, ""),
        (1.2, Unavailable("why"), "skipped"),
    ],
)
def test_a_figure_is_held_against_its_limit(limit: float | None, ours: float | Unavailable, mark: str) -> None:
    measured = Measured(ours)
    assert table.verdict(row(limit), measured)[0] == mark
    assert row(limit).missed(measured) is (mark == "MISSED")


def test_a_limit_may_be_the_least() -> None:
    share = Row("share", "share of the limit", 0.97, "", lambda setting: Measured(1.0), least=True)
    assert not share.missed(Measured(0.97))
    assert share.missed(Measured(0.96))
    assert "at least 0.97" in [cell.plain for cell in table.cells(share, Measured(0.98))]


def test_a_ratio_is_the_median_of_pairs() -> None:
    assert ratio([3.0, 4.0, 6.0], [2.0, 1.0, 2.0]) == (3.0, (2.25, 3.5))


def test_every_ratio_names_its_reference() -> None:
    assert [each.name for each in ROWS.values() if each.unit == "x" and " / " not in each.title] == []


def test_a_recorded_page_has_rows_with_ids_of_their_own_and_what_is_added() -> None:
    rows = json.loads(samples.recorded_page(ROOT / "tests" / "contract" / "recordings", 3, new=1))["items"]
    assert len({row["id"] for row in rows}) == 3
    assert [row["new"] for row in rows] == [1, 1, 1]


def test_the_table_says_what_is_not_available(capsys: pytest.CaptureFixture[str]) -> None:
    table.show([(row(1.2), Measured(1.1, (1.0, 1.15), {"instantlyai": "no network"}, "11 ms"))])
    lines = capsys.readouterr().out.splitlines()
    assert "1.10 x" in lines[1]
    assert "1-1.15" in lines[1]
    assert lines[2] == "instantlyai: not available: no network"
    assert "\x1b" not in "".join(lines)
