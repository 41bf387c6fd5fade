"""The files of a consumer's project and of the machine, as the installers read them."""

from __future__ import annotations

import configparser
import os
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_PUBLIC = re.compile(r"(^|\.)(pypi\.(org|io)|pythonhosted\.org)$")
PUBLIC = "the public index"


class Unreadable(Exception):  # noqa: N818 - it says what is wrong, in words for people
    """A file of settings cannot be read; the message does not quote it, for it may have a password."""


class Project:
    """A folder with the settings of a project, and the name under which the client is installed."""

    def __init__(self, folder: Path, name: str, environment: Mapping[str, str] = os.environ) -> None:
        self.folder = folder
        self.name = normalised(name)
        self.environment = environment
        self.pyproject = read_toml(folder / "pyproject.toml")
        self.tools: dict[str, Any] = self.pyproject.get("tool", {})

    @property
    def home(self) -> Path:
        return Path(self.environment.get("HOME") or self.environment.get("USERPROFILE") or Path.home())

    def has(self, *files: str) -> bool:
        return any((self.folder / file).exists() for file in files)

    def is_direct(self) -> bool:
        """Whether the project itself names the client, in its dependencies, extras or groups."""
        table = self.pyproject.get("project", {})
        groups = [
            *table.get("optional-dependencies", {}).values(),
            *self.pyproject.get("dependency-groups", {}).values(),
            self.tools.get("uv", {}).get("dev-dependencies", []),
        ]
        entries = [entry for group in (table.get("dependencies", []), *groups) for entry in group]
        return any(requirement_name(entry) == self.name for entry in entries if isinstance(entry, str))

    def locked(self, file: str) -> Mapping[str, Any] | None:
        """The entry of the client in a lock in TOML with the entries `package`; None without one."""
        for package in read_toml(self.folder / file).get("package", []):
            if normalised(str(package.get("name", ""))) == self.name:
                return dict(package)
        return None


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


def is_public(url: str | None) -> bool:
    """Whether an index is one where everybody can register names; without a URL it is that of the tool."""
    return not url or bool(_PUBLIC.search(urlsplit(url).hostname or ""))


def shown(url: str | None) -> str:
    """An index as messages call it: by its host and path, without a user or a password."""
    if is_public(url):
        return PUBLIC
    parts = urlsplit(url or "")
    place = f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"
    return place or "a folder"


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file; nothing without the file."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise Unreadable(f"{path} cannot be read: {type(error).__name__}") from None


def read_ini(path: Path) -> Iterator[tuple[str, str]]:
    """The keys and values of all sections of a file in the form of pip's settings."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read(path, "utf-8")
    except (configparser.Error, UnicodeDecodeError) as error:
        raise Unreadable(f"{path} cannot be read: {type(error).__name__}") from None
    for section in parser.sections():
        for key, value in parser.items(section):
            yield key.replace("_", "-"), value


def pip_files(project: Project) -> Iterable[Path]:
    """Where pip looks for settings, the weakest first."""
    environment = project.environment
    named = environment.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return ()
    user = Path(environment.get("XDG_CONFIG_HOME") or project.home / ".config")
    windows = [Path(environment[key], "pip", "pip.ini") for key in ("ProgramData", "APPDATA") if key in environment]
    system = [*(Path(folder, "pip", "pip.conf") for folder in ("/etc/xdg", "/Library/Application Support"))]
    own = [project.home / ".pip" / "pip.conf", user / "pip" / "pip.conf", Path(sys.prefix, "pip.conf")]
    return (*system, Path("/etc/pip.conf"), *windows, *own, *([Path(named)] if named else []))


def uv_files(project: Project) -> Iterable[Path]:
    """Where uv looks for a uv.toml, the strongest first."""
    environment = project.environment
    if named := environment.get("UV_CONFIG_FILE"):
        return (Path(named),)
    if environment.get("UV_NO_CONFIG"):
        return ()
    user = Path(environment.get("XDG_CONFIG_HOME") or environment.get("APPDATA") or project.home / ".config")
    return (project.folder / "uv.toml", user / "uv" / "uv.toml", Path("/etc/uv/uv.toml"))
