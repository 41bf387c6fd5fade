"""The version that follows from a change of the surface, by Semantic Versioning."""

from __future__ import annotations

import re
from pathlib import Path

from scripts.compatibility.judge import Level
from scripts.lib.report import refused

FILE = Path("core", "instantly_core", "version.py")
"""The only place that has the version."""

_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", re.ASCII)
_ASSIGNMENT = re.compile(r'^__version__ = "([^"\n]*)"$', re.MULTILINE)


def next_version(version: str, level: Level) -> str:
    """The version that follows; below 1.0.0 what breaks raises the minor version, everything else the patch version.

    Raises:
        Refused: `version` is not three numbers.
    """
    major, minor, patch = parse_version(version)
    if major == 0:
        level = "minor" if level == "major" else "patch"
    if level == "major":
        return f"{major + 1}.0.0"
    if level == "minor":
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def parse_version(version: str) -> tuple[int, int, int]:
    """The three numbers of a version. Raises `Refused` for anything else, pre-releases included."""
    match = _VERSION.fullmatch(version)
    if match is None:
        why = "releases are numbered MAJOR.MINOR.PATCH here, and what comes after a pre-release is not for us to say"
        raise refused("version", f"{version!r} is no version of a release", why)
    major, minor, patch = map(int, match.groups())
    return major, minor, patch


def read_version(text: str, name: str = FILE.as_posix()) -> str:
    """The version in the text of the file that has it. Raises `Refused` if it is not there, once and plain."""
    found = _ASSIGNMENT.findall(text)
    if len(found) != 1:
        why = 'nobody can say which version this is; let it have one line `__version__ = "MAJOR.MINOR.PATCH"`'
        raise refused("version", f"{name} has {len(found)} versions", why)
    return str(found[0])


def write_version(root: Path, version: str) -> bytes:
    """The content of the file with the version, in the project at `root`, once it is `version`; writes nothing.

    Raises:
        Refused: `version` is not three numbers, or the file has no version to replace.
    """
    parse_version(version)
    try:
        text = (root / FILE).read_bytes().decode()
    except (OSError, ValueError) as error:
        why = "the version has no other place; bring the file back from version control"
        raise refused("version", f"{FILE.as_posix()} cannot be read: {error}", why) from error
    read_version(text)
    return _ASSIGNMENT.sub(f'__version__ = "{version}"', text).encode()
