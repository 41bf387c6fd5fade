"""What importing the sandbox takes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def python(code: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("missing", ["h11", "jsonschema_rs"])
def test_without_the_extra_it_says_how_to_get_it(missing: str) -> None:
    done = python(f"import sys; sys.modules[{missing!r}] = None; import instantly_sandbox")
    assert done.stderr.endswith(
        f"ModuleNotFoundError: the sandbox needs {missing}, which is not installed: "
        "pip install 'instantly-client[sandbox]'\n"
    )


def test_a_sandbox_is_there_without_what_it_does_not_need_yet() -> None:
    slow = ("httpx", "asyncio", "instantly_client.client", "pytest")
    done = python(
        f"import sys; from instantly_sandbox import Sandbox; Sandbox(); print(set({slow}) & sys.modules.keys())"
    )
    assert done.stdout == "set()\n", done.stderr
