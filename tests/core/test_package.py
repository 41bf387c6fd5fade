"""What a person meets who explores the package at a prompt."""

from __future__ import annotations

import inspect
from types import ModuleType

import pytest

import instantly_client
import instantly_client.models
import instantly_core
from instantly_client import AsyncInstantly, Instantly

PACKAGES = [instantly_client, instantly_client.models, instantly_core]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_only_public_names_are_listed_and_all_are_there(package: ModuleType) -> None:
    assert {*dir(package)} - {"__version__"} == {*package.__all__}
    for name in dir(package):
        modules = ("errors", "models", "params", "tables", "telemetry", "webhooks")
        assert name in modules or not isinstance(getattr(package, name), ModuleType)


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
