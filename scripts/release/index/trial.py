"""Install what an index hands out, as a consumer does, and use it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from scripts.lib.process import end, execute, tool
from scripts.lib.report import Failed
from scripts.release.build import read_metadata
from scripts.release.environments import EXTRA, install, make_environment, requirements_of, smoke
from scripts.release.index.address import Index
from scripts.release.index.credentials import Credentials

STEP = "install"
# What would let another index have a say in where our own package comes from.
OTHER_INDEXES = {
    *("UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_NO_INDEX"),
    *("UV_INDEX_STRATEGY", "UV_CONFIG_FILE", "UV_OFFLINE"),
}


def try_out(wheel: Path, sha256: str, index: Index, credentials: Credentials | None) -> None:
    """Install the wheel from the index into a new environment, and use it there. Raises `Failed`.

    The package itself comes from that index only, by its hash and past the cache. What it depends on is installed by
    a call of its own, which does not name the package: from the index of this machine's configuration.
    """
    metadata = read_metadata(wheel)
    with tempfile.TemporaryDirectory(prefix="publish-") as folder:
        with _said("installing what it depends on"):
            python = make_environment(Path(folder, "environment"), sys.executable)
            install(python, islice(requirements_of(wheel, EXTRA), 1, None), "--only-binary=:all:")
        with _said(f"installing it from {index.simple}"):
            locked = Path(folder, "requirements.txt")
            locked.write_text(f"{metadata.name}=={metadata.version} --hash=sha256:{sha256}\n", encoding="utf-8")
            _install(locked, python, index, credentials)
        with _said("using it"):
            smoke(python, "--version", str(metadata.version))


def _install(locked: Path, python: Path, index: Index, credentials: Credentials | None) -> None:
    variables = {key: value for key, value in os.environ.items() if key not in OTHER_INDEXES}
    if credentials:
        variables["UV_INDEX_PUBLISHED_USERNAME"] = credentials.username
        variables["UV_INDEX_PUBLISHED_PASSWORD"] = credentials.password
    only = ["--no-config", "--no-cache", "--no-deps", "--only-binary=:all:", "--require-hashes"]
    source = [f"--default-index=published={index.simple}", f"--requirement={locked}"]
    command = tool("uv", "pip", "install", "--quiet", "--color=never", f"--python={python}", *only, *source)
    variables = {"UV_SYSTEM_CERTS": "1", **variables}
    done = execute(command, folder=locked.parent, variables=variables, merged=True)
    if done.returncode:
        raise Failed(STEP, end(credentials.scrub(done.stdout) if credentials else done.stdout))


@contextmanager
def _said(doing: str) -> Iterator[None]:
    """Say what was being done, and that the upload itself is no more to be done."""
    try:
        yield
    except Failed as error:
        raise Failed(
            STEP,
            f"the index has the files, but {doing} failed\n{error.message}",
            "mend what this names, and run this again: it uploads nothing twice",
        ) from error
