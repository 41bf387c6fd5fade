"""What uv asks, by its settings and by the sources of a project, its workspace, and its packages by path."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..finding import Finding, note, ok, problem
from ..project import PUBLIC, Project, covers_all, is_on, is_public, normalised, shown, url_of
from ..reading import Table, read_toml
from .locks import check_lock
from .pip import Asked

_FIRST = "first-index"


@dataclass
class _Settings:
    """What all of uv's files say, the strongest first: of lists that is all, of anything else the first counts."""

    indexes: list[Table] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=dict)
    without_sources: bool = False

    def of(self, key: str) -> list[str]:
        return self.values.get(key, [])


def check_pip(project: Project) -> Iterator[Finding]:
    """What `uv pip` asks where its command line names no index."""
    todo = "give it --no-config --default-index URL, with no UV_ variable set"
    settings = _settings(project, ("pip", ""))
    yield _judge(project, "uv pip", settings, todo)
    yield from _forced(project, "uv pip", settings, todo)
    asked = Asked(project.name, project.environment)
    for variable in ("UV_CONSTRAINT", "UV_OVERRIDE"):
        for file in project.environment.get(variable, "").split():
            asked.read(project.folder / file)
    if asked.index[1] or asked.more or asked.links or any(is_public(url) for _, url in asked.urls):
        what = f"a file of UV_CONSTRAINT or UV_OVERRIDE names an index, or {project.name} by a URL of {PUBLIC}"
        yield problem("uv pip", what, f"unset the variable, and {todo}")


def check_project(project: Project) -> Iterator[Finding]:
    """What uv would lock for a project, and what it has locked."""
    settings = _settings(project, ("",))
    todo = f"name {project.name} in the project's own dependencies, and in [tool.uv.sources] with your index"
    entries = _own_sources(project) or _own_sources(project.workspace)
    if not entries:
        yield _judge(project, "uv", settings, todo)
    elif off := _switched_off(project, settings):
        yield problem("uv", f"{off} switches the source of {project.name} off", f"remove it, and {todo}")
    else:
        yield _judge_sources(project, entries, todo)
    yield from _forced(project, "uv", settings, todo)
    for other in _others(project):
        own = _own_sources(other)
        if own and (found := _judge_sources(other, own, todo)).level == "problem":
            yield problem("uv", f"in {other.folder.name}: {found.what}", found.todo)
        if any(is_public(url) for text in other.requirements() if (url := url_of(text, project.name))):
            what = f"{other.folder.name} names {project.name} by a URL of {PUBLIC}"
            yield problem("uv", what, f"remove that, and {todo}")
    yield from check_lock(project.workspace, "uv.lock", "package", "uv lock")


# --- settings ---

_LISTS = ("extra-index-url", "index-strategy", "find-links")
_FORCED = ("constraint-dependencies", "override-dependencies")


def _settings(project: Project, scopes: tuple[str, ...]) -> _Settings:
    """The settings of these tables of each file; a key in a table before is stronger, in whichever file."""
    files = list(_files(project))
    merged = _Settings([entry for settings in files for entry in settings.tables("index")])
    for scope in scopes:
        for settings in files:
            found = settings.table(scope) if scope else settings
            for key in ("index-url", "no-sources-package", *_LISTS, *_FORCED):
                merged.values.setdefault(key, []).extend(found.texts(key))
            merged.without_sources |= found.values.get("no-sources") is True
    return merged


def _files(project: Project) -> Iterator[Table]:
    """The files of settings that uv reads, the strongest first."""
    environment = project.environment
    if named := environment.get("UV_CONFIG_FILE"):
        yield read_toml(project.folder / named)
        return
    if is_on(environment, "UV_NO_CONFIG"):
        return
    here = project.workspace.folder.absolute()
    for folder in (here, *here.parents):
        if own := _own_settings(project, folder):
            yield own
            break
    user = Path(environment.get("XDG_CONFIG_HOME") or environment.get("APPDATA") or project.home / ".config")
    shared = [*environment.get("XDG_CONFIG_DIRS", "/etc/xdg").split(os.pathsep), environment.get("ProgramData", "")]
    system = [Path(folder, "uv", "uv.toml") for folder in shared if folder]
    for path in (user / "uv" / "uv.toml", *system, Path("/etc/uv/uv.toml")):
        yield read_toml(path)


def _own_settings(project: Project, folder: Path) -> Table | None:
    if (folder / "uv.toml").exists():
        return read_toml(folder / "uv.toml")
    tools = Project(folder, project.name, project.environment).tools
    return tools.table("uv") if "uv" in tools else None


def _order(project: Project, settings: _Settings) -> list[tuple[str, str | None]]:
    """The indexes in the order in which uv asks them for a package without a source, and where each is set."""
    environment, order = project.environment, list[tuple[str, str | None]]()
    for variable in ("UV_INDEX", "UV_EXTRA_INDEX_URL"):
        order += [(variable, _named(entry)[1]) for entry in environment.get(variable, "").split()]
    order += [("uv's settings", url) for url in settings.of("extra-index-url")]
    indexes = [entry for entry in settings.indexes if entry.values.get("explicit") is not True]
    defaults = [entry.text("url") for entry in indexes if entry.values.get("default") is True]
    order += [("uv's settings", entry.text("url")) for entry in indexes if entry.values.get("default") is not True]
    for variable in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        if url := environment.get(variable):
            return [*order, (variable, _named(url)[1])]
    return [*order, ("uv's default", next(iter([*defaults, *settings.of("index-url")]), None))]


