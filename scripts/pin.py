"""Take up a document that the vendor has published: document, lock, names and client change together, or nothing does.

Without SOURCE the document is fetched from where the pinned one came from. Examples, order and words alone are no
change. What the vendor has dropped is kept, deprecated, for the days of grace in pyproject.toml. The report says what
changes for users; in CHANGELOG.md, what the API changed since the last release is written anew.

Exit status: 0 done or nothing to do, 1 a step failed, 2 refused: the document is not fit, or something would break
that is not accepted.
"""

from __future__ import annotations

import argparse
import datetime
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.codegen.pipeline import OnStep
from scripts.compatibility.report import show
from scripts.evolution.acceptance import Acceptance
from scripts.evolution.pin import Breaking, Decisions, Unchanged, pin
from scripts.evolution.report import Report
from scripts.lib.layout import PROJECT
from scripts.lib.progress import Progress
from scripts.lib.report import Failed, Refused, refused, show_error
from scripts.lib.verb import Arguments
from scripts.spec import lock as locks
from scripts.spec.fetch import fetch
from scripts.spec.load import Source, from_bytes, load
from scripts.spec.settings import Settings, read_settings


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    try:
        decisions = Decisions(options.take_prose, options.older, _acceptance(options), tuple(options.purge))
        if options.date > _today():
            why = "the date is the day on which it was published, and cannot come after today; leave it out for today"
            raise refused("date", f"{options.date} is in the future", why, at="--date")
        for option, file in (("--report", options.report), ("--body", options.body)):
            if file and not file.parent.is_dir():
                what = f"{file.parent} is no folder"
                raise refused("report", what, "the report would be lost; name a file in one", at=option)
        with Progress(quiet=options.json) as progress:
            settings = read_settings(PROJECT.root / "pyproject.toml")
            source, url = _source(options.source, settings, progress.step)
            report = pin(
                source, source_url=url, date=options.date, decisions=decisions, grace_days=settings.grace_days,
                structure_only=_structure_only(options, settings), layout=PROJECT, on_step=progress.step,
            )  # fmt: skip
    except Unchanged as reason:
        print(json.dumps({"pinned": False, "reason": str(reason)}, indent=2) if options.json else reason)
        return 0
    except Breaking as breaking:
        _show(breaking.report, options, pinned=False)
        status = show_error(breaking, as_json=options.json)
        if not options.json:
            given = sys.argv[1:] if arguments is None else arguments
            print(f"to accept all of it, with your reason:\n  {_accepting(given, breaking)}", file=sys.stderr)
        return status
    except (Refused, Failed) as error:
        status = show_error(error, as_json=options.json)
        if not options.json:
            print(f"nothing has changed: {_pinned()}", file=sys.stderr)
        return status
    _show(report, options, pinned=True)
    return 0


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


def _acceptance(options: argparse.Namespace) -> Acceptance:
    """The acceptance that the options name: a reason is that of the ids before it."""
    reasons: dict[str, str] = {}
    without: list[str] = []
    for option, value in options.accept:
        if option == "accept":
            without.append(value)
        elif not value.strip() or not (without or options.accept_breaking):
            raise refused("accept", "there is a reason for nothing", "give it after --accept ID", at="--because")
        else:
            reasons |= dict.fromkeys(without or [""], value.strip())
            without.clear()
    if without:
        what = f"there is no reason to accept {', '.join(without)}"
        raise refused("accept", what, 'it is put on record; give it after them: --because "..."', at="--because")
    because = reasons.pop("", Acceptance.because)
    return Acceptance(reasons, options.accept_breaking, because)


def _accepting(given: Sequence[str], breaking: Breaking) -> str:
    """The command line that accepts what has stopped this one."""
    ids = [part for objection in breaking.objections for part in ("--accept", objection.id)]
    return f'python3 scripts/dev.py nox -s pin -- {shlex.join([*given, *ids])} --because "..."'


def _source(given: str, settings: Settings, on_step: OnStep) -> tuple[Source, str]:
    """The document, and where it is to be had; "" for a file."""
    url = given or locks.read(PROJECT.lock).source_url
    if not given or "://" in given:
        on_step("fetch")
        return from_bytes(Path(url), fetch(url, settings, on_step)), url
    on_step("load")
    return load(given), ""


def _structure_only(options: argparse.Namespace, settings: Settings) -> bool:
    return settings.texts == "ours" if options.structure_only is None else bool(options.structure_only)


def _pinned() -> str:
    """The sentence that names the document which is still pinned."""
    lock = locks.read(PROJECT.lock)
    return f"the document of {lock.date} (sha256 {lock.sha256[:12]}) is still pinned"


def _show(report: Report, options: argparse.Namespace, *, pinned: bool) -> None:
    if options.report:
        options.report.write_text(report.markdown(), "utf-8")
    if options.body:
        options.body.write_text(report.body(), "utf-8")
    if options.json:
        print(json.dumps({"pinned": pinned, **report.as_json()}, indent=2))
    else:
        print(report.title)
        show(report.changes, report.evidence)
        for rename in report.renames:
            print(f"renamed by the vendor: {rename}")
        print(report.version)
        for question in report.questions:
            print(f"to judge: {question.call}, {question.request}: {question.mark}, {question.why}")
        for sentence, _ in report.to_do():
            print(sentence)
        if not options.report:
            print("`--report FILE` writes everything, with the lists, to a file.")


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = Arguments("python -m scripts.pin", __doc__)
    parser.add_argument("source", nargs="?", default="", metavar="SOURCE", help="a URL or a file")
    parser.add_argument(
        "--date",
        type=datetime.date.fromisoformat,
        default=_today(),
        metavar="YYYY-MM-DD",
        help="when it was published; today if not given",
    )
    parser.add_argument("--take-prose", action="store_true", help="pin it even if only words and examples differ")
    parser.add_argument("--older", action="store_true", help="pin it even if it is older than the pinned one")
    parser.add_argument(
        "--structure-only",
        action=argparse.BooleanOptionalAction,
        help="take the words from openapi/texts.toml, or, negated, from SOURCE; pyproject.toml has the default",
    )
    parser.add_argument(
        "--accept",
        action="append",
        default=[],
        type=lambda value: ("accept", value),
        metavar="ID",
        help="pin it in spite of the change with this id, for the reason that follows",
    )
    parser.add_argument(
        "--because",
        dest="accept",
        action="append",
        type=lambda value: ("because", value),
        metavar="REASON",
        help="the reason to accept those before it; it is put on record",
    )
    parser.add_argument("--accept-breaking", action="store_true", help="accept all that breaks users")
    parser.add_argument(
        "--purge", action="append", default=[], metavar="NAME", help="end this tombstone of openapi/tombstones.json now"
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the whole report to this file, as Markdown")
    parser.add_argument("--body", type=Path, metavar="FILE", help="write it as the text of a change request, shortened")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
