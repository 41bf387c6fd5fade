"""What looks at all attributes of our objects, as debuggers, mocks and documentation do, finds values or nothing."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import instantly_client
import instantly_core
import instantly_sandbox
from instantly_client import UNSET, AsyncInstantly, Instantly, errors, models, tables, webhooks
from instantly_core import Model
from instantly_sandbox import Sandbox

PACKAGES = [instantly_client, instantly_core, instantly_sandbox, errors, models, tables, webhooks]


def public() -> Iterator[tuple[str, Any]]:
    """All that is public, with a name for it."""
    for package in PACKAGES:
        yield package.__name__, package
        for name in package.__all__:
            yield f"{package.__name__}.{name}", getattr(package, name)
    for kind in (Instantly, AsyncInstantly):
        client = kind(api_key="k")
        views = {"": client, "Raw": client.with_raw_response, "with options": client.with_options(timeout=1)}
        for form, view in views.items():
            yield f"{kind.__name__} {form}", view
            for name, value in inspect.getmembers(view):
                if not name.startswith("_"):
                    yield f"{kind.__name__}.{name}", value
    for name in models.__all__:
        cls = getattr(models, name)
        yield f"a {name}", cls.from_dict({"new": 1}) if issubclass(cls, Model) else next(iter(cls))
    with Sandbox(world="demo") as sandbox:
        yield "a sandbox", sandbox
        yield "a page", sandbox.client().leads.list()
        yield "a page that is not fetched", sandbox.async_client().leads.list()
        yield "a raw response", sandbox.client().with_raw_response.leads.list()
        with pytest.raises(errors.NotFoundError) as caught:
            sandbox.client().campaigns.get("x")
        yield "an error", caught.value
    yield "a delivered event", webhooks.parse("{}")
    yield "UNSET", UNSET


def cannot_be_looked_at(value: Any) -> str:
    try:
        members = inspect.getmembers(value)
        extra = hasattr(value, "no_such_attribute")
    except Exception as error:
        return repr(error)
    return "has any attribute" if extra else "" if members else "has no members"


@pytest.mark.slow
def test_all_members_can_be_looked_at() -> None:
    assert {name: why for name, value in public() if (why := cannot_be_looked_at(value))} == {}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_all_that_a_package_lists_is_there(package: Any) -> None:
    assert [name for name in dir(package) if not hasattr(package, name)] == []


@pytest.mark.slow
def test_without_the_extras_all_names_are_there_too() -> None:
    program = """
import inspect, sys
sys.modules.update(dict.fromkeys(["redis", "orjson", "msgspec", "pydantic", "pandas", "polars"]))
import instantly_client, instantly_core
for package in (instantly_client, instantly_core, instantly_client.models, instantly_client.errors):
    assert {*package.__all__} <= {name for name, _ in inspect.getmembers(package)}
"""
    subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": ":".join(sys.path)}, check=True)
