"""Which tests are slow or long, so that `-m "not slow"` is quick."""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

# A busy machine takes longer, and that is no fault of a test. New examples are for `nox -s fuzz`.
settings.register_profile(
    "steady",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="FUZZ_EXAMPLES" not in os.environ,
)
settings.load_profile("steady")

# Thousands of tests, the modules that they import and the documents that these read are no garbage. To look through
# all of them again and again takes a fifth of the time.
gc.disable()

# The project, built, and package indexes on this machine.
SLOW_FIXTURES = {"built", "public"}
SLOW_MARKERS = {"long", "redis"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--representatives",
        action="store_true",
        help="of the long tests, only those that are marked as representatives",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if SLOW_FIXTURES.intersection(fixtures) or SLOW_MARKERS.intersection(mark.name for mark in item.iter_markers()):
            item.add_marker("slow")
    if config.getoption("representatives"):
        items[:] = [item for item in items if item.get_closest_marker("representative")]


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.set_threshold(700, 10, 500)
    gc.enable()
