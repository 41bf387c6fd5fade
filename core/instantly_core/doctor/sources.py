"""Can a stranger's package be installed in place of ours? What pip, uv, Poetry and PDM would ask, by their settings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .finding import Finding, note, ok, problem
from .project import (
    PUBLIC,
    Project,
    is_public,
    normalised,
    pip_files,
    read_ini,
    read_toml,
    requirement_name,
    shown,
    uv_files,
)

_OPTION = re.compile(r"^\s*(?:--(index-url|extra-index-url|find-links)|-(i|f))[ =]+(\S+)", re.MULTILINE)
_SHORT = {"i": "index-url", "f": "find-links"}


def check_sources(project: Project) -> Iterator[Finding]:
    """What each installer that this project or machine uses would take the client from."""
    files = [*project.folder.glob("*requirements*.txt"), *project.folder.glob("*requirements*.in")]
    files += [*project.folder.glob("requirements/*.txt"), *project.folder.glob("requirements/*.in")]
    managed = [tool for tool in ("uv", "poetry", "pdm") if tool in project.tools or project.has(f"{tool}.lock")]
    if "uv" in managed:
        yield from _uv_project(project)
    if "poetry" in managed:
        yield from _poetry(project)
    if "pdm" in managed:
        yield from _pdm(project)
    for file in sorted(files):
        yield _requirements(project, file)
    if not managed:
        yield _judge_pip(project, "pip", _pip_settings(project))
        yield _uv_pip(project)


# --- pip, and pip-tools, which asks pip ---


@dataclass
class _Asked:
    """The indexes that an installer asks, and where each is set."""

    index: str | None = None
    more: list[tuple[str, str]] = field(default_factory=list)


def _pip_settings(project: Project) -> _Asked:
    asked = _Asked()
    pairs = [(str(path), key, value) for path in pip_files(project) for key, value in read_ini(path)]
    for key in ("index-url", "extra-index-url", "find-links"):
        variable = f"PIP_{key.upper().replace('-', '_')}"
        if value := project.environment.get(variable):
            pairs.append((variable, key, value))
    for where, key, value in pairs:
        if key == "index-url":
            asked.index = value
        elif key in ("extra-index-url", "find-links"):
            asked.more += [(where, url) for url in value.split()]
    return asked


def _requirements(project: Project, file: Path) -> Finding:
    text = re.sub(r"\\\n", " ", file.read_text("utf-8", errors="replace"))
    lines = [line for line in text.splitlines() if requirement_name(line)]
    asked = _pip_settings(project)
    options = [(long or _SHORT[short], url) for long, short, url in _OPTION.findall(text)]
    for option, url in options:
        if option == "index-url":
            # It takes the place of all that the machine has set.
            asked = _Asked(url)
    asked.more += [(file.name, url) for option, url in options if option != "index-url"]
    if lines and all("--hash=" in line for line in lines):
        return ok(file.name, "every package is locked by its hash, so that no index can change it")
    return _judge_pip(project, file.name, asked)


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


def _uv_settings(project: Project) -> dict[str, Any]:
    merged: dict[str, Any] = {"index": []}
    own = read_toml(project.folder / "uv.toml") or project.tools.get("uv", {})
    for settings in (own, *(read_toml(path) for path in uv_files(project) if path.parent != project.folder)):
        merged["index"] = [*merged["index"], *settings.get("index", [])]
        for scope in (settings, settings.get("pip", {})):
            for key in ("index-url", "extra-index-url", "index-strategy", "find-links"):
                if key in scope:
                    merged.setdefault(key, scope[key])
    return merged


def _uv_order(project: Project, settings: dict[str, Any]) -> list[tuple[str, str | None]]:
    """The indexes in the order in which uv asks them for a package without a source, and where each is set."""
    environment, order = project.environment, list[tuple[str, str | None]]()
    for variable in ("UV_INDEX", "UV_EXTRA_INDEX_URL"):
        order += [(variable, entry.rpartition("=")[2]) for entry in environment.get(variable, "").split()]
    order += [("uv's settings", url) for url in settings.get("extra-index-url", [])]
    indexes = [entry for entry in settings["index"] if not entry.get("explicit")]
    order += [("uv's settings", str(entry.get("url"))) for entry in indexes if not entry.get("default")]
    for variable in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        if url := environment.get(variable):
            return [*order, (variable, url.rpartition("=")[2])]
    default = next((str(entry.get("url")) for entry in indexes if entry.get("default")), settings.get("index-url"))
    return [*order, ("uv's default", default)]


def _uv_pip(project: Project) -> Finding:
    settings = _uv_settings(project)
    return _judge_uv(project, "uv pip", settings, "give it --no-config --default-index URL, with no UV_ variable set")


def _judge_uv(project: Project, subject: str, settings: dict[str, Any], todo: str) -> Finding:
    order = _uv_order(project, settings)
    strategy = project.environment.get("UV_INDEX_STRATEGY") or settings.get("index-strategy", "first-index")
    links = project.environment.get("UV_FIND_LINKS") or settings.get("find-links")
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
    urls = {entry.get("name"): entry.get("url") for entry in settings["index"]}
    source = project.tools.get("uv", {}).get("sources", {}).get(project.name, {})
    entries = source if isinstance(source, list) else [source]
    bound = [entry["index"] for entry in entries if "index" in entry]
    todo = f"name {project.name} in the project's own dependencies, and in [tool.uv.sources] with your index"
    if not bound:
        yield _judge_uv(project, "uv", settings, todo)
    elif any(is_public(urls.get(name)) for name in bound):
        yield problem("uv", f"[tool.uv.sources] binds {project.name} to {PUBLIC}, or to an unknown index", todo)
    elif not project.is_direct():
        what = "does not apply, since the project does not name it: what needs it gets it from any index"
        yield problem("uv", f"the source of {project.name} {what}", todo)
    else:
        yield ok("uv", f"{project.name} comes from {shown(urls[bound[0]])} only")
    if package := project.locked("uv.lock"):
        registry = package.get("source", {}).get("registry")
        yield _judge_lock(project, "uv.lock", registry, "uv lock")


# --- Poetry and PDM ---


def _poetry(project: Project) -> Iterator[Finding]:
    settings = project.tools.get("poetry", {})
    sources = {entry.get("name"): entry for entry in settings.get("source", [])}
    tables = [settings.get("dependencies", {}), settings.get("dev-dependencies", {})]
    tables += [group.get("dependencies", {}) for group in settings.get("group", {}).values()]
    found = [value for table in tables for key, value in table.items() if normalised(key) == project.name]
    bound = [value["source"] for value in found if isinstance(value, dict) and "source" in value]
    asked = [entry for entry in sources.values() if entry.get("priority") not in ("explicit", "supplemental")]
    todo = f'name {project.name} in the dependencies, and in [tool.poetry.dependencies] with source = "YOUR INDEX"'
    if bound and not any(is_public(sources.get(name, {}).get("url")) for name in bound):
        yield ok("poetry", f"{project.name} comes from {shown(sources[bound[0]]['url'])} only")
    elif len(asked) == 1 and len(sources) == 1 and not is_public(asked[0].get("url")):
        yield ok("poetry", f"Poetry asks {shown(asked[0]['url'])} only")
    else:
        what = f"{project.name} has no source: Poetry takes the highest version from all that it asks"
        yield problem("poetry", what, todo)
    if package := project.locked("poetry.lock"):
        yield _judge_lock(project, "poetry.lock", package.get("source", {}).get("url"), "poetry lock")


def _pdm(project: Project) -> Iterator[Finding]:
    sources = project.tools.get("pdm", {}).get("source", [])
    todo = 'call the one source of the project "pypi": it takes the place of the public index'
    if [entry.get("name") for entry in sources] == ["pypi"] and not is_public(sources[0].get("url")):
        yield ok("pdm", f"PDM asks {shown(sources[0]['url'])} only")
    else:
        yield problem("pdm", f"PDM asks {PUBLIC} as well, and takes the highest version", todo)


def _judge_lock(project: Project, file: str, url: str | None, command: str) -> Finding:
    if is_public(url):
        what = f"it has {project.name} from {PUBLIC}: it is the package of a stranger"
        return problem(file, what, f"do not install from it; mend the source, remove {file}, and run `{command}`")
    return ok(file, f"it has {project.name} from {shown(url)}")
