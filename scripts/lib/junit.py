"""What a run of the tests left in its file in the form of JUnit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree


def tests(results: Path) -> int:
    """How many tests there are, with those that were skipped."""
    return sum(1 for _ in ElementTree.parse(results).iter("testcase"))


def failures(results: Path) -> list[str]:
    """The tests that failed, each with the first line of why."""
    return [
        f"{place}: {(why.get('message') or '').partition(chr(10))[0]}"
        for place, why in (*_outcomes(results, "failure"), *_outcomes(results, "error"))
    ]


def skips(results: Path) -> Counter[str]:
    """Why tests were skipped, each reason with the number of tests."""
    return Counter(why.get("message") or "" for _, why in _outcomes(results, "skipped"))


def _outcomes(results: Path, kind: str) -> Iterator[tuple[str, ElementTree.Element]]:
    for case in ElementTree.parse(results).iter("testcase"):
        module = case.get("classname", "").replace(".", "/")
        place = f"{module}.py::{case.get('name')}" if module else case.get("name", "")
        for why in case.iter(kind):
            yield place, why
