"""The road from a document to a verified client in a new folder: every step in order, none left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.codegen.client_model import ClientModel
from scripts.codegen.format import format_tree
from scripts.codegen.generate import Provenance, configuration, generate, parse
from scripts.codegen.runtime_spec import FILE, write_runtime_spec
from scripts.codegen.verify import verify
from scripts.codegen.views import client_model
from scripts.lib.layout import PACKAGE, Layout
from scripts.lib.report import Finding, Refused, child
from scripts.naming.hoist import NamedDocument, name_document
from scripts.naming.order import in_order_of
from scripts.spec import lock as locks
from scripts.spec.dialect import in_one_dialect
from scripts.spec.document import Document, operations
from scripts.spec.lint import lint
from scripts.spec.load import Source, load
from scripts.spec.normalise import normalise
from scripts.spec.normalise.meanings import unknown_meanings
from scripts.spec.order import in_canonical_order
from scripts.spec.overlay import Overlay, apply, load_overlay
from scripts.spec.registry import Registry, read_registry
from scripts.spec.removed import Tombstone, read_tombstones, restore_removed
from scripts.spec.renames import apply_renames

OnStep = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """Result of a run: the named document, its client, and the overlay's actions that found nothing to correct."""

    named: NamedDocument
    model: ClientModel
    unmatched: list[Finding]
    files: int


def load_pinned(layout: Layout) -> tuple[Source, Provenance]:
    """The pinned document. Raises `Refused` unless it is, byte for byte, what its lock says."""
    lock = locks.read(layout.lock)
    source = load(layout.document)
    locks.check(source, lock)
    return source, provenance_of(lock)


def provenance_of(lock: locks.Lock) -> Provenance:
    """The header of generated files, for the document that `lock` describes."""
    return Provenance("nox -s regenerate", lock.sha256, lock.api_version, lock.date.isoformat())


def load_foreign(path: Path) -> tuple[Source, Provenance]:
    """Any document, for a client of its own that does not touch the project's."""
    source = load(path)
    version = source.document.get("info", {})
    version = version.get("version", "") if isinstance(version, dict) else ""
    return source, Provenance("python -m scripts.regenerate --document", source.sha256, str(version), "")


@dataclass(frozen=True)
class Curation:
    """What we say about the document: the corrections, the names on record, and what we keep that it has no more.

    `known_shapes` is only for a new document: the classes that shapes and references had before (see `named_shapes`).
    """

    overlay: Overlay
    registry: Registry
    tombstones: tuple[Tombstone, ...] = ()
    known_shapes: Mapping[str, str] = field(default_factory=dict)


def read_curation(layout: Layout) -> Curation:
    """The curation of the pinned document; raises `Refused` where it cannot be read."""
    names = read_registry(layout.names) if layout.names.exists() else Registry()
    return Curation(load_overlay(layout.overlay), names, tuple(read_tombstones(layout.tombstones)))


@dataclass(frozen=True)
class Prepared:
    """A document on its way, ready to generate from: aligned, corrected, then normalised, then named."""

    aligned: Document
    corrected: Document
    normalised: Document
    named: NamedDocument
    unmatched: list[Finding]


def prepare(document: Document, curation: Curation, *, pinned: bool, on_step: OnStep) -> Prepared:
    """Take a document through all steps up to its names; for the arguments and what is raised see `build`."""
    on_step("lint")
    if findings := lint(document):
        raise Refused("lint", findings)
    on_step("align")
    aligned = apply_renames(in_one_dialect(without_extensions(document)), curation.registry)
    document, _ = restore_removed(aligned, curation.tombstones)
    on_step("overlay")
    document, unmatched = apply(document, curation.overlay)
    unmatched = [*unknown_extensions(curation.overlay), *unmatched, *unknown_successors(document)]
    unmatched += unknown_meanings(document)
    if unmatched and pinned:
        raise Refused("overlay", unmatched)
    if findings := lint(document):  # a correction can break a document as well
        raise Refused("overlay", findings)
    on_step("normalise")
    normalised = normalise(in_canonical_order(document))
    on_step("name")
    named = in_order_of(document, name_document(normalised, curation.registry, curation.known_shapes))
    if pinned and named.proposals.contradictions:
        raise Refused("name", named.proposals.contradictions)
    return Prepared(aligned, document, normalised, named, unmatched)


