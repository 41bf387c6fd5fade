"""Print the public surface of the package, and compare the one on record with it.

It is the client of the pinned document and the public classes of the engine, as text: `--write` puts it on record,
`--check` says what is not on record, `--against REF` what has changed since a tag or commit, and which version follows.

Exit status: 0 done, 1 the surface on record is not the package's, 2 an input was refused.
"""

from __future__ import annotations

import argparse
import json
import sys

from scripts.codegen.client_model import ClientModel
from scripts.compatibility.judge import level
from scripts.compatibility.released import Released, recorded_at
from scripts.compatibility.report import record, show
from scripts.compatibility.surface import FILE, differences, lines, surface, to_text
from scripts.compatibility.versions import next_version
from scripts.lib.layout import PROJECT
from scripts.lib.progress import Progress
from scripts.lib.report import Failed, Refused, counted, show_error, visible
from scripts.lib.verb import Arguments


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    try:
        released = recorded_at(options.against, PROJECT) if options.against is not None else None
        with Progress(quiet=options.json) as progress:
            found = surface(PROJECT, on_step=progress.step)
        if released:
            return _show_changes(released, found, as_json=options.json)
        if options.check:
            return _show_differences(found, as_json=options.json)
    except (Refused, Failed) as error:
        return show_error(error, as_json=options.json)
    if options.write:
        (PROJECT.root / FILE).write_bytes(to_text(found).encode())
    if options.json:
        print(json.dumps({"surface": lines(found)}, indent=2))
    elif options.write:
        print(f"{FILE.as_posix()}: {counted(lines(found), 'line')}")
    else:
        print(to_text(found), end="")
    return 0


def _show_differences(found: ClientModel, *, as_json: bool) -> int:
    path = PROJECT.root / FILE
    different = differences(path.read_text("utf-8") if path.exists() else "", found)
    if as_json:
        listed = [line for line in different if not line.startswith(("---", "+++"))]
        print(json.dumps({"differences": listed}, indent=2))
    elif different:
        print("\n".join(map(visible, different)))
        print(f"\n{FILE.as_posix()} is not the surface of the package: run `nox -s surface -- --write`")
    else:
        print(f"{FILE.as_posix()} is the surface of the package")
    return 1 if different else 0


def _show_changes(released: Released, found: ClientModel, *, as_json: bool) -> int:
    version, changes = released.version, released.changes(found)
    risen = level(changes)
    following = next_version(version, risen) if risen else version
    if as_json:
        print(json.dumps({"against": released.ref, **record(changes), "version": following}, indent=2))
    else:
        show(changes)
        if risen:
            print(f"{counted(changes, 'change')} since {released.ref}: {risen}, {version} -> {following}")
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = Arguments("python -m scripts.surface", __doc__)
    does = parser.add_mutually_exclusive_group()
    does.add_argument("--write", action="store_true", help=f"put it on record in {FILE.as_posix()}")
    does.add_argument("--check", action="store_true", help="say where the one on record differs")
    does.add_argument("--against", metavar="REF", help="say what has changed since a git tag, branch or commit")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
