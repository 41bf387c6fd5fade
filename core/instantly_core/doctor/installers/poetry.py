"""What Poetry asks, by the sources of a project."""

from __future__ import annotations

from collections.abc import Iterator

from ..finding import Finding, ok, problem
from ..project import Project, covers_all, is_public, requirement_name, shown
from ..reading import Table
from .locks import check_lock

_ASKED = (None, "primary")


def check_project(project: Project) -> Iterator[Finding]:
    """What Poetry would lock for a project, and what it has locked."""
    tables = project.tools.table("poetry").tables("source")
    sources = {entry.text("name"): entry.text("url") for entry in tables}
    bound = [urls for entries in _entries(project) if (urls := _bound(entries, sources))]
    loose = [entries for entries in _entries(project) if not _bound(entries, sources)]
    todo = f'name {project.name} in the dependencies, and in [tool.poetry.dependencies] with source = "YOUR INDEX"'
    if bound and not loose:
        yield ok("poetry", f"{project.name} comes from {shown(bound[0])} only")
    elif len(tables) == 1 and tables[0].text("priority") in _ASKED and not is_public(tables[0].text("url")):
        yield ok("poetry", f"Poetry asks {shown(tables[0].text('url'))} only")
    else:
        what = (
            f"{project.name} has no source that always counts: Poetry takes the highest version from all that it asks"
        )
        yield problem("poetry", what, todo)
    yield from check_lock(project, "poetry.lock", "package", "poetry lock")


def _entries(project: Project) -> Iterator[list[Table]]:
    """What each table of dependencies has for the client, those apart that Poetry does not heed.

    Where [project] or [dependency-groups] has dependencies, a table of Poetry's adds to these, and names no others.
    """
    settings, table = project.tools.table("poetry"), project.pyproject.table("project")
    extras, groups = table.table("optional-dependencies"), project.pyproject.table("dependency-groups")
    main = [*table.texts("dependencies"), *(entry for key in extras.values for entry in extras.texts(key))]
    own = settings.table("group")
    found = [(own.table(name, "dependencies"), groups.texts(name)) for name in own.values]
    for dependencies, named in (
        (settings.table("dependencies"), main),
        (settings.table("dev-dependencies"), []),
        *found,
    ):
        entries = project.bindings(_with_tables(dependencies))
        if entries and (not named or any(requirement_name(text) == project.name for text in named)):
            yield entries


def _bound(entries: list[Table], sources: dict[str | None, str | None]) -> str | None:
    """The one index that a dependency has for all platforms and Pythons."""
    urls = [sources.get(entry.text("source")) for entry in entries]
    limits = [limit for entry in entries for key in ("markers", "python", "platform") if (limit := entry.text(key))]
    if any(map(is_public, urls)) or (len(entries) > 1 and not covers_all(limits)):
        return None
    return urls[0]


def _with_tables(dependencies: Table) -> Table:
    """Dependencies with a table for those that have a version alone."""
    values = {
        key: {"version": value} if isinstance(value, str) else value for key, value in dependencies.values.items()
    }
    return Table(dependencies.place, values)
