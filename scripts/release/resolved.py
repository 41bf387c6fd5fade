"""What the package is tested with: the versions and hashes of the locks, and the licences of what is installed here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


@dataclass(frozen=True)
class Resolved:
    """A package that ours needs: the newest version that is tested, and the oldest ("" if that is not locked)."""

    name: str
    version: str
    oldest: str
    licence: str
    sha256: tuple[str, ...]
    needs: tuple[str, ...]


def resolve(names: Iterable[str], requirements: Path) -> dict[str, Resolved]:
    """The packages called `names` and all that they need, by name, as the locks in the folder `requirements` say."""
    newest, lowest = read_lock(requirements / "dev.txt"), read_lock(requirements / "lowest.txt")
    found: dict[str, Resolved] = {}
    todo: list[str] = [canonicalize_name(name) for name in names]
    while todo:
        name = todo.pop()
        if name in found or name not in newest:
            continue  # What only other Pythons or systems need is locked, but not installed here.
        version, sums = newest[name]
        needs = tuple(sorted(_needs(name)))
        oldest = lowest.get(name, ("", ()))[0]
        found[name] = Resolved(
            name, version, oldest, _licence(name), sums, tuple(each for each in needs if each in newest)
        )
        todo += needs
    return dict(sorted(found.items()))


def read_lock(path: Path) -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """Name -> version and hashes, of a file of requirements with hashes."""
    entries = re.split(r"\n(?=[a-z0-9])", path.read_text("utf-8"))
    found = (re.match(r"([a-z0-9-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", entry) for entry in entries)
    return {
        match[1]: (match[2], tuple(sorted(re.findall(r"--hash=sha256:([0-9a-f]{64})", match.string))))
        for match in found
        if match
    }


def _needs(name: str) -> Iterable[str]:
    try:
        requires = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return
    for requirement in map(Requirement, requires):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield canonicalize_name(requirement.name)


def _licence(name: str) -> str:
    """The licence as the package says it: an expression, or the end of its classifier."""
    try:
        found = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    if expression := found["License-Expression"]:
        return str(expression)
    classifiers = [each.rpartition(" :: ")[2] for each in found.get_all("Classifier") or [] if "License ::" in each]
    return " OR ".join(classifiers) or str(found["License"] or "").partition("\n")[0]
