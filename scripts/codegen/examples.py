"""Examples of calls, laid out as a formatter does it."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

from scripts.codegen.client_model import POSITIONAL, Operation, Resource
from scripts.lib.identifiers import singular, snake_case

WIDTH = 88


def example(resource: Resource, operation: Operation) -> str:
    """Python that calls a method of `client`."""
    name = _variable(operation.result)
    before, after = f"{name or 'result'} = ", ""
    if operation.cursor:
        item = name or singular(resource.name)
        before, after = f"for {item} in ", f":\n    print({item})"
    elif operation.result == "None":
        before = ""
    return _call(f"{before}client.{resource.name}.{operation.name}", _arguments(operation)) + after


def _arguments(operation: Operation) -> list[str]:
    kinds = {each.name: each.kind for each in operation.arguments}
    names = [(f"{name}=" if kinds[name] != POSITIONAL else "", value) for name, value in operation.example]
    return [name + _value(value, WIDTH - len(name)) for name, value in names]


def _call(function: str, arguments: list[str]) -> str:
    line = f"{function}({', '.join(arguments)})"
    if len(line) <= WIDTH:
        return line
    return f"{function}(\n" + "".join(f"    {each},\n" for each in arguments) + ")"


def _value(source: str, room: int) -> str:
    """A value as a formatter writes it, over several lines where the room does not do."""
    return _written(ast.literal_eval(source), room, 4)


def _written(value: Any, room: int, indent: int) -> str:
    if isinstance(value, str):
        return json.dumps(value)  # In the quotes of formatters; what it escapes, Python does alike.
    if isinstance(value, dict) and value:
        parts = [(f"{json.dumps(key)}: ", each) for key, each in value.items()]
    elif isinstance(value, list) and value:
        parts = [("", each) for each in value]
    else:
        return ascii(value)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    line = opening + ", ".join(key + _written(each, WIDTH * 9, 0) for key, each in parts) + closing
    if len(line) <= room - indent:
        return line
    inner = indent + 4
    lines = [f"{' ' * inner}{key}{_written(each, room - len(key), inner)},\n" for key, each in parts]
    return f"{opening}\n{''.join(lines)}{' ' * indent}{closing}"


def _variable(annotation: str) -> str:
    """The name for a result: that of its class, where it is one; "" for anything else."""
    name = snake_case(annotation) if re.fullmatch(r"[A-Z]\w+", annotation) else ""
    return "" if name in ("any", "none") else name
