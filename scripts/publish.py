"""Publish the package to a private index: what is in dist/, if a preflight has passed on it.

Nothing is built or tested here: dist/ has to be what the receipt of the preflight says, at the commit that has the tag
of its version. The index is a URL for uploads, or a name: docs/publishing.md says where names and passwords come from.
Only what the index lacks goes up, so a run that broke off can be run again. Then the package is installed from there
and used.

Exit status: 0 done or nothing to do, 1 a step failed, 2 refused.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from scripts.lib.layout import PROJECT, Layout
from scripts.lib.process import git
from scripts.lib.progress import Progress
from scripts.lib.report import Failed, Refused, show_error, show_table
from scripts.lib.verb import Arguments
from scripts.release.dist import require_receipt
from scripts.release.index import address, credentials
from scripts.release.index.address import Index
from scripts.release.index.connection import trust
from scripts.release.index.credentials import Credentials
from scripts.release.publish import File, publish


def main(arguments: list[str] | None = None, *, layout: Layout = PROJECT) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    dist = layout.root / "dist"
    try:
        with Progress(quiet=options.json) as progress:
            index = address.find(options.index, simple=options.check_url, ca=options.ca, root=layout.root)
            if not options.dry_run:
                progress.step("receipt")
                require_receipt(dist, **_place(layout, options))
            progress.step("password")
            who = _credentials(index, options)
            with trust(index.ca):
                files = publish(dist, index, who, dry_run=options.dry_run, on_step=progress.step)
    except (Refused, Failed) as error:
        return show_error(error, as_json=options.json)
    _show(files, index, options)
    return 0


def _credentials(index: Index, options: argparse.Namespace) -> Credentials | None:
    if options.password_stdin:
        who: Credentials | None = credentials.read(sys.stdin.buffer, options.username, options.password_stdin)
    else:
        who = credentials.find(index, options.username)
    if who:
        credentials.require_sendable(who)
        credentials.require_secrecy(who)
    return who


def _place(layout: Layout, options: argparse.Namespace) -> dict[str, Any]:
    """The commit that is published, and the commits of all tags: of this clone, unless both are given."""
    if options.commit:
        return {"commit": options.commit, "tags": {options.tag: options.commit}}
    if not (layout.root / ".git").exists():
        # git would speak of a repository around it.
        what = f"{layout.root} is no clone: nothing says which commit it is"
        raise Failed("receipt", what, "publish from a clone, or name both: --commit SHA --tag TAG")
    listed = git(
        "receipt", layout.root, "for-each-ref", "--format=%(refname:strip=2) %(*objectname) %(objectname)", "refs/tags"
    )
    # An annotated tag has the commit that it points to as first of the two.
    tags = {words[0]: words[1] for words in map(str.split, listed.splitlines())}
    return {"commit": git("receipt", layout.root, "rev-parse", "HEAD").strip(), "tags": tags}


def _show(files: list[File], index: Index, options: argparse.Namespace) -> None:
    if options.json:
        listed = [{**asdict(file), "path": file.path.name} for file in files]
        print(json.dumps({"index": index.simple, "dry_run": options.dry_run, "files": listed}, indent=2))
        return
    if options.dry_run:
        print(f"dry run: nothing is uploaded, and no receipt is asked for; this would go to {index.upload}")
    elif all(file.state == "there already" for file in files):
        print(f"nothing to do: {index.simple} has both files, and they install and run")
    else:
        print(f"published: {index.simple} has both files, and they install and run")
    rows = [(file.path.name, f"{file.size:,}", file.sha256, file.state) for file in files]
    show_table(("file", "bytes", "sha256", "is"), rows)


class _Arguments(Arguments):
    def error(self, message: str) -> NoReturn:
        # argparse repeats what it does not understand, which may be a password.
        if message.startswith("unrecognized arguments"):
            message = "there are arguments that it does not know; passwords are no arguments: see docs/publishing.md"
        super().error(message)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = _Arguments("python -m scripts.publish", __doc__)
    parser.add_argument("--index", required=True, metavar="NAME|URL", help="the index, or its URL for uploads")
    parser.add_argument(
        "--check-url", metavar="URL", help="its simple API, where no configuration names it; else simple/ below --index"
    )
    parser.add_argument(
        "--ca",
        type=Path,
        metavar="FILE",
        help="certificates to trust next to the system's, for an index with its own CA",
    )
    parser.add_argument("--username", metavar="NAME", help="the user, for --password-stdin or where several are kept")
    parser.add_argument(
        "--password-stdin",
        nargs="?",
        const="standard input",
        metavar="SOURCE",
        help="read the password, or a token, from standard input; SOURCE is what messages call it",
    )
    parser.add_argument("--commit", metavar="SHA", help="without a clone: the commit that is published, with --tag")
    parser.add_argument("--tag", metavar="TAG", help="without a clone: the tag that the commit has")
    parser.add_argument("--dry-run", action="store_true", help="show what would go where, without a receipt")
    options = parser.parse_args(arguments)
    if bool(options.commit) != bool(options.tag):
        parser.error("--commit and --tag go together")
    return options


if __name__ == "__main__":
    try:
        credentials.leave_environment("scripts.publish", sys.argv[1:])
    except Refused as error:
        sys.exit(show_error(error))
    sys.exit(main())
