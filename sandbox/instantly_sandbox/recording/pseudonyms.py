"""Stand-ins in recordings for people, companies, secrets and what they wrote."""

from __future__ import annotations

from hashlib import blake2b
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit
from uuid import UUID

WORDS = (
    *("amber", "birch", "cedar", "cobalt", "coral", "delta", "ember", "fern", "fjord", "garnet", "harbour"),
    *("hazel", "indigo", "iris", "juniper", "kestrel", "lagoon", "lark", "linden", "maple", "meadow", "olive"),
    *("onyx", "opal", "poppy", "quartz", "river", "robin", "sage", "slate", "thistle", "willow"),
)
DOMAIN = "example.com"


class Pseudonyms:
    """Gives the same stand-in for the same value, wherever it is, and different ones for different values.

    Args:
        salt: without it, nobody can find by trial which value a stand-in is of. The same salt gives the same ones.
    """

    def __init__(self, salt: bytes) -> None:
        self._salt = salt
        self._given: dict[str, str] = {}

    def word(self, value: str, joint: str = "-") -> str:
        """A word for a text: it can be a name, a field or a segment of a path."""
        for attempt in range(16):  # As good as always the first will do.
            number = self._number(value, attempt)
            word = f"{WORDS[number % len(WORDS)]}{joint}{number >> 32:08x}"
            if self._given.setdefault(word, value) == value:
                return word
        raise AssertionError("the digest is broken")

    def name(self, value: str) -> str:
        """A name for a name."""
        return self.word(value, " ").capitalize()

    def html(self, value: str) -> str:
        """HTML for HTML."""
        return f"<p>{self.name(value)}</p>"

    def domain(self, value: str) -> str:
        """A domain for a domain; it belongs to nobody."""
        return f"{self.word(value.lower())}.{DOMAIN}"

    def email(self, value: str) -> str:
        """An address for an address, at the stand-in for its domain."""
        address = value.lower()
        return f"{self.word(address)}@{self.domain(address.rpartition('@')[2])}"

    def url(self, value: str) -> str:
        """A URL for a URL, at the stand-in for its host."""
        parts = urlsplit(value)
        rest = value.partition("://")[2].partition("/")[2]
        return f"{parts.scheme}://{self.domain(parts.hostname or '')}" + (f"/{self.word(value)}" if rest else "")

    def phone(self, value: str) -> str:
        """A number that nobody has for a phone number."""
        return f"+1555{self._number(value) % 10**7:07}"

    def ip(self, value: str) -> str:
        """An address that is reserved for tests for an IP address."""
        number = self._number(value)
        if isinstance(ip_address(value), IPv6Address):
            return f"2001:db8::{number & 0xFFFF:x}:{number >> 16 & 0xFFFF:x}"
        return f"198.18.{number & 0xFF}.{number >> 8 & 0xFF}"

    def id(self, value: str) -> str:
        """An id of the same form for a UUID, or for an id of hexadecimal digits."""
        digits = f"{self._number(value):016x}{self._number(value, 1):016x}"
        return str(UUID(digits, version=4)) if "-" in value else digits[: len(value)]

    def number(self, value: float) -> float:
        """A number of as many digits for a number."""
        size = 10 ** len(f"{abs(value):.0f}")
        return type(value)(self._number(str(value)) % (size - size // 10) + size // 10)

    def _number(self, value: str, attempt: int = 0) -> int:
        digest = blake2b(value.encode("utf-8", "surrogatepass"), key=self._salt, salt=bytes([attempt]), digest_size=8)
        return int.from_bytes(digest.digest(), "big")
