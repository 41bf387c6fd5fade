"""Show the provisional names of the client, each with its place, or accept them.

A pin derives a name for whatever is new. Such a name is provisional: the next pin derives it anew. Accepted names stay.
To give another name, change it in openapi/names.toml, accept it here, and run `nox -s regenerate`.

Exit status: 0 done, 1 a step failed, 2 openapi/names.toml or a name was refused.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from scripts.codegen.pipeline import load_pinned, prepare, read_curation
from scripts.lib.layout import PROJECT, Layout
from scripts.lib.progress import Progress
from scripts.lib.report import Failed, Refused, counted, print_line, show_error, visible
from scripts.lib.transaction import Transaction
from scripts.lib.verb import Arguments
from scripts.naming.provisional import Provisional, accept, provisional
from scripts.spec.registry import write_registry


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    try:
        with Progress(quiet=options.json) as progress:
            before = review(PROJECT, on_step=progress.step)
            left = before if options.accept is None else accept_names(PROJECT, options.accept, on_step=progress.step)
    except (Refused, Failed) as error:
        return show_error(error, as_json=options.json)
    accepted = [each for each in before if each not in left]
    if options.json:
        listed = {"accepted": accepted, "provisional": left}
        print(json.dumps({key: [asdict(each) for each in names] for key, names in listed.items()}, indent=2))
        return 0
    if accepted:
        print(f"{counted(accepted, 'name')} accepted: commit openapi/names.toml")
    print(f"{counted(left, 'provisional name')}" + (", to accept or to change:" if left else ""))
    for each in left:
        # Two lines: names and places are each as long as a line of a terminal.
        print_line(sys.stdout, f"{each.name}  since {each.since}\n    {visible(each.place)}")
    return 0


def review(layout: Layout, *, on_step: Progress.OnStep) -> list[Provisional]:
    """The provisional names of the pinned document."""
    source, _ = load_pinned(layout)
    curation = read_curation(layout)
    prepared = prepare(source.document, curation, pinned=True, on_step=on_step)
    return provisional(prepared.named, curation.registry)


def accept_names(layout: Layout, names: list[str], *, on_step: Progress.OnStep) -> list[Provisional]:
    """Accept these provisional names, or all if none is given; returns those that are left.

    Raises `Refused` with the registry as it was if there is no such name.
    """
    with Transaction(layout.root, on_step=on_step) as change:
        registry = accept(read_curation(layout).registry, review(layout, on_step=on_step), names)
        change.replace(layout.names, write_registry(registry).encode())
        change.commit()
    return review(layout, on_step=on_step)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = Arguments("python -m scripts.names", __doc__)
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--review", action="store_true", help="list the provisional names, as without options")
    action.add_argument("--accept", nargs="*", metavar="NAME", help="accept these names, as listed; all without a NAME")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
