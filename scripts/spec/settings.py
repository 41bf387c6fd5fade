"""The settings of the pin step: the table `[tool.pin]` of pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from scripts.lib.report import Finding, Refused, refused

_WHY = "a setting that is not understood would have no effect, or another one than meant; mend it in that file"
_HOST = re.compile(
    r"(?=.{1,253}(:|$))[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[1-9][0-9]{0,4})?"
)


@dataclass(frozen=True)
class Settings:
    """Settings of a pin: what it may do by itself."""

    hosts: tuple[str, ...]
    """Hosts that a document is taken from: `host` for port 443, or `host:port`."""
    grace_days: int
    """Days for which a part that the vendor has dropped is kept, deprecated."""
    texts: str = "vendor"
    """Whose words a document is pinned with: `ours`, those of openapi/texts.toml, or `vendor`, byte for byte."""


def read_settings(path: Path) -> Settings:
    """The settings in the pyproject.toml at `path`.

    Raises:
        Refused: the file cannot be read, or an entry of `[tool.pin]` is missing, unknown or not of its type.
    """
    try:
        tool = tomllib.loads(path.read_text("utf-8")).get("tool")
    except (OSError, ValueError) as error:
        raise refused("settings", f"{path} cannot be read: {error}", _WHY) from error
    entries = tool.get("pin") if isinstance(tool, dict) else None
    if not isinstance(entries, dict):
        raise refused("settings", f"{path} has no table [tool.pin]", _WHY)
    if findings := [Finding("", f"[tool.pin] of {path}: {what}", _WHY) for what in sorted(_wrong(entries))]:
        raise Refused("settings", findings)
    return Settings(tuple(entries["hosts"]), entries["grace_days"], entries.get("texts", "vendor"))


def _wrong(entries: dict[str, Any]) -> Iterator[str]:
    known = [field.name for field in fields(Settings)]
    for name in entries.keys() - set(known):
        yield f"{name} is not a setting; there are {', '.join(known)}"
    for name in known:
        if name not in entries and name != "texts":
            yield f"{name} is missing"
    if entries.get("texts", "ours") not in ("ours", "vendor"):
        yield f'texts is {entries["texts"]!r}, neither "ours" nor "vendor"'
    hosts, days = entries.get("hosts", ["host"]), entries.get("grace_days", 0)
    if not isinstance(hosts, list) or not hosts:
        yield "hosts is not a list of at least one host"
    else:
        for host in hosts:
            if not isinstance(host, str) or not _HOST.fullmatch(host):
                yield f"hosts: {host!r} is not a host in small letters, alone or with a port (host:8443)"
    if type(days) is not int or days < 0:
        yield f"grace_days is {days!r}, not a number of days"
