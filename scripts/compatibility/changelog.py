"""Add to the text of a changelog that is kept in the form of Keep a Changelog; what is there already stays as it is.

Under Unreleased people write the first part; what comes after `MARK` is made anew by each pin.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest

from scripts.lib.report import refused

SECTIONS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
"""In the order in which new ones are placed."""

MARK = "<!-- From here on `nox -s pin` writes: what changed in the API since the last release. -->"

_UNRELEASED = "## [Unreleased]"
_RELEASE = re.compile(r"## \[(?P<name>[^\]\n]+)\](?: - (?P<date>\d{4}-\d{2}-\d{2}))?[ \t]*")
_WHY = "nobody can say what belongs to which version"

_refused = partial(refused, "changelog")


@dataclass
class _Section:
    """The entries under one heading, each with all its lines; those under none have the heading ""."""

    heading: str
    entries: list[str]


def with_api_changes(text: str, entry: str) -> str:
    """The changelog `text` with `entry` as what changed in the API since the last release, in the place of another.

    Raises:
        Refused: one of the two is not in the form of a changelog.
    """
    _sections(entry, "the entry")
    start, end, written = _written_by_hand(text)
    made = f"\n\n{MARK}\n\n{entry.strip()}\n" if entry.strip() else "\n"
    gap = "\n" if end < len(text) else ""
    return text[:start] + written + made + gap + text[end:]


def add_changelog_entry(text: str, version: str, date: datetime.date | str, entry: str) -> str:
    """The changelog `text` with a release: what people wrote under Unreleased, and the bullets of `entry`.

    If `text` has the release already, with the same date and all bullets, it is returned as it is.

    Raises:
        Refused: `text` or `entry` is not in the form of a changelog, `date` is no date, there is nothing to release, or
            `text` has the release with something else.
    """
    day = _day(date)
    if version == "Unreleased" or not _RELEASE.fullmatch(f"## [{version}] - {day}"):
        raise _refused(f"{version!r} is no version", "a release has one; MAJOR.MINOR.PATCH")
    for match, after in _releases(text):
        if match["name"] == version:
            _check_released(text[match.end() : after], match, day, entry)
            return text
    start, end, written = _written_by_hand(text)
    there = _sections(written, "CHANGELOG.md, under Unreleased")
    known = {(section.heading, _plain(bullet)) for section in there for bullet in section.entries}
    for section in _sections(entry, "the entry"):
        new = {(section.heading, _plain(bullet)): bullet for bullet in section.entries}
        written = _with_bullets(written, section.heading, [new[key] for key in new if key not in known])
        known |= new.keys()
    if not known:
        raise _refused(f"there is nothing to release as {version}", "a release says what changes; give an entry")
    gap = "\n" if end < len(text) else ""
    return f"{text[:start]}\n\n## [{version}] - {day}{written.rstrip()}\n{gap}{text[end:]}"


def latest_release(text: str) -> str:
    """The version of the latest release that the changelog `text` has; "" before the first."""
    _unreleased_part(text)
    return next((match["name"] for match, _ in _releases(text)[1:]), "")


def _written_by_hand(text: str) -> tuple[int, int, str]:
    """Begin and end of the text under Unreleased, and that part of it which people wrote."""
    start, end = _unreleased_part(text)
    written, _, made = text[start:end].partition(MARK)
    _sections(made, "CHANGELOG.md, under the mark in Unreleased")
    _sections(written, "CHANGELOG.md, under Unreleased")
    return start, end, written.rstrip()


def _with_bullets(written: str, section: str, new: list[str]) -> str:
    """The text under Unreleased with more bullets at the end of a section, which is made if it is missing."""
    if not new:
        return written
    bullets = "".join(f"{bullet}\n" for bullet in new)
    headings = list(re.finditer(r"^### (.*?)[ \t]*$", written, re.MULTILINE))
    found = next((index for index, match in enumerate(headings) if match[1] == section), None)
    if found is not None:
        end = headings[found + 1].start() if found + 1 < len(headings) else len(written)
        body = written[:end].rstrip("\n")
        gap = "\n\n" if body.endswith(headings[found][0]) else "\n"
        return body + gap + bullets + written[len(body) :].removeprefix("\n")
    place = SECTIONS.index(section)
    later = (match for match in headings if match[1] in SECTIONS and SECTIONS.index(match[1]) > place)
    before = next(later, None)
    if before:
        return f"{written[: before.start()]}### {section}\n\n{bullets}\n{written[before.start() :]}"
    body = written.rstrip("\n")
    return f"{body}\n\n### {section}\n\n{bullets}{written[len(body) :].removeprefix(chr(10))}"


def _releases(text: str) -> list[tuple[re.Match[str], int]]:
    """The headings of the releases, Unreleased among them, each with where its text ends."""
    headings = list(re.finditer(r"^## .*$", text, re.MULTILINE))
    found = []
    for heading, after in zip_longest(headings, headings[1:]):
        match = _RELEASE.fullmatch(text, heading.start(), heading.end())
        if match is None or (match["date"] is None) != (match["name"] == "Unreleased"):
            line = text.count("\n", 0, heading.start()) + 1
            hint = "a heading is `## [Unreleased]`, or `## [VERSION] - YYYY-MM-DD`"
            raise _refused(f"line {line} of CHANGELOG.md is no heading of a release: {heading[0]}", f"{_WHY}; {hint}")
        found.append((match, after.start() if after else len(text)))
    names = [match["name"] for match, _ in found]
    for name in sorted({name for name in names if names.count(name) > 1}):
        raise _refused(f"CHANGELOG.md has {name} more than once", f"{_WHY}; make one section of them")
    return found


def _unreleased_part(text: str) -> tuple[int, int]:
    """Begin and end of the text under Unreleased."""
    releases = _releases(text)
    if not releases or releases[0][0]["name"] != "Unreleased":
        hint = f"give it the line `{_UNRELEASED}`, above all releases"
        raise _refused("CHANGELOG.md does not begin with what is unreleased", f"{_WHY}; {hint}")
    match, end = releases[0]
    return match.end(), end


def _sections(text: str, where: str) -> list[_Section]:
    """The sections of a release."""
    found = [_Section("", [])]
    for number, line in enumerate(text.split("\n"), 1):
        heading = re.fullmatch(r"### (.*?)[ \t]*", line)
        if heading:
            if heading[1] not in SECTIONS:
                hint = f"sections are {', '.join(SECTIONS)}"
                raise _refused(f"line {number} of {where} is no section: {line}", f"{_WHY}; {hint}")
            found.append(_Section(heading[1], []))
        elif re.match(r"[-*] +\S", line) and found[-1].heading:
            found[-1].entries.append(line.rstrip())
        elif line.startswith("  ") and line.strip() and found[-1].entries:
            found[-1].entries[-1] += "\n" + line.rstrip()
        elif line.strip():
            hint = "let it have bullets under `### Added` and the like, further lines of a bullet indented"
            raise _refused(f"line {number} of {where} is no bullet of a section: {line}", f"{_WHY}; {hint}")
    return found


def _plain(bullet: str) -> str:
    """A bullet however it is wrapped."""
    return " ".join(bullet.split())[2:]


def _check_released(text: str, match: re.Match[str], day: str, entry: str) -> None:
    there = {_plain(bullet) for section in _sections(text, match["name"]) for bullet in section.entries}
    given = {_plain(bullet) for section in _sections(entry, "the entry") for bullet in section.entries}
    if match["date"] != day or not given <= there:
        what = f"CHANGELOG.md has {match['name']} already, of {match['date']}, with other entries or another date"
        raise _refused(what, "a release is never changed; take another version")


def _day(date: datetime.date | str) -> str:
    try:
        return date.isoformat() if isinstance(date, datetime.date) else datetime.date.fromisoformat(date).isoformat()
    except ValueError as error:
        raise _refused(
            f"{date!r} is no date: {error}", "a release has the day on which it was made; YYYY-MM-DD"
        ) from None
