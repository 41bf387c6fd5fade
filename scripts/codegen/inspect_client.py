"""Import a generated client, every module alone and all together, and print what it has, as JSON.

Run in a process of its own: `python -m scripts.codegen.inspect_client FOLDER PACKAGE`, where FOLDER holds the
package. It prints `{"failures": {module: error}, "models": ..., "enumerations": ..., "resources": ...}`.
"""

from __future__ import annotations

import enum
import gc
import importlib
import inspect
import json
import os
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any


def main() -> None:
    folder, package = sys.argv[1:3]
    sys.path.insert(0, folder)
    modules = sorted(_modules(Path(folder) / package, package))
    for library in ("attrs", "instantly_core.call.client", "instantly_core.models.model"):
        importlib.import_module(library)
    failures = _import_each_alone(modules)
    if failures:
        print(json.dumps({"failures": failures}))
        return
    loaded = [importlib.import_module(module) for module in modules]
    models = importlib.import_module(f"{package}.models")
    for name in models.__all__:
        getattr(models, name)
    print(
        json.dumps(
            {
                "failures": {},
                "exports": sorted(models.__all__),
                "models": {c.__name__: dict(c.FIELDS) for c in _classes(loaded) if hasattr(c, "FIELDS")},
                "attributes": {c.__name__: _attributes(c) for c in _classes(loaded) if hasattr(c, "FIELDS")},
                "enumerations": {
                    c.__name__: {member.name: member.value for member in c}
                    for c in _classes(loaded)
                    if issubclass(c, enum.Enum)
                },
                "clients": {
                    name: _resources(getattr(importlib.import_module(package), name), package)
                    for name in ("Instantly", "AsyncInstantly")
                },
            }
        )
    )


def _modules(folder: Path, package: str) -> Iterator[str]:
    for path in folder.rglob("*.py"):
        parts = path.relative_to(folder).with_suffix("").parts
        yield ".".join([package, *(part for part in parts if part != "__init__")])


def _import_each_alone(modules: list[str]) -> dict[str, str]:
    """Module -> error, for each module that cannot be imported in a process that has none of the others.

    The processes are forked from this one, which has loaded the libraries: a fresh interpreter each would take minutes.
    """
    gc.freeze()
    failures: dict[str, str] = {}
    running: dict[int, tuple[str, int]] = {}

    def collect() -> None:
        pid, status = os.wait()
        module, pipe = running.pop(pid)
        with os.fdopen(pipe, "rb") as stream:
            error = stream.read().decode()
        if status:
            failures[module] = error or f"exit status {status}"

    for module in modules:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os._exit(_import_one(module, writing))
        os.close(writing)
        running[pid] = (module, reading)
        if len(running) >= (os.cpu_count() or 1):
            collect()
    while running:
        collect()
    return failures


def _import_one(module: str, pipe: int) -> int:
    try:
        importlib.import_module(module)
    except BaseException:
        os.write(pipe, traceback.format_exc(limit=-3).encode()[:4000])
        return 1
    return 0


def _classes(modules: list[ModuleType]) -> Iterator[Any]:
    for module in modules:
        for value in list(vars(module).values()):
            if isinstance(value, type) and value.__module__ == module.__name__:
                yield value


def _attributes(model: Any) -> list[str]:
    return [attribute.name for attribute in model.__attrs_attrs__]


def _resources(client: type, package: str) -> dict[str, dict[str, Any]]:
    """Resource -> method -> its arguments, and the operation that its module lists under the same name."""
    asynchronous = client.__name__.startswith("Async")
    found: dict[str, dict[str, Any]] = {}
    for attribute in vars(client):
        if attribute.startswith("_") or attribute == "with_raw_response":
            continue
        folder = "async_resources" if asynchronous else "resources"
        module = importlib.import_module(f"{package}.{folder}.{attribute}")
        operations = importlib.import_module(f"{package}.operations.{attribute}")
        (resource,) = [c for c in _classes([module]) if not c.__name__.startswith("_")]
        if hasattr(client.__mro__[1], attribute):
            raise TypeError(f"the resource {attribute} hides what every client has under this name")
        found[attribute] = {
            name: {"arguments": list(inspect.signature(method).parameters)[1:], "doc": inspect.getdoc(method)}
            for name, method in vars(resource).items()
            if inspect.isfunction(method)
        }
        found[attribute]["@operations"] = {
            name: [operation.name, operation.method, operation.path]
            for name, operation in vars(operations).items()
            if type(operation).__name__ == "Operation"
        }
    return found


if __name__ == "__main__":
    main()
