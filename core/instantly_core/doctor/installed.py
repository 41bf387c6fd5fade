"""Is what is installed what was released, and is it the newest? By RECORD, by sums, and by the index."""

from __future__ import annotations

import base64
import csv
import hashlib
import netrc
import re
import ssl
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from .finding import Finding, note, ok, problem
from .machine import SECONDS
from .project import is_public, normalised, numbers, shown

PACKAGE = "instantly_client"
_MANY = 5
_COLUMNS = 3


def find_distribution() -> metadata.Distribution | None:
    """The distribution that the client is from: a team may call it by a name of its own."""
    names = set(metadata.packages_distributions().get(PACKAGE, ()))
    return metadata.distribution(names.pop()) if len(names) == 1 else None


def check_files(distribution: metadata.Distribution) -> Iterator[Finding]:
    """Each file has the content that RECORD says, and no other distribution has brought one of them."""
    # Not `distribution.files`, which leaves out what is missing.
    rows = list(csv.reader((distribution.read_text("RECORD") or "").splitlines()))
    sums = {row[0]: row[1] for row in rows if len(row) == _COLUMNS and row[1]}
    changed = [name for name, value in sums.items() if not _has_sum(Path(str(distribution.locate_file(name))), value)]
    if not sums:
        yield note("files", "this is no installed wheel, so that there are no sums to compare its files with")
    elif changed:
        what = f"{len(changed)} files are not as they were installed: {', '.join(changed[:_MANY])}"
        yield problem("files", what, f"install it again: pip install --force-reinstall {distribution.metadata['Name']}")
    else:
        yield ok("files", f"all {len(sums)} are as RECORD says")
    tops = {name.partition("/")[0] for name in sums if name.endswith(".py") and "/" in name}
    for top in sorted(tops):
        if others := set(metadata.packages_distributions().get(top, ())) - {distribution.metadata["Name"]}:
            todo = f"uninstall {', '.join(sorted(others))}, and install {distribution.metadata['Name']} again"
            yield problem("files", f"{', '.join(sorted(others))} has installed files into {top}, too", todo)


def _has_sum(path: Path, value: str) -> bool:
    kind, _, wanted = value.partition("=")
    try:
        digest = hashlib.new(kind, path.read_bytes()).digest()
    except (OSError, ValueError):
        return False
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == wanted


def check_sums(distribution: metadata.Distribution, wheel: Path, sums: Path) -> Iterator[Finding]:
    """A wheel is the one of SHA256SUMS, and what is installed has its RECORD."""
    lines = [line.partition("  ") for line in sums.read_text("utf-8").splitlines()]
    listed = {name: sha256 for sha256, _, name in lines}
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != listed.get(wheel.name):
        yield problem("sums", f"{wheel.name} is not the one of {sums.name}", "do not install it; ask who released it")
        return
    with zipfile.ZipFile(wheel) as opened:
        (name,) = (name for name in opened.namelist() if name.endswith(".dist-info/RECORD"))
        released = {line.partition(",")[0]: line for line in opened.read(name).decode().splitlines()}
    record = distribution.read_text("RECORD") or ""
    installed = {line.partition(",")[0]: line for line in record.splitlines()}
    different = [name for name, line in released.items() if installed.get(name) != line and not name.endswith("RECORD")]
    if different:
        what = f"what is installed is not of {wheel.name}: {', '.join(different[:_MANY])}"
        yield problem("sums", what, f"install that wheel: pip install --force-reinstall {wheel.name}")
    else:
        yield ok("sums", f"what is installed is {wheel.name}, as {sums.name} has it")


def check_version(distribution: metadata.Distribution, index: str) -> Finding:
    """The newest version that the index has, against the installed one."""
    name = normalised(distribution.metadata["Name"])
    url = f"{index.rstrip('/')}/{name}/"
    if is_public(index):
        return problem(
            "version", f"--index is {shown(index)}: what has this name there is a stranger's", "name your own"
        )
    request = Request(url, headers={"Accept": "text/html", **_authorisation(url)})
    try:
        with urlopen(request, timeout=SECONDS, context=ssl.create_default_context()) as response:
            page = response.read().decode("utf-8", "replace")
    except HTTPError as error:
        return problem(
            "version", f"{shown(url)} answers {error.code}", "look at the URL, and at the password in .netrc"
        )
    except (URLError, OSError) as error:
        why = getattr(error, "reason", error)
        return problem("version", f"{shown(url)} cannot be reached: {why}", "look at the URL, network and certificates")
    found = re.findall(rf"{re.escape(name.replace('-', '_'))}-(\d+(?:\.\d+)*)(?:-py3|\.tar)", page)
    newest = max(found, key=numbers, default="")
    if not newest:
        return problem("version", f"{shown(url)} has no {name}", "look at the URL")
    if numbers(newest) > numbers(distribution.version):
        what = f"{distribution.version} is installed, {newest} is there"
        return note("version", what, "read the changelog, then upgrade")
    return ok("version", f"{distribution.version}, the newest of {shown(index)}")


def _authorisation(url: str) -> dict[str, str]:
    try:
        found = netrc.netrc().authenticators(urlsplit(url).hostname or "")
    except (OSError, netrc.NetrcParseError):
        return {}
    if not found:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(f"{found[0]}:{found[2]}".encode()).decode()}
