"""Generate the client.

Without options the pinned document becomes `generated/`. With --document any document becomes a client in a new
folder; neither the pin nor `generated/` is touched, and names that are not on record are derived.

Exit status: 0 done, 1 a step failed, 2 the input was refused.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from scripts.codegen.pipeline import Outcome, build, load_foreign, load_pinned, read_curation
from scripts.codegen.reference import replace_reference
from scripts.compatibility.surface import with_handwritten
from scripts.lib.layout import PROJECT, Layout
from scripts.lib.progress import Progress
from scripts.lib.replace import replace_tree
from scripts.lib.report import Failed, Refused, counted, refused, show_error
from scripts.lib.transaction import Transaction
from scripts.lib.verb import Arguments
from scripts.spec.registry import merged, write_registry


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    try:
        with Progress(quiet=options.json) as progress:
            if options.document:
                outcome = regenerate_foreign(options.document, options.output, on_step=progress.step)
            else:
                outcome = regenerate(PROJECT, on_step=progress.step, record_names=options.record_names)
    except (Refused, Failed) as error:
        return show_error(error, as_json=options.json)
    _report(outcome, options.output or PROJECT.generated, as_json=options.json)
    return 0


def regenerate(layout: Layout, *, on_step: Progress.OnStep, record_names: bool = False) -> Outcome:
    """Put the client of the pinned document in the place of `generated/`, and its reference in docs/reference/.

    With `record_names` the names that had to be derived are added to the registry. Raises `Refused` or `Failed` with
    the old tree and registry as they were.
    """
    with Transaction(layout.root, on_step=on_step) as change:
        on_step("load")
        source, provenance = load_pinned(layout)
        output = change.folder / "generated"
        curation = read_curation(layout)
        outcome = build(source, provenance, output, layout=layout, pinned=True, on_step=on_step, curation=curation)
        on_step("swap in")
        whole = with_handwritten(outcome.model, layout.root / "core", output)
        change.replace_folder(layout.generated, output)
        replace_reference(change, whole, layout)
        if record_names:
            names = merged(curation.registry, outcome.named.proposals.names)
            change.replace(layout.names, write_registry(names).encode())
        change.commit()
    return outcome


def regenerate_foreign(document: Path, output: Path, *, on_step: Progress.OnStep, layout: Layout = PROJECT) -> Outcome:
    """Generate the client of any document into the new folder `output`."""
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise refused("load", f"{output} is there already", "a run never overwrites; name a new folder", at="--output")
    on_step("load")
    source, provenance = load_foreign(document)
    try:
        nearest = next(folder for folder in output.absolute().parents if folder.exists())
        with tempfile.TemporaryDirectory(prefix=f".{output.name}-", dir=nearest) as folder:
            result = Path(folder) / "tree"
            outcome = build(source, provenance, result, layout=layout, pinned=False, on_step=on_step)
            on_step("swap in")
            output.parent.mkdir(parents=True, exist_ok=True)
            replace_tree(result, output)
    except OSError as error:
        raise Failed("generate", f"{output} cannot be written: {error}") from error
    return outcome


def _report(outcome: Outcome, output: Path, *, as_json: bool) -> None:
    proposals = outcome.named.proposals.lines()
    if as_json:
        result = {
            "output": str(output),
            "operations": len(outcome.named.methods),
            "files": outcome.files,
            "proposed_names": proposals,
            "unmatched_overlay_actions": [finding.what for finding in outcome.unmatched],
        }
        print(json.dumps(result, indent=2))
        return
    print(f"{counted(outcome.named.methods, 'operation')}, {outcome.files} files in {output}")
    if outcome.unmatched:
        print(f"{counted(outcome.unmatched, 'action')} of the overlay found nothing to correct here:")
        print("".join(f"  {finding}\n" for finding in outcome.unmatched), end="")
    if proposals:
        print(f"{counted(proposals, 'derived name')} not on record yet:")
        print("".join(f"  {line}\n" for line in proposals), end="")


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = Arguments("python -m scripts.regenerate", __doc__)
    parser.add_argument("--document", type=Path, metavar="FILE", help="any OpenAPI 3.1 document, in JSON")
    parser.add_argument("--output", type=Path, metavar="DIR", help="a new folder for the client of --document")
    parser.add_argument("--record-names", action="store_true", help="add derived names to openapi/names.toml")
    options = parser.parse_args(arguments)
    if bool(options.document) != bool(options.output):
        parser.error("--document and --output go together")
    if options.document and options.record_names:
        parser.error("only names of the pinned document are recorded")
    return options


if __name__ == "__main__":
    sys.exit(main())
