"""Take out of exchanges what is nobody's business, in memory, before anything is written.

What stays says nothing about anybody: the document's own words (fields, values of enumerations), ids, moments, small
numbers. All else is replaced, whether it looks personal or not, by stand-ins of the same form. The same value has the
same one everywhere, so that references still match.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from instantly_core.models.encode import path_segment
from instantly_core.secret import key_forms

from ..engine.document import Document, pinned
from .exchange import Exchange
from .known import known, words
from .pseudonyms import DOMAIN, Pseudonyms

BASE_URL = "https://api.instantly.ai"
REDACTED = "[...]"

# By the words that the names of fields are made of.
SECRETS = frozenset({"password", "passwd", "secret", "token", "key", "apikey", "authorization", "cookie", "headers"})
SECRETS |= frozenset({"sig", "sid", "otp", "pin", "credential", "credentials", "digits", "jwt"})
PHONES = frozenset({"phone", "mobile", "tel", "fax"})
# In these not even words of the document stay.
TEXTS = frozenset({"name", "company", "organization", "first", "last", "subject", "body", "text", "html", "snippet"})
TEXTS |= frozenset({"preview", "personalization", "signature", "search", "title", "city", "address"})
# Here the service speaks, and its own words stay.
SPOKEN = frozenset({"error", "message", "code"})

_TIME = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
# Of bounded length at their beginning, so that a long text costs no more than its length.
_EMAIL = r"[^\s<>,;:\"'()@/=?&]{1,254}@[^\s<>,;:\"'()@/=?&]+"
_URL = r"[a-zA-Z][a-zA-Z0-9+.-]{0,30}://[^\s<>\"']+"
_IP = r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})"
_PHONE = r"\+?\(?\d(?:[\s().-]{0,2}\d){6,}"
_DOMAIN = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?\.)+[a-zA-Z]{2,}"
_ID = re.compile(rf"{_UUID}|[0-9a-f]{{24}}")
_MOMENT = re.compile(rf"{_TIME}|\d\d:\d\d(?::\d\d)?")
_SMALL = re.compile(r"-?\d{1,4}(?:\.\d{1,4})?%?")
_TAG = re.compile(r"<\w+[^>]*>")
_JOINTS = re.compile(r"(\s*[,;|&]\s*)")
_TOKENS = re.compile(
    rf"(?P<email>{_EMAIL})|(?P<url>{_URL})|(?P<id>\b{_UUID}\b)|(?P<time>\b{_TIME}\b)|(?P<ip>(?<!\w){_IP}(?!\w))"
    rf"|(?P<phone>{_PHONE})|(?P<number>\d+)|(?P<word>\w+)"
)

_MEDIA = r"(?i:application|text|\*)/(?i:json|csv|plain|html|\*)(?i:; ?charset=utf-8)?"
_HEADERS = {
    "accept": rf"{_MEDIA}(?:, ?{_MEDIA})*",
    "content-type": _MEDIA,
    "x-as-workspace": _UUID,
    "retry-after": r"\d{1,5}|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT",
    "allow": r"[A-Z]{3,6}(?:, ?[A-Z]{3,6})*",
}


class Leak(Exception):  # noqa: N818 - nothing has leaked yet
    """The text to be written would still have had something that must not be in it."""


class Scrubber:
    """Scrubs exchanges, all of a run with the same stand-ins.

    Args:
        key: the API key that they were made with.
        salt: of the stand-ins; a secret where the exchanges are of the real service.
        ids: replace ids, too.
        document: whose words stay.
    """

    def __init__(self, key: str, *, salt: bytes, ids: bool = False, document: Document | None = None) -> None:
        self._document = document or pinned()
        self._known = known(self._document)
        self._stand_in = Pseudonyms(salt)
        self._ids = ids
        self._forms = key_forms(key)

    def exchange(self, exchange: Exchange) -> Exchange:
        """The exchange as everybody may see it.

        Raises:
            Leak: it would still hold the key or somebody's address. The message has neither.
        """
        scrubbed = Exchange(
            exchange.method,
            self.url(exchange.method, exchange.uri),
            self.headers(exchange.request_headers),
            self.body(exchange.request_body, exchange.request_headers),
            exchange.status,
            self.headers(exchange.headers),
            self.body(exchange.body, exchange.headers),
        )
        self._check(scrubbed)
        return scrubbed

    def url(self, method: str, uri: str) -> str:
        """A URL at the service's own address, with stand-ins in its path and query."""
        parts = urlsplit(uri)
        path = "/".join(self._segment(segment, place) for segment, place in self._places(method, parts.path))
        pairs = [
            f"{quote(scrubbed, safe='')}={quote(self.text(value, name, strange), safe='')}"
            for name, value in parse_qsl(parts.query, keep_blank_values=True)
            for scrubbed, strange in [self._field(name)]
        ]
        return BASE_URL + path + (f"?{'&'.join(pairs)}" if pairs else "")

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The few headers that mean something to the client or the service; neither the key nor cookies are of them."""
        given = {name.lower(): value for name, value in headers.items()}
        kept = {name: given[name] for name, form in _HEADERS.items() if re.fullmatch(form, given.get(name, ""))}
        return {
            name: self._stand_in.id(value) if self._ids and _ID.fullmatch(value) else value
            for name, value in kept.items()
        }

    def body(self, body: bytes, headers: Mapping[str, str]) -> bytes:
        """A body, by what it is."""
        if not body:
            return body
        text = body.decode("utf-8", "replace")
        kind = {name.lower(): value for name, value in headers.items()}.get("content-type", "")
        if "csv" in kind:
            return self._csv(text).encode()
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return self.prose(text).encode()
        return json.dumps(self.json(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")

    def json(self, value: Any, field: str = "", strange: bool = False) -> Any:
        """The JSON value of a field; of a strange one, which the document does not know, next to nothing stays."""
        if isinstance(value, dict):
            return dict(self._item(name, inner, field, strange) for name, inner in value.items())
        if isinstance(value, list):
            return [self.json(item, field, strange) for item in value]
        if isinstance(value, str):
            return self.text(value, field, strange)
        if isinstance(value, bool) or value is None or not (strange or words(field) & (SECRETS | PHONES)):
            return value
        return self._stand_in.number(value)

    def text(self, value: str, field: str = "", strange: bool = False) -> str:
        """The text of a field."""
        kinds = words(field)
        if not value or value in self._known.allowed.get(field, ()):
            return value
        if kinds & SECRETS:
            return self._stand_in.word(value)
        if kinds & PHONES and any(letter.isdecimal() for letter in value):
            return self._stand_in.phone(value)
        scrubbed = self._plain(value, field, strange) or self._formed(value) or self._list(value, field, strange)
        if scrubbed is not None:
            return scrubbed
        if kinds & SPOKEN and not strange:
            return self.prose(value)
        if "@" in value and kinds & {"email", "emails"}:
            return self._stand_in.email(value)
        return self._stand_in.html(value) if _TAG.search(value) else self._stand_in.name(value)

    def prose(self, text: str) -> str:
        """A message of the service, without the words that are not its own."""
        return _TOKENS.sub(self._token, text)

    def _places(self, method: str, path: str) -> Iterator[tuple[str, str]]:
        """The segments of a path, each with the field that it is the value of, if it is one."""
        operation = self._document.match(method, path)[0]
        segments = path.split("/")
        if operation:
            for segment, place in zip(segments, operation.path.split("/"), strict=True):
                yield segment, place[1:-1] if place.startswith("{") else ""
        else:
            yield from ((segment, "" if segment in self._known.segments else "path") for segment in segments)

    def _segment(self, segment: str, field: str) -> str:
        if not field:
            return segment
        value = self.text(unquote(segment), field)
        return path_segment(field, value) if value else value

    def _csv(self, text: str) -> str:
        head, *rows = csv.reader(io.StringIO(text))
        fields = [(name, *self._field(name)) for name in head]
        scrubbed = io.StringIO()
        writer = csv.writer(scrubbed, lineterminator="\r\n" if "\r\n" in text else "\n")
        writer.writerow(name for _, name, _ in fields)
        for row in rows:
            columns = [*fields, *[("", "", True)] * (len(row) - len(fields))]
            writer.writerow(
                self.text(cell, name, strange) for cell, (name, _, strange) in zip(row, columns, strict=False)
            )
        return scrubbed.getvalue()

    def _item(self, name: str, value: Any, field: str, strange: bool) -> tuple[str, Any]:
        scrubbed, is_strange = self._field(name)
        # All that lies in a secret is one, whatever it is called.
        return scrubbed, self.json(value, field if words(field) & SECRETS else name, strange or is_strange)

    def _field(self, name: str) -> tuple[str, bool]:
        """The stand-in for the name of a field, and whether it is strange: not the document's, nor itself a value."""
        scrubbed = name if name in self._known.fields else self._plain(name) or self._formed(name)
        return (self._stand_in.word(name, "_"), True) if scrubbed is None else (scrubbed, False)

    def _plain(self, value: str, field: str = "", strange: bool = False) -> str | None:
        """The value, if it says nothing about anybody."""
        if _ID.fullmatch(value):
            return self._stand_in.id(value) if self._ids else value
        if strange:
            return None
        common = not words(field) & TEXTS and (value in self._known.values or _SMALL.fullmatch(value))
        return value if common or _MOMENT.fullmatch(value) else None

    def _formed(self, value: str) -> str | None:
        """The stand-in for a value whose form says what it is."""
        if re.fullmatch(rf"<{_EMAIL}>", value):
            return f"<{self._stand_in.email(value[1:-1])}>"
        for form, stand_in in (
            (_EMAIL, self._stand_in.email),
            (_URL, self._url),
            (_IP, self._ip),
            (_PHONE, self._stand_in.phone),
            (_DOMAIN, self._stand_in.domain),
        ):
            if re.fullmatch(form, value):
                return stand_in(value)
        return None

    def _list(self, value: str, field: str, strange: bool) -> str | None:
        """Several values in one text, such as the cursor `moment&address`, if each of them has a form."""
        parts = _JOINTS.split(value)
        scrubbed = [
            part if place % 2 else self._plain(part, field, strange) or self._formed(part)
            for place, part in enumerate(parts)
        ]
        return "".join(part for part in scrubbed if part) if len(parts) > 1 and None not in scrubbed else None

    def _token(self, found: re.Match[str]) -> str:
        text = found[0]
        match found.lastgroup:
            case "id":
                return self._stand_in.id(text) if self._ids else text
            case "time":
                return text
            case "number":
                return text if len(text) <= 4 else REDACTED
            case "word":
                return text if self._known.says(text) else REDACTED
            case "email":
                return self._stand_in.email(text)
            case "url":
                return self._url(text)
            case "ip":
                return self._ip(text)
        return self._stand_in.phone(text)

    def _url(self, value: str) -> str:
        try:
            return self._stand_in.url(value)
        except ValueError:  # It is no host.
            return REDACTED

    def _ip(self, value: str) -> str:
        try:
            return self._stand_in.ip(str(ip_address(value)))
        except ValueError:  # A number is too large.
            return REDACTED

    def _check(self, exchange: Exchange) -> None:
        headers = [*exchange.request_headers.values(), *exchange.headers.values()]
        for text in (unquote(exchange.uri), *headers, exchange.request_body.decode(), exchange.body.decode()):
            if any(form in text for form in self._forms):
                raise Leak("the API key would have been written")
            if not all(address.endswith(f".{DOMAIN}") for address in re.findall(_EMAIL, text)):
                raise Leak("an e-mail address would have been written")
