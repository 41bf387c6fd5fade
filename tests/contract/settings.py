"""The recordings, and how many examples the property tests draw.

Those are a few, always the same, in the suite; FUZZ_EXAMPLES, new ones each time, in `nox -s fuzz`.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

from scripts.lib.layout import PROJECT

RECORDINGS = PROJECT.recordings

MANY = int(os.environ.get("FUZZ_EXAMPLES", "0"))


def examples(few: int) -> settings:
    """The settings of a test that has `few` examples in the suite."""
    return settings(
        derandomize=not MANY,
        database=None,
        deadline=None,
        max_examples=MANY or few,
        # To shrink an object of fifty fields takes minutes.
        phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if MANY else [])],
        suppress_health_check=list(HealthCheck),
        print_blob=bool(MANY),
    )