def model_of(prepared: Prepared, layout: Layout) -> ClientModel:
    """The client of a prepared document."""
    return client_model(parse(prepared.named, configuration(layout.root)), prepared.corrected)


def build(
    source: Source,
    provenance: Provenance,
    output: Path,
    *,
    layout: Layout,
    pinned: bool,
    on_step: OnStep,
    curation: Curation | None = None,
) -> Outcome:
    """Generate the client of `source` into the new folder `output`, formatted and verified.

    For the `pinned` document the overlay must match in full; for another it applies where it can. The curation is
    that of `layout`, unless another is given.
    Raises `Refused` for a document, overlay or registry that is not fit, `Failed` for a step that did not succeed.
    """
    prepared = prepare(source.document, curation or read_curation(layout), pinned=pinned, on_step=on_step)
    on_step("generate")
    package = output / PACKAGE
    model = generate(prepared.named, prepared.corrected, package, provenance=provenance, root=layout.root)
    write_runtime_spec(prepared.corrected, model, package / FILE)
    on_step("format")
    format_tree(package)
    on_step("verify")
    verify(prepared.normalised, prepared.named, model, package, core=layout.root / "core")
    return Outcome(prepared.named, model, prepared.unmatched, sum(path.is_file() for path in output.rglob("*")))


EXTENSIONS = {
    *(
        "x-client-helpers",
        "x-example",
        "x-failure",
        "x-helpers",
        "x-limits",
        "x-mass",
        "x-meaning",
        "x-names",
        "x-open",
        "x-paid",
        "x-plain",
        "x-safe",
    ),
    *("x-superseded-by", "x-values-of"),
}
"""Extensions by which the overlay speaks to the later steps."""

MARKS = {
    "x-content-type",
    "x-extends",
    "x-joined",
    "x-removed",
    "x-removed-required",
    "x-removed-values",
    "x-operation-id",
}
"""Extensions by which the steps speak to each other."""


def without_extensions(document: Document) -> Document:
    """A copy of a document without them: one could say of a call that sends mail that it may be repeated."""

    def walk(node: Any, *, names: bool = False) -> Any:
        """With `names`, the keys of `node` are what the vendor calls things."""
        if isinstance(node, list):
            return list(map(walk, node))
        if not isinstance(node, dict):
            return node
        return {
            key: value if key in _VALUES and not names else walk(value, names=key in _TABLES and not names)
            for key, value in node.items()
            if names or key not in EXTENSIONS | MARKS
        }

    stripped: Document = walk(document)
    return stripped


_VALUES = {"const", "default", "enum", "example", "examples"}
_TABLES = {"content", "headers", "parameters", "paths", "properties", "requestBodies", "responses", "schemas"}


def unknown_successors(document: Document) -> list[Finding]:
    """The operations that the overlay calls superseded by one that the document does not have."""
    found = list(operations(document))
    there = {operation.id for operation in found}
    return [
        Finding(
            child("", "paths", operation.path, operation.method, "x-superseded-by"),
            f"{operation.id} is superseded by {successor!r}, and no other operation is called so",
            "its docstring would send people to a method that does not exist; name an operationId on record",
        )
        for operation in found
        if (successor := operation.raw.get("x-superseded-by", "")) and successor not in there - {operation.id}
    ]


def unknown_extensions(overlay: Overlay) -> list[Finding]:
    """The actions of an overlay that set an extension which no step reads: they would have no effect."""
    return [
        Finding(f"/actions/{number}/update/{name}", f"no step knows {name}", "this correction would have no effect")
        for number, action in enumerate(overlay.actions)
        for name in (action.update if isinstance(action.update, dict) else {})
        if name.startswith("x-") and name not in EXTENSIONS
    ]
