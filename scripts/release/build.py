"""Build what is released: the source archive, the wheel, their bill of materials and their sums.

The same sources give the same bytes, whatever the machine, the folder, the clock or the rights of files: each build is
made twice to see that, the second time from the source archive. No network is used.

The distribution is called `instantly-client`, a name that anybody may register in a public index. `--name`, or `name`
in `[tool.publish]` of pyproject.toml, calls it by one that nobody else can have. What people import keeps its name.

A build that fails, or has something wrong with it, leaves no dist/.

Exit status: 0 done, 1 a step failed, 2 something is wrong with what was built.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import re
import shutil
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from packaging.metadata import Metadata
from packaging.requirements import Requirement

from scripts.compatibility.versions import FILE as VERSION_FILE
from scripts.compatibility.versions import read_version
from scripts.lib.layout import PROJECT, Layout
from scripts.lib.process import execute, git, run, tool
from scripts.lib.progress import Progress
from scripts.lib.report import Failed, Finding, Refused, refused, show_error, show_table
from scripts.lib.verb import Arguments
from scripts.release.dist import KINDS, SUMS, Artefact, artefacts, read_metadata, sums_of
from scripts.release.resolved import resolve
from scripts.release.sbom import describe
from scripts.spec import lock as locks

BILL = "sbom.cdx.json"
"""The bill of materials that is in the wheel, under `.dist-info/sboms/`."""

PRIVATE = "Private :: Do Not Upload"

DISTRIBUTION = "instantly-client"

_TAKEN = {"instantly", "instantlyai", "instantly-sdk", "instantly-mcp"}
"""Packages of others in public that people could take for this one."""

_DAY = 86_400
_NAMED = re.compile(rf"""(\bpip install ["']?|^name = "){DISTRIBUTION}(?![\w-])""", re.MULTILINE)
"""Where sources say what the distribution is called; elsewhere the word is the name of the client."""
_BESIDE = {BILL, "CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "docs", "pyproject.toml", ".gitignore"}
"""The content of the source archive apart from the packages."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    try:
        with Progress(quiet=options.json) as progress:
            artefacts = build(PROJECT, options.output, name=options.name, on_step=progress.step)
    except (Refused, Failed) as error:
        return show_error(error, as_json=options.json)
    if options.json:
        listed = [asdict(artefact) for artefact in artefacts]
        print(json.dumps({"output": str(options.output), "artefacts": listed}, indent=2))
    else:
        show_table(("file", "bytes", "sha256"), [(each.file, f"{each.size:,}", each.sha256) for each in artefacts])
        print(f"in {options.output}; `sha256sum --check {SUMS}` there checks them")
    return 0


def build(layout: Layout, output: Path, *, name: str | None = None, on_step: Progress.OnStep) -> list[Artefact]:
    """Build the project into the folder `output`, in the place of an earlier build.

    The distribution is called `name`, or as `[tool.publish]` says.

    Raises:
        Refused: something is wrong with what was built.
        Failed: a step did not succeed.
        In both cases there is no `output`, unless it has other files than those of a build, which are not touched.
    """
    _remove(output)
    epoch = source_date_epoch(layout)
    name = _distribution(layout, name)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{output.name}-", dir=output.parent) as folder:
            staged, again = Path(folder, "first"), Path(folder, "second")
            on_step("build")
            source, metadata = _source(layout.root, Path(folder, "source"), name, epoch)
            resolved = resolve([each.name for each in metadata.requires_dist or []], layout.root / "requirements")
            bill = partial(describe, metadata, lock=locks.read(layout.lock), resolved=resolved, epoch=epoch)
            (source / BILL).write_text(bill({}), "utf-8", newline="\n")
            _hatchling("build", source, staged, epoch)
            wheel, archive = _only(staged, "*.whl"), _only(staged, "*.tar.gz")
            on_step("repeat")
            _build_elsewhere(archive, again, epoch)
            on_step("check")
            findings = [*_differences(staged, again), *_contents(layout, wheel, archive), *_linters(layout, staged)]
            if findings:
                raise Refused("build", findings)
            on_step("describe")
            file = staged / f"{archive.name.removesuffix('.tar.gz')}.cdx.json"
            file.write_text(bill(sums_of(staged)), "utf-8", newline="\n")
            lines = [f"{sha256}  {name}\n" for name, sha256 in sums_of(staged).items()]
            (staged / SUMS).write_text("".join(lines), "utf-8", newline="\n")
            staged.rename(output)
    except OSError as error:
        raise Failed("build", f"{output} cannot be written: {error}") from error
    return artefacts(output)


def source_date_epoch(layout: Layout) -> int:
    """The moment that a build carries, in seconds: that of the variable `SOURCE_DATE_EPOCH`, or of the last commit.

    Where there is no git it is the day of the pinned document.

    Raises:
        Refused: the variable is not a whole number of seconds.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        if not re.fullmatch(r"[0-9]{1,12}", given):
            why = "it is the moment that the build carries; give seconds since 1970, or unset it"
            raise refused("build", f"SOURCE_DATE_EPOCH is {given!r}, not a number of seconds", why)
        return int(given)
    # Only of this project: a copy without git may lie in the checkout of something else.
    if (layout.root / ".git").exists():
        return int(git("build", layout.root, "log", "-1", "--format=%ct"))
    day = locks.read(layout.lock).date
    return int(datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC).timestamp())


def _distribution(layout: Layout, name: str | None) -> str:
    """The name of the distribution, as given or as the settings have it; refuses what no index takes."""
    settings = tomllib.loads((layout.root / "pyproject.toml").read_text("utf-8"))
    wanted = str(settings["tool"].get("publish", {}).get("name", DISTRIBUTION) if name is None else name)
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", wanted):
        why = "indexes compare names in lower case, with single hyphens: give it so, as `acme-instantly-client`"
        raise refused("build", f"{wanted!r} is no name of a distribution", why, at="--name")
    groups = [settings["project"]["dependencies"], *settings["project"].get("optional-dependencies", {}).values()]
    taken = _TAKEN | {Requirement(each).name.lower() for group in groups for each in group} - {DISTRIBUTION}
    # Public indexes hold names for the same that differ by hyphens alone.
    if near := sorted(each for each in taken if each.replace("-", "") == wanted.replace("-", "")):
        why = "that is a package of others, in public: let the name begin with that of your company"
        raise refused("build", f"{wanted!r} is too near to {near[0]}", why, at="--name")
    return wanted


def _source(root: Path, folder: Path, name: str, epoch: int) -> tuple[Path, Metadata]:
    """The sources, under `folder`, of a distribution called `name` that takes a bill of materials, and its metadata."""
    _hatchling("build", root, folder, epoch, target="sdist")
    with tarfile.open(_only(folder, "*.tar.gz")) as opened:
        opened.extractall(folder, filter="data")
    (source,) = (path for path in folder.iterdir() if path.is_dir())
    metadata = Metadata.from_email((source / "PKG-INFO").read_bytes())
    metadata.name = name
    (source / "PKG-INFO").unlink()
    for path in source.rglob("*"):
        if path.suffix in (".py", ".md", ".toml"):
            text = _NAMED.sub(rf"\g<1>{name}", path.read_text("utf-8"))
            path.write_text(text, "utf-8", newline="\n")
    settings = source / "pyproject.toml"
    lines = {"wheel": f'sbom-files = ["{BILL}"]', "sdist": f'force-include = {{ "{BILL}" = "{BILL}" }}'}
    for target, line in lines.items():
        head = f"[tool.hatch.build.targets.{target}]\n"
        settings.write_text(settings.read_text("utf-8").replace(head, f"{head}{line}\n"), "utf-8", newline="\n")
    return source, metadata


def _remove(output: Path) -> None:
    """Remove an earlier build; anything else is refused."""
    if not os.path.lexists(output):
        return
    others = [path.name for path in output.iterdir() if not path.name.endswith(KINDS)] if output.is_dir() else ["it"]
    if others or output.is_symlink():
        what = f"{output} is no folder of a build" + (f": it has {', '.join(sorted(others)[:3])}" if others else "")
        raise refused("build", what, "a build replaces the folder; name another, or remove it", at="--output")
    try:
        shutil.rmtree(output)
    except OSError as error:
        raise Failed("build", f"{output} cannot be removed: {error}") from error


def _hatchling(
    step: str, source: Path, output: Path, epoch: int, *, umask: int = -1, zone: str = "UTC", target: str = ""
) -> None:
    """Build both archives of the sources in `source`, or the one of a target, with the tools that are installed."""
    # What is on the path of this process is no part of the build.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment |= {"SOURCE_DATE_EPOCH": str(epoch), "TZ": zone}
    command = tool("hatchling", "build", "--directory", output, *(["--target", target] if target else []))
    run(step, "hatchling", command, folder=source, variables=environment, umask=umask)


def _build_elsewhere(archive: Path, output: Path, epoch: int) -> None:
    """Build the sources in `archive` where everything is different that must not make a difference."""
    with tempfile.TemporaryDirectory(prefix="build-") as folder:
        with tarfile.open(archive) as opened:
            opened.extractall(folder, filter="data")
        (source,) = Path(folder).iterdir()
        for path in source.rglob("*"):
            os.utime(path, (epoch + _DAY, epoch + _DAY))
            if path.is_file():
                path.chmod(0o600)
        umask = 0o077 if os.name == "posix" else -1
        _hatchling("repeat", source, output, epoch, umask=umask, zone="Asia/Kathmandu")


# --- what may be wrong ---


def _differences(first: Path, second: Path) -> Iterator[Finding]:
    one, other = sums_of(first), sums_of(second)
    for name in sorted(one.keys() | other.keys()):
        if one.get(name) != other.get(name):
            why = "nobody could check that it is made of these sources; look for what depends on time or place"
            yield Finding(name, "another build, from the source archive, has other bytes", why)


def _contents(layout: Layout, wheel: Path, archive: Path) -> Iterator[Finding]:
    places = _targets(layout)["wheel"]["packages"]
    packages = {place.rpartition("/")[2] for place in places}
    metadata = read_metadata(wheel)
    with zipfile.ZipFile(wheel) as opened:
        inside = set(opened.namelist())
    information = f"{wheel.name.rpartition('-py3')[0]}.dist-info"
    needed = [f"{package}/py.typed" for package in sorted(packages)]
    for name in [*needed, f"{information}/licenses/LICENSE", f"{information}/sboms/{BILL}"]:
        if name not in inside:
            yield Finding(wheel.name, f"{name} is missing", "type checkers, lawyers or scanners look for it")
    for top in sorted({name.partition("/")[0] for name in inside} - packages - {information}):
        yield Finding(wheel.name, f"{top} does not belong into it", "it would lie among everybody's packages")
    if PRIVATE not in (metadata.classifiers or []):
        yield Finding(wheel.name, f"the classifier `{PRIVATE}` is missing", "a public index would take the package")
    version = read_version((layout.root / VERSION_FILE).read_text("utf-8"))
    if str(metadata.version) != version:
        yield Finding(
            wheel.name, f"it is {metadata.version}, {VERSION_FILE.as_posix()} has {version}", "they must agree"
        )

    with tarfile.open(archive) as opened:
        names = [name.partition("/")[2] for name in opened.getnames()]
    for name in names:
        if not any(name == place or name.startswith(f"{place}/") for place in (*places, *_BESIDE)):
            yield Finding(archive.name, f"{name} does not belong into it", "it holds what the package is made of only")


def sources_in(layout: Layout, folder: Path) -> list[str]:
    """The files of the packages in the source archive of the build in `folder`, by their path in the project."""
    places = _targets(layout)["wheel"]["packages"]
    with tarfile.open(_only(folder, "*.tar.gz")) as opened:
        names = [each.name.partition("/")[2] for each in opened if each.isfile()]
    return [name for name in names if any(name.startswith(f"{place}/") for place in places)]


def _targets(layout: Layout) -> dict[str, Any]:
    """What the settings say of the wheel and the source archive."""
    settings = tomllib.loads((layout.root / "pyproject.toml").read_text("utf-8"))
    targets: dict[str, Any] = settings["tool"]["hatch"]["build"]["targets"]
    return targets


def _linters(layout: Layout, folder: Path) -> Iterator[Finding]:
    wheel, archive = _only(folder, "*.whl"), _only(folder, "*.tar.gz")
    environment = {**os.environ, "NO_COLOR": "1"}
    for name, *arguments in (("twine", "check", "--strict", wheel, archive), ("check_wheel_contents", wheel)):
        done = execute(tool(name, *arguments), folder=layout.root, variables=environment, merged=True)
        if done.returncode:
            yield Finding("", done.stdout.strip().replace(f"{folder}{os.sep}", ""), f"that is what {name} says")


# --- small parts ---


def _only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = Arguments("python -m scripts.release.build", __doc__)
    parser.add_argument(
        "--output", type=Path, default=PROJECT.root / "dist", metavar="DIR", help="where to, instead of dist/"
    )
    parser.add_argument("--name", help="what the distribution is called: by `[tool.publish]`, or instantly-client")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
