"""The annotations of every public method can be evaluated: frameworks make tools, validators and pages of methods."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, get_type_hints

import instantly_core
from instantly_client import AsyncInstantly, Instantly, errors


def resources(client: object) -> Iterator[type]:
    """The classes of the resources of a client."""
    for name, value in vars(type(client)).items():
        if isinstance(value, cached_property):
            yield type(getattr(client, name))


def classes() -> Iterator[type]:
    """Both clients, all resources, those with raw responses too, and all that core and its errors export."""
    for client in (Instantly(api_key="k"), AsyncInstantly(api_key="k")):
        yield type(client)
        yield from resources(client)
        yield from resources(client.with_raw_response)
    exported = [getattr(module, name) for module in (instantly_core, errors) for name in module.__all__]
    yield from (value for value in exported if inspect.isclass(value))


def methods(owner: type) -> dict[str, Callable[..., Any]]:
    """The public methods of a class and its constructor; those that the standard library gives it are left out."""
    found = {}
    for name in dir(owner):
        value = getattr(owner, name)
        function = inspect.unwrap(getattr(value, "__func__", value)) if callable(value) else None
        ours = inspect.isfunction(function) and function.__module__.startswith("instantly_")
        if ours and (not name.startswith("_") or name == "__init__"):
            found[name] = value
    return found


def test_annotations_can_be_evaluated() -> None:
    for owner in {*classes()}:
        get_type_hints(owner)
        for name, method in methods(owner).items():
            hints = get_type_hints(method)
            assert "return" in hints, (owner, name)
            signature = inspect.signature(method, eval_str=True)
            for parameter in signature.parameters.values():
                assert parameter.name in hints or parameter.name == "self", (owner, name, parameter)
                assert not isinstance(parameter.annotation, str), (owner, name, parameter)


def test_all_operations_of_both_clients_are_among_the_methods() -> None:
    for client in (Instantly(api_key="k"), AsyncInstantly(api_key="k")):
        for resource in resources(client):
            operations = {name for name, value in vars(resource).items() if inspect.isfunction(value)}
            assert operations
            assert operations <= {*methods(resource)}
