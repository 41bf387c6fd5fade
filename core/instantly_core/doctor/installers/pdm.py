"""What PDM asks, by the sources of a project and those that its configuration adds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from ..finding import Finding, ok, problem
from ..project import PUBLIC, Project, expanded, is_on, is_public, normalised, shown, url_of
from ..reading import Table, read_toml
from .locks import check_lock

_DEFAULT = "pypi"
"""The name of the index that it has by itself; a source of that name takes its place."""


def check_project(project: Project) -> Iterator[Finding]:
    """What PDM would lock for a project, and what it has locked."""
    configuration = [read_toml(path) for path in _files(project)]
    sources = _sources(project, configuration)
    bound = [name for name, entry in sources.items() if _matches(entry.texts("include_packages"), project.name)]
    others = [name for name, entry in sources.items() if not _matches(entry.texts("exclude_packages"), project.name)]
    # uv, which it can leave the work to, does not know what a source includes.
    leaves_to_uv = is_on(project.environment, "PDM_USE_UV") or any(each.values.get("use_uv") for each in configuration)
    asked = list(sources) if leaves_to_uv else bound or others
    url = expanded(sources[asked[0]].text("url") or "", project.environment) if asked else None
    if len(asked) == 1 and not is_public(url):
        yield ok("pdm", f"PDM asks {shown(url)} only")
    else:
        what = f"PDM takes the highest version of {project.name} from all indexes that it asks"
        todo = f"name {project.name} in `include_packages` of your index, under [[tool.pdm.source]]"
        if leaves_to_uv:
            what, todo = f"{what}, which is uv here, and heeds no include_packages", f"switch use_uv off, and {todo}"
        yield problem("pdm", what, todo)
    overrides = project.tools.table("pdm", "resolution", "overrides")
    forced = [f"{key} @ {text}" for key in overrides.values for text in overrides.texts(key)]
    groups = project.tools.table("pdm", "dev-dependencies")
    forced += [text for key in groups.values for text in groups.texts(key)]
    if any(is_public(reference) for text in forced if (reference := url_of(text, project.name))):
        yield problem("pdm", f"[tool.pdm] names {project.name} by a URL of {PUBLIC}", "remove that")
    yield from check_lock(project, "pdm.lock", "package", "pdm lock")


def _sources(project: Project, configuration: list[Table]) -> dict[str, Table]:
    """All indexes by name: of the project, its own one, and those of the configuration, the first of a name counts."""
    found: dict[str, Table] = {}
    for entry in project.tools.table("pdm").tables("source"):
        found.setdefault(normalised(entry.text("name") or ""), entry)
    found.setdefault(_DEFAULT, Table(_DEFAULT, {}))
    for settings in configuration:
        added = settings.table(_DEFAULT)
        for name in added.values:
            if isinstance(added.values[name], dict):
                found.setdefault(normalised(name), added.table(name))
    return found


def _files(project: Project) -> Iterator[Path]:
    """Where PDM looks for its configuration, that of the project first."""
    environment = project.environment
    yield project.folder / "pdm.toml"
    if named := environment.get("PDM_CONFIG_FILE"):
        yield project.folder / named
    else:
        yield Path(environment.get("XDG_CONFIG_HOME") or project.home / ".config", "pdm", "config.toml")
        yield project.home / "Library" / "Application Support" / "pdm" / "config.toml"
        if local := environment.get("LOCALAPPDATA"):
            yield Path(local, "pdm", "pdm", "config.toml")
            yield Path(local, "pdm", "config.toml")
    for folder in environment.get("XDG_CONFIG_DIRS", "/etc/xdg").split(os.pathsep):
        if folder:
            yield Path(folder, "pdm", "config.toml")


def _matches(patterns: list[str], name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
