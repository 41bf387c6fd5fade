"""Can a stranger's package be installed in place of ours? What pip, uv, Poetry and PDM would ask, by their settings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from .finding import Finding, note, ok, problem
from .project import PUBLIC, Project, is_public, normalised, pip_files, requirement_name, shown, uv_files
from .reading import Table, Unreadable, read_ini, read_text, read_toml

# pip takes the beginning of the name of an option for the option, and a value without a space.
_OPTION = re.compile(r"(?:(?<=\s)|^)(?:--(i|ex|f|py)[a-z-]*[= ]|-(i|f)[= ]?)\s*[\"']?([^\s\"']+)")
_INDEX = ("i", "py")
_INCLUDE = re.compile(r"(?:-[rc]|--(?:requirement|constraint))[= ]*(\S+)")
_HASH = re.compile(r"--hash[= ]")


def check_sources(project: Project) -> Iterator[Finding]:
    """What each installer that this project or machine uses would take the client from."""
    checks: dict[str, Callable[[], Iterator[Finding]]] = {}
    tools = {"uv": _uv_project, "poetry": _poetry, "pdm": _pdm}
    for name, check in tools.items():
        if name in project.tools or project.has(f"{name}.lock") or (name == "uv" and project.workspace is not project):
            checks[name] = partial(check, project)
    managed = bool(checks)
    for pattern in ("*requirements*.txt", "*requirements*.in", "requirements/*.txt", "requirements/*.in"):
        for file in sorted(project.folder.glob(pattern)):
            checks[file.name] = partial(_requirements, project, file)
    for file in sorted(project.folder.glob("pylock*.toml")):
        checks[file.name] = partial(_lock, project, file.name, "packages", "the same command")
    if not managed:
        checks |= {"pip": partial(_pip, project), "uv pip": partial(_uv_pip, project)}
    for name, examine in checks.items():
        try:
            yield from examine()
        except Unreadable as error:
            yield problem(name, str(error), "mend the file, or remove it")


# --- pip, and pip-tools, which asks pip ---


@dataclass
class _Asked:
    """The indexes that an installer asks, and where each is set."""

    index: str | None = None
    more: list[tuple[str, str]] = field(default_factory=list)


def _pip_settings(project: Project) -> _Asked:
    asked = _Asked()
    found = [(str(path), *entry) for path in pip_files(project) for entry in read_ini(path)]
    for key in ("index-url", "extra-index-url", "find-links"):
        variable = f"PIP_{key.upper().replace('-', '_')}"
        if value := project.environment.get(variable):
            found.append((variable, "variable", key, value))
    # What a section of a command says is stronger than what all commands have, in whichever file.
    for section in ("global", "install", "variable"):
        asked.index = next((v for _, s, key, v in reversed(found) if (s, key) == (section, "index-url")), asked.index)
    for where, _, key, value in found:
        if key in ("extra-index-url", "find-links"):
            asked.more += [(where, url) for url in value.split()]
    return asked


def _pip(project: Project) -> Iterator[Finding]:
    yield _judge_pip(project, "pip", _pip_settings(project))


def _requirements(project: Project, file: Path) -> Iterator[Finding]:
    lines = list(_lines(file, set()))
    asked = _pip_settings(project)
    for line in lines:
        for long, short, url in _OPTION.findall(line) if line.startswith("-") else ():
            if (long or short) in _INDEX:
                # It takes the place of all that the machine has set.
                asked = _Asked(_expanded(url, project), [each for each in asked.more if each[0] == file.name])
            else:
                asked.more.append((file.name, _expanded(url, project)))
    required = [line for line in lines if requirement_name(line)]
    if required and all(_HASH.search(line) for line in required):
        yield ok(file.name, "every package is locked by its hash, so that no index can change it")
    else:
        yield _judge_pip(project, file.name, asked)


def _lines(file: Path, seen: set[Path]) -> Iterator[str]:
    """The lines of a file of requirements, and of those that it includes."""
    if file.resolve() in seen:
        return
    seen.add(file.resolve())
    for line in re.sub(r"\\\r?\n", " ", read_text(file) or "").splitlines():
        bare = re.sub(r"(^|\s)#.*", "", line).strip()
        if (included := _INCLUDE.match(bare)) and "://" not in bare:
            yield from _lines(file.parent / included[1], seen)
        elif bare:
            yield bare


def _expanded(text: str, project: Project) -> str:
    """A text with its `${VARIABLES}`, as pip puts them in."""
    return re.sub(r"\$\{([A-Z0-9_]+)\}", lambda found: project.environment.get(found[1], found[0]), text)


def _judge_pip(project: Project, subject: str, asked: _Asked) -> Finding:
    todo = (
        f"write the one index as first line of a requirements.txt: --index-url URL; or install {project.name} by hash"
    )
    if asked.more:
        places = ", ".join(f"{shown(url)} ({where})" for where, url in asked.more)
        what = f"pip takes the highest version from all indexes: {shown(asked.index)} and {places}"
        return problem(subject, what, f"remove it there, or {todo}")
    if is_public(asked.index):
        what = f"pip asks {PUBLIC}, where anybody may register {project.name}"
        return problem(subject, what, f"name your index: {todo}")
    return ok(subject, f"pip asks {shown(asked.index)} only; it must not pass on a {project.name} from outside")


# --- uv ---


@dataclass
class _UvSettings:
    """What all of uv's files say of indexes: a list in full, anything else by the strongest file that says it."""

    indexes: list[Table]
    values: dict[str, list[str]]


