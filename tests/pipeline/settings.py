"""How the property tests run: the same examples every time, however slow the machine; in `nox -s fuzz` new ones."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

STEADY = settings(derandomize=True, database=None, deadline=None, max_examples=100)

MANY = int(os.environ.get("FUZZ_EXAMPLES", "0"))


def examples(few: int) -> settings:
    """The settings of a test that has `few` examples in the suite, and FUZZ_EXAMPLES in `nox -s fuzz`."""
    return settings(
        derandomize=not MANY,
        database=None,
        deadline=None,
        max_examples=MANY or few,
        phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if MANY else [])],
        suppress_health_check=list(HealthCheck),
        print_blob=bool(MANY),
    )


# Words of OpenAPI among the texts, so that what is drawn comes near to a document.
_TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["openapi", "3.1.0", "info", "paths", "/a/{b}", "get", "responses", "200", "schema", "properties"]),
    st.sampled_from(["$ref", "#/components/schemas/def-1", "type", "object", "array", "enum", "items", "x-a", "anyOf"]),
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), _TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_TEXTS, inner, max_size=4)),
    max_leaves=10,
)
