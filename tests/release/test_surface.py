"""The public surface on record is that of the package, and what an import of the package finds."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator

import attrs
import pytest

import instantly_client
from instantly_client import AsyncInstantly, Instantly, errors, models
from scripts.compatibility.facts import CLIENT, FILE, Surface, parse_surface
from scripts.compatibility.surface import differences
from scripts.lib.layout import PROJECT

KEYWORD = inspect.Parameter.KEYWORD_ONLY


@pytest.fixture(scope="module")
def recorded() -> Surface:
    return parse_surface((PROJECT.root / FILE).read_text("utf-8"), FILE.name)


def test_the_surface_on_record_is_that_of_the_package() -> None:
    lines = differences(PROJECT)
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


def methods(value: object) -> Iterator[tuple[str, inspect.Signature]]:
    for name in dir(value):
        if not name.startswith("_") and inspect.isroutine(getattr(value, name)):
            yield name, inspect.signature(getattr(value, name))


@pytest.mark.parametrize("kind", [Instantly, AsyncInstantly])
def test_it_has_every_method_of_every_resource_with_its_arguments(
    recorded: Surface, kind: type[Instantly | AsyncInstantly]
) -> None:
    client = kind(api_key="key")
    found: set[tuple[str, bool]] = set()
    for resource, held in resources(client):
        found.add((f"{CLIENT}.{resource}", False))
        if resource == "with_raw_response":
            continue
        for method, signature in methods(held):
            called = f"{CLIENT}.{resource}.{method}"
            found.add((called, False))
            for name, parameter in signature.parameters.items():
                sign = "=" if parameter.kind is KEYWORD else ""
                found.add((f"{called}({name}{sign})", parameter.default is not parameter.empty))
    facts = recorded.seen_from(kind.__name__)
    names = {name for name, _ in found if name.count(".") == 1}
    assert f"{CLIENT}.campaigns" in names
    assert found == {
        (subject, bool(fact.default))
        for subject, fact in facts.items()
        if ".".join(subject.split(".")[:2]).partition("(")[0] in names
        and not subject.startswith(f"{CLIENT}.with_raw_response.")
    }


@pytest.mark.parametrize("kind", [Instantly, AsyncInstantly])
def test_it_has_every_method_with_raw_responses(recorded: Surface, kind: type[Instantly | AsyncInstantly]) -> None:
    root = f"{CLIENT}.with_raw_response"
    found = {
        f"{root}.{resource}.{method}"
        for resource, held in resources(kind(api_key="key").with_raw_response)
        for method, _ in methods(held)
    }
    facts = recorded.seen_from(kind.__name__)
    assert found == {subject for subject in facts if subject.startswith(root) and subject.count(".") == 3}


def test_it_has_every_field_and_value_of_every_model(recorded: Surface) -> None:
    found = {}
    for name in models.__all__:
        cls = getattr(models, name)
        if attrs.has(cls):
            for field in attrs.fields(cls):
                found[f"models.{name}.{field.alias}"] = field.default is not attrs.NOTHING
        else:
            for member in cls:
                fact = recorded[f"models.{name}.{member.name}"]
                found[fact.subject] = True
                assert ast.literal_eval(fact.default) == member.value
    facts = [fact for fact in recorded.values() if fact.subject.startswith("models.") and fact.bases is None]
    assert found == {fact.subject: bool(fact.default) for fact in facts}


def test_it_has_every_error_and_every_export(recorded: Surface) -> None:
    assert {*errors.__all__} == {
        s.split(".")[1] for s in recorded if s.startswith("errors.") and recorded[s].bases is not None
    }
    exports = {*instantly_client.__all__} - {"Instantly", "AsyncInstantly", "errors", "models"}
    assert exports <= {subject for subject in recorded if "." not in subject}
