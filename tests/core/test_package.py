"""What a person meets who explores the package at a prompt."""

from __future__ import annotations

import importlib
import inspect
from types import ModuleType
from typing import Any

import pytest

import instantly_client
import instantly_client.models
import instantly_core
from instantly_client import AsyncInstantly, Instantly, errors
from instantly_core import commands

MODULES = [name for name in instantly_client.__all__ if isinstance(getattr(instantly_client, name), ModuleType)]
PACKAGES = [instantly_client, instantly_client.models, instantly_core]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_only_public_names_are_listed_and_all_are_there(package: ModuleType) -> None:
    assert {*dir(package)} - {"__version__"} == {*package.__all__}
    for name in dir(package):
        assert name in MODULES or not isinstance(getattr(package, name), ModuleType)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_of_the_package_is_imported_in_either_way_and_completes(name: str) -> None:
    module = importlib.import_module(f"instantly_client.{name}")
    assert module is getattr(instantly_client, name)
    assert module.__all__
    assert {*module.__all__} <= {*dir(module)}
    everything: dict[str, Any] = {}
    exec(f"from instantly_client.{name} import *", everything)
    assert {each: everything[each] for each in module.__all__} == {
        each: getattr(module, each) for each in module.__all__
    }


def test_the_errors_of_the_package_are_all_errors_of_the_engine() -> None:
    assert errors.__all__ == instantly_core.errors.__all__
    assert {getattr(errors, name) for name in errors.__all__} == {
        getattr(instantly_core.errors, name) for name in errors.__all__
    }


def test_the_error_above_all_others_is_at_hand() -> None:
    assert instantly_client.InstantlyError is errors.InstantlyError


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_package_says_its_version(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main("instantly_client", [option]) == 0
    assert capsys.readouterr().out == f"instantly_client {instantly_client.__version__}\n"


@pytest.mark.parametrize("kind", [Instantly, AsyncInstantly])
def test_resources_tell_whose_they_are_and_no_key(kind: type[Instantly | AsyncInstantly]) -> None:
    client = kind(api_key="very-secret")
    prefix = "Async" if kind is AsyncInstantly else ""
    told = f"of <{prefix}Instantly https://api.instantly.ai timeout=60 max_retries=3>>"
    assert repr(client.campaigns) == f"<{prefix}Campaigns {told}"
    assert repr(client.with_raw_response.campaigns) == f"<{prefix}RawCampaigns {told}"


def test_docstrings_name_the_errors_that_not_every_call_raises() -> None:
    with Instantly(api_key="k") as client:
        test, pause, delete_all, listed = (
            inspect.getdoc(method) or ""
            for method in (
                client.webhooks.test,
                client.campaigns.pause,
                client.block_list.delete_all,
                client.campaigns.list,
            )
        )
    assert "OperationFailedError: " in test
    assert "ValueError: A value of the path" in pause
    assert "ValueError: It would delete every block list entry, and the caller does not say" in delete_all
    for text in (pause, delete_all, listed):
        assert "InstantlyError" not in text
        assert "OperationFailedError" not in text
    assert "ValueError" not in listed


@pytest.mark.parametrize("kind", [Instantly, AsyncInstantly])
def test_the_class_of_a_resource_names_the_error_of_all_its_calls(kind: type[Instantly | AsyncInstantly]) -> None:
    client = kind(api_key="k")
    for resource in (client.leads, client.with_raw_response.leads):
        assert "raise `InstantlyError`" in (inspect.getdoc(type(resource)) or "")


def test_raw_methods_have_the_docstring_of_the_method_and_its_first_line_in_the_source() -> None:
    with Instantly(api_key="k") as client:
        raw = client.with_raw_response.leads
        docstring = inspect.getdoc(client.leads.update) or ""
        assert inspect.getdoc(raw.update) == docstring
        assert f'update = RawMethod(Leads.update)\n    """{docstring.splitlines()[0]}"""\n' in inspect.getsource(
            type(raw)
        )
