"""Can a stranger's package be installed in place of ours? Each installer that a project uses is examined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from .finding import Finding, note, problem
from .installers import pdm, pip, poetry, uv
from .installers.locks import check_lock
from .project import PUBLIC, Project, is_public, url_of
from .reading import Unreadable

_UNREAD = ("Pipfile", "environment.yml", "environment.yaml", "pixi.toml")
"""Files of installers that the doctor does not know."""


def check_sources(project: Project) -> Iterator[Finding]:
    """What each installer that this project or machine uses would take the client from."""
    checks: dict[str, Callable[[], Iterator[Finding]]] = {}
    tools = {"uv": uv.check_project, "poetry": poetry.check_project, "pdm": pdm.check_project}
    for name, check in tools.items():
        if name in project.tools or project.has(f"{name}.lock") or (name == "uv" and project.workspace is not project):
            checks[name] = partial(check, project)
    managed = bool(checks)
    for pattern in ("*requirements*.txt", "*requirements*.in", "requirements/*.txt", "requirements/*.in"):
        for file in sorted(project.folder.glob(pattern)):
            checks[file.relative_to(project.folder).as_posix()] = partial(pip.check_requirements, project, file)
    for file in sorted(project.folder.glob("pylock*.toml")):
        checks[file.name] = partial(check_lock, project, file.name, "packages", "the same command")
    if not managed:
        checks |= {"pip": partial(pip.check_settings, project), "uv pip": partial(uv.check_pip, project)}
    checks["pyproject.toml"] = partial(_references, project)
    for name, examine in checks.items():
        try:
            yield from examine()
        except Unreadable as error:
            yield problem(name, str(error), "mend the file, or remove it")
    for name in _UNREAD:
        if project.has(name):
            yield note(name, "what is installed by it is not examined", "see that it asks no index but yours")


def _references(project: Project) -> Iterator[Finding]:
    """A URL says from where the client is, whatever the settings say of indexes."""
    if any(is_public(url) for text in project.requirements() if (url := url_of(text, project.name))):
        yield problem("pyproject.toml", f"it names {project.name} by a URL of {PUBLIC}", "name it without a URL")
