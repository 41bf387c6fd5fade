"""Both clients have the same resources and methods, with the same arguments and the same words."""

from __future__ import annotations

import inspect
from functools import cached_property
from typing import Any

import pytest

from instantly_client import AsyncInstantly, Instantly

RESOURCES = sorted(name for name, value in vars(Instantly).items() if isinstance(value, cached_property))


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
        assert inspect.getdoc(getattr(one, name)) == inspect.getdoc(getattr(other, name)), name
        assert (inspect.getdoc(getattr(one, name)) or "").strip(), name


def test_there_are_168_operations() -> None:
    client = Instantly(api_key="k")
    methods = [vars(type(getattr(client, resource))).items() for resource in RESOURCES]
    assert sum(inspect.isfunction(value) for items in methods for _, value in items) == 168
