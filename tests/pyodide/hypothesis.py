"""In the place of hypothesis, which has no build for the Python of pyodide: its tests are skipped there."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

__path__: list[str] = []


class _Anything:
    """What the modules of tests make of strategies while they are imported."""

    def __call__(self, *arguments: Any, **_: Any) -> Any:
        decorated = len(arguments) == 1 and callable(arguments[0]) and not isinstance(arguments[0], _Anything)
        return arguments[0] if decorated else self

    def __getattr__(self, name: str) -> _Anything:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __or__(self, other: object) -> _Anything:
        return self


def given(*_: Any, **__: Any) -> Callable[[Any], Any]:
    return pytest.mark.skip(reason="hypothesis has no build for this Python")


def __getattr__(name: str) -> _Anything:
    if name.startswith("__"):
        raise AttributeError(name)
    return _Anything()


sys.modules["hypothesis.strategies"] = sys.modules[__name__]