def _uv_settings(project: Project) -> _UvSettings:
    merged = _UvSettings([], {})
    root = project.workspace
    own = read_toml(root.folder / "uv.toml") or root.tools.table("uv")
    for settings in (own, *(read_toml(path) for path in uv_files(root) if path.parent != root.folder)):
        merged.indexes += settings.tables("index")
        for scope in (settings, settings.table("pip")):
            for key in ("index-url", "extra-index-url", "index-strategy", "find-links"):
                if key in scope:
                    merged.values.setdefault(key, scope.texts(key))
    return merged


def _uv_order(project: Project, settings: _UvSettings) -> list[tuple[str, str | None]]:
    """The indexes in the order in which uv asks them for a package without a source, and where each is set."""
    environment, order = project.environment, list[tuple[str, str | None]]()
    for variable in ("UV_INDEX", "UV_EXTRA_INDEX_URL"):
        order += [(variable, _without_name(entry)) for entry in environment.get(variable, "").split()]
    order += [("uv's settings", url) for url in settings.values.get("extra-index-url", [])]
    indexes = [entry for entry in settings.indexes if entry.values.get("explicit") is not True]
    defaults = [entry.text("url") for entry in indexes if entry.values.get("default") is True]
    order += [("uv's settings", entry.text("url")) for entry in indexes if entry.values.get("default") is not True]
    for variable in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        if url := environment.get(variable):
            return [*order, (variable, _without_name(url))]
    return [*order, ("uv's default", next(iter([*defaults, *settings.values.get("index-url", [])]), None))]


def _without_name(entry: str) -> str:
    """The URL of an index that may be given as NAME=URL."""
    return re.sub(r"^[\w.-]+=", "", entry)


def _uv_pip(project: Project) -> Iterator[Finding]:
    todo = "give it --no-config --default-index URL, with no UV_ variable set"
    yield _judge_uv(project, "uv pip", _uv_settings(project), todo)


def _judge_uv(project: Project, subject: str, settings: _UvSettings, todo: str) -> Finding:
    order = _uv_order(project, settings)
    configured = "".join(settings.values.get("index-strategy", [])[:1])
    strategy = project.environment.get("UV_INDEX_STRATEGY") or configured or "first-index"
    links = project.environment.get("UV_FIND_LINKS") or settings.values.get("find-links")
    where, first = order[0]
    if links:
        return problem(subject, "uv takes packages from find-links as well", f"remove that, and {todo}")
    if strategy != "first-index" and len(order) > 1:
        return problem(subject, f"uv compares all indexes: index-strategy is {strategy}", f"remove that, and {todo}")
    if is_public(first):
        return problem(subject, f"uv asks {PUBLIC} first ({where}), where anybody may register {project.name}", todo)
    others = [shown(url) for _, url in order[1:] if not is_public(url)]
    if others:
        what = f"uv asks {shown(first)} first ({where}), and {', '.join(others)} if it does not have {project.name}"
        return problem(subject, what, todo)
    if len(order) > 1:
        what = f"uv asks {shown(first)} first ({where}), and {PUBLIC} if it does not have {project.name}"
        return note(subject, what, todo)
    return ok(subject, f"uv asks {shown(first)} only; it must not pass on a {project.name} from outside")


