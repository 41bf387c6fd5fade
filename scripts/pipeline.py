"""The road from a document to a verified client in a new folder: every step in order, none left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts import lock as locks
from scripts.align import align
from scripts.format import format_tree
from scripts.generate import Provenance, generate
from scripts.hoist import NamedDocument, name_document
from scripts.lint import lint
from scripts.load import Source, load
from scripts.normalise import normalise
from scripts.openapi import Document
from scripts.overlay import Overlay, apply, load_overlay
from scripts.registry import Registry, read_registry
from scripts.report import Finding, Refused
from scripts.structure import FILE, write_structure
from scripts.tombstones import Tombstone, read_tombstones, revive
from scripts.verify import verify

PACKAGE = "instantly_client"


@dataclass(frozen=True)
class Layout:
    """Where the parts of the project stand."""

    root: Path

    @property
    def document(self) -> Path:
        return self.root / "openapi" / "api_v2.json"

    @property
    def lock(self) -> Path:
        return self.root / "openapi" / "api_v2.lock.toml"

    @property
    def overlay(self) -> Path:
        return self.root / "openapi" / "overlay.yaml"

    @property
    def names(self) -> Path:
        return self.root / "openapi" / "names.toml"

    @property
    def tombstones(self) -> Path:
        return self.root / "openapi" / "tombstones.json"

    @property
    def changelog(self) -> Path:
        return self.root / "CHANGELOG.md"

    @property
    def generated(self) -> Path:
        return self.root / "generated"


PROJECT = Layout(Path(__file__).resolve().parent.parent)

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """What a run has to say: the named document, and the overlay's actions that found nothing to correct."""

    named: NamedDocument
    unmatched: list[Finding]
    files: int


def load_pinned(layout: Layout) -> tuple[Source, Provenance]:
    """The pinned document. Raises `Refused` unless it is, byte for byte, what its lock says."""
    lock = locks.read(layout.lock)
    source = load(layout.document)
    locks.check(source, lock)
    return source, provenance_of(lock)


def provenance_of(lock: locks.Lock) -> Provenance:
    """What generated files tell of the document that `lock` describes."""
    return Provenance("nox -s regenerate", lock.sha256, lock.api_version, lock.date.isoformat())


def load_foreign(path: Path) -> tuple[Source, Provenance]:
    """Any document, for a client of its own that does not touch the project's."""
    source = load(path)
    version = source.document.get("info", {})
    version = version.get("version", "") if isinstance(version, dict) else ""
    return source, Provenance("python -m scripts.regenerate --document", source.sha256, str(version), "")


@dataclass(frozen=True)
class Judgement:
    """What we say about the document: the corrections, the names on record, and what we keep that it has no more.

    `known_shapes` is only for a new document: the classes that shapes had in the one before (see `name_document`).
    """

    overlay: Overlay
    registry: Registry
    tombstones: tuple[Tombstone, ...] = ()
    known_shapes: Mapping[str, str] = field(default_factory=dict)


def read_judgement(layout: Layout) -> Judgement:
    """What stands beside the pinned document; raises `Refused` where it cannot be read."""
    names = read_registry(layout.names) if layout.names.exists() else Registry()
    return Judgement(load_overlay(layout.overlay), names, tuple(read_tombstones(layout.tombstones)))


@dataclass(frozen=True)
class Prepared:
    """A document on its way, ready to generate from: aligned and corrected, then normalised, then named."""

    corrected: Document
    normalised: Document
    named: NamedDocument
    unmatched: list[Finding]


def prepare(document: Document, judgement: Judgement, *, pinned: bool, tell: Tell) -> Prepared:
    """Take a document through all steps up to its names; for the arguments and what is raised see `build`."""
    tell("lint")
    if findings := lint(document):
        raise Refused("lint", findings)
    tell("align")
    document = align(without_extensions(document), judgement.registry)
    document, _ = revive(document, judgement.tombstones)
    tell("overlay")
    document, unmatched = apply(document, judgement.overlay)
    unmatched = [*unknown_extensions(judgement.overlay), *unmatched]
    if unmatched and pinned:
        raise Refused("overlay", unmatched)
    if findings := lint(document):  # a correction can break a document as well
        raise Refused("overlay", findings)
    tell("normalise")
    normalised = normalise(document)
    tell("name")
    named = name_document(normalised, judgement.registry, judgement.known_shapes)
    if pinned and named.proposals.contradictions:
        raise Refused("name", named.proposals.contradictions)
    return Prepared(document, normalised, named, unmatched)


def build(
    source: Source,
    provenance: Provenance,
    output: Path,
    *,
    layout: Layout,
    pinned: bool,
    tell: Tell,
    judgement: Judgement | None = None,
) -> Outcome:
    """Generate the client of `source` into the new folder `output`, formatted and verified.

    For the `pinned` document the overlay must match in full; for another it applies where it can. The judgement is
    that of `layout`, unless another is given.
    Raises `Refused` for a document, overlay or registry that is not fit, `Failed` for a step that did not succeed.
    """
    prepared = prepare(source.document, judgement or read_judgement(layout), pinned=pinned, tell=tell)
    tell("generate")
    package = output / PACKAGE
    generate(prepared.named, package, provenance=provenance, root=layout.root)
    write_structure(prepared.corrected, package / FILE)
    tell("format")
    format_tree(package)
    tell("verify")
    verify(prepared.normalised, prepared.named, package, core=layout.root / "core")
    return Outcome(prepared.named, prepared.unmatched, sum(path.is_file() for path in output.rglob("*")))


EXTENSIONS = {"x-failure", "x-filters", "x-helpers", "x-limits", "x-reads", "x-within"}
"""What the overlay can tell the later steps."""

MARKS = {"x-gone", "x-gone-required", "x-gone-values", "x-operation-id"}
"""What the steps tell each other of a document."""


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


def unknown_extensions(overlay: Overlay) -> list[Finding]:
    """The actions of an overlay that set an extension which no step reads: they would have no effect."""
    return [
        Finding(f"/actions/{number}/update/{name}", f"no step knows {name}", "this correction would have no effect")
        for number, action in enumerate(overlay.actions)
        for name in (action.update if isinstance(action.update, dict) else {})
        if name.startswith("x-") and name not in EXTENSIONS
    ]