def _named(entry: str) -> tuple[str, str]:
    """The name, "" without one, and the URL of an index that may be given as NAME=URL."""
    found = re.match(r"([\w.-]+)=", entry)
    return (found[1], entry[found.end() :]) if found else ("", entry)


def _judge(project: Project, subject: str, settings: _Settings, todo: str) -> Finding:
    order = _order(project, settings)
    strategy = project.environment.get("UV_INDEX_STRATEGY")
    strategies = {strategy} if strategy else set(settings.of("index-strategy"))
    links = project.environment.get("UV_FIND_LINKS") or settings.of("find-links")
    where, first = order[0]
    if links:
        return problem(subject, "uv takes packages from find-links as well", f"remove that, and {todo}")
    if (others := strategies - {_FIRST}) and len(order) > 1:
        what = f"uv compares all indexes: index-strategy is {', '.join(sorted(others))}"
        return problem(subject, what, f"remove that, and {todo}")
    if is_public(first):
        return problem(subject, f"uv asks {PUBLIC} first ({where}), where anybody may register {project.name}", todo)
    private = [shown(url) for _, url in order[1:] if not is_public(url)]
    if private:
        what = f"uv asks {shown(first)} first ({where}), and {', '.join(private)} if it does not have {project.name}"
        return problem(subject, what, todo)
    if len(order) > 1:
        what = f"uv asks {shown(first)} first ({where}), and {PUBLIC} if it does not have {project.name}"
        return note(subject, what, todo)
    return ok(subject, f"uv asks {shown(first)} only; it must not pass on a {project.name} from outside")


def _forced(project: Project, subject: str, settings: _Settings, todo: str) -> Iterator[Finding]:
    """Constraints and overrides, which may say from where the client is."""
    for key in _FORCED:
        if any(is_public(url) for text in settings.of(key) if (url := url_of(text, project.name))):
            yield problem(subject, f"{key} names {project.name} by a URL of {PUBLIC}", f"remove that, and {todo}")


# --- sources ---


def _own_sources(project: Project) -> list[Table]:
    """The sources of the client that a project itself names; a member's take the place of those of its workspace."""
    return project.bindings(project.tools.table("uv", "sources"))


def _switched_off(project: Project, settings: _Settings) -> str:
    """What says that uv does not heed the source of the client; "" if nothing does."""
    variable = "UV_NO_SOURCES_PACKAGE"
    if is_on(project.environment, "UV_NO_SOURCES"):
        return "UV_NO_SOURCES"
    if project.name in map(normalised, re.split(r"[\s,]+", project.environment.get(variable, ""))):
        return variable
    listed = map(normalised, settings.of("no-sources-package"))
    return "a setting of uv, no-sources," if settings.without_sources or project.name in listed else ""


def _judge_sources(project: Project, entries: list[Table], todo: str) -> Finding:
    urls = _urls(project)
    from_index = [urls.get(entry.text("index") or "") for entry in entries if "index" in entry]
    from_url = [entry.text("url") for entry in entries if "url" in entry]
    limits = [limit for entry in entries for key in ("marker", "extra", "group") if (limit := entry.text(key))]
    subject = f"the source of {project.name}"
    if any(is_public(url) for url in (*from_index, *from_url)):
        what = f"[tool.uv.sources] binds {project.name} to {PUBLIC}, or to an unknown index"
        return problem("uv", what, todo)
    if not project.is_direct():
        what = "does not apply, since the project does not name it: what needs it gets it from any index"
        return problem("uv", f"{subject} {what}", todo)
    if len(limits) == len(entries) and not covers_all(limits):
        what = f"{subject} has a marker, an extra or a group: elsewhere it comes from any index"
        return problem("uv", what, f"remove that, and {todo}")
    if from_index:
        return ok("uv", f"{project.name} comes from {shown(from_index[0])} only")
    return ok("uv", f"{project.name} comes from no index")


def _urls(project: Project) -> dict[str, str | None]:
    """The indexes that sources may name: of the environment, of the project, of its workspace, the first counts."""
    variables = ("UV_INDEX", "UV_DEFAULT_INDEX")
    given = [_named(each) for name in variables for each in project.environment.get(name, "").split()]
    tables = [each for owner in (project, project.workspace) for each in owner.tools.table("uv").tables("index")]
    found: dict[str, str | None] = {}
    for name, url in (*given, *((entry.text("name") or "", entry.text("url")) for entry in tables)):
        found.setdefault(name, url)
    return found


def _others(project: Project) -> Iterator[Project]:
    """The members of the workspace, and the packages by path: what they say of the client counts for all."""
    root = project.workspace
    places = [
        place
        for pattern in root.tools.table("uv", "workspace").texts("members")
        for place in sorted(glob.glob(os.path.join(root.folder, pattern)))
    ]
    sources = project.tools.table("uv", "sources")
    bound = [entry for key in sources.values for entry in sources.entries(key)]
    places += [str(project.folder / path) for entry in bound if (path := entry.text("path"))]
    known = {project.folder.resolve()}
    for folder in map(Path, places):
        if folder.resolve() not in known and (folder / "pyproject.toml").exists():
            known.add(folder.resolve())
            yield Project(folder, project.name, project.environment)
