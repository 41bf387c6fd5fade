"""Every verb starts from the root of the repository, with nothing in the environment that says where modules are."""

from __future__ import annotations

import subprocess
import sys

import pytest

from scripts.lib.layout import PROJECT

VERBS = sorted(path.stem for path in (PROJECT.root / "scripts").glob("[a-z]*.py"))

# In one interpreter, since most of the time goes into what they import in common.
START = """
import runpy, sys
for verb in sys.argv[1:]:
    sys.argv = [verb, "--help"]
    try:
        runpy.run_module(f"scripts.{verb}", run_name="__main__")
    except SystemExit as ended:
        print(verb, ended.code or 0, file=sys.stderr)
"""


@pytest.mark.slow
def test_every_verb_starts_from_the_root_without_a_path_to_modules() -> None:
    done = subprocess.run(
        [sys.executable, "-c", START, *VERBS], cwd=PROJECT.root, env={}, capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines() == [f"{verb} 0" for verb in VERBS]
    assert done.stdout.count("usage: ") == len(VERBS)
