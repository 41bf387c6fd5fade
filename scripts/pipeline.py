"""The road from a document to a verified client in a new folder: every step in order, none left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts import lock as locks
from scripts.format import format_tree
from scripts.generate import Provenance, generate
from scripts.hoist import NamedDocument, name_document
from scripts.lint import lint
from scripts.load import Source, load
from scripts.normalise import normalise
from scripts.openapi import Document, map_operations
from scripts.overlay import Overlay, apply, load_overlay
from scripts.registry import Registry, read_registry
from scripts.report import Finding, Refused
from scripts.structure import FILE, write_structure
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


def build(source: Source, provenance: Provenance, output: Path, *, layout: Layout, pinned: bool, tell: Tell) -> Outcome:
    """Generate the client of `source` into the new folder `output`, formatted and verified.

    For the `pinned` document the overlay must match in full; for another it applies where it can.
    Raises `Refused` for a document, overlay or registry that is not fit, `Failed` for a step that did not succeed.
    """
    tell("lint")
    findings = lint(source.document)
    if findings:
        raise Refused("lint", findings)
    tell("overlay")
    overlay = load_overlay(layout.overlay)
    document, unmatched = apply(without_extensions(source.document), overlay)
    unmatched = [*unknown_extensions(overlay), *unmatched]
    if unmatched and pinned:
        raise Refused("overlay", unmatched)
    findings = lint(document)  # a correction can break a document as well
    if findings:
        raise Refused("overlay", findings)
    tell("normalise")
    normalised = normalise(document)
    tell("name")
    named = name_document(normalised, registry(layout))
    if pinned and named.proposals.contradictions:
        raise Refused("name", named.proposals.contradictions)
    tell("generate")
    package = output / PACKAGE
    generate(named, package, provenance=provenance, root=layout.root)
    write_structure(document, package / FILE)
    tell("format")
    format_tree(package)
    tell("verify")
    verify(normalised, named, package, core=layout.root / "core")
    return Outcome(named, unmatched, sum(path.is_file() for path in output.rglob("*")))


EXTENSIONS = {"x-failure", "x-filters", "x-helpers", "x-limits", "x-reads"}
"""What the overlay can tell the later steps."""


def without_extensions(document: Document) -> Document:
    """A copy of a document without them: one could say of a call that sends mail that it may be repeated."""

    def rule(node: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in node.items() if key not in EXTENSIONS}

    document = map_operations(document, rule)
    return {**document, "tags": list(map(rule, document["tags"]))} if "tags" in document else document


def unknown_extensions(overlay: Overlay) -> list[Finding]:
    """The actions of an overlay that set an extension which no step reads: they would have no effect."""
    return [
        Finding(f"/actions/{number}/update/{name}", f"no step knows {name}", "this correction would have no effect")
        for number, action in enumerate(overlay.actions)
        for name in (action.update if isinstance(action.update, dict) else {})
        if name.startswith("x-") and name not in EXTENSIONS
    ]


def registry(layout: Layout) -> Registry:
    return read_registry(layout.names) if layout.names.exists() else Registry()
