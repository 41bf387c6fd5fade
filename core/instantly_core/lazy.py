"""Lazy imports: a name is imported when it is first used, so that one class of hundreds costs one class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_exports(package: str, modules: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of a package that exports `modules`: name -> the module that defines it.

    A module that begins with a dot is relative to the package. A name that is its module's own is the module itself.
    Other exports of the package are in its `__all__`.
    """

    def get_attribute(name: str) -> Any:
        module = modules.get(name)
        if module is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = import_module(module, package)
        value = getattr(found, name, found)
        setattr(import_module(package), name, value)
        return value

    def list_names() -> list[str]:
        return sorted({*import_module(package).__all__, *modules})

    return get_attribute, list_names


def lazy_mixin(module: str, name: str, *methods: str) -> type[Any]:
    """A class with some methods of the class `name` of a module, which is imported when one of them is first used."""
    return type(name, (), {method: _LazyMethod(module, name) for method in methods})


class _LazyMethod:
    def __init__(self, module: str, owner: str) -> None:
        self._module = module
        self._owner = owner

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._name = name

    def __get__(self, client: Any, owner: type[Any] | None = None) -> Any:
        method = getattr(getattr(import_module(self._module), self._owner), self._name)
        return method if client is None else method.__get__(client)
