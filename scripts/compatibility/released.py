"""The last release: its tag, its version, and the surface that was on record then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from scripts.codegen.client_model import KEYWORD, ClientModel
from scripts.compatibility.judge import Change, judge
from scripts.compatibility.report import changelog_entry
from scripts.compatibility.surface import FILE as SURFACE
from scripts.compatibility.surface import from_text, to_text
from scripts.compatibility.versions import FILE as VERSION
from scripts.compatibility.versions import parse_version, read_version
from scripts.lib.layout import Layout
from scripts.lib.process import git
from scripts.lib.report import Failed, Refused, refused
from scripts.spec.lock import Lock


@dataclass(frozen=True)
class Released:
    """A version of the package at the commit or tag `ref`, and its surface as it was on record then."""

    ref: str
    version: str
    surface: ClientModel

    def changes(self, new: ClientModel) -> list[Change]:
        """What has changed since; words are not on record."""
        return judge(self.surface, from_text(to_text(new), "the surface"))


def last_release(layout: Layout) -> Released | None:
    """The release with the highest version; None before the first. Raises `Refused` if its surface cannot be read."""
    tags = release_tags(layout)
    return recorded_at(max(tags, key=version_of), layout) if tags else None


def recorded_at(ref: str, layout: Layout) -> Released:
    """What is on record at a git tag, branch or commit. Raises `Refused` if nothing is."""
    version = read_version(_at(ref, VERSION, layout), f"{VERSION.as_posix()} at {ref}")
    return Released(ref, version, surface_at(ref, layout))


def surface_at(ref: str, layout: Layout) -> ClientModel:
    """The surface on record at a git tag, branch or commit. Raises `Refused` if none is, or it cannot be read."""
    return from_text(_at(ref, SURFACE, layout), f"{SURFACE.as_posix()} at {ref}")


def release_tags(layout: Layout) -> list[str]:
    """The tags of releases; none in a copy without git."""
    tags = []
    if (layout.root / ".git").exists():
        for tag in git("release", layout.root, "tag", "--list", "v*").split():
            try:
                version_of(tag)
            except Refused:
                continue
            tags.append(tag)
    return tags


def version_of(tag: str) -> tuple[int, int, int]:
    """The version of a tag."""
    return parse_version(tag.removeprefix("v"))


def parts(client: ClientModel) -> set[str]:
    """The subjects that changes of a client can have: resources, methods, arguments, classes, fields, values."""
    found = {f"client.{name}" for name in client.resources}
    for resource, operation in client.operations:
        call = f"client.{resource.name}.{operation.name}"
        given = (f"{each.name}=" if each.kind == KEYWORD else each.name for each in operation.arguments)
        found |= {call, *(f"{call}({argument})" for argument in given)}
    for name, each in client.classes.items():
        found |= {name, *(f"{name}.{field.name}" for field in each.fields)}
    for name, enumeration in client.enumerations.items():
        found |= {name, *(f"{name}.{member.name}" for member in enumeration.members)}
    return found


def api_entry(released: Released | None, new: ClientModel, lock: Lock) -> str:
    """The entry in the changelog for all that the API changed between the last release and the client `new`.

    Before the first release nobody has anything that could change: what there is, is the whole document of `lock`.
    """
    if released is None:
        return f"### Added\n\n- All {lock.operations} operations of the API as published on {lock.date}.\n"
    # What changes in the hand-written part is for its authors to describe.
    generated = replace(released, surface=replace(released.surface, handwritten={}))
    return changelog_entry(generated.changes(replace(new, handwritten={})))


def _at(ref: str, file: Path, layout: Layout) -> str:
    """The text of a file of the project as it was committed at `ref`. Raises `Refused` if it is not there."""
    try:
        return git("surface", layout.root, "show", "--end-of-options", f"{ref}^{{commit}}:./{file.as_posix()}")
    except Failed as error:
        said = error.message.rpartition("fatal: ")[2]
        why = "name a tag, branch or commit that has the file; it may have to be fetched first"
        raise refused("surface", f"{file.as_posix()} at {ref}: {said}", why) from error
