"""The version follows from what has changed, and is in one place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.compatibility.judge import Level
from scripts.compatibility.versions import (
    FILE,
    next_version,
    parse_version,
    read_version,
    write_version,
)
from scripts.lib.layout import PROJECT
from scripts.lib.report import Refused
from tests.pipeline.settings import STEADY

NUMBERS = st.integers(0, 10**6)
LEVELS = st.sampled_from(["major", "minor", "patch"])


@pytest.mark.parametrize(
    ("version", "raised", "expected"),
    [
        ("0.1.0", "major", "0.2.0"),
        ("0.1.7", "major", "0.2.0"),
        ("0.1.7", "minor", "0.1.8"),
        ("0.1.7", "patch", "0.1.8"),
        ("1.2.3", "major", "2.0.0"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "patch", "1.2.4"),
        ("9.9.9", "minor", "9.10.0"),
    ],
)
def test_the_next_version(version: str, raised: Level, expected: str) -> None:
    assert next_version(version, raised) == expected


@STEADY
@given(NUMBERS, NUMBERS, NUMBERS, LEVELS)
def test_the_next_version_is_a_later_one_of_the_same_series(major: int, minor: int, patch: int, raised: Level) -> None:
    following = parse_version(next_version(f"{major}.{minor}.{patch}", raised))
    assert following > (major, minor, patch)
    assert (following[0] > major) is (raised == "major" and major > 0)


@pytest.mark.parametrize(
    "version",
    [
        "1.0.0rc1",
        "1.0.0-alpha",
        "1.0.0.dev1",
        "1.0",
        "1",
        "",
        "v1.0.0",
        "01.0.0",
        "1.0.0+local",
        "1.0.0\n",
        "\u0661.0.0",
    ],
)
def test_what_is_no_release_is_refused(version: str) -> None:
    with pytest.raises(Refused, match="is no version of a release"):
        next_version(version, "patch")
    with pytest.raises(Refused, match="is no version of a release"):
        write_version(PROJECT.root, version)


def test_a_version_is_all_that_changes_in_its_file() -> None:
    before = (PROJECT.root / FILE).read_bytes()
    after = write_version(PROJECT.root, "12.3.4")
    assert read_version(after.decode()) == "12.3.4"
    assert after.replace(b"12.3.4", read_version(before.decode()).encode()) == before
    assert (PROJECT.root / FILE).read_bytes() == before


def test_a_file_without_one_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"version\.py cannot be read"):
        write_version(tmp_path, "1.0.0")
    (tmp_path / FILE).parent.mkdir(parents=True)
    for text in ("", '__version__ = "1.0.0"\n__version__ = "1.0.1"\n', "__version__ = make()\n"):
        (tmp_path / FILE).write_text(text, "utf-8")
        with pytest.raises(Refused, match=r"version\.py has \d versions"):
            write_version(tmp_path, "1.0.0")
