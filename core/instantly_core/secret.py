"""Secrets such as the API key, which only the code that writes the header can see, and texts that may contain them."""

from __future__ import annotations

import base64
import json
import re
from contextlib import suppress
from hashlib import blake2b
from typing import Any, NoReturn, final
from urllib.parse import quote, quote_plus

HIDDEN = "[api key]"

# A shorter form is part of many texts.
_MIN_FORM_CHARACTERS = 6
# A shorter key, such as one of a test, is part of many words: it is hidden where it is a word of its own.
_MIN_KEY_CHARACTERS = 16
# Files of settings have quotes that not all who read them take off.
_NO_WORD = frozenset(" \"'")
# A pattern that a program may never need is a text, which `re` compiles at its first use.
UNSHOWN = (
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
"""What a terminal obeys instead of showing it: control characters, and those that change the direction of writing."""


def printable(text: str) -> str:
    """Return a text of the other side with what a terminal would obey escaped, so that it is on one line."""
    return re.sub(UNSHOWN, lambda found: found[0].encode("unicode_escape").decode(), text)


def key_forms(key: str) -> frozenset[str]:
    """Return the forms of a key in a text: as it is, escaped, in hex, or as base64, alone or amid other things."""
    forms = {json.dumps(key)[1:-1]}
    secrets = [key.encode()]
    with suppress(ValueError):
        secrets.append(base64.b64decode(key, validate=True))  # The service's own keys are base64 already.
    for encoded in (quote(key, safe=""), quote_plus(key)):
        forms |= {encoded, re.sub("%..", lambda found: found[0].lower(), encoded)}
    for secret in filter(None, secrets):
        forms |= {secret.hex(), secret.hex().upper()}
        for before in range(3):
            encoded = base64.b64encode(b"\0" * before + secret).decode().rstrip("=")
            # Without the letters at either end that the key shares with the text next to it.
            inner = encoded[before and before + 1 : -1 if len(encoded) % 4 else None]
            forms |= {inner, inner.replace("+", "-").replace("/", "_"), quote(inner, safe="")}
    return frozenset(form for form in forms if len(form) >= _MIN_FORM_CHARACTERS) | {key}


@final
class Secret:
    """A text that shows in no repr, copy or pickle; without the white space around it."""

    __slots__ = ("__forms", "__value")

    def __init__(self, value: str) -> None:
        self.__value = value.strip()
        self.__forms: re.Pattern[str] | None = None

    def __bool__(self) -> bool:
        return bool(self.__value)

    def fits_a_header(self) -> bool:
        """Return whether a header can have it as one word, without quotes."""
        return self.__value.isascii() and self.__value.isprintable() and _NO_WORD.isdisjoint(self.__value)

    def __repr__(self) -> str:
        return HIDDEN

    def __reduce__(self) -> NoReturn:
        raise TypeError("an API key is not pickled")

    def reveal(self) -> str:
        """Return the text itself."""
        return self.__value

    def fingerprint(self) -> bytes:
        """Return a digest that distinguishes two keys and reveals neither."""
        return blake2b(self.__value.encode(), digest_size=16).digest()

    def scrub(self, value: Any) -> Any:
        """Return `value`, a text or parsed JSON, without the key wherever somebody has echoed it, in whatever form.

        What is nested too deeply to be looked through is None.
        """
        try:
            return self._scrub(value)
        except RecursionError:
            return None

    def _scrub(self, value: Any) -> Any:
        if isinstance(value, str):
            if self.__forms is None:
                key = re.escape(self.__value)
                if len(self.__value) < _MIN_KEY_CHARACTERS:
                    key = rf"(?<!\w){key}(?!\w)"
                forms = sorted(key_forms(self.__value) - {self.__value}, key=len, reverse=True)
                self.__forms = re.compile("|".join([key, *map(re.escape, forms)]))
            return self.__forms.sub(HIDDEN, value)
        if isinstance(value, list):
            return [self._scrub(item) for item in value]
        if isinstance(value, dict):
            return {self._scrub(name): self._scrub(item) for name, item in value.items()}
        return value

    def shown(self, text: str, max_characters: int) -> str:
        """Return a text of the other side as it may be shown: without the key, on one line, and not too long.

        All such texts pass here on their way into a message, a log or a repr. What a terminal would obey is escaped.
        """
        text = printable(self.scrub(text))
        return text if len(text) <= max_characters else text[: max_characters - 1] + "…"
