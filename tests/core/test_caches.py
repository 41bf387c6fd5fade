"""Caches pickle: what they give back is what was put in."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from django.core.cache.backends.filebased import FileBasedCache  # type: ignore[import-untyped]
from django.core.cache.backends.locmem import LocMemCache  # type: ignore[import-untyped]

from instantly_client import Page, models
from instantly_core import Model
from instantly_sandbox import Sandbox


@pytest.fixture(params=["memory", "files"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A cache of Django's."""
    return LocMemCache(str(tmp_path), {}) if request.param == "memory" else FileBasedCache(str(tmp_path), {})


@pytest.fixture(autouse=True)
def settings() -> None:
    """Django, as far as its caches ask for settings."""
    from django.conf import settings  # type: ignore[import-untyped]

    if not settings.configured:
        settings.configure()


def test_objects_come_back_equal(cache: Any) -> None:
    with Sandbox(world="demo") as sandbox:
        client = sandbox.client()
        for name, value in (("lead", client.leads.list().first()), ("campaigns", client.campaigns.list().items)):
            cache.set(name, value)
            assert cache.get(name) == value
            assert cache.get(name) is not value


def test_enumerations_come_back_as_they_are(cache: Any) -> None:
    cache.set("known", models.CampaignStatus.PAUSED)
    cache.set("unknown", models.CampaignStatus(1234))
    assert cache.get("known") is models.CampaignStatus.PAUSED
    assert (cache.get("unknown"), cache.get("unknown").known) == (1234, False)


def test_pages_come_back_with_items_and_cursor(cache: Any) -> None:
    with Sandbox(world="demo") as sandbox:
        page = sandbox.client().leads.list(limit=5)
        cache.set("page", page)
        found = cache.get("page")
    assert type(found) is Page
    assert (found.items, found.next_cursor, len(found.items)) == (page.items, page.next_cursor, 5)


def test_a_pickle_names_the_package_of_a_class_and_not_its_module() -> None:
    for name in models.__all__:
        cls = getattr(models, name)
        value = cls.from_dict({"new": 1}) if issubclass(cls, Model) else next(iter(cls))
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            pickled = pickle.dumps(value, protocol)
            assert cls.__module__.encode() not in pickled
            assert pickle.loads(pickled) == value
