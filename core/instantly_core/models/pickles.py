"""How pickles name a class: by the package that exports it. Its module may be another one in the next version."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any


def exporting_package(cls: type[Any]) -> str | None:
    """Return the package around the module of a class, if it exports the class; else None."""
    name = cls.__module__.rpartition(".")[0]
    return name if getattr(sys.modules.get(name), cls.__name__, None) is cls else None


def new_model(package: str, name: str) -> Any:
    """Make an object of a model for its state."""
    return object.__new__(getattr(import_module(package), name))


def enumeration_value(package: str, name: str, value: Any) -> Any:
    """Return the value of an enumeration."""
    return getattr(import_module(package), name)(value)
