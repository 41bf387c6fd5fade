"""Is what is installed what was released, and is it the newest? By RECORD, by sums, and by the index."""

from __future__ import annotations

import base64
import csv
import hashlib
import re
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote

from .asking import NoAnswer, ask
from .finding import Finding, note, ok, problem
from .project import is_public, normalised, numbers, shown

PACKAGE = "instantly_client"
_MANY = 5
_COLUMNS = 3


def find_distributions() -> list[metadata.Distribution]:
    """The distributions that have brought the client: one, under whichever name, unless something is wrong."""
    names = sorted(set(metadata.packages_distributions().get(PACKAGE, ())))
    return [metadata.distribution(name) for name in names]


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
    try:
        # `sha256sum` writes an asterisk before the name of what it has read as it is.
        lines = [line.split(maxsplit=1) for line in sums.read_text("utf-8").splitlines()]
        listed = {line[1].lstrip("*"): line[0].lower() for line in lines if len(line) > 1}
        if hashlib.sha256(wheel.read_bytes()).hexdigest() != listed.get(wheel.name):
            what = f"{wheel.name} is not the one of {sums.name}"
            yield problem("sums", what, "do not install it; ask who released it")
            return
        with zipfile.ZipFile(wheel) as opened:
            (name,) = (name for name in opened.namelist() if name.endswith(".dist-info/RECORD"))
            record = opened.read(name).decode()
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        what = f"{wheel.name} or {sums.name} cannot be read: {type(error).__name__}"
        yield problem("sums", what, "fetch both again from the page of the release")
        return
    released, installed = (
        {line.partition(",")[0]: line for line in text.splitlines()}
        for text in (record, distribution.read_text("RECORD") or "")
    )
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
        what = f"--index is {shown(index)}: what has this name there is a stranger's"
        return problem("version", what, "name your own")
    try:
        answer = ask(url, credentials=True, accept="text/html")
    except NoAnswer as error:
        return problem(
            "version", f"{shown(url)} cannot be reached: {error}", "look at the URL, network and certificates"
        )
    if is_public(answer.url):
        what = f"{shown(url)} leads to {shown(answer.url)}: what has this name there is a stranger's"
        return problem("version", what, "let your index not pass it on")
    if answer.status >= 400:
        what, todo = f"{shown(url)} answers {answer.status}", "look at the URL, and at the password in .netrc"
        return problem("version", what, todo)
    newest = max(_versions(answer.text, name), key=numbers, default="")
    if not newest:
        return problem("version", f"{shown(url)} has no {name}", "look at the URL")
    if numbers(newest) > numbers(distribution.version):
        what = f"{distribution.version} is installed, {newest} is there"
        return note("version", what, "read the changelog, then upgrade")
    return ok("version", f"{distribution.version}, the newest of {shown(index)}")


def _versions(page: str, name: str) -> Iterator[str]:
    """The released versions that a page of an index links to, without those that were yanked."""
    stem = re.escape(name).replace(r"\-", "[-_.]")
    for tag in re.findall(r"<a\s[^>]*>", page):
        found = re.search(
            rf"[/\"']{stem}-(\d+(?:\.\d+)*)(?:\+[a-z0-9.]+)?(?:-py3-|\.tar\.)", unquote(tag), re.IGNORECASE
        )
        if found and "data-yanked" not in tag:
            yield found[1]
