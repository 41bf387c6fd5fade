"""JSON text to values and back. orjson parses it if it is installed."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

# orjson makes floats of integers beyond 64 bits, which have 19 digits at least.
_MANY_DIGITS = b"0" * 19
_DIGITS_ALIKE = bytes(ord("0") if chr(byte).isdecimal() else ord(" ") for byte in range(256))

_fast_loads: Callable[[bytes], Any] | None
try:
    _fast_loads = import_module("orjson").loads
except ImportError:
    _fast_loads = None


def loads(content: bytes) -> Any:
    """Parse JSON.

    Raises:
        ValueError: the content is not JSON.
        RecursionError: the content is nested too deeply.
    """
    if _fast_loads is not None and _MANY_DIGITS not in content.translate(_DIGITS_ALIKE):
        try:
            return _fast_loads(content)
        except ValueError:
            pass  # The standard library also reads a byte order mark, NaN and lone surrogates.
    return json.loads(content)


def dumps(value: Any) -> bytes:
    """Write JSON as UTF-8.

    Raises:
        TypeError: a value has no form in JSON.
        ValueError: a number is NaN or infinite.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode()
    except UnicodeEncodeError:  # JSON can carry a lone surrogate, as an escape alone.
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()
