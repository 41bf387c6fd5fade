"""Take up a document that the vendor has published: document, lock, names and client change together, or nothing does.

Without SOURCE the document is fetched from where the pinned one came from. Examples, order and words alone are no
change. What the vendor has dropped is kept, deprecated, for the days of grace in pyproject.toml. The report says what
changes for users; the version and the entry in CHANGELOG.md follow from it.

Exit status: 0 done or nothing to do, 1 a step failed, 2 refused: the document is not fit, or something would break
that is not accepted.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from scripts import lock as locks
from scripts.change_report import changelog_entry, level, show
from scripts.changes import Change, Effect, changes
from scripts.diff import describe_prepared
from scripts.facts import FILE as SURFACE
from scripts.facts import Surface
from scripts.fetch import fetch
from scripts.lint import lint
from scripts.load import Source, from_bytes, load
from scripts.noise import same_structure
from scripts.openapi import operations
from scripts.pin_report import Report
from scripts.pipeline import PROJECT, Layout, Tell, build, load_pinned, provenance_of, read_judgement
from scripts.progress import Progress
from scripts.recordings import hold_recordings
from scripts.registry import write_registry
from scripts.report import Failed, Finding, Refused, counted, show_error
from scripts.settings import Settings, read_settings
from scripts.succession import Keeping, Succession, succeed
from scripts.surface import surface
from scripts.tombstones import write_tombstones
from scripts.transaction import Transaction
from scripts.versions import FILE as VERSION
from scripts.versions import compare, next_version, read_version, unreleased, write_version

NOTE = "The document as it was published at source_url on that date."


@dataclass(frozen=True)
class Decisions:
    """What is for a person to decide: to take words alone, to accept what breaks, and which tombstones end."""

    take_prose: bool = False
    accept_breaking: bool = False
    bury: tuple[str, ...] = ()


class Unchanged(Exception):  # noqa: N818 - it says what happened; nobody erred
    """There is nothing to pin; the text says why."""


class Breaking(Refused):
    """The change would break users, and nobody has accepted that."""

    def __init__(self, report: Report) -> None:
        self.report = report
        broken = [change.subject for change in report.changes if change.effect is Effect.BREAKING]
        what = f"{counted(broken, 'breaking change')}, of {', '.join(dict.fromkeys(broken[:8]))}"
        why = "code that uses it may stop to work; look at the report, then pin with --accept-breaking"
        super().__init__("report", [Finding("", what + (", ..." if len(broken) > 8 else ""), why)])


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    decisions = Decisions(options.take_prose, options.accept_breaking, tuple(options.bury))
    try:
        if options.report and not options.report.parent.is_dir():
            what = f"{options.report.parent} is no folder"
            raise Refused("report", [Finding("--report", what, "the report would be lost; name a file in one")])
        with Progress(quiet=options.json) as progress:
            settings = read_settings(PROJECT.root / "pyproject.toml")
            source, url = _source(options.source, settings, progress.step)
            report = pin(
                source, source_url=url, date=options.date, decisions=decisions, grace_days=settings.grace_days,
                layout=PROJECT, tell=progress.step,
            )  # fmt: skip
    except Unchanged as reason:
        print(json.dumps({"pinned": False, "reason": str(reason)}, indent=2) if options.json else reason)
        return 0
    except Breaking as breaking:
        _tell(breaking.report, options, pinned=False)
        return show_error(breaking, as_json=options.json)
    except (Refused, Failed) as error:
        status = show_error(error, as_json=options.json)
        if not options.json:
            print(f"nothing has changed: {_pinned()}", file=sys.stderr)
        return status
    _tell(report, options, pinned=True)
    return 0


def pin(
    source: Source,
    *,
    date: datetime.date,
    layout: Layout,
    tell: Tell,
    source_url: str = "",
    decisions: Decisions = Decisions(),
    grace_days: int = 90,
) -> Report:
    """Make `source`, published on `date`, the pinned document; `source_url` is where it is to be had from now on.

    Raises `Unchanged` if there is nothing to do, `Breaking`, `Refused` or `Failed`, all with everything as it was.
    """
    with Transaction(layout.root, tell=tell) as change:
        pinned, _ = load_pinned(layout)
        old = locks.read(layout.lock)
        tell("lint")
        if findings := lint(source.document):
            raise Refused("lint", findings)
        _check_for_news(source, pinned, decisions)
        lock = old
        if source.sha256 != old.sha256:
            lock = locks.describe(source, source_url=source_url or old.source_url, date=date, note=NOTE)
        keeping = Keeping(date, grace_days, decisions.bury, decisions.accept_breaking)
        succession = succeed(
            pinned.document, source.document, read_judgement(layout), keeping=keeping, pinned=True, tell=tell
        )
        judgement = succession.judgement
        generated = change.folder / "generated"
        # Read once more, in the way that every later run will read it.
        build(source, provenance_of(lock), generated, layout=layout, pinned=True, tell=tell, judgement=judgement)
        tell("test")
        hold_recordings(generated, layout.root, operations=_at_the_same_place(succession))
        tell("report")
        before, after = (describe_prepared(each, layout) for each in (succession.old, succession.new))
        found = changes(before, after)
        surfaces = [surface(layout.root / "core", folder) for folder in (layout.generated, generated)]
        if level(found) != "major":
            found += _seen_in_code(*surfaces)
        raised = level(found)
        version = read_version((layout.root / VERSION).read_text("utf-8"))
        report = Report(
            old=old,
            new=lock,
            old_version=version,
            new_version=next_version(version, raised) if raised else version,
            changes=found,
            names=[name for name, since in judgement.registry.review.items() if since == date.isoformat()],
            expired=succession.expired,
        )
        only_buries = bool(decisions.bury) and source.sha256 == old.sha256
        if raised == "major" and not decisions.accept_breaking and not only_buries:
            raise Breaking(report)
        change.replace(layout.document, source.bytes_)
        change.replace(layout.lock, lock.to_toml().encode())
        change.replace(layout.names, write_registry(judgement.registry).encode())
        change.replace(layout.tombstones, write_tombstones(judgement.tombstones).encode())
        change.replace_folder(layout.generated, generated)
        if raised:
            change.replace(layout.root / VERSION, write_version(layout.root, report.new_version))
            change.replace(layout.root / SURFACE, surfaces[1].to_text().encode())
            log = unreleased(layout.changelog.read_text("utf-8"), changelog_entry(found))
            change.replace(layout.changelog, log.encode())
        tell("change")
        change.commit()
    return report


def _seen_in_code(old: Surface, new: Surface) -> list[Change]:
    """A second opinion: what breaks by the looks of the generated code, whatever the documents say."""
    return [
        Change("operation", "changed", each.subject, each.what, "", "", Effect.BREAKING, each.subject)
        for each in compare(old, new)
        if each.breaking
    ]


def _check_for_news(source: Source, pinned: Source, decisions: Decisions) -> None:
    if decisions.bury:
        return
    if source.sha256 == pinned.sha256:
        raise Unchanged("this document is pinned already")
    if not decisions.take_prose and same_structure(pinned.document, source.document):
        raise Unchanged(
            "nothing but examples, order or words differs from the pinned document: --take-prose takes them"
        )


def _at_the_same_place(succession: Succession) -> set[str]:
    """The operations whose recorded requests still go to the right place."""
    before, after = (
        {operation.id: (operation.method, operation.path) for operation in operations(prepared.corrected)}
        for prepared in (succession.old, succession.new)
    )
    return {id_ for id_, place in after.items() if before.get(id_) == place}


def _source(given: str, settings: Settings, tell: Tell) -> tuple[Source, str]:
    """The document, and where it is to be had; "" for a file."""
    url = given or locks.read(PROJECT.lock).source_url
    if not given or "://" in given:
        tell("fetch")
        return from_bytes(Path(url), fetch(url, settings, tell)), url
    tell("load")
    return load(given), ""


def _pinned() -> str:
    """Which document is still the pinned one."""
    lock = locks.read(PROJECT.lock)
    return f"the document of {lock.date} (sha256 {lock.sha256[:12]}) is still pinned"


def _tell(report: Report, options: argparse.Namespace, *, pinned: bool) -> None:
    if options.report:
        options.report.write_text(report.markdown(), "utf-8")
    if options.json:
        print(json.dumps({"pinned": pinned, **report.as_json()}, indent=2))
    else:
        print(report.title)
        show(report.changes)
        for line in report.to_do():
            print(line)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.pin",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("source", nargs="?", default="", metavar="SOURCE", help="a URL or a file")
    parser.add_argument(
        "--date",
        type=datetime.date.fromisoformat,
        default=datetime.datetime.now(datetime.UTC).date(),
        metavar="YYYY-MM-DD",
        help="when it was published; today if not given",
    )
    parser.add_argument("--take-prose", action="store_true", help="pin it even if only words and examples differ")
    parser.add_argument("--accept-breaking", action="store_true", help="pin it even if that breaks users")
    parser.add_argument(
        "--bury", action="append", default=[], metavar="NAME", help="end this tombstone of openapi/tombstones.json now"
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the report to this file, as Markdown")
    parser.add_argument("--json", action="store_true", help="report as JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
