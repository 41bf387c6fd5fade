"""The files of a build in dist/, with their sums, and the receipt of the preflight that passed on them.

Publishing reads them where nothing of the build is installed.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from packaging.metadata import Metadata

from scripts.lib.report import Finding, Refused, refused

STEP = "receipt"
SUMS = "SHA256SUMS"
RECEIPT = "preflight.json"
KINDS = (".whl", ".tar.gz", ".cdx.json", SUMS, RECEIPT)
"""The ends of the names of the files in dist/."""

_BUILD = "what is published is what was built and checked: run `nox -s preflight`"


@dataclass(frozen=True)
class Artefact:
    """One file of a build."""

    file: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Receipt:
    """What a preflight passed on: the commit, its tags and tree, the pinned document, and the files of the build.

    `checks` has what each check found to be well, `skips` why tests were skipped, with their number.
    """

    version: str
    commit: str
    tags: list[str]
    tree: str
    document: str
    sums: Mapping[str, str]
    checks: Mapping[str, str]
    skips: Mapping[str, int]

    def write(self, folder: Path) -> None:
        (folder / RECEIPT).write_text(json.dumps(asdict(self), indent=2) + "\n", "utf-8", newline="\n")


_TEXTS, _TABLES = ("version", "commit", "tree", "document"), ("sums", "checks", "skips")
_SHAPE: dict[str, type] = {**dict.fromkeys(_TEXTS, str), **dict.fromkeys(_TABLES, dict), "tags": list}


def read_receipt(folder: Path) -> Receipt:
    """The receipt in `folder`; refuses what is not one."""
    path = folder / RECEIPT
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if wrong := [key for key, kind in _SHAPE.items() if not isinstance(found[key], kind)]:
            raise TypeError(wrong)
        return Receipt(**{each.name: found[each.name] for each in fields(Receipt)})
    except FileNotFoundError:
        raise refused(STEP, f"{folder} has no {RECEIPT}: no preflight has passed on it", _BUILD) from None
    except (ValueError, TypeError, LookupError):
        raise refused(STEP, f"{path} is not the receipt of a preflight", _BUILD) from None


def require_receipt(folder: Path, *, commit: str, tags: Mapping[str, str]) -> None:
    """Refuse what is in `folder` unless a preflight has passed on it, at this commit, which has the version's tag.

    `tags` has the commit of each tag that is known.
    """
    receipt = read_receipt(folder)
    tag = f"v{receipt.version}"
    found = sums_of(folder)
    findings = [
        Finding(name, "it is not the one that the preflight has passed", _BUILD)
        for name in sorted({*receipt.sums, *found})
        if receipt.sums.get(name) != found.get(name)
    ]
    if not findings and receipt.version != (version := str(read_metadata(distributions(folder)[0]).version)):
        findings.append(Finding(RECEIPT, f"it is of version {receipt.version}, and the wheel of {version}", _BUILD))
    if receipt.commit != commit:
        what = f"the preflight passed on commit {receipt.commit[:12]}, and this is {commit[:12]}"
        findings.append(Finding(RECEIPT, what, _BUILD))
    if tags.get(tag) != commit:
        if tag in tags:
            what = f"the tag {tag} is another commit, {tags[tag][:12]}"
            why = "what is published is what the tag has: check it out, and run the preflight there"
        else:
            what = f"the tag {tag} is not there"
            why = "`git fetch --tags` brings one that was made elsewhere; `nox -s release -- auto` makes a release"
        findings.append(Finding(commit[:12], what, why))
    if findings:
        raise Refused(STEP, findings)


def distributions(folder: Path) -> list[Path]:
    """The wheel and the source archive of the build in `folder`, in this order; refuses what is not a whole build."""
    found = [path for kind in ("*.whl", "*.tar.gz") for path in sorted(folder.glob(kind))]
    if [path.suffix for path in found] != [".whl", ".gz"] or not (folder / SUMS).exists():
        what = f"{folder} does not hold one wheel, one source archive and their {SUMS}"
        raise refused(STEP, what, _BUILD)
    listed = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    if changed := [path for path in found if f"{sha256(path)}  {path.name}" not in listed]:
        raise Refused(STEP, [Finding(path.name, f"it is not the one of {SUMS}", _BUILD) for path in changed])
    return found


def artefacts(folder: Path) -> list[Artefact]:
    """The files of the build in `folder`, by name."""
    return [
        Artefact(path.name, path.stat().st_size, sha256(path))
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != RECEIPT
    ]


def sums_of(folder: Path) -> dict[str, str]:
    """The sha256 of each file of the build in `folder`."""
    return {artefact.file: artefact.sha256 for artefact in artefacts(folder)}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_metadata(wheel: Path) -> Metadata:
    """The metadata of a wheel."""
    return Metadata.from_email(metadata_file(wheel))


def metadata_file(wheel: Path) -> bytes:
    """The file METADATA of a wheel."""
    with zipfile.ZipFile(wheel) as opened:
        (name,) = (name for name in opened.namelist() if name.endswith(".dist-info/METADATA"))
        return opened.read(name)
