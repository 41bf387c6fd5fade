"""What a lock says of the client: from where is it?"""

from __future__ import annotations

from collections.abc import Iterator

from ..finding import Finding, ok, problem
from ..project import PUBLIC, Project, is_public, shown

_LOCAL = ("git", "path", "directory", "editable", "virtual", "vcs")
"""Where a locked package may be from without any index."""


def check_lock(project: Project, file: str, kind: str, command: str) -> Iterator[Finding]:
    """What a lock in TOML has of the client; `kind` is what it calls a package, `command` makes it anew."""
    for package in project.locked(file, kind):
        source = package.table("source")
        if any(key in source or key in package for key in _LOCAL):
            continue
        files = [*package.tables("wheels"), *package.tables("files")]
        files += [package.table(key) for key in ("sdist", "archive") if key in package]
        # An index may hand out what lies elsewhere, or pass on a whole package.
        places = [source.text("registry") or source.text("url") or package.text("index")]
        places += [entry.text("url") for entry in files]
        known = [place for place in places if place]
        if any(map(is_public, known)) or not (known or file == "pdm.lock"):
            what = f"it has {project.name} from {PUBLIC}: it is the package of a stranger"
            yield problem(file, what, f"do not install from it; mend the source, remove {file}, and run `{command}`")
        elif known:
            yield ok(file, f"it has {project.name} from {shown(known[0])}")
