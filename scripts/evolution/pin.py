"""Make a document the pinned one: document, lock, names and client change together, or nothing does."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

from scripts.codegen.pipeline import build, load_pinned, model_of, provenance_of, read_curation
from scripts.compatibility.changelog import unreleased
from scripts.compatibility.judge import breaking, judge, level
from scripts.compatibility.report import changelog_entry
from scripts.compatibility.surface import FILE as SURFACE
from scripts.compatibility.surface import to_text, with_handwritten
from scripts.compatibility.versions import FILE as VERSION
from scripts.compatibility.versions import next_version, read_version, write_version
from scripts.evolution.acceptance import Acceptance, Objection, with_accepted
from scripts.evolution.recordings import check_recordings
from scripts.evolution.report import Report
from scripts.evolution.upgrade import Retention, Upgrade, upgrade
from scripts.evolution.vanished import vanished
from scripts.lib.layout import Layout
from scripts.lib.progress import Progress
from scripts.lib.report import Finding, Refused
from scripts.lib.transaction import Transaction
from scripts.spec import lock as locks
from scripts.spec.document import operations
from scripts.spec.equivalence import equivalent
from scripts.spec.lint import lint
from scripts.spec.load import Source
from scripts.spec.registry import write_registry
from scripts.spec.removed import write_tombstones

NOTE = "The document as it was published at source_url on that date."


@dataclass(frozen=True)
class Decisions:
    """Decisions of a person: to take words alone, what to accept, and which tombstones end."""

    take_prose: bool = False
    accept: Acceptance = field(default_factory=Acceptance)
    purge: tuple[str, ...] = ()


class Unchanged(Exception):  # noqa: N818 - it says what happened; nobody erred
    """There is nothing to pin; the text says why."""


class Breaking(Refused):
    """The change would break users, or lose something, and nobody has accepted that."""

    def __init__(self, report: Report, objections: Sequence[Objection]) -> None:
        self.report = report
        self.objections = objections
        findings = [Finding(each.id, f"{each.subject}: {each.what}", each.why) for each in objections]
        super().__init__("report", findings)


def pin(
    source: Source,
    *,
    date: datetime.date,
    layout: Layout,
    on_step: Progress.OnStep,
    source_url: str = "",
    decisions: Decisions = Decisions(),
    grace_days: int = 90,
) -> Report:
    """Make `source`, published on `date`, the pinned document; `source_url` is where it is to be had from now on.

    Raises `Unchanged` if there is nothing to do, `Breaking`, `Refused` or `Failed`, all with everything as it was.
    """
    with Transaction(layout.root, on_step=on_step) as change:
        pinned, _ = load_pinned(layout)
        old = locks.read(layout.lock)
        on_step("lint")
        if findings := lint(source.document):
            raise Refused("lint", findings)
        _check_for_news(source, pinned, decisions)
        lock = old
        if source.sha256 != old.sha256:
            lock = locks.describe(source, source_url=source_url or old.source_url, date=date, note=NOTE)
        retention = Retention(date, grace_days, decisions.purge, decisions.accept.everything)
        upgraded = upgrade(
            pinned.document, source.document, read_curation(layout), retention=retention, pinned=True, on_step=on_step
        )
        curation = upgraded.curation
        generated = change.folder / "generated"
        # Read once more, in the way that every later run will read it.
        build(source, provenance_of(lock), generated, layout=layout, pinned=True, on_step=on_step, curation=curation)
        on_step("test")
        check_recordings(generated, layout.root, operations=_at_the_same_place(upgraded))
        on_step("report")
        before, after = (model_of(each, layout) for each in (upgraded.old, upgraded.new))
        found = judge(before, after)
        raised = level(found)
        surface = to_text(with_handwritten(after, layout.root / "core", generated))
        version = read_version((layout.root / VERSION).read_text("utf-8"))
        report = Report(
            old=old,
            new=lock,
            old_version=version,
            new_version=next_version(version, raised) if raised else version,
            changes=found,
            names=[name for name, since in curation.registry.review.items() if since == date.isoformat()],
            expired=upgraded.expired,
        )
        only_purges = bool(decisions.purge) and source.sha256 == old.sha256
        objections = [] if only_purges else [*vanished(before, after), *map(Objection.to, breaking(found))]
        decisions.accept.check(objections)
        if open_ := [each for each in objections if not decisions.accept.reason(each)]:
            raise Breaking(report, open_)
        change.replace(layout.document, source.bytes_)
        change.replace(layout.lock, lock.to_toml().encode())
        change.replace(layout.names, write_registry(curation.registry).encode())
        change.replace(layout.tombstones, write_tombstones(curation.tombstones).encode())
        if objections:
            accepted = with_accepted(layout.accepted, objections, decisions.accept, lock)
            change.replace(layout.accepted, accepted.encode())
        change.replace_folder(layout.generated, generated)
        if raised:
            change.replace(layout.root / VERSION, write_version(layout.root, report.new_version))
            change.replace(layout.root / SURFACE, surface.encode())
            log = unreleased(layout.changelog.read_text("utf-8"), changelog_entry(found))
            change.replace(layout.changelog, log.encode())
        on_step("change")
        change.commit()
    return report


def _check_for_news(source: Source, pinned: Source, decisions: Decisions) -> None:
    if decisions.purge:
        return
    if source.sha256 == pinned.sha256:
        raise Unchanged("this document is pinned already")
    if not decisions.take_prose and equivalent(pinned.document, source.document):
        raise Unchanged(
            "nothing but examples, order or words differs from the pinned document: --take-prose takes them"
        )


def _at_the_same_place(upgraded: Upgrade) -> set[str]:
    """The operations whose recorded requests still go to the right place."""
    before, after = (
        {operation.id: (operation.method, operation.path) for operation in operations(prepared.corrected)}
        for prepared in (upgraded.old, upgraded.new)
    )
    return {id_ for id_, place in after.items() if before.get(id_) == place}
