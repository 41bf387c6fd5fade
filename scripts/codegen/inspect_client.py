"""Import every module of a generated client and print what it has, as JSON.

Run in a process of its own: `python -m scripts.codegen.inspect_client FOLDER PACKAGE`, where FOLDER holds the
package. It prints `{"failures": {module: error}}`, and without failures what `verify` compares with the model.
"""

from __future__ import annotations

import enum
import importlib
import inspect
import json
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import Annotated, Any, Required, Union, get_args, get_origin, get_type_hints, is_typeddict

CLIENTS = {"Instantly": "", "AsyncInstantly": "Async"}
"""Client -> what the classes of its resources begin with."""


def main() -> None:
    folder, package = sys.argv[1:3]
    sys.path.insert(0, folder)
    loaded: list[ModuleType] = []
    failures: dict[str, str] = {}
    for module in sorted(_modules(Path(folder) / package, package)):
        try:
            loaded.append(importlib.import_module(module))
        except Exception:
            failures[module] = traceback.format_exc(limit=-3)[:4000]
    found = {"failures": failures} if failures else {"failures": {}, **_inspected(package, loaded)}
    print(json.dumps(found))


def _inspected(package: str, loaded: list[ModuleType]) -> dict[str, Any]:
    models = importlib.import_module(f"{package}.models")
    base = importlib.import_module("instantly_core").Model
    classes = list(_classes(loaded))
    return {
        "models": {each.__name__: _model(each) for each in classes if issubclass(each, base)},
        "enumerations": {
            each.__name__: {member.name: member.value for member in each}
            for each in classes
            if issubclass(each, enum.Enum)
        },
        "params": {
            each.__name__: {
                key: get_origin(hint) is Required for key, hint in get_type_hints(each, include_extras=True).items()
            }
            for each in classes
            if is_typeddict(each)
        },
        "exports of models": sorted(name for name in models.__all__ if getattr(models, name)),
        "raw methods": _raw_methods(classes),
        **{
            name: _resources(getattr(importlib.import_module(package), name), package, prefix)
            for name, prefix in CLIENTS.items()
        },
    }


def _model(model: Any) -> dict[str, Any]:
    """A model as the engine sees it, which builds all that handles models from this view."""
    fields, removed = (importlib.import_module(f"instantly_core.models.{name}") for name in ("fields", "deprecation"))

    return {
        "bases": [base.__name__ for base in model.__bases__],
        "arguments": sorted(inspect.signature(model).parameters),
        "fields": {
            field.json_name: [field.attribute, _spelled(field.form, field.nullable, field.optional)]
            for field in fields.fields_of(model)
        },
        "further fields": [model.FURTHER, _spelled(fields.further_form(model))],
        "read-only fields": [field.attribute for field in fields.fields_of(model) if field.read_only],
        "removed fields": {
            name: field.removed_on
            for base in reversed(model.__mro__)
            for name, field in vars(base).items()
            if isinstance(field, removed.RemovedField)
        },
    }


def _spelled(form: Any, nullable: bool = False, optional: bool = False) -> str:
    """A type as an annotation spells it."""
    if get_origin(form) in (Union, UnionType):
        spelled = [_spelled(part) for part in get_args(form)]
    elif get_origin(form) is Annotated:
        spelled = ["Flag"]
    elif get_origin(form) is not None:
        spelled = [f"{get_origin(form).__name__}[{', '.join(map(_spelled, get_args(form)))}]"]
    else:
        spelled = [] if form is None and nullable else ["None" if form in (None, NoneType) else form.__name__]
    return " | ".join([*spelled, *["None"] * nullable, *["Unset"] * optional])


def _modules(folder: Path, package: str) -> Iterator[str]:
    for path in folder.rglob("*.py"):
        parts = path.relative_to(folder).with_suffix("").parts
        yield ".".join([package, *(part for part in parts if part != "__init__")])


def _classes(modules: list[ModuleType]) -> Iterator[Any]:
    for module in modules:
        for value in list(vars(module).values()):
            if isinstance(value, type) and value.__module__ == module.__name__:
                yield value


def _raw_methods(classes: list[Any]) -> dict[str, list[str]]:
    """Class of a resource with raw responses -> its methods."""
    base = importlib.import_module("instantly_core.call.resource").RawResource
    return {
        each.__name__: sorted(name for name in vars(each) if not name.startswith("_"))
        for each in classes
        if issubclass(each, base)
    }


def _resources(client: type, package: str, prefix: str) -> dict[str, dict[str, Any]]:
    """Resource -> method -> its arguments and docstring; under `@operations` what its module describes."""
    found: dict[str, dict[str, Any]] = {}
    core = importlib.import_module("instantly_core")
    base = getattr(core, f"{prefix}Resource")
    for attribute in vars(client):
        if attribute.startswith("_") or attribute == "with_raw_response":
            continue
        module = importlib.import_module(f"{package}.resources.{attribute}")
        (resource,) = [each for each in _classes([module]) if issubclass(each, base)]
        if any(hasattr(base, attribute) for base in client.__bases__):
            raise TypeError(f"the resource {attribute} hides what every client has under this name")
        found[attribute] = {
            name: {"arguments": list(inspect.signature(method).parameters)[1:], "doc": inspect.getdoc(method)}
            for name, method in vars(resource).items()
            if inspect.isfunction(method)
        }
        found[attribute]["@operations"] = {
            name: [operation.name, operation.method, operation.path]
            for name, operation in vars(module).items()
            if isinstance(operation, core.Operation)
        }
    return found


if __name__ == "__main__":
    main()
