"""Read the public surface of the package from its source, and hold the one on record against it.

Printed as text, a line each fact; `--write` puts it on record, `--check` says what is not on record, `--against REF`
what has changed since a tag or commit, and which version follows.

Exit status: 0 done, 1 the surface on record is not the package's, 2 an input was refused.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from scripts.compatibility.facts import FILE
from scripts.compatibility.surface import changes_since, differences, surface, write_surface
from scripts.compatibility.versions import level, next_version
from scripts.lib.layout import PROJECT, Layout
from scripts.lib.report import Refused, counted, show_error, visible


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    try:
        if options.against is not None:
            return _show_changes(options.against, PROJECT, as_json=options.json)
        if options.check:
            return _show_differences(differences(PROJECT), as_json=options.json)
        found = write_surface(PROJECT) if options.write else surface(PROJECT.root / "core", PROJECT.generated)
    except Refused as error:
        return show_error(error, as_json=options.json)
    if options.json:
        print(json.dumps({"facts": found.lines}, indent=2))
    elif options.write:
        print(f"{FILE.as_posix()}: {counted(found, 'fact')}")
    else:
        print(found.to_text(), end="")
    return 0


def _show_differences(lines: Sequence[str], *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"differences": [line for line in lines if not line.startswith(("---", "+++"))]}, indent=2))
    elif lines:
        print("\n".join(map(visible, lines)))
        print(f"\n{FILE.as_posix()} is not the surface of the package: run `nox -s surface -- --write`")
    else:
        print(f"{FILE.as_posix()} is the surface of the package")
    return 1 if lines else 0


def _show_changes(ref: str, layout: Layout, *, as_json: bool) -> int:
    version, changes = changes_since(ref, layout)
    risen, following = level(changes), next_version(version, level(changes))
    if as_json:
        listed = [asdict(change) for change in changes]
        print(json.dumps({"against": ref, "changes": listed, "level": risen, "version": following}, indent=2))
    else:
        for change in changes:
            print(visible(str(change)))
        breaking = sum(change.breaking for change in changes)
        print(f"{counted(changes, 'change')} since {ref}, {breaking} breaking: {risen}, {version} -> {following}")
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.surface",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    does = parser.add_mutually_exclusive_group()
    does.add_argument("--write", action="store_true", help=f"put it on record in {FILE.as_posix()}")
    does.add_argument("--check", action="store_true", help="say where the one on record differs")
    does.add_argument("--against", metavar="REF", help="say what has changed since a git tag, branch or commit")
    parser.add_argument("--json", action="store_true", help="report as JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
