"""Verification of deliveries. They have no signature: all that shows their origin is a secret header."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Protocol

from ..error_tree import ConfigurationError, WebhookVerificationError

DEFAULT_HEADER = "X-Webhook-Secret"

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[!-~]([ -~]*[!-~])?")


class _HasItems(Protocol):
    def items(self) -> Iterable[tuple[Any, Any]]: ...


Headers = Mapping[str, Any] | Iterable[tuple[str | bytes, str | bytes]] | _HasItems
"""Headers of any framework: an object with `items()`, or pairs of names and values."""


def verify(headers: Headers, secret: str | Sequence[str] | None, *, header: str = DEFAULT_HEADER) -> None:
    """Check that a delivery has the secret that was registered with the webhook, before anything of it is used.

    Deliveries are not signed. Their origin shows only in a header that `client.webhooks.ensure(url, headers=...)`
    registers; so the secret protects as much as a password does, and needs https. It takes the same time whether the
    secret is right or wrong.

    Args:
        headers: The headers of the request, as the framework has them: Flask's and Starlette's `request.headers`,
            Django's `request.headers` or `request.META`, a dict, a list of pairs.
        secret: The value that the header must have. While it is being replaced, a list of both values.
        header: Name of the header, in any case.

    Raises:
        WebhookVerificationError: The header is missing, wrong, or there more than once.
        ConfigurationError: The secret is empty or None, or it or the name cannot be that of a header.
    """
    if not _is_name(header):
        raise ConfigurationError(f"header={header!r} is no name of a header")
    expected = [_digest(_checked(each)) for each in _several(secret)]
    if not expected:
        raise ConfigurationError("there is no secret to verify deliveries with: the list is empty")
    values = list(_values(headers, header))
    if not values:
        raise WebhookVerificationError(f"the delivery has no header {header}")
    if len(values) > 1:
        raise WebhookVerificationError(f"the delivery has the header {header} {len(values)} times")
    found = _digest(values[0])
    # A sum, so that all are compared.
    if not sum(compare_digest(found, each) for each in expected):
        raise WebhookVerificationError(f"the header {header} of the delivery is wrong")


def _is_name(header: object) -> bool:
    return isinstance(header, str) and _NAME.fullmatch(header) is not None


def _several(secret: object) -> Iterable[object]:
    return secret if isinstance(secret, Iterable) and not isinstance(secret, str | bytes) else [secret]


def _checked(secret: object) -> str:
    if secret is None or secret == "":
        raise ConfigurationError("there is no secret to verify deliveries with: it is empty or None; set it")
    if not isinstance(secret, str):
        raise ConfigurationError(f"the secret is a str, not of type {type(secret).__name__}")
    if not _VALUE.fullmatch(secret):
        raise ConfigurationError(
            "the secret cannot be in a header: it has ASCII characters, without spaces at its ends"
        )
    return secret


def _values(headers: Any, header: str) -> Iterator[str]:
    """The values of a header."""
    # Django and WSGI have `HTTP_X_NAME`, and some servers take `x_name` for `x-name`: both at once are refused.
    wanted = header.lower().replace("-", "_")
    items = headers.items() if hasattr(headers, "items") else headers
    if isinstance(items, str | bytes) or not isinstance(items, Iterable):
        raise TypeError(f"headers are a mapping or pairs, not of type {type(headers).__name__}")
    for item in items:
        if not isinstance(item, list | tuple) or len(item) != 2:
            raise TypeError(f"headers are a mapping or pairs, and one of these is no pair: {type(item).__name__}")
        name, value = item
        if _text(name).lower().replace("-", "_") in (wanted, f"http_{wanted}"):
            for each in value if isinstance(value, list | tuple) else [value]:
                if each is not None:
                    yield _text(each)


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _digest(value: str) -> bytes:
    # Comparing digests does not reveal the length of the secret.
    return sha256(value.encode(errors="surrogatepass")).digest()
