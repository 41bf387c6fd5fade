"""From one document to the next: what the new one is read with, so that names stay and nothing is lost at once."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass, replace

from scripts.align import align
from scripts.hoist import NamedDocument, named_shapes
from scripts.openapi import Document, operations
from scripts.pipeline import Judgement, Prepared, Tell, prepare, without_extensions
from scripts.recognise import recognise
from scripts.registry import Registry, merged
from scripts.report import Finding, Refused
from scripts.tombstones import Tombstone, revive, vanished


@dataclass(frozen=True)
class Keeping:
    """What is done about what the vendor drops: from `date` on it is kept for `days`, then it can be buried.

    `bury` names tombstones that end now; with `bury_expired` those end whose days are over.
    """

    date: datetime.date
    days: int
    bury: Collection[str] = ()
    bury_expired: bool = False

    def expired(self, stone: Tombstone) -> bool:
        return datetime.date.fromisoformat(stone.since) + datetime.timedelta(self.days) <= self.date


@dataclass(frozen=True)
class Succession:
    """Two documents under the same names: `judgement` is what the new one is read with, and what is recorded of it.

    `expired` are tombstones that are kept though their days are over.
    """

    old: Prepared
    new: Prepared
    judgement: Judgement
    expired: tuple[Tombstone, ...]


def succeed(
    old: Document, new: Document, judgement: Judgement, *, keeping: Keeping | None, pinned: bool, tell: Tell
) -> Succession:
    """Read `old` with `judgement`, and `new`, which has passed lint, with what follows from both.

    Without `keeping` nothing that the vendor drops is kept. For `pinned` and what is raised see `scripts.pipeline`.
    """
    tell("compare")
    before = prepare(old, judgement, pinned=pinned, tell=_quiet)
    if not pinned:
        judgement = replace(judgement, registry=merged(judgement.registry, before.named.proposals.names))
    whole, _ = revive(align(without_extensions(old), judgement.registry), judgement.tombstones)
    bare = without_extensions(new)
    registry = recognise(whole, bare, before.named, judgement.registry)
    stones: tuple[Tombstone, ...] = ()
    expired: tuple[Tombstone, ...] = ()
    if keeping:
        aligned = align(bare, registry)
        found = vanished(whole, aligned, keeping.date.isoformat())
        _check_names(keeping.bury, found)
        found = [stone for stone in found if stone.name not in keeping.bury]
        if keeping.bury_expired:
            found = [stone for stone in found if not keeping.expired(stone)]
        _, kept = revive(aligned, found)
        stones = tuple(kept)
        expired = tuple(stone for stone in kept if keeping.expired(stone))
    judgement = Judgement(judgement.overlay, registry, stones, named_shapes(before.normalised, before.named))
    after = prepare(new, judgement, pinned=False, tell=tell)
    if steady := _steady(before.named, after.named):
        registry = merged(registry, Registry(fields=steady))
        after = prepare(new, replace(judgement, registry=registry), pinned=False, tell=_quiet)
    if pinned and after.unmatched:
        raise Refused("overlay", [_explained(finding, before, after) for finding in after.unmatched])
    registry = _recorded(registry, after, keeping.date.isoformat() if keeping else "")
    judgement = replace(judgement, registry=registry, known_shapes={})
    return Succession(before, after, judgement, expired)


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
    """Attributes and arguments that were derived, and would be others beside the new ones: to be put on record."""
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


def _check_names(bury: Collection[str], stones: Collection[Tombstone]) -> None:
    known = sorted(stone.name for stone in stones)
    findings = [
        Finding("--bury", f"there is no tombstone {name!r}", f"there are: {', '.join(known) or 'none'}")
        for name in bury
        if name not in known
    ]
    if findings:
        raise Refused("tombstones", findings)


def _quiet(step: str) -> None:
    pass
