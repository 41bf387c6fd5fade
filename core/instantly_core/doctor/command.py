"""`python -m instantly_client.doctor`: examine this machine and a project, and say what to mend."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from importlib import metadata
from pathlib import Path

from ..version import __version__
from .finding import Finding, note, problem
from .installed import check_files, check_sums, check_version, find_distributions
from .machine import (
    check_base_url,
    check_certificates,
    check_clock,
    check_extras,
    check_key,
    check_proxies,
    check_service,
)
from .project import Project
from .reading import Unreadable
from .sources import check_sources

NAME = "instantly-client"
BASE_URL = "https://api.instantly.ai"
_MARKS = {"ok": "ok  ", "note": "note", "problem": "FAIL"}

DESCRIPTION = """\
Say whether this machine is set up for the client, and whether a stranger's package could be installed in its place in
a project. Nothing is asked over the network without --online, --index; the API key is never shown.

Exit status: 0 well, 1 there is something to mend, 2 the arguments are wrong.
"""


def main(arguments: Sequence[str] | None = None, *, released: str) -> int:
    """Run the command; `released` is the day, in ISO 8601, of the document that the client is generated from."""
    options = _parse(arguments)
    findings = list(_examine(options, date.fromisoformat(released)))
    wrong = [finding for finding in findings if finding.level == "problem"]
    if options.json:
        print(json.dumps({"well": not wrong, "findings": [asdict(finding) for finding in findings]}, indent=2))
    else:
        width = max(len(finding.subject) for finding in findings)
        for finding in findings:
            _print(f"{_MARKS[finding.level]}  {finding.subject:{width}}  {finding.what}")
            if finding.todo and finding.level != "ok":
                _print(f"      {'':{width}}  what to do: {finding.todo}")
    return 1 if wrong else 0


def _print(line: str) -> None:
    # Settings may have been written by anybody, and a terminal may act on what it should show.
    shown = "".join(character if character.isprintable() else "?" for character in line)
    encoding = sys.stdout.encoding or "utf-8"
    print(shown.encode(encoding, "replace").decode(encoding))


def _examine(options: argparse.Namespace, released: date) -> Iterator[Finding]:
    distributions = find_distributions()
    if options.verify:
        yield from _verify(distributions, options)
        return
    distribution = distributions[0] if len(distributions) == 1 else None
    name = options.name or (distribution.metadata["Name"] if distribution else NAME)
    try:
        yield from check_sources(Project(options.project, name))
    except Unreadable as error:
        yield problem("settings", str(error), "mend the file, or remove it")
    yield check_key()
    yield check_base_url(options.base_url)
    yield from check_proxies()
    yield from check_certificates()
    yield check_clock(released)
    if options.online:
        yield from check_service(options.base_url)
    if distribution:
        yield from check_extras(distribution)
        if options.index:
            yield check_version(distribution, options.index)
    elif distributions:
        yield _several(distributions)
    else:
        yield note("installed", f"version {__version__} is imported, and no distribution says that it has brought it")


def _verify(distributions: Sequence[metadata.Distribution], options: argparse.Namespace) -> Iterator[Finding]:
    if not distributions:
        yield problem("files", "no distribution says that it has brought the client", "install it from a wheel")
    elif len(distributions) > 1:
        yield _several(distributions)
    else:
        yield from check_files(distributions[0])
        if options.sums:
            yield from check_sums(distributions[0], options.wheel, options.sums)


def _several(distributions: Sequence[metadata.Distribution]) -> Finding:
    names = " and ".join(each.metadata["Name"] for each in distributions)
    return problem("installed", f"{names} have brought the client, one over the other", "uninstall all, install yours")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m instantly_client.doctor",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--project", type=Path, default=Path(), metavar="FOLDER", help="the project; by default, here")
    parser.add_argument("--name", help="what the distribution is called; by default, what is installed")
    parser.add_argument("--base-url", default=BASE_URL, metavar="URL", help="the URL of the API, if it is another one")
    parser.add_argument("--online", action="store_true", help="also ask the service, without a key")
    parser.add_argument("--index", metavar="URL", help="the simple API of your index: is there a newer version?")
    parser.add_argument("--verify", action="store_true", help="only compare what is installed with what was released")
    parser.add_argument("--sums", type=Path, metavar="FILE", help="with --verify: SHA256SUMS of the release")
    parser.add_argument("--wheel", type=Path, metavar="FILE", help="with --sums: the wheel of the release")
    parser.add_argument("--json", action="store_true", help="report as JSON")
    options = parser.parse_args(arguments)
    if bool(options.sums) != bool(options.wheel) or (options.sums and not options.verify):
        parser.error("--verify --sums FILE --wheel FILE go together")
    for path in (options.project, options.sums, options.wheel):
        if path is not None and not path.exists():
            parser.error(f"{path} does not exist")
    if not options.project.is_dir():
        parser.error(f"{options.project} is no folder")
    return options
