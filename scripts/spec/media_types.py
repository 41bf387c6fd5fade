"""Media types of bodies, by the kind of Python value that a client gives or gets."""

from __future__ import annotations

from typing import Any

JSON, FORM, MULTIPART, TEXT, BINARY = "json", "form", "multipart", "text", "binary"
"""The kinds, those first that say most of what is in a body."""

_ORDER = (JSON, FORM, MULTIPART, TEXT, BINARY)


def bare(media_type: str) -> str:
    """A media type without its parameters."""
    return media_type.partition(";")[0].strip().lower()


def kind_of(media_type: str) -> str:
    """The kind of a media type; what says nothing (`*/*`) is JSON."""
    media_type = bare(media_type)
    if media_type in ("*/*", "application/*") or media_type.endswith(("/json", "+json")):
        return JSON
    if media_type == "application/x-www-form-urlencoded":
        return FORM
    if media_type == "multipart/form-data":
        return MULTIPART
    return TEXT if media_type.startswith("text/") or media_type.endswith(("/xml", "+xml", "/yaml")) else BINARY


def chosen(content: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The media type to use of those that are offered, and what is said of it; None without any."""
    return min(content.items(), key=lambda entry: _ORDER.index(kind_of(entry[0])), default=None)
