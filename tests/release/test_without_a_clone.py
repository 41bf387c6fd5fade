"""The sandbox of the built wheel, where nobody has the project: in an image, and by one line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from instantly_client import Instantly
from tests.release.conftest import ROOT, Build

pytestmark = [pytest.mark.slow, pytest.mark.long]

BASE = "localhost/instantly-python"
IMAGE = "localhost/instantly-sandbox-test"
PACKAGES = "python3,python3-pip,python3-venv"
# Where containers cannot be confined any further, as on most CI machines, chroot is enough for what we build ourselves.
PLAIN = ["--isolation", "chroot"]
UVX = Path(sys.executable).with_name("uvx")


@contextmanager
def serving(command: Sequence[str | Path], **environment: str) -> Iterator[dict[str, Any]]:
    """What a sandbox says of itself that a command starts."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
    ) as process:
        try:
            assert process.stdout
            assert process.stderr
            line = process.stdout.readline()
            assert line, process.stderr.read()
            yield json.loads(line)
        finally:
            process.terminate()


def works(said: dict[str, Any]) -> bool:
    """Whether a client finds the demo data."""
    with Instantly(api_key=said["key"], base_url=said["url"].replace("0.0.0.0", "127.0.0.1")) as client:
        return bool(client.campaigns.list().items)


def run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout.strip()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An image with Python alone, made of Debian's packages."""
    if lacking := [name for name in ("buildah", "debootstrap") if not shutil.which(name)]:
        pytest.skip(f"an image needs {' and '.join(lacking)}, which this machine has not")
    if not run("buildah", "images", "--format", "{{.ID}}", "--filter", f"reference={BASE}"):
        root = tmp_path_factory.mktemp("base") / "root"
        run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", "stable", root)
        container = run("buildah", "from", "scratch")
        run("buildah", "add", "--quiet", container, root, "/")
        run("buildah", "commit", "--quiet", "--rm", container, BASE)
        shutil.rmtree(root)
    return BASE


def test_the_image_of_the_dockerfile_serves_as_its_own_user(
    base: str, built: Build, wheels: Path, tmp_path: Path
) -> None:
    for wheel in (built.wheel, *wheels.iterdir()):
        shutil.copy(wheel, tmp_path)
    given = [f"--build-arg={each}" for each in (f"BASE={base}", "PIP_NO_INDEX=1")]
    # Docker's own format is the one that has health checks.
    run(
        "buildah",
        "build",
        *PLAIN,
        "--network=host",
        "--format=docker",
        *given,
        "--file",
        ROOT / "Dockerfile",
        "--tag",
        IMAGE,
        tmp_path,
    )
    container = run("buildah", "from", IMAGE)
    try:
        config = json.loads(run("buildah", "inspect", container))["Docker"]["config"]
        assert config["User"] == "sandbox"
        assert config["Healthcheck"]["Test"][0] == "CMD"
        inside = ["buildah", "run", *PLAIN, "--network=host", container, "--"]
        with serving([*inside, *config["Entrypoint"], "--world", "demo", "--json", "--port", "0"]) as said:
            assert works(said)
            check = [
                each.replace("127.0.0.1:8080", said["url"].rpartition("/")[2])
                for each in config["Healthcheck"]["Test"][1:]
            ]
            run(*inside, *check)
            assert run(*inside, "id", "--user") != "0"
    finally:
        run("buildah", "rm", container)
        run("buildah", "rmi", "--force", IMAGE)


@pytest.mark.representative
def test_one_line_runs_it_from_the_wheel(built: Build, wheels: Path, tmp_path: Path) -> None:
    line: list[str | Path] = [
        UVX,
        "--offline",
        "--no-index",
        "--find-links",
        wheels,
        "--from",
        f"{built.wheel}[sandbox]",
    ]
    own = {"UV_CACHE_DIR": str(tmp_path / "cache"), "UV_TOOL_DIR": str(tmp_path / "tools")}
    with serving([*line, "instantly-sandbox", "--world", "demo", "--json", "--port", "0"], **own) as said:
        assert works(said)
