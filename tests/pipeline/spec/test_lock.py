from __future__ import annotations

import dataclasses
import datetime
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.lib.report import Refused
from scripts.spec.load import Source, load
from scripts.spec.lock import Lock, check, describe, read, write
from tests.pipeline.documents import small_document
from tests.pipeline.settings import JSON, STEADY

URL = "https://robots.example/openapi.json"
DATE = datetime.date(2026, 5, 11)


def source(tmp_path: Path, document: dict[str, Any]) -> Source:
    path = tmp_path / "api.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return load(path)


def lock_of(source: Source, note: str = "A note.") -> Lock:
    return describe(source, source_url=URL, date=DATE, note=note)


def test_a_lock_says_what_was_pinned(tmp_path: Path) -> None:
    pinned = source(tmp_path, small_document())
    assert lock_of(pinned) == Lock(
        source_url=URL,
        date=DATE,
        note="A note.",
        sha256=pinned.sha256,
        bytes=len(pinned.bytes_),
        openapi="3.1.0",
        api_version="1.0.0",
        operations=3,
        paths=2,
        schemas=2,
        tags=1,
    )


def test_a_lock_is_read_as_it_was_written_and_written_the_same_every_time(tmp_path: Path) -> None:
    lock = lock_of(source(tmp_path, small_document()))
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    write(first, lock)
    write(second, read(first))
    assert read(first) == lock
    assert first.read_bytes() == second.read_bytes() == lock.to_toml().encode()
    assert b"\r" not in first.read_bytes()


def test_a_lock_names_the_published_bytes_where_others_are_pinned(tmp_path: Path) -> None:
    pinned = source(tmp_path, small_document())
    lock = describe(pinned, source_url=URL, date=DATE, note="A note.", vendor_sha256="1" * 64)
    write(tmp_path / "lock.toml", lock)
    assert read(tmp_path / "lock.toml") == lock
    assert "vendor_sha256" not in lock_of(pinned).to_toml()


def test_the_document_of_a_lock_passes(tmp_path: Path) -> None:
    pinned = source(tmp_path, small_document())
    check(pinned, lock_of(pinned))


def test_another_document_is_refused_with_every_figure_that_differs(tmp_path: Path) -> None:
    lock = lock_of(source(tmp_path, small_document()))
    document = small_document()
    del document["paths"]["/api/robots"]
    document["info"]["version"] = "1.1.0"
    with pytest.raises(Refused) as caught:
        check(source(tmp_path, document), lock)
    text = str(caught.value)
    for figure in ("sha256", "bytes", "api_version is '1.1.0'", "operations is 2", "and 3 in its lock", "paths is 1"):
        assert figure in text
    assert "schemas" not in text
    assert str(tmp_path / "api.json") in text
    assert "pin the document again" in text


@pytest.mark.parametrize(
    "name", ["sha256", "bytes", "openapi", "api_version", "operations", "paths", "schemas", "tags"]
)
def test_a_lock_that_was_edited_is_refused(tmp_path: Path, name: str) -> None:
    pinned = source(tmp_path, small_document())
    lock = lock_of(pinned)
    change: dict[str, Any] = {name: 999 if isinstance(getattr(lock, name), int) else "other"}
    with pytest.raises(Refused) as caught:
        check(pinned, dataclasses.replace(lock, **change))
    [finding] = caught.value.findings
    assert finding.what.startswith(f"{name} is ")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (("bytes = ", "bytes = true # "), "bytes is missing or not of type int"),
        (("tags = ", "labels = "), "labels is not an entry"),
        (("tags = ", "labels = "), "tags is missing"),
        (("date = ", "date = '2026' # "), "date is missing or not of type datetime.date"),
        (("date = ", "date = 2026-05-11T00:00:00 # "), "date is missing or not of type datetime.date"),
        (("tags = ", "tags : "), "cannot be read"),
    ],
)
def test_a_lock_that_is_not_sound_is_refused(tmp_path: Path, change: tuple[str, str], what: str) -> None:
    path = tmp_path / "lock.toml"
    path.write_text(lock_of(source(tmp_path, small_document())).to_toml().replace(*change), encoding="utf-8")
    with pytest.raises(Refused) as caught:
        read(path)
    assert what in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_lock_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        read(tmp_path / "missing.toml")


@STEADY
@given(st.text(max_size=50))
def test_any_text_survives_in_a_note(note: str) -> None:
    lock = Lock(URL, DATE, note, "0" * 64, 1, "3.1.0", "1", 1, 1, 1, 1)
    assert tomllib.loads(lock.to_toml())["note"] == note


@pytest.mark.slow
@STEADY
@given(st.dictionaries(st.sampled_from(["openapi", "info", "paths", "components", "tags"]), JSON))
def test_any_document_can_be_described(document: dict[str, Any]) -> None:
    lock = lock_of(Source(Path("api.json"), b"", "", document))
    assert tomllib.loads(lock.to_toml())["operations"] == lock.operations
