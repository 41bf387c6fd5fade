"""What pip asks, by its settings and by files of requirements. pip-tools asks pip."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..finding import Finding, ok, problem
from ..project import PUBLIC, Project, expanded, is_public, requirement_name, shown, url_of
from ..reading import Unreadable, read_ini, read_text

# What a file of requirements may have; pip takes the beginning of such a name for the name.
_OPTIONS = ("index-url", "pypi-url", "extra-index-url", "find-links", "requirement", "constraint", "editable", "hash")
_SHORT = {"i": "index-url", "f": "find-links", "r": "requirement", "c": "constraint", "e": "editable"}
_FLAGS = ("no-index", "pre", "prefer-binary", "require-hashes")
_OLD = {"pypi-url": "index-url"}
_STRONGER = ("global", "install", "variable")
"""Where an index is set, the weakest first: a section of a command is stronger than that of all commands."""


@dataclass
class Asked:
    """What pip asks in the end: its index and those that are added, each with the place where it is set.

    `urls` has those by which the client itself is named, `unread` the files that are elsewhere.
    """

    name: str
    variables: Mapping[str, str]
    index: tuple[str, str | None] = ("pip's default", None)
    more: list[tuple[str, str]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    urls: list[tuple[str, str]] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    has_hashes: list[bool] = field(default_factory=list)

    def read(self, path: Path) -> None:
        """Follow a file of requirements or constraints, and what it includes, as pip does."""
        self._read(path, set())

    def _read(self, path: Path, seen: set[Path]) -> None:
        if path.resolve() in seen:
            return
        seen.add(path.resolve())
        required = ""
        for line in _joined(read_text(path) or ""):
            if required == self.name and (note := re.match(r"\s*# from (\S+)", line)):
                # So the makers of locks say from which index they have it.
                self.urls.append((path.name, note[1]))
            bare = re.sub(r"(^|\s)#.*", "", expanded(line, self.variables)).strip()
            requirement, _, rest = re.sub(r"(^|\s)(?=-)", "\0", bare, count=1).partition("\0")
            try:
                options = list(_options(shlex.split(rest)))
            except ValueError:
                raise Unreadable(f"{path} cannot be read: a line has a quote that nothing ends") from None
            included = [value for key, value in options if key in ("requirement", "constraint")]
            if included and not requirement:
                self._include(path, included[0], seen)
            else:
                required = requirement_name(requirement) or required
                self._take(path, requirement, options)

    def _include(self, path: Path, value: str, seen: set[Path]) -> None:
        if value.startswith("file:"):
            self._read(Path(unquote(urlsplit(value).path)), seen)
        elif "://" in value:
            self.unread.append((path.name, value))
        else:
            self._read(path.parent / value, seen)

    def _take(self, path: Path, requirement: str, options: list[tuple[str, str]]) -> None:
        where = path.name
        for key, value in options:
            if key == "index-url":
                # It takes the place of all that was set before.
                self.index, self.more = (where, value), []
        self.more += [(where, value) for key, value in options if key == "extra-index-url"]
        self.links += [(where, value) for key, value in options if key == "find-links"]
        named = [requirement, *(value for key, value in options if key == "editable")]
        self.urls += [(where, url) for text in named if (url := url_of(text, self.name))]
        if requirement:
            self.has_hashes.append(any(key == "hash" for key, _ in options))

    def judge(self, subject: str, *, file: str = "") -> Finding:
        """The finding for a `subject`, which is the `file` of requirements that it has followed, if there is one."""
        one = "write the one index as first line of a requirements.txt: --index-url URL"
        todo = f"{one}; or install {self.name} by hash"
        where, index = self.index
        if foreign := [(place, url) for place, url in self.urls if is_public(url)]:
            what = f"{foreign[0][0]} has {self.name} from {PUBLIC}: it is the package of a stranger"
            return problem(subject, what, f"do not install it; {one}, and make a lock anew")
        if self.unread:
            what = f"{self.unread[0][0]} includes a file of another server, which may add an index"
            return problem(subject, what, "include a file of the project")
        if file and self.has_hashes and all(self.has_hashes):
            if where == file and is_public(index) and not self.more:
                what = f"it is locked by hashes of what {PUBLIC} has, where anybody may register {self.name}"
                return problem(subject, what, f"do not install it; {one}, and make the lock anew")
            return ok(subject, "every package is locked by its hash, so that no index can change it")
        if more := [*self.more, *self.links]:
            places = ", ".join(f"{shown(url)} ({place})" for place, url in more)
            what = f"pip takes the highest version from all indexes: {shown(index)} and {places}"
            return problem(subject, what, f"remove it there, or {todo}")
        if is_public(index):
            what = f"pip asks {PUBLIC} ({where}), where anybody may register {self.name}"
            return problem(subject, what, f"name your index: {todo}")
        return ok(subject, f"pip asks {shown(index)} only; it must not pass on a {self.name} from outside")


def check_settings(project: Project) -> Iterator[Finding]:
    """What pip asks where its command line names no index."""
    yield _of_settings(project).judge("pip")


def check_requirements(project: Project, file: Path) -> Iterator[Finding]:
    """What pip asks for a file of requirements."""
    asked = _of_settings(project)
    asked.has_hashes.clear()
    asked.read(file)
    yield asked.judge(file.relative_to(project.folder).as_posix(), file=file.name)


def _of_settings(project: Project) -> Asked:
    found = [(str(path), *entry) for path in _files(project) for entry in read_ini(path)]
    for name, value in project.environment.items():
        if name.startswith("PIP_"):
            found.append((name, "variable", name.removeprefix("PIP_").lower().replace("_", "-"), value))
    settings = [(where, section, _OLD.get(key, key), value) for where, section, key, value in found if value.strip()]
    asked = Asked(project.name, project.environment)
    for wanted in _STRONGER:
        for where, section, key, value in settings:
            if (section, key) == (wanted, "index-url"):
                asked.index = where, value
    for where, _, key, value in settings:
        added = [(where, each) for each in value.split()]
        if key == "extra-index-url":
            asked.more += added
        elif key == "find-links":
            asked.links += added
    for _, _, key, value in settings:
        for each in value.split() if key in ("constraint", "requirement") else ():
            if "://" in each:
                asked.unread.append((key, each))
            else:
                asked.read(project.folder / each)
    return asked


def _files(project: Project) -> Iterable[Path]:
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
    # That of the doctor, and those that the project may be installed into.
    prefixes = {Path(sys.prefix), project.folder / ".venv", Path(environment.get("VIRTUAL_ENV") or sys.prefix)}
    environments = [prefix / name for prefix in sorted(prefixes) for name in ("pip.conf", "pip.ini")]
    last = [project.folder / named] if named else []
    return (*system, Path("/etc/pip.conf"), *windows, *old, *own, *environments, *last)


def _joined(text: str) -> Iterator[str]:
    """The lines of a file, those joined that end with a backslash; a comment ends such a line."""
    whole = ""
    for line in text.splitlines():
        is_comment = line.lstrip().startswith("#")
        if is_comment or not line.endswith("\\"):
            yield f"{whole} {line}" if is_comment else whole + line
            whole = ""
        else:
            whole += line.removesuffix("\\")
    yield whole


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """The options in the words of a line, by their whole names, with their values."""
    rest = iter(words)
    for word in rest:
        if word.startswith("--"):
            name, equals, value = word.removeprefix("--").partition("=")
            known = next((option for option in _OPTIONS if option.startswith(name)), name)
            if not equals and name not in _FLAGS:
                value = next(rest, "")
            yield _OLD.get(known, known), value
        elif word[:1] == "-" and word[1:2] in _SHORT:
            yield _SHORT[word[1]], word[2:].lstrip("=") or next(rest, "")
