"""Install what an index serves, as a consumer does, and use it."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from scripts.lib.report import Failed
from scripts.release.dist import read_metadata
from scripts.release.environments import EXTRA, install, make_environment, requirements_of, smoke
from scripts.release.index.listing import Listing

STEP = "install"


def try_out(name: str, sha256: str, listing: Listing, package: str) -> None:
    """Install the wheel called `name` from the index into a new environment, and use it there. Raises `Failed`.

    The wheel comes from where the index says, over our own connection, so that no other program gets the password. What
    it depends on is installed by a call of its own, from the index of this machine's configuration, before ours.
    """
    with tempfile.TemporaryDirectory(prefix="publish-") as folder:
        with _said(f"fetching it from {listing.index.simple}"):
            if not (listed := listing.find(package, name)):
                raise Failed(STEP, f"{name} is listed no more")
            content = listing.content(listed)
            if hashlib.sha256(content).hexdigest() != sha256:
                raise Failed(STEP, f"{name} has another content than was uploaded")
            wheel = Path(folder, name)
            wheel.write_bytes(content)
        with _said("installing what it depends on"):
            python = make_environment(Path(folder, "environment"), sys.executable)
            install(python, islice(requirements_of(wheel, EXTRA), 1, None), "--only-binary=:all:")
        with _said("installing it"):
            install(python, [str(wheel)], "--no-deps", "--no-index", "--no-config")
        with _said("using it"):
            smoke(python, "--version", str(read_metadata(wheel).version))


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
