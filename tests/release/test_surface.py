"""The public surface on record is that of the package, and what an import of the package finds."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator

import attrs
import pytest

import instantly_client
from instantly_client import AsyncInstantly, Instantly, errors, models
from scripts.codegen.client_model import ClientModel
from scripts.compatibility.surface import FILE, differences, from_text, surface
from scripts.lib.layout import PROJECT


@pytest.fixture(scope="module")
def recorded() -> ClientModel:
    return from_text((PROJECT.root / FILE).read_text("utf-8"), FILE.name)


@pytest.mark.slow
def test_the_surface_on_record_is_that_of_the_package() -> None:
    found = surface(PROJECT, on_step=lambda step: None)
    lines = differences((PROJECT.root / FILE).read_text("utf-8"), found)
    assert not lines, "\n".join(
        [
            "What the package offers has changed:",
            *lines,
            "If that is wanted, run `nox -s surface -- --write` and commit tests/release/surface.txt with its cause.",
        ]
    )


def resources(client: object) -> Iterator[tuple[str, object]]:
    for name in dir(type(client)):
        if not name.startswith("_") and type(getattr(client, name)).__module__.startswith("instantly_client."):
            yield name, getattr(client, name)


def methods(value: object) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(getattr(value, name))
        for name in dir(value)
        if not name.startswith("_") and inspect.isroutine(getattr(value, name))
    }


@pytest.mark.parametrize("kind", [Instantly, AsyncInstantly])
def test_it_has_every_method_of_every_resource_with_its_arguments(
    recorded: ClientModel, kind: type[Instantly | AsyncInstantly]
) -> None:
    client = kind(api_key="key")
    found = {
        resource: {
            method: [(each.name, each.default is not each.empty) for each in signature.parameters.values()]
            for method, signature in methods(held).items()
        }
        for resource, held in resources(client)
        if not resource.startswith("with_")
    }
    expected = {
        resource.name: {
            operation.name: {(argument.name, not argument.required) for argument in operation.arguments}
            for operation in resource.operations
        }
        for resource in recorded.resources.values()
    }
    helped = {resource.name for resource in recorded.resources.values() if resource.helpers}
    assert found.keys() == expected.keys()
    for name, there in found.items():
        helpers = there.keys() - expected[name].keys()
        assert not helpers or name in helped
        assert {method: {*there[method]} for method in expected[name]} == expected[name]
        written = [each for each in recorded.handwritten.values() if {f.name for f in each.functions} >= helpers]
        assert not helpers or written


@pytest.mark.parametrize("kind", [Instantly, AsyncInstantly])
def test_every_method_is_there_with_raw_responses(
    recorded: ClientModel, kind: type[Instantly | AsyncInstantly]
) -> None:
    found = {name: {*methods(held)} for name, held in resources(kind(api_key="key").with_raw_response)}
    assert found == {
        resource.name: {operation.name for operation in resource.operations} for resource in recorded.resources.values()
    }


def test_it_has_every_field_and_value_of_every_model(recorded: ClientModel) -> None:
    assert {*models.__all__} == recorded.classes.keys() | recorded.enumerations.keys()
    for name, of in recorded.classes.items():
        fields = attrs.fields(getattr(models, name))
        found = {field.alias: field.default is not attrs.NOTHING for field in fields}
        assert found.pop("additional_properties")
        assert found == {field.name: bool(field.default) for field in of.fields}, name
    for name, enumeration in recorded.enumerations.items():
        assert {member.name: member.value for member in getattr(models, name)} == {
            member.name: ast.literal_eval(member.value) for member in enumeration.members
        }


def test_it_has_every_error_and_every_export(recorded: ClientModel) -> None:
    assert {*errors.__all__} <= recorded.handwritten.keys()
    exports = recorded.handwritten["instantly_client"].fields
    assert {field.name for field in exports} == {*instantly_client.__all__}
