"""A property-based tester of APIs, which we did not write, finds nothing wrong with the sandbox.

`nox -s fuzz` draws more examples than the suite.
"""

from __future__ import annotations

import os

import pytest

from instantly_sandbox.engine.document import pinned
from tests.sandbox.tester import run

pytestmark = pytest.mark.slow

pytest.importorskip("schemathesis")

MANY = os.environ.get("FUZZ_EXAMPLES")

# The phase `coverage` walks through thousands of cases whatever the number of examples.
PHASES = ["examples,fuzzing,stateful", pytest.param("coverage", marks=pytest.mark.long)]


@pytest.mark.parametrize("phases", PHASES)
def test_all_checks_of_the_pinned_document_against_the_served_sandbox(phases: str) -> None:
    examples = ["--max-examples", MANY] if MANY else ["--max-examples", "3", "--seed", "1"]
    result = run("--phases", phases, *examples, "--suppress-health-check", "all")
    assert result.returncode == 0, result.stdout[-20_000:]
    operations = len(pinned().operations)
    assert f"Selected: {operations}/{operations}" in result.stdout
