"""The corpus of idioms: ordinary ways to write OpenAPI, each in a file of its own with the client that it gives.

A file of `corpus/` has `paths` and `components`, as a document has them, the `tag` of all its operations, and what is
expected of the client: its `face` (methods and classes) and `calls`, each with the request that it sends and what it
makes of the answer. A file of `refused/` has the findings of lint in their place. An operation without responses
answers 204.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from scripts.codegen.client_model import Class, ClientModel, Enumeration, Function, Operation

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Call:
    """A call of a method of the resource, as Python, and what is to come of it."""

    call: str
    sends: str = ""
    gives: str = "None"
    status: int = 200
    json: Any = None
    text: str | None = None
    media_type: str = "application/json"


@dataclass(frozen=True)
class Idiom:
    """An idiom, and what is expected of it."""

    name: str
    tag: str
    paths: dict[str, Any]
    components: dict[str, dict[str, Any]]
    face: str
    calls: list[Call]
    refused: dict[str, str]
    rest: dict[str, Any] = field(default_factory=dict)


def read(folder: str) -> dict[str, Idiom]:
    """The idioms of a folder, by name."""
    return {path.stem: _idiom(path) for path in sorted((HERE / folder).glob("*.yaml"))}


def document(*idioms: Idiom) -> dict[str, Any]:
    """One document of all the idioms, each of which is a tag of it."""
    components: dict[str, dict[str, Any]] = {}
    paths: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for idiom in idioms:
        assert not idiom.paths.keys() & paths.keys(), f"{idiom.name} has a path of another idiom"
        paths |= idiom.paths
        rest |= idiom.rest
        for section, entries in idiom.components.items():
            known = components.setdefault(section, {})
            assert not entries.keys() & known.keys(), f"{idiom.name} has a component of another idiom"
            known |= entries
    return {
        "openapi": "3.1.0",
        "info": {"title": "Idioms", "version": "1"},
        "components": components,
        "paths": paths,
        **rest,
    }


def face(model: ClientModel, resource: str) -> str:
    """A resource of a client as text: its methods, then the classes that they lead to."""
    operations = model.resources[resource].operations
    return "".join(f"{line}\n" for line in [*map(_method, operations), *_classes(model, operations)])


def _idiom(path: Path) -> Idiom:
    raw = yaml.safe_load(path.read_text("utf-8"))
    tag = raw.pop("tag", "Refused")
    operations = [
        operation
        for item in (*raw["paths"].values(), *raw.get("components", {}).get("pathItems", {}).values())
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    ]
    for operation in operations:
        operation.setdefault("tags", [tag])
        operation.setdefault("responses", {"204": {"description": "Done."}})
    return Idiom(
        path.stem,
        tag,
        raw.pop("paths"),
        raw.pop("components", {}),
        raw.pop("face", ""),
        [Call(**call) for call in raw.pop("calls", [])],
        raw.pop("refused", {}),
        raw,
    )


def _method(operation: Function) -> str:
    each = [
        f"{argument.name}: {argument.annotation}{f' = {argument.default}' if argument.default else ''}"
        for argument in operation.arguments
    ]
    count = len(operation.positionals)
    arguments = [*each[:count], *(["/"] if count else []), *(["*"] if each[count:] else []), *each[count:]]
    return f"{operation.name}({', '.join(arguments)}) -> {operation.returns}"


def _classes(model: ClientModel, operations: tuple[Operation, ...]) -> Iterator[str]:
    for _, each in sorted(_reached(model, operations)):
        if isinstance(each, Enumeration):
            yield f"{each.name}({each.type}): {', '.join(f'{member.name} = {member.value}' for member in each.members)}"
            continue
        yield f"{each.name}({', '.join(each.bases)})"
        yield from (
            f"    {field.name}: {field.annotation}{' = UNSET' if field.default else ''}" for field in each.fields
        )
        if each.further_annotation != "Any":
            yield f"    ...: {each.further_annotation}"


def _reached(model: ClientModel, operations: tuple[Operation, ...]) -> Iterator[tuple[str, Class | Enumeration]]:
    seen: set[str] = set()
    todo = [a for each in operations for a in (each.result, *(argument.annotation for argument in each.arguments))]
    known: dict[str, Class | Enumeration] = {**model.classes, **model.enumerations}
    while todo:
        for name in todo.pop().replace("[", " ").replace("]", " ").replace(",", " ").split():
            if name in known and name not in seen:
                seen.add(name)
                yield name, known[name]
                found = known[name]
                if isinstance(found, Class):
                    todo += [*found.bases, *(each.annotation for each in found.fields), found.further_annotation]
