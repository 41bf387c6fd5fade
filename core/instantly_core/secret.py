"""Secrets such as the API key, which only the code that writes the header can see."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, NoReturn, final

HIDDEN = "[api key]"


@final
class Secret:
    """A text that shows in no repr, copy or pickle."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

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
        """Return `value`, a text or parsed JSON, without the key wherever somebody has echoed it."""
        if isinstance(value, str):
            return value.replace(self.__value, HIDDEN)
        if isinstance(value, list):
            return [self.scrub(item) for item in value]
        if isinstance(value, dict):
            return {self.scrub(name): self.scrub(item) for name, item in value.items()}
        return value
