"""Provisional names: what was derived and nobody has accepted yet, as people read it, each with its place."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from scripts.lib.report import Finding, Refused
from scripts.naming.hoist import NamedDocument, method_paths
from scripts.spec.document import operations
from scripts.spec.registry import Registry


@dataclass(frozen=True)
class Provisional:
    """A provisional name as users write it, its place in the document, since when, and its key in the registry."""

    name: str
    place: str
    since: str
    key: str

    def __str__(self) -> str:
        return f"{self.name} <- {self.place}"


def provisional(named: NamedDocument, registry: Registry) -> list[Provisional]:
    """The provisional names of a document, in the order of the registry."""
    calls = method_paths(named)
    requests = {each.id: f"{each.method.upper()} {each.path} ({each.id})" for each in operations(named.document)}
    found: dict[str, tuple[str, str]] = {}
    for tag, resource in named.resources.items():
        found[f"resources.{resource}"] = f"client.{resource}", f"tag {tag}"
    for id_, call in calls.items():
        found[f"operations.{id_}"] = call, requests[id_]
    places: dict[str, list[str]] = {}
    for place, name in named.class_at.items():
        places.setdefault(name, []).append(place)
    for name, (first, *more) in places.items():
        numbers = [f"{member} {key}" for key, member in named.members.get(name, {}).items() if isinstance(key, int)]
        meaning = f": {', '.join(numbers)}" if numbers else ""
        found[f"classes.{name}"] = name, first + (f" and {len(more)} more" if more else "") + meaning
    for owner, names in named.attributes.items():
        for field, attribute in names.items():
            name = f"{calls[owner]}({attribute}=)" if owner in calls else f"{owner}.{attribute}"
            around = requests[owner] if owner in calls else places.get(owner, [owner])[0]
            found[f"fields.{owner}.{field}"] = name, f"{field!r} of {around}"
    for owner, members in named.members.items():
        for value, member in members.items():
            found[f"members.{owner}.{value}"] = f"{owner}.{member}", f"{value!r} of {places[owner][0]}"
    return [Provisional(*found[key], since, key) for key, since in registry.review.items() if key in found]


def accept(registry: Registry, known: Collection[Provisional], names: Collection[str]) -> Registry:
    """The registry with these provisional names accepted, by name or key; all of them if none is given.

    Raises `Refused` if there is no such name.
    """
    if not names:
        return replace(registry, review={})
    keys = {each.name: each.key for each in known} | {each.key: each.key for each in known}
    if unknown := [name for name in names if name not in keys]:
        why = "`nox -s names` lists those that there are"
        raise Refused("names", [Finding(name, "there is no provisional name like this", why) for name in unknown])
    done = {keys[name] for name in names}
    return replace(registry, review={key: since for key, since in registry.review.items() if key not in done})
