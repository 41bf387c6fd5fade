"""Files into an index, one at a time, with `uv publish`.

uv is not left to find out what is there already: it asks without the password of the upload, so that on an index that
nobody may read without one it finds nothing, uploads again and fails.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

import httpx

from scripts.lib.process import execute, tool
from scripts.lib.report import Failed
from scripts.release.index.address import Index
from scripts.release.index.connection import BROKE_OFF, UNKNOWN_CA, UNREACHABLE, connect, denied
from scripts.release.index.credentials import Credentials

STEP = "upload"
CONFLICTS = (400, 409)
DENIALS = (401, 403)


class Conflict(Failed):
    """The index has a file of that name, or says so."""


def upload(file: Path, index: Index, credentials: Credentials | None) -> None:
    """Upload one file; raises `Conflict` or `Failed` with what the index said, without the password."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("UV_PUBLISH_")}
    variables.setdefault("UV_SYSTEM_CERTS", "1")
    if credentials:
        variables["UV_PUBLISH_USERNAME"] = credentials.username
        variables["UV_PUBLISH_PASSWORD"] = credentials.password
    command = tool("uv", "--no-config", "--no-progress", "--color=never", "publish")
    options = ["--trusted-publishing=never", "--keyring-provider=disabled", f"--publish-url={index.upload}"]
    done = execute([*command, *options, file], variables=variables, merged=True)
    if done.returncode:
        raise _explained(credentials.scrub(done.stdout) if credentials else done.stdout, file, index, credentials)


def _explained(output: str, file: Path, index: Index, credentials: Credentials | None) -> Failed:
    """The failure by the status in uv's output, or by the last cause that it names."""
    if found := re.search(r"status code (\d{3})", output):
        status = int(found[1])
        if status in DENIALS:
            return denied(STEP, status, index.upload, credentials)
        said = re.sub(r"\s+", " ", re.sub(r"<(style|title).*?</\1>|<[^>]*>", " ", output.partition("Server says:")[2]))
        kind = Conflict if status in CONFLICTS else Failed
        return kind(
            STEP,
            f"{index.upload} answers {status} to {file.name}: {said.strip()[:300] or 'it does not say why'}",
            "look at the index's log and its limits, then run this again",
        )
    causes = re.findall(r"cause: (.*)", output) or output.strip().splitlines() or ["uv does not say why"]
    if re.search(r"certificate|UnknownIssuer", output):
        what, todo = "its certificate is not trusted", UNKNOWN_CA
    elif "(Connect)" in output:
        what, todo = "the index cannot be reached", UNREACHABLE
    elif refusal := _refusal(index, credentials):
        return denied(STEP, refusal, index.upload, credentials)
    else:
        what, todo = f"{file.name} did not get there whole, the connection broke off", BROKE_OFF
    return Failed(STEP, f"{index.upload}: {what}: {causes[-1]}", todo)


def _refusal(index: Index, credentials: Credentials | None) -> int | None:
    """The status with which the index lets us not in, asked with an upload of nothing.

    Many refuse without reading what they are sent, and close while it is still on its way: then the answer is lost.
    """
    with suppress(httpx.RequestError), connect(credentials) as client:
        status = client.post(index.upload, data={":action": "file_upload"}).status_code
        return status if status in DENIALS else None
    return None