def _uv_project(project: Project) -> Iterator[Finding]:
    settings = _uv_settings(project)
    urls = {entry.text("name"): entry.text("url") for entry in settings.indexes}
    # A member's own sources take the place of those of its workspace.
    own = _bindings(project.tools.table("uv", "sources"), project.name)
    entries = own or _bindings(project.workspace.tools.table("uv", "sources"), project.name)
    named = [entry.text("index") for entry in entries if "index" in entry]
    todo = f"name {project.name} in the project's own dependencies, and in [tool.uv.sources] with your index"
    subject = f"the source of {project.name}"
    if not entries:
        yield _judge_uv(project, "uv", settings, todo)
    elif any(is_public(urls.get(name)) for name in named):
        yield problem("uv", f"[tool.uv.sources] binds {project.name} to {PUBLIC}, or to an unknown index", todo)
    elif not project.is_direct():
        what = "does not apply, since the project does not name it: what needs it gets it from any index"
        yield problem("uv", f"{subject} {what}", todo)
    elif len(entries) == 1 and (limit := next((key for key in ("marker", "extra", "group") if key in entries[0]), "")):
        yield problem("uv", f"{subject} has a {limit}: elsewhere it comes from any index", f"remove that, and {todo}")
    elif named:
        yield ok("uv", f"{project.name} comes from {shown(urls[named[0]])} only")
    else:
        yield ok("uv", f"{project.name} comes from no index")
    yield from _lock(project.workspace, "uv.lock", "package", "uv lock")


def _bindings(table: Table, name: str) -> list[Table]:
    """What a table with names as keys has for the package called `name`: a table each, or an array of them."""
    return [
        entry
        for key in table.values
        if normalised(key) == name
        for entry in (table.tables(key) if isinstance(table.values[key], list) else [table.table(key)])
    ]


# --- Poetry and PDM ---


def _poetry(project: Project) -> Iterator[Finding]:
    settings = project.tools.table("poetry")
    sources = {entry.text("name"): entry for entry in settings.tables("source")}
    tables = [settings.table("dependencies"), settings.table("dev-dependencies")]
    tables += [settings.table("group", name, "dependencies") for name in settings.table("group").values]
    found = [entry for table in tables for entry in _bindings(_with_tables(table), project.name)]
    urls = {name: entry.text("url") for name, entry in sources.items()}
    asked = [entry for entry in sources.values() if entry.text("priority") not in ("explicit", "supplemental")]
    todo = f'name {project.name} in the dependencies, and in [tool.poetry.dependencies] with source = "YOUR INDEX"'
    if found and not any(is_public(urls.get(entry.text("source"))) for entry in found):
        yield ok("poetry", f"{project.name} comes from {shown(urls[found[0].text('source')])} only")
    elif len(asked) == 1 and len(sources) == 1 and not is_public(asked[0].text("url")):
        yield ok("poetry", f"Poetry asks {shown(asked[0].text('url'))} only")
    else:
        what = f"{project.name} has no source: Poetry takes the highest version from all that it asks"
        yield problem("poetry", what, todo)
    yield from _lock(project, "poetry.lock", "package", "poetry lock")


def _with_tables(dependencies: Table) -> Table:
    """Dependencies with a table for those that have a version alone."""
    values = {
        key: {"version": value} if isinstance(value, str) else value for key, value in dependencies.values.items()
    }
    return Table(dependencies.place, values)


def _pdm(project: Project) -> Iterator[Finding]:
    sources = project.tools.table("pdm").tables("source")
    urls = {entry.text("name"): entry.text("url") for entry in sources}
    bound = [entry.text("name") for entry in sources if _matches(entry.texts("include_packages"), project.name)]
    asked = bound or [
        entry.text("name") for entry in sources if not _matches(entry.texts("exclude_packages"), project.name)
    ]
    if not bound and "pypi" not in urls:
        asked.append("pypi")  # The public one, which it has by itself.
    if len(asked) == 1 and not is_public(urls.get(asked[0])):
        yield ok("pdm", f"PDM asks {shown(urls[asked[0]])} only")
    else:
        todo = f"name {project.name} in `include_packages` of your index, under [[tool.pdm.source]]"
        yield problem("pdm", f"PDM takes the highest version of {project.name} from all indexes that it asks", todo)


def _matches(patterns: list[str], name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


# --- locks ---

_LOCAL = ("git", "path", "directory", "editable", "virtual")
"""Where a locked package may be from without any index."""


def _lock(project: Project, file: str, kind: str, command: str) -> Iterator[Finding]:
    packages = project.locked(file, kind)
    for package in packages:
        source = package.table("source")
        if any(key in source for key in _LOCAL):
            continue
        files = [*package.tables("wheels"), *([package.table("sdist")] if "sdist" in package else [])]
        first = files[0].text("url") if files and not source else None
        url = source.text("registry") or source.text("url") or package.text("index") or first
        if is_public(url):
            what = f"it has {project.name} from {PUBLIC}: it is the package of a stranger"
            yield problem(file, what, f"do not install from it; mend the source, remove {file}, and run `{command}`")
        else:
            yield ok(file, f"it has {project.name} from {shown(url)}")
