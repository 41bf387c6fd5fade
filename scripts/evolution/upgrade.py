"""From one document to the next: what the new one is read with, so that names stay and nothing is lost at once."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass, replace

from scripts.codegen.pipeline import Curation, OnStep, Prepared, prepare, without_extensions
from scripts.evolution.rename_detection import detect_renames
from scripts.lib.report import Finding, Refused
from scripts.naming.hoist import NamedDocument, named_shapes
from scripts.spec.document import Document, operations
from scripts.spec.registry import Registry, merged
from scripts.spec.removed import Tombstone, restore_removed, vanished
from scripts.spec.renames import apply_renames


@dataclass(frozen=True)
class Retention:
    """The retention of what the vendor drops: from `date` on it is kept for `days`, then it can be purged.

    `purge` names tombstones that end now; with `purge_expired` those end whose days are over.
    """

    date: datetime.date
    days: int
    purge: Collection[str] = ()
    purge_expired: bool = False

    def expired(self, stone: Tombstone) -> bool:
        return datetime.date.fromisoformat(stone.since) + datetime.timedelta(self.days) <= self.date


@dataclass(frozen=True)
class Upgrade:
    """Two documents under the same names: `curation` is what the new one is read with, and what is recorded of it.

    `expired` are tombstones that are kept though their days are over.
    """

    old: Prepared
    new: Prepared
    curation: Curation
    expired: tuple[Tombstone, ...]


def upgrade(
    old: Document, new: Document, curation: Curation, *, retention: Retention | None, pinned: bool, on_step: OnStep
) -> Upgrade:
    """Read `old` with `curation`, and `new`, which has passed lint, with what follows from both.

    Without `retention` nothing that the vendor drops is kept. For `pinned` and what is raised see `codegen.pipeline`.
    """
    on_step("compare")
    before = prepare(old, curation, pinned=pinned, on_step=_quiet)
    if not pinned:
        curation = replace(curation, registry=merged(curation.registry, before.named.proposals.names))
    whole, _ = restore_removed(apply_renames(without_extensions(old), curation.registry), curation.tombstones)
    bare = without_extensions(new)
    registry = detect_renames(whole, bare, before.named, curation.registry)
    stones: tuple[Tombstone, ...] = ()
    expired: tuple[Tombstone, ...] = ()
    if retention:
        aligned = apply_renames(bare, registry)
        found = vanished(whole, aligned, retention.date.isoformat())
        _check_names(retention.purge, found)
        found = [stone for stone in found if stone.name not in retention.purge]
        if retention.purge_expired:
            found = [stone for stone in found if not retention.expired(stone)]
        _, kept = restore_removed(aligned, found)
        stones = tuple(kept)
        expired = tuple(stone for stone in kept if retention.expired(stone))
    curation = Curation(curation.overlay, registry, stones, named_shapes(before.normalised, before.named))
    after = prepare(new, curation, pinned=False, on_step=on_step)
    if steady := _steady(before.named, after.named):
        registry = merged(registry, Registry(fields=steady))
        after = prepare(new, replace(curation, registry=registry), pinned=False, on_step=_quiet)
    if pinned and after.unmatched:
        raise Refused("overlay", [_explained(finding, before, after) for finding in after.unmatched])
    registry = _recorded(registry, after, retention.date.isoformat() if retention else "")
    curation = replace(curation, registry=registry, known_shapes={})
    return Upgrade(before, after, curation, expired)


def _explained(finding: Finding, before: Prepared, after: Prepared) -> Finding:
    """The finding that an action of the overlay matches nothing, with where its operation is now, if it has moved."""
    now = {operation.id: operation for operation in operations(after.corrected)}
    for operation in operations(before.corrected):
        other = now.get(operation.id)
        if other and other.path != operation.path and f"'{operation.path}'" in finding.what:
            return replace(finding, why=f"{operation.id} is now at {other.path}: change the target of the action")
    return replace(
        finding, why=f"{finding.why}; drop the action if the vendor has mended the place, else change its target"
    )


def _steady(old: NamedDocument, new: NamedDocument) -> dict[str, dict[str, str]]:
    """Attributes and arguments that were derived, and would be others next to the new ones: to be put on record."""
    return {
        owner: kept
        for owner, names in old.attributes.items()
        if (kept := {k: name for k, name in names.items() if new.attributes.get(owner, {}).get(k, name) != name})
    }


def _recorded(registry: Registry, prepared: Prepared, date: str) -> Registry:
    """The registry with the names that were derived, marked for review where there is a `date`."""
    proposals = prepared.named.proposals
    # What a name cannot be any more, because the vendor made something else of one of its places, is no name on record.
    contradicted = {finding.pointer for finding in proposals.contradictions}
    registry = replace(
        registry,
        classes={place: name for place, name in registry.classes.items() if place not in contradicted},
        operations={id_: name for id_, name in registry.operations.items() if id_ not in contradicted},
    )
    names = proposals.names
    new_classes = {*names.classes.values()} - {*registry.classes.values()}
    new = [f"resources.{name}" for name in names.resources.values()]
    new += [f"operations.{id_}" for id_ in names.operations]
    new += [f"classes.{name}" for name in sorted(new_classes)]
    for kind in ("fields", "members"):
        for owner, inner in getattr(names, kind).items():
            new += [f"{kind}.{owner}.{key}" for key in inner] if owner not in new_classes else []
    review = {**registry.review, **dict.fromkeys(new, date)} if date else registry.review
    return replace(merged(registry, names), review=review)


def _check_names(purge: Collection[str], stones: Collection[Tombstone]) -> None:
    known = sorted(stone.name for stone in stones)
    findings = [
        Finding("--purge", f"there is no tombstone {name!r}", f"there are: {', '.join(known) or 'none'}")
        for name in purge
        if name not in known
    ]
    if findings:
        raise Refused("tombstones", findings)


def _quiet(step: str) -> None:
    pass
