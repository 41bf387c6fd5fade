"""A consumer's project and machine: which files the installers read, and how they compare names and indexes."""

from __future__ import annotations

import os
import posixpath
import re
import sys
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from .reading import Table, Unreadable, parse_toml, read_text, read_toml

_PUBLIC = re.compile(r"(^|\.)(pypi\.(org|io)|pythonhosted\.org|(test)?pypi\.python\.org)$")
PUBLIC = "the public index"


class Project:
    """A folder with the settings of a project, and the name under which the client is installed."""

    def __init__(self, folder: Path, name: str, environment: Mapping[str, str] = os.environ) -> None:
        self.folder = folder
        self.name = normalised(name)
        self.environment = environment

    @cached_property
    def pyproject(self) -> Table:
        return read_toml(self.folder / "pyproject.toml")

    @property
    def tools(self) -> Table:
        return self.pyproject.table("tool")

    @cached_property
    def workspace(self) -> Project:
        """The root of the uv workspace that the project is a member of, whose sources and lock count; else itself."""
        here = self.folder.absolute()
        for folder in here.parents:
            root = Project(folder, self.name, self.environment)
            try:
                settings = root.tools.table("uv", "workspace")
                members, excluded = settings.texts("members"), settings.texts("exclude")
            except Unreadable:
                continue  # It may be of something else.
            place = here.relative_to(folder).as_posix()
            if _is_named(place, members) and not _is_named(place, excluded):
                return root
        return self

    @property
    def home(self) -> Path:
        # Not `Path.home()`, which raises where nobody knows of one.
        return Path(self.environment.get("HOME") or self.environment.get("USERPROFILE") or os.path.expanduser("~"))

    def has(self, *files: str) -> bool:
        return any((self.folder / file).exists() for file in files)

    def is_direct(self) -> bool:
        """Whether the project itself names the client, in its dependencies, extras or groups."""
        table = self.pyproject.table("project")
        extras, groups = table.table("optional-dependencies"), self.pyproject.table("dependency-groups")
        entries = [*table.texts("dependencies"), *self.tools.table("uv").texts("dev-dependencies")]
        entries += [entry for group in (extras, groups) for key in group.values for entry in group.texts(key)]
        return any(requirement_name(entry) == self.name for entry in entries)

    def locked(self, file: str, kind: str = "package") -> list[Table]:
        """The entries of the client in a lock in TOML: several where platforms have different ones."""
        path = self.folder / file
        # A lock may have megabytes, of which only these few lines matter.
        blocks = re.split(rf"^(?=\[\[{kind}\]\])", read_text(path) or "", flags=re.MULTILINE)
        names = re.compile(r"""^name = (["'])(.*)\1""", re.MULTILINE)
        ours = [text for text in blocks if (found := names.search(text)) and normalised(found[2]) == self.name]
        return [entry for text in ours for entry in parse_toml(path, text).tables(kind)]


def _is_named(place: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(place, posixpath.normpath(pattern)) for pattern in patterns)


def normalised(name: str) -> str:
    """A name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement_name(text: str) -> str:
    """The normalised name that a requirement begins with."""
    found = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", text)
    return normalised(found[1].rstrip("._-")) if found else ""


def numbers(version: str) -> list[int]:
    """The numbers of a version, to compare it with another one."""
    return [int(number) for number in re.findall(r"\d+", version)]


def split(url: str) -> SplitResult | None:
    """The parts of a URL; None if it is no URL."""
    try:
        parts = urlsplit(url.strip())
        _ = parts.port  # It, too, is looked at only when it is asked for.
    except ValueError:
        return None
    return parts


def is_public(url: str | None) -> bool:
    """Whether an index is one where everybody can register names; without a URL it is that of the tool."""
    if not url:
        return True
    parts = split(url)
    return bool(parts and _PUBLIC.search((parts.hostname or "").rstrip(".")))


def shown(url: str | None) -> str:
    """An index as messages call it: by its host and path, without a user or a password."""
    if is_public(url):
        return PUBLIC
    parts = split(url or "")
    if parts is None:
        return "what is no URL"
    place = f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"
    return place if parts.hostname else "a folder"


def pip_files(project: Project) -> Iterable[Path]:
    """Where pip looks for settings, the weakest first."""
    environment, home = project.environment, project.home
    named = environment.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return ()
    shared = [*environment.get("XDG_CONFIG_DIRS", "/etc/xdg").split(os.pathsep), "/Library/Application Support"]
    system = [Path(folder, "pip", "pip.conf") for folder in shared if folder]
    windows = [Path(environment[key], "pip", "pip.ini") for key in ("ProgramData", "APPDATA") if environment.get(key)]
    user = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    own = [user / "pip" / "pip.conf", home / "Library" / "Application Support" / "pip" / "pip.conf"]
    old = [home / ".pip" / "pip.conf", home / "pip" / "pip.ini"]
    environments = [Path(sys.prefix, name) for name in ("pip.conf", "pip.ini")]
    return (*system, Path("/etc/pip.conf"), *windows, *old, *own, *environments, *([Path(named)] if named else []))


def uv_files(project: Project) -> Iterable[Path]:
    """Where uv looks for a uv.toml, the strongest first."""
    environment = project.environment
    if named := environment.get("UV_CONFIG_FILE"):
        return (Path(named),)
    if environment.get("UV_NO_CONFIG"):
        return ()
    user = Path(environment.get("XDG_CONFIG_HOME") or environment.get("APPDATA") or project.home / ".config")
    shared = [*environment.get("XDG_CONFIG_DIRS", "/etc/xdg").split(os.pathsep), environment.get("ProgramData", "")]
    system = [Path(folder, "uv", "uv.toml") for folder in shared if folder]
    return (project.folder / "uv.toml", user / "uv" / "uv.toml", *system, Path("/etc/uv/uv.toml"))
