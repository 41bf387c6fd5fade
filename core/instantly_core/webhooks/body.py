"""Bodies of deliveries, read within bounds: anybody can send anything to a receiver."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from ..error_tree import WebhookParseError
from ..http.codec import loads
from ..models.encode import jsonable

MAX_BYTES = 10 * 2**20
"""Size of the largest body that is read."""

MAX_DEPTH = 64
"""How deeply a body may be nested."""

Body = bytes | bytearray | memoryview | str | Mapping[str, Any]
"""A body as it came, or as a framework has parsed it."""

_SCALARS = (str, int, float, type(None))  # A bool is an int.


def read_body(body: Body) -> dict[str, Any]:
    """Read the JSON object of a body.

    Raises:
        WebhookParseError: it is no JSON object, too large, or nested too deeply.
        TypeError: it is of a type that no body has.
    """
    found: Any = body
    if isinstance(body, str | bytes | bytearray | memoryview):
        found = _parsed(body)
    # A framework may have parsed it, whatever JSON it was.
    elif not isinstance(found, (*_SCALARS, Mapping, list)):
        raise TypeError(f"a body is bytes, a str or a mapping, not of type {type(body).__name__}")
    if not isinstance(found, Mapping):
        raise WebhookParseError(f"the delivery is no JSON object, but of type {type(found).__name__}")
    _check(found)
    copy: dict[str, Any] = found if found.__class__ is dict and found is not body else jsonable(found)
    return copy


def _parsed(body: bytes | bytearray | memoryview | str) -> Any:
    # A text may have surrogates, which are in no UTF-8; `loads` reads them.
    content = body.encode(errors="surrogatepass") if isinstance(body, str) else bytes(body)
    if len(content) > MAX_BYTES:
        raise WebhookParseError(f"the delivery has {len(content)} bytes, which is more than {MAX_BYTES}")
    if not content.strip():
        raise WebhookParseError("the delivery is empty; has something else read its body before?")
    try:
        return loads(content)
    except ValueError:
        # Without its text, which may be anybody's mail.
        raise WebhookParseError("the delivery is not JSON") from None
    except RecursionError:
        raise _too_deep() from None


def _check(found: Mapping[Any, Any]) -> None:
    """Refuse, level by level, what is no JSON, and what is nested too deeply."""
    level: list[Any] = [found]
    for _ in range(MAX_DEPTH):
        values: list[Any] = []
        for each in level:
            if isinstance(each, Mapping):
                if not all(isinstance(name, str) for name in each):
                    raise WebhookParseError("the delivery is no JSON: a name is not a text")
                values += each.values()
            else:
                values += each
        level = [value for value in values if isinstance(value, Mapping | list | tuple)]
        for value in values:
            if isinstance(value, float) and not isfinite(value):
                raise WebhookParseError("the delivery is no JSON: a number is not finite")
            if not isinstance(value, (*_SCALARS, Mapping, list, tuple)):
                raise WebhookParseError(f"the delivery is no JSON: a value is of type {type(value).__name__}")
        if not level:
            return
    raise _too_deep()


def _too_deep() -> WebhookParseError:
    return WebhookParseError(f"the delivery is nested more than {MAX_DEPTH} levels deep")
