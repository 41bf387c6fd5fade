"""A consumer's project and machine, and how the installers compare names and indexes."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from .reading import Table, Unreadable, parse_toml, read_text, read_toml

_PUBLIC = re.compile(
    r"(^|\.)(pypi\.(org|io)|pythonhosted\.org|(test)?pypi\.python\.org"
    # Mirrors for everybody, which have each name that is registered there.
    r"|pypi\.tuna\.tsinghua\.edu\.cn|pypi\.mirrors\.ustc\.edu\.cn|mirrors\.(aliyun|cloud\.tencent|ustc\.edu)\.(com|cn)"
    r"|repo\.huaweicloud\.com|pypi\.douban(io)?\.com)$"
)
PUBLIC = "the public index"
_OPPOSITES = ({"==", "!="}, {"<", ">="}, {">", "<="})


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

    def requirements(self) -> list[str]:
        """What the project itself names: its dependencies, extras and groups."""
        table = self.pyproject.table("project")
        extras, groups = table.table("optional-dependencies"), self.pyproject.table("dependency-groups")
        entries = [*table.texts("dependencies"), *self.tools.table("uv").texts("dev-dependencies")]
        return entries + [entry for group in (extras, groups) for key in group.values for entry in group.texts(key)]

    def is_direct(self) -> bool:
        """Whether the project itself names the client."""
        return any(requirement_name(entry) == self.name for entry in self.requirements())

    def bindings(self, table: Table) -> list[Table]:
        """What a table with names as keys has for the client: one table, or those of an array."""
        return [entry for key in table.values if normalised(key) == self.name for entry in table.entries(key)]

    def locked(self, file: str, kind: str = "package") -> list[Table]:
        """The entries of the client in a lock in TOML: several where platforms have different ones."""
        path = self.folder / file
        # A lock may have megabytes, of which only these few lines matter.
        blocks = re.split(rf"^(?=\[\[{kind}\]\])", read_text(path) or "", flags=re.MULTILINE)
        names = re.compile(r"""^name = (["'])(.*)\1""", re.MULTILINE)
        ours = [text for text in blocks if (found := names.search(text)) and normalised(found[2]) == self.name]
        return [entry for text in ours for entry in parse_toml(path, text).tables(kind)]


def _is_named(place: str, patterns: Iterable[str]) -> bool:
    """Whether a path is one of these; an asterisk is no slash."""
    parts = place.split("/")
    wanted = [posixpath.normpath(pattern).split("/") for pattern in patterns]
    return any(len(each) == len(parts) and all(map(fnmatchcase, parts, each)) for each in wanted)


def normalised(name: str) -> str:
    """A name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement_name(text: str) -> str:
    """The normalised name that a requirement begins with."""
    found = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", text)
    return normalised(found[1].rstrip("._-")) if found else ""


def url_of(requirement: str, name: str) -> str | None:
    """The URL by which a requirement names the package `name`; None where it names it by a version, or another one."""
    found = re.match(r"\s*(?:([\w.-]+)\s*(?:\[[^\]]*\])?\s*@\s*)?([a-z+]+://\S+)", requirement, re.IGNORECASE)
    parts = split(found[2]) if found else None
    if not found or not parts:
        return None
    named = found[1] or re.sub(r"-\d.*", "", parts.path.rpartition("/")[2])
    return found[2] if normalised(named) == name else None


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """A text with its `${VARIABLES}`, those apart that are not set."""
    return re.sub(r"\$\{([A-Za-z0-9_]+)\}", lambda found: variables.get(found[1], found[0]), text)


def covers_all(markers: list[str]) -> bool:
    """Whether always one of these markers is true: two comparisons of the same, with opposite operators."""
    comparisons = [re.fullmatch(r"([\w.]*)([<>=!]=?)([\w.]+)", re.sub(r"[\s\"']", "", each)) for each in markers]
    match comparisons:
        case [one, other] if one and other:
            return (one[1], one[3]) == (other[1], other[3]) and {one[2], other[2]} in (
                {"==", "!="},
                {"<", ">="},
                {">", "<="},
            )
    return False


def is_on(environment: Mapping[str, str], variable: str) -> bool:
    """Whether a variable that switches something on does so."""
    return environment.get(variable, "").lower() not in ("", "0", "false", "f", "no", "n", "off")


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
    """Whether everybody can register names in an index: in that of the tool, without a URL, or maybe in `${THIS}`."""
    if not url or "${" in url:
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
