"""Both clients have the same resources and methods, with the same arguments and the same words.

What is written by hand for both sides is the same code, but for `async` and `await`.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

import instantly_core
from instantly_client import AsyncInstantly, Instantly
from instantly_sandbox.engine.document import pinned

RESOURCES = sorted(name for name, value in vars(Instantly).items() if isinstance(value, cached_property))


CALL = re.compile(r"^( {4,}(?:\w+ = )?)(client\.\w+\.\w+\()", re.MULTILINE)
"""A call of a method in the code of a docstring."""


def public(thing: Any) -> list[str]:
    return sorted(name for name in dir(thing) if not name.startswith("_"))


def spelled(method: Any) -> list[str]:
    """The arguments of a method, with what they take."""
    signature = inspect.signature(method)
    return [str(parameter).replace("Async", "") for parameter in signature.parameters.values()]


def test_the_clients_have_the_same_public_names() -> None:
    assert public(Instantly) == public(AsyncInstantly)
    assert spelled(Instantly) == spelled(AsyncInstantly)


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_method_has_a_twin(resource: str) -> None:
    one = getattr(Instantly(api_key="k"), resource)
    other = getattr(AsyncInstantly(api_key="k"), resource)
    assert public(one) == public(other)
    for name in public(one):
        assert spelled(getattr(one, name)) == spelled(getattr(other, name)), name
        said = inspect.getdoc(getattr(one, name)) or ""
        assert said.strip(), name
        # Examples differ in what is awaited.
        assert inspect.getdoc(getattr(other, name)) == CALL.sub(r"\1await \2", said), name


def test_every_operation_has_a_method() -> None:
    client = Instantly(api_key="k")
    methods = [vars(type(getattr(client, resource))).items() for resource in RESOURCES]
    assert sum(inspect.isfunction(value) for items in methods for _, value in items) == len(pinned().operations)


def sync_methods(node: ast.ClassDef) -> dict[str, str]:
    """The methods of a class by name, as they are on the sync side."""
    methods = {}
    for method in node.body:
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
            source = re.sub(r"\b(async|await) |(Async|Sync)(?=[A-Z])|_async\b", "", ast.unparse(method))
            source = re.sub(r"\b__a(enter|exit)__", r"__\1__", source)
            methods[re.sub("^__a", "__", method.name)] = ast.unparse(ast.parse(source))
    return methods


def pairs() -> Iterator[tuple[str, str, str]]:
    """Each method of the core's async classes, with its source on both sides; "" where a side does not have it."""
    for path in sorted(Path(instantly_core.__path__[0]).rglob("*.py")):
        nodes = ast.parse(path.read_text("utf-8")).body
        classes = {node.name: sync_methods(node) for node in nodes if isinstance(node, ast.ClassDef)}
        for name in classes:
            if "Async" in name:
                sync = name.replace("Async", "")
                one = classes.get(sync) or classes.get(name.replace("Async", "Sync"), {})
                other = classes[name]
                yield from ((f"{name}.{method}", one.get(method, ""), other.get(method, "")) for method in one | other)


# A page is fetched when it is awaited; connections belong to an event loop, and their module is imported only by
# programs that have one; raw methods differ in types alone.
OWN_WAY = re.compile(r"AsyncPage\..*|AsyncPool\..*|AsyncClient\.(page|_make_pool)|AsyncRaw(Page)?Method\..*")


def test_a_method_is_its_async_twin_without_async() -> None:
    found = [(name, one, other) for name, one, other in pairs() if not OWN_WAY.fullmatch(name)]
    for name, one, other in found:
        assert one == other, name
    helpers = {"AsyncLeadHelpers.add_many", "AsyncBackgroundJobHelpers.wait", "AsyncEmailVerificationHelpers.wait"}
    assert {*helpers, "AsyncClient.call", "AsyncClient.request", "AsyncClient._send"} <= {name for name, _, _ in found}
