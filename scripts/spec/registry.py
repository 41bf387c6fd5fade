"""The registry of names, `openapi/names.toml`: what is in it, how it is read, checked and written."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from keyword import iskeyword
from pathlib import Path
from typing import Any

from scripts.lib.identifiers import MAX_LENGTH
from scripts.lib.report import Finding, Refused, refused


@dataclass
class Registry:
    """The names on record, as `HEADER` explains them."""

    resources: dict[str, str] = field(default_factory=dict)
    operations: dict[str, str] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)
    fields: dict[str, dict[str, str]] = field(default_factory=dict)
    members: dict[str, dict[str, str]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, dict[str, str]] = field(default_factory=dict)
    review: dict[str, str] = field(default_factory=dict)

    def accepted(self) -> Registry:
        """The registry without the names that are provisional: those under `review`, and what is in such a class."""

        def owned(section: str) -> dict[str, dict[str, str]]:
            every: dict[str, dict[str, str]] = getattr(self, section)
            kept = {
                owner: {key: name for key, name in names.items() if f"{section}.{owner}.{key}" not in self.review}
                for owner, names in every.items()
                if not self.is_provisional(owner)
            }
            return {owner: names for owner, names in kept.items() if names}

        return replace(
            self,
            resources={tag: name for tag, name in self.resources.items() if f"resources.{name}" not in self.review},
            operations={id_: name for id_, name in self.operations.items() if f"operations.{id_}" not in self.review},
            classes={place: name for place, name in self.classes.items() if f"classes.{name}" not in self.review},
            fields=owned("fields"),
            members=owned("members"),
            review={},
        )

    def is_provisional(self, owner: str) -> bool:
        """Whether a class, by its name, or an operation, by its id, has a provisional name."""
        return f"classes.{owner}" in self.review or f"operations.{owner}" in self.review


OWNED = ("fields", "members", "renamed")
"""The sections that have a table for each owner."""
FOREIGN = ("renamed", "review")
"""The sections whose values do not become code."""


def read_registry(path: Path) -> Registry:
    """Read `names.toml`; raises `Refused` when it is not what a registry looks like."""
    why = "it would become code"
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise refused("name", f"{path} cannot be read: {error}", "names would change") from error
    problems = [
        Finding(f"/{key}", "a registry has no such section", why) for key in raw.keys() - Registry().__dict__.keys()
    ]
    for section in Registry().__dict__:
        entries = [("", raw.get(section, {}))]
        if section in OWNED and isinstance(raw.get(section, {}), dict):
            entries = [(f"/{owner}", inner) for owner, inner in _table(raw.get(section, {})).items()]
        for owner, inner in entries:
            if not isinstance(inner, dict):
                problems.append(Finding(f"/{section}{owner}", "this is no table", why))
            for key, name in _table(inner).items():
                if fault := _fault(section, key, name):
                    problems.append(Finding(f"/{section}{owner}/{key}", fault, why))
    problems = problems or list(_doubles(Registry(**raw)))
    if problems:
        raise Refused("name", problems)
    return Registry(**raw)


def _doubles(registry: Registry) -> Iterator[Finding]:
    """Two fields of one class, or two values of one enumeration, that would have one name."""
    for section in ("fields", "members"):
        for owner, names in getattr(registry, section).items():
            for name, times in Counter(names.values()).items():
                if times > 1:
                    keys = ", ".join(repr(key) for key, value in names.items() if value == name)
                    yield Finding(f"/{section}/{owner}", f"{keys} are all called {name}", "one would hide the others")


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _fault(section: str, key: str, name: object) -> str:
    """The fault of an entry of a section; "" if it has none."""
    if section in FOREIGN or section == "aliases":
        if not isinstance(name, str) or not name:
            return f"{name!r} is no text"
        if section == "aliases" and (key.count(".") != 1 or not all(map(_is_name, key.split(".")))):
            return f"{key!r} is not resource.method"
        return ""
    if not _is_name(name):
        return f"{name!r} is no Python name of at most {MAX_LENGTH} characters"
    number = re.search(r"(?<=[a-z_])\d+$", str(name))
    if number and not re.fullmatch(r"-?\d+", key) and number[0] not in key:
        return f"{name!r} is told apart by a number, which says nothing; name the difference"
    return ""


def _is_name(name: object) -> bool:
    return isinstance(name, str) and name.isidentifier() and not iskeyword(name) and len(name) <= MAX_LENGTH


def write_registry(registry: Registry) -> str:
    """The registry as text: sections in a fixed order, entries in the order they have."""

    def quoted(text: str) -> str:
        return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else _toml_string(text)

    def table(name: str, entries: Mapping[str, str]) -> list[str]:
        return [f"[{name}]", *(f"{quoted(key)} = {_toml_string(value)}" for key, value in entries.items()), ""]

    lines = [HEADER]
    for section in ("resources", "operations", "classes"):
        lines += table(section, getattr(registry, section))
    for section in ("aliases", "review"):
        lines += table(section, entries) if (entries := getattr(registry, section)) else []
    for section in ("renamed", "fields", "members"):
        for owner, entries in sorted(getattr(registry, section).items()):
            lines += table(f"{section}.{quoted(owner)}", entries)
    return "\n".join(lines)


HEADER = """\
# The names of the client, on record so that they never change by themselves.
#
# resources   tag -> attribute of the client
# operations  operationId -> method of the resource
# classes     place of an object or enumeration -> class; places of one class have one shape, unless they are merged
#             here on purpose; one shape has two classes where its places are named differently
# fields      class (or operationId) -> field -> attribute (or argument), where it is not simply the field in snake case
# members     enumeration -> value -> member
#
# A pin adds these where the vendor's document changes:
#
# renamed     what the vendor calls an operation, a schema or a tag now -> what this registry and the overlay call it;
#             under `places`, a component of the vendor's -> the place where it was written out before
# aliases     resource.method -> operationId: where a call stays that the vendor has moved to another tag
# review      provisional names, which each pin derives anew -> since when; `nox -s names -- --accept` takes them out
"""


def _toml_string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isascii() and c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'


def merged(registry: Registry, other: Registry) -> Registry:
    """The registry with the names of `other` that it does not have, at the end of each section."""

    def added(mine: dict[str, str], more: dict[str, str]) -> dict[str, str]:
        return {**mine, **{key: name for key, name in more.items() if key not in mine}}

    def combined(section: str) -> dict[str, Any]:
        mine, more = getattr(registry, section), getattr(other, section)
        if section not in OWNED:
            return added(mine, more)
        return {owner: added(mine.get(owner, {}), more.get(owner, {})) for owner in sorted({*mine, *more})}

    return Registry(**{section: combined(section) for section in Registry().__dict__})
