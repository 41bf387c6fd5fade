"""Handlers of the operations, one module a resource. An operation without a handler answers with a sample."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")  # registers its handlers
