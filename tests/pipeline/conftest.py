"""What all generated clients of the tests have in common is compiled and read once, and no file waits for the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, ClassVar

import griffe
import pytest
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket


class Compiled(BytecodeCache):
    """Templates, by what they say."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        known = self._known.get(bucket.key + bucket.checksum)
        if known is not None:
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


class Reader(griffe.GriffeLoader):
    """It reads an engine whose files say the same only once."""

    known: ClassVar[dict[str, Any]] = {}

    def load(self, objspec: Any = None, **options: Any) -> Any:
        (root,) = self.finder.search_paths
        digest = sha256(objspec.encode())
        for path in sorted(root.rglob("*.py")):
            digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes() + b"\0")
        key = digest.hexdigest()
        if key not in self.known:
            self.known[key] = super().load(objspec, **options)
            super().resolve_aliases(implicit=True)
        return self.known[key]

    def resolve_aliases(self, **_: Any) -> Any:
        """They are resolved when the engine is read."""


@pytest.fixture(scope="session", autouse=True)
def quicker() -> Iterator[None]:
    compiled = Compiled()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "bytecode_cache", property(lambda _: compiled, lambda *_: None), raising=False)
        patch.setattr(griffe, "GriffeLoader", Reader)
        patch.setattr(os, "fsync", lambda _: None)
        yield
