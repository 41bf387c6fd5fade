"""The pinned document as it is published, without our corrections, under the names on record."""

from __future__ import annotations

from functools import cache

from instantly_sandbox.engine.document import Document
from scripts.lib.layout import PROJECT
from scripts.spec.load import load
from scripts.spec.registry import read_registry
from scripts.spec.renames import apply_renames


@cache
def published() -> Document:
    """The published document, as the sandbox reads one."""
    return Document(apply_renames(load(PROJECT.document).document, read_registry(PROJECT.names)))
