"""From one document to the next: what the new one is read with, so that names stay and nothing is lost at once."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from scripts.codegen.pipeline import Curation, OnStep, Prepared, prepare, without_extensions
from scripts.evolution.rename_detection import detect_renames
from scripts.lib.identifiers import form, pascal_case, snake_case
from scripts.lib.report import Finding, Refused
from scripts.naming.hoist import NamedDocument, method_paths, named_shapes
from scripts.spec.dialect import in_one_dialect
from scripts.spec.document import METHODS, Document, component_place, component_schemas, component_title, operations
from scripts.spec.registry import Registry, merged
from scripts.spec.removed import Tombstone, restore_removed, vanished
from scripts.spec.renames import apply_renames


@dataclass(frozen=True)
class Retention:
    """The retention of what the vendor drops: from `date` on it is kept for `days`, then it can be purged.

    `purge` names tombstones that end now; with `purge_expired` those end whose days are over. Of what was `released`
    the parts are named as users write them: nothing else is kept, since nobody has it. None means everything.
    """

    date: datetime.date
    days: int
    purge: Collection[str] = ()
    purge_expired: bool = False
    released: Collection[str] | None = None

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
    recorded = curation.registry
    # What is provisional is derived anew, from what is accepted: so it makes no difference which documents were pinned.
    accepted = merged(recorded.accepted(), before.named.proposals.names)
    whole, _ = restore_removed(before.aligned, curation.tombstones)
    bare = in_one_dialect(without_extensions(new))
    registry = detect_renames(_without_provisional(whole, recorded), bare, before.named, accepted)
    stones: tuple[Tombstone, ...] = ()
    expired: tuple[Tombstone, ...] = ()
    if retention:
        aligned = apply_renames(bare, registry)
        found = vanished(whole, aligned, retention.date.isoformat())
        found = [stone for stone in found if not _is_provisional(re.split("[.:]", stone.name)[0], recorded)]
        if retention.released is not None:
            subjects = [(stone, _subject(stone, before.named)) for stone in found]
            found = [stone for stone, subject in subjects if not subject or subject in retention.released]
        _check_names(retention.purge, found)
        found = [stone for stone in found if stone.name not in retention.purge]
        if retention.purge_expired:
            found = [stone for stone in found if not retention.expired(stone)]
        _, kept = restore_removed(aligned, found)
        stones = tuple(kept)
        expired = tuple(stone for stone in kept if retention.expired(stone))
    shapes = named_shapes(before.normalised, before.named)
    known = {key: name for key, name in shapes.items() if not recorded.is_provisional(name)}
    curation = Curation(curation.overlay, registry, stones, known)
    after = prepare(new, curation, pinned=False, on_step=on_step)
    if steady := _steady(before.named, after.named, recorded):
        registry = merged(registry, Registry(fields=steady))
        after = prepare(new, replace(curation, registry=registry), pinned=False, on_step=_quiet)
    if pinned and after.unmatched:
        raise Refused("overlay", [_explained(finding, before, after) for finding in after.unmatched])
    registry = _recorded(registry, before.named, after, recorded.review, str(retention.date) if retention else "")
    curation = replace(curation, registry=registry, known_shapes={})
    return Upgrade(before, after, curation, expired)


def _subject(stone: Tombstone, named: NamedDocument) -> str:
    """The part of the client that a tombstone is about, as users write it; "" if it has no name of its own."""
    calls = method_paths(named)
    if stone.kind == "operation":
        return calls.get(stone.name, "")
    if stone.kind == "schema":
        return named.class_at.get(component_place(stone.name, {}), "")
    operation, _, rest = stone.name.partition(":")
    name = stone.content["value" if stone.kind == "value" else "name"]
    if operation in calls and (stone.kind == "parameter" or rest == f"body.{name}"):
        argument = named.attributes[operation].get(name, "")
        return f"{calls[operation]}({argument}=)" if argument else ""
    # An alternative of a union is at a place of its own.
    at = str(stone.content["in"])
    owners = [owner for place, owner in named.class_at.items() if place == at or place.startswith(f"{at}|")]
    inside = named.members if stone.kind == "value" else named.attributes
    known = (f"{owner}.{inside[owner][name]}" for owner in owners if name in inside.get(owner, {}))
    return next(known, f"{owners[0]}.{name}" if owners else "")


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


def _without_provisional(document: Document, registry: Registry) -> Document:
    """A document without the operations and components whose names are provisional: nobody has got used to them."""
    schemas = component_schemas(document).items()
    kept = {key: raw for key, raw in schemas if not _is_provisional(component_title(key, raw), registry)}
    paths = {
        path: {
            key: raw
            for key, raw in item.items()
            if key not in METHODS or not _is_provisional(str(raw["operationId"]), registry)
        }
        for path, item in document["paths"].items()
    }
    return {**document, "paths": paths, "components": {**document.get("components", {}), "schemas": kept}}


def _is_provisional(root: str, registry: Registry) -> bool:
    """Whether an operation, by its id, or a component, by its title or place, has a provisional name."""
    place = pascal_case(root) if snake_case(root) else ""
    return registry.is_provisional(root) or registry.is_provisional(registry.classes.get(place, ""))


def _steady(old: NamedDocument, new: NamedDocument, recorded: Registry) -> dict[str, dict[str, str]]:
    """Accepted attributes and arguments that were derived, and would be others next to the new ones."""
    return {
        owner: kept
        for owner, names in old.attributes.items()
        if not recorded.is_provisional(owner)
        and (
            kept := {
                key: name
                for key, name in names.items()
                if new.attributes.get(owner, {}).get(key, name) != name
                and f"fields.{owner}.{key}" not in recorded.review
            }
        )
    }


def _recorded(
    registry: Registry, before: NamedDocument, prepared: Prepared, review: Mapping[str, str], date: str
) -> Registry:
    """The registry with the names that were derived; where there is a `date`, they are provisional.

    `review` is what was provisional before.
    """
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
    owners = {*new_classes, *names.operations}
    for kind in ("fields", "members"):
        for owner, inner in getattr(names, kind).items():
            new += [f"{kind}.{owner}.{key}" for key in inner] if owner not in owners else []
    # Another spelling of them could come that takes their name.
    for owner, attributes in prepared.named.attributes.items():
        known = before.attributes.get(owner, {})
        fields = [key for key in attributes if form(key) != "snake" and key not in registry.fields.get(owner, {})]
        keys = [(key, f"fields.{owner}.{key}") for key in fields if owner not in owners]
        new += [key for field, key in keys if (field not in known or key in review) and key not in new]
    provisional = {key: review.get(key, date) for key in new} if date else {}
    return replace(merged(registry, names), review=provisional)


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
