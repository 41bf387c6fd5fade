"""Pythons on this machine: which versions the package supports, and where each is installed."""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from pathlib import Path

_CLASSIFIER = "Programming Language :: Python :: 3."
_PROJECT = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text("utf-8"))["project"]

PYTHONS = [f"3.{each.removeprefix(_CLASSIFIER)}" for each in _PROJECT["classifiers"] if each.startswith(_CLASSIFIER)]


def python_of(environment: Path) -> Path:
    """The interpreter of a virtual environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def find_python(version: str) -> str | None:
    """The command of that Python: from pyenv, where nox does not look, or from the PATH."""
    folders = [Path(folder) for folder in os.get_exec_path()]
    # pyenv's shims are on the PATH for every Python it has and fail for those that are not active.
    shims = [folder for folder in folders if folder.name == "shims" and (folder.parent / "versions").is_dir()]
    roots = [Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv"), *(folder.parent for folder in shims)]
    installed = [path for root in roots for path in (root / "versions").glob(f"{version}.*/bin/python{version}")]
    if installed:
        return str(max(installed, key=lambda path: [int(number) for number in re.findall(r"\d+", path.parts[-3])]))
    others = (str(folder) for folder in folders if folder not in shims)
    return shutil.which(f"python{version}", path=os.pathsep.join(others))
