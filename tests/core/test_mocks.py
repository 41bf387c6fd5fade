"""Programs replace our methods in their tests, by the usual tools."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import Any
from unittest import mock

import pytest

from instantly_client import AsyncInstantly, Instantly

CLIENTS = pytest.mark.parametrize("kind", [Instantly, AsyncInstantly])


def test_a_method_of_one_client_is_patched() -> None:
    client, other = Instantly(api_key="k"), Instantly(api_key="k")
    before = client.campaigns.pause
    with mock.patch.object(client.campaigns, "pause", return_value="paused") as pause:
        assert client.campaigns.pause("some-id") == "paused"  # type: ignore[comparison-overlap]
    pause.assert_called_once_with("some-id")
    assert client.campaigns.pause == before
    assert vars(other.campaigns) == {}


@CLIENTS
def test_a_method_is_patched_with_its_own_signature(kind: type[Instantly | AsyncInstantly]) -> None:
    client = kind(api_key="k")
    with (
        mock.patch.object(client.campaigns, "pause", autospec=True),
        pytest.raises(TypeError, match="missing a required"),
    ):
        # Since Python 3.13 the mock of an `async def` looks at its arguments when it is awaited.
        asyncio.run(client.campaigns.pause())  # type: ignore[call-arg, arg-type, unused-ignore]


@CLIENTS
def test_pytest_replaces_a_method(kind: type[Instantly | AsyncInstantly], monkeypatch: pytest.MonkeyPatch) -> None:
    client = kind(api_key="k")
    monkeypatch.setattr(client.campaigns, "pause", lambda id: f"paused {id}")
    paused: Any = client.campaigns.pause("some-id")
    assert paused == "paused some-id"
    monkeypatch.undo()
    assert "pause" not in vars(client.campaigns)


def test_a_patched_method_of_the_asynchronous_client_is_awaited() -> None:
    client = AsyncInstantly(api_key="k")
    with mock.patch.object(client.campaigns, "pause", return_value="paused"):
        assert asyncio.run(client.campaigns.pause("some-id")) == "paused"  # type: ignore[comparison-overlap]


@CLIENTS
def test_a_resource_of_a_client_is_replaced(kind: type[Instantly | AsyncInstantly]) -> None:
    client = kind(api_key="k")
    with mock.patch.object(client, "campaigns") as campaigns:
        assert client.campaigns is campaigns


@CLIENTS
def test_a_mock_of_the_whole_client_has_the_methods_of_its_resources(kind: type[Instantly | AsyncInstantly]) -> None:
    client = mock.create_autospec(kind)(api_key="k")
    for name, method in (("campaigns", "pause"), ("leads", "list"), ("background_jobs", "wait")):
        assert hasattr(getattr(client, name), method)
    with pytest.raises(AttributeError):
        client.campaigns.puase("some-id")
    with pytest.raises(AttributeError):
        _ = client.campain
    with pytest.raises(TypeError, match="missing a required argument"):
        client.campaigns.pause()


def test_a_mock_of_the_client_answers_like_it() -> None:
    client = mock.create_autospec(Instantly, instance=True)
    client.campaigns.pause.return_value = "paused"
    assert client.campaigns.pause("some-id") == "paused"
    client.campaigns.pause.assert_called_once_with("some-id")

    client = mock.create_autospec(AsyncInstantly, instance=True)
    client.campaigns.pause.return_value = "paused"
    assert asyncio.run(client.campaigns.pause("some-id")) == "paused"


@CLIENTS
def test_the_class_of_a_client_knows_the_classes_of_its_resources(kind: type[Instantly | AsyncInstantly]) -> None:
    client = kind(api_key="k")
    for name, value in vars(kind).items():
        if isinstance(value, cached_property):
            assert getattr(kind, name) is type(getattr(client, name))
            assert getattr(client, name) is getattr(client, name)
