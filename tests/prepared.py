"""The pinned document as the generator gets it, prepared once for all tests of a process, and the client of it."""

from __future__ import annotations

from functools import cache

from scripts.codegen.client_model import ClientModel
from scripts.codegen.pipeline import Prepared, load_pinned, model_of, prepare, read_curation
from scripts.lib.layout import PROJECT


@cache
def prepared() -> Prepared:
    source, _ = load_pinned(PROJECT)
    return prepare(source.document, read_curation(PROJECT), pinned=True, on_step=lambda step: None)


@cache
def model() -> ClientModel:
    return model_of(prepared(), PROJECT)
