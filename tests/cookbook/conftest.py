"""The recipes with libraries of their own. They run in `nox -s cookbook`, which installs these, and nowhere else."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("dlt") else ["test_*.py"]
