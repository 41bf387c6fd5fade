"""Replies to the email that an event is about."""

from __future__ import annotations

import re
from typing import Any, Protocol, TypeGuard, TypeVar

T_co = TypeVar("T_co", covariant=True)

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# "Re:" as mail programs write it in several languages, some with a count.
_IS_REPLY = re.compile(r"(re|aw|antw|sv|vs|rif|odp)\s*(\[\d+\]\s*)?:", re.IGNORECASE)


class _Emails(Protocol[T_co]):
    def reply(self, *, eaccount: str, reply_to_uuid: str, subject: str, body: Any) -> T_co: ...


class Replies(Protocol[T_co]):
    """A client. T is the email that `client.emails.reply` returns, or an awaitable of it."""

    @property
    def emails(self) -> _Emails[T_co]: ...


def is_uuid(value: object) -> TypeGuard[str]:
    """Whether a value is the text of a UUID."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def is_address(value: object) -> TypeGuard[str]:
    """Whether a value looks like an email address."""
    return isinstance(value, str) and re.fullmatch(r"[^@\s]+@[^@\s]+", value) is not None


def reply_subject(subject: str) -> str:
    """Return the subject of a reply, on one line, and without half characters, which UTF-8 does not have."""
    line = " ".join(subject.encode(errors="replace").decode().split())
    return line if _IS_REPLY.match(line) else f"Re: {line}".rstrip()
