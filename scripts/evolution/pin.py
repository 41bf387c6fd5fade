"""Make a document the pinned one: document, lock, names and client change together, or nothing does."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from scripts.codegen.client_model import ClientModel
from scripts.codegen.pipeline import build, load_pinned, model_of, provenance_of, read_curation
from scripts.codegen.reference import replace_reference
from scripts.compatibility.changelog import latest_release, with_api_changes
from scripts.compatibility.evidence import pointers
from scripts.compatibility.judge import Change, breaking, judge, level
from scripts.compatibility.released import Released, api_entry, last_release, parts, version_of
from scripts.compatibility.surface import FILE as SURFACE
from scripts.compatibility.surface import to_text, with_handwritten
from scripts.compatibility.versions import next_version
from scripts.evolution.acceptance import Acceptance, Objection, with_accepted
from scripts.evolution.history import pins
from scripts.evolution.recordings import check_recordings
from scripts.evolution.rename_detection import note_renames
from scripts.evolution.report import Report
from scripts.evolution.review import not_taken_up, questions
from scripts.evolution.upgrade import Retention, Upgrade, upgrade
from scripts.evolution.vanished import vanished
from scripts.lib.layout import Layout
from scripts.lib.progress import Progress
from scripts.lib.report import Finding, Refused, counted, refused
from scripts.lib.transaction import Transaction
from scripts.naming.provisional import provisional
from scripts.spec import lock as locks
from scripts.spec.dialect import in_one_dialect
from scripts.spec.document import address
from scripts.spec.equivalence import equivalent
from scripts.spec.lint import lint
from scripts.spec.load import Source
from scripts.spec.normalise.meanings import undecided
from scripts.spec.registry import Registry, write_registry
from scripts.spec.removed import write_tombstones
from scripts.spec.renames import apply_renames
from scripts.spec.texts import Worded, changed_words, in_our_words, read_texts, read_words, write_words

NOTE = "The document as it was published at source_url on that date."
NOTE_OF_STRUCTURE = (
    "The structure follows the document published at source_url on that date; its prose and its examples are this "
    "project's own."
)


MAX_PLACES = 20
"""The places that are listed where there is no report."""


@dataclass(frozen=True)
class Decisions:
    """Decisions of a person: to take words alone, or an older document, what to accept, and which tombstones end."""

    take_prose: bool = False
    older: bool = False
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
    structure_only: bool = False,
) -> Report:
    """Make `source`, published on `date`, the pinned document; `source_url` is where it is to be had from now on.

    With `structure_only` its words are those of openapi/texts.toml.

    Raises `Unchanged` if there is nothing to do, `Breaking`, `Refused` or `Failed`, all with everything as it was.
    """
    with Transaction(layout.root, on_step=on_step) as change:
        pinned, _ = load_pinned(layout)
        old = locks.read(layout.lock)
        on_step("lint")
        if findings := lint(source.document):
            raise Refused("lint", findings)
        published, vendors, vendor_sha256 = source.sha256, source.document, ""
        worded, reworded = Worded(source, stubs=(), unused=()), tuple[str, ...]()
        curation = read_curation(layout)
        names, again = curation.registry, published == old.sha256
        if structure_only:
            vendor_sha256, date = (old.vendor_sha256, old.date) if again else (published, date)
            known = apply_renames(in_one_dialect(pinned.document), names)
            renamed = note_renames(known, in_one_dialect(source.document), names).renamed
            worded = in_our_words(source, read_texts(layout.texts), renamed)
            source = worded.source
            if not again:
                reworded = changed_words(read_words(layout.vendor_words), worded.theirs)
        _check_for_news(source, pinned, decisions, reworded)
        if not decisions.older and published not in (old.sha256, old.vendor_sha256):
            _check_order(published, date, old, layout)
        lock = old
        if source.sha256 != old.sha256 or reworded:
            lock = locks.describe(
                source,
                source_url=source_url or old.source_url,
                date=date,
                note=NOTE_OF_STRUCTURE if structure_only else NOTE,
                vendor_sha256=vendor_sha256,
            )
        log = layout.changelog.read_text("utf-8")
        released = _last_release(layout, log)
        had = parts(released.surface) if released else None
        retention = Retention(date, grace_days, decisions.purge, decisions.accept.everything, had)
        upgraded = upgrade(
            pinned.document, source.document, curation, retention=retention, pinned=True, on_step=on_step
        )
        unsettled = {each.name for each in provisional(upgraded.old.named, curation.registry)}
        curation = upgraded.curation
        generated = change.folder / "generated"
        # Read once more, in the way that every later run will read it.
        built = build(
            source, provenance_of(lock), generated, layout=layout, pinned=True, on_step=on_step, curation=curation
        )
        before, after = (model_of(each, layout) for each in (upgraded.old, upgraded.new))
        on_step("test")
        check_recordings(generated, layout.root, operations=answered_alike(before, after))
        on_step("report")
        found = judge(before, after)
        now = with_handwritten(after, layout.root / "core", generated)
        only_purges = bool(decisions.purge) and source.sha256 == old.sha256
        broken = [change for change in breaking(found) if not _concerns(change, unsettled) and _had(change, had)]
        objections = [] if only_purges else [*vanished(before, after), *map(Objection.to, broken)]
        report = Report(
            old=old,
            new=lock,
            released=released.version if released else "",
            following=_following(released, now),
            changes=found,
            evidence=(pointers(upgraded.old, before), pointers(upgraded.new, after)),
            objections=objections,
            questions=questions(before, after, vendors),
            names=list(map(str, provisional(upgraded.new.named, curation.registry))),
            expired=upgraded.expired,
            stubs=worded.stubs,
            unused_texts=worded.unused,
            joined=_joined(upgraded),
            numbers=sorted(undecided(upgraded.new.corrected) - undecided(upgraded.old.corrected)),
            not_taken_up=not_taken_up(after),
            reworded=reworded,
            renames=_renames(names, curation.registry, after),
        )
        decisions.accept.check(objections)
        if open_ := [each for each in objections if not decisions.accept.reason(each)]:
            raise Breaking(report, open_)
        change.replace(layout.document, source.bytes_)
        change.replace(layout.lock, lock.to_toml().encode())
        if worded.theirs and not again:
            change.replace(layout.vendor_words, write_words(worded.theirs))
        change.replace(layout.names, write_registry(curation.registry).encode())
        change.replace(layout.tombstones, write_tombstones(curation.tombstones).encode())
        if objections:
            accepted = with_accepted(layout.accepted, objections, decisions.accept, lock)
            change.replace(layout.accepted, accepted.encode())
        change.replace_folder(layout.generated, generated)
        replace_reference(change, replace(built.model, handwritten=now.handwritten), layout)
        change.replace(layout.root / SURFACE, to_text(now).encode())
        change.replace(layout.changelog, with_api_changes(log, api_entry(released, now, lock)).encode())
        on_step("change")
        change.commit()
    return report


def _concerns(change: Change, names: Collection[str]) -> bool:
    """Whether a change is of one of these names, or takes one away: what is provisional can break nobody."""
    owner = re.match(r"client\.\w+\.\w+|\w+|", change.subject)
    parts = {change.subject, owner[0] if owner else "", *re.findall(r"\w+", change.old)}
    return not parts.isdisjoint(names)


def _last_release(layout: Layout, changelog: str) -> Released | None:
    """The last release. Raises `Refused` if the changelog names a later one."""
    released, named = last_release(layout), latest_release(changelog)
    if named and (released is None or version_of(named) > version_of(released.version)):
        what = f"CHANGELOG.md has the release {named}, and there is no tag v{named} here"
        why = "what changed since then cannot be known; `git fetch --tags`, or pin in a clone that has its tags"
        raise refused("changelog", what, why)
    return released


def _following(released: Released | None, now: ClientModel) -> str:
    """The version of the next release if the client is `now`; "" before the first."""
    raised = level(released.changes(now)) if released else None
    return next_version(released.version, raised) if released and raised else ""


def _had(change: Change, released: Collection[str] | None) -> bool:
    """Whether users have what a change removes: it was `released`, or nothing was yet."""
    return change.action != "removed" or released is None or change.subject in released


def _joined(upgraded: Upgrade) -> list[str]:
    """The classes that join components which were not joined before: a value of a union is one of these."""
    old, new = (each.named.document["components"]["schemas"] for each in (upgraded.old, upgraded.new))
    return [
        f"{name} = {' | '.join(schema['x-joined'])}"
        for name, schema in new.items()
        if "x-joined" in schema and schema["x-joined"] != old.get(name, {}).get("x-joined")
    ]


def _renames(old: Registry, new: Registry, client: ClientModel) -> list[str]:
    """What the vendor has renamed since, and what users still call it."""
    calls = {each.id: f"client.{resource.name}.{each.name}" for resource, each in client.operations}
    return [
        f"{known} is now {name}, and stays {calls.get(known, 'as it is')}"
        for section, renamed in sorted(new.renamed.items())
        for name, known in sorted(renamed.items())
        if old.renamed.get(section, {}).get(name) != known
    ]


def _check_for_news(source: Source, pinned: Source, decisions: Decisions, reworded: Sequence[str]) -> None:
    if decisions.purge or (decisions.take_prose and reworded):
        return
    if reworded and equivalent(pinned.document, source.document):
        places = ", ".join(reworded[:MAX_PLACES]) + (", ..." if len(reworded) > MAX_PLACES else "")
        raise Unchanged(
            f"only the vendor's words differ, at {counted(reworded, 'place')}: {places}. "
            "See whether openapi/texts.toml still says what is so; --take-prose takes note of them"
        )
    if source.sha256 == pinned.sha256:
        raise Unchanged("this document is pinned already")
    if not decisions.take_prose and equivalent(pinned.document, source.document):
        raise Unchanged(
            "nothing but examples, order or words differs from the pinned document: --take-prose takes them"
        )


def _check_order(published: str, date: datetime.date, old: locks.Lock, layout: Layout) -> None:
    """Refuse a document that is older than the pinned one, by its date or because it was pinned before."""
    why = "what came since then would be taken back; --older pins it all the same"
    if date < old.date:
        raise refused("order", f"the document is of {date}, and the pinned one of {old.date}", why, at="--date")
    for earlier in pins(layout):
        if published in earlier.digests:
            what = f"this document was pinned before, as that of {earlier.date}, in commit {earlier.commit[:12]}"
            raise refused("order", what, why)


def answered_alike(before: ClientModel, after: ClientModel) -> set[str]:
    """The operations whose recorded requests still go to the right place, and whose answers have the same class."""
    known, now = (
        {each.id: (address(each.http_method, each.path), each.returns) for _, each in model.operations}
        for model in (before, after)
    )
    return {id_ for id_, answered in now.items() if known.get(id_) == answered}
