"""Entries are added to a changelog once, in their section, and nothing else of it changes."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.compatibility.changelog import MARK, SECTIONS, add_changelog_entry, latest_release, with_api_changes
from scripts.lib.layout import PROJECT
from scripts.lib.report import Refused
from tests.pipeline.settings import STEADY

HEAD = "# Changelog\n\nSome words.\n\n"
EMPTY = f"{HEAD}## [Unreleased]\n"
OLD = "## [0.1.0] - 2026-01-02\n\nWords of old.\n\n### Fixed\n\n- A thing.\n"
ENTRY = "### Added\n\n- `leads.find`.\n"
DAY = datetime.date(2026, 6, 1)


def unreleased(text: str, entry: str) -> str:
    """What a release of `text` with `entry` says, as if it were not released."""
    return add_changelog_entry(text, "99.0.0", DAY, entry).replace(f"\n## [99.0.0] - {DAY}\n", "", 1)


def test_a_bullet_gets_its_section() -> None:
    assert unreleased(EMPTY, ENTRY) == f"{EMPTY}\n{ENTRY}"
    assert unreleased(f"{EMPTY}\n{OLD}", ENTRY) == f"{EMPTY}\n{ENTRY}\n{OLD}"


def test_a_bullet_joins_those_of_its_section() -> None:
    text = f"{EMPTY}\n### Added\n\n- One,\n  of two lines.\n\n### Removed\n\n- Two.\n\n{OLD}"
    assert unreleased(text, ENTRY) == text.replace("of two lines.\n", "of two lines.\n- `leads.find`.\n")


def test_sections_stand_in_the_order_of_the_form() -> None:
    text = f"{EMPTY}\n### Deprecated\n\n- One.\n\n{OLD}"
    text = unreleased(text, "### Removed\n- Two.\n### Changed\n- Three,\n  long.")
    assert text == (
        f"{EMPTY}\n### Changed\n\n- Three,\n  long.\n\n### Deprecated\n\n- One.\n\n### Removed\n\n- Two.\n\n{OLD}"
    )


def test_a_bullet_that_is_there_is_not_doubled_however_it_is_wrapped() -> None:
    text = f"{EMPTY}\n### Added\n\n- One of\n  two lines.\n"
    assert unreleased(text, "### Added\n\n- One of two lines.\n") == text
    assert unreleased(EMPTY, "### Added\n- One.\n- One.\n").count("One.") == 1


def test_the_same_words_in_another_section_are_another_entry() -> None:
    text = unreleased(unreleased(EMPTY, "### Added\n- `leads.find`.\n"), "### Deprecated\n- `leads.find`.\n")
    assert text.count("`leads.find`") == 2


def test_what_changed_in_the_api_takes_the_place_of_what_was_there() -> None:
    for after in ("", f"\n{OLD}"):
        text = f"{EMPTY}\n### Fixed\n\n- A thing.\n{after}"
        once = with_api_changes(text, ENTRY)
        assert once == f"{EMPTY}\n### Fixed\n\n- A thing.\n\n{MARK}\n\n{ENTRY}{after}"
        assert with_api_changes(once, ENTRY) == once
        assert with_api_changes(with_api_changes(once, "### Removed\n\n- `leads.list`.\n"), "") == text


def test_a_release_has_what_changed_in_the_api_and_no_mark() -> None:
    text = with_api_changes(f"{EMPTY}\n### Added\n\n- By hand.\n\n{OLD}", "### Added\n\n- `leads.lose`.\n")
    assert add_changelog_entry(text, "0.2.0", DAY, ENTRY) == (
        f"{EMPTY}\n## [0.2.0] - {DAY}\n\n### Added\n\n- By hand.\n- `leads.find`.\n\n{OLD}"
    )


def test_the_latest_release_is_the_first_that_is_named() -> None:
    assert latest_release(EMPTY) == ""
    assert latest_release(f"{EMPTY}\n{OLD}") == "0.1.0"


def test_a_release_takes_all_that_is_unreleased() -> None:
    text = f"{EMPTY}\n### Changed\n\n- One.\n\n{OLD}"
    assert add_changelog_entry(text, "0.2.0", DAY, ENTRY) == (
        f"{EMPTY}\n## [0.2.0] - 2026-06-01\n\n{ENTRY}\n### Changed\n\n- One.\n\n{OLD}"
    )
    assert add_changelog_entry(text, "0.2.0", "2026-06-01", "") == (
        f"{EMPTY}\n## [0.2.0] - 2026-06-01\n\n### Changed\n\n- One.\n\n{OLD}"
    )


def test_a_release_that_is_there_is_left_as_it_is() -> None:
    text = add_changelog_entry(EMPTY, "0.2.0", DAY, ENTRY)
    assert add_changelog_entry(text, "0.2.0", DAY, ENTRY) == text
    later = with_api_changes(text, "### Fixed\n- More.\n")
    assert add_changelog_entry(later, "0.2.0", DAY, ENTRY) == later


def test_a_release_is_never_changed() -> None:
    text = add_changelog_entry(EMPTY, "0.2.0", DAY, ENTRY)
    with pytest.raises(Refused, match=r"has 0\.2\.0 already"):
        add_changelog_entry(text, "0.2.0", DAY, "### Added\n- Something else.\n")
    with pytest.raises(Refused, match=r"has 0\.2\.0 already"):
        add_changelog_entry(text, "0.2.0", "2026-06-02", ENTRY)


def test_a_release_of_nothing_is_refused() -> None:
    with pytest.raises(Refused, match=r"nothing to release as 0\.2\.0"):
        add_changelog_entry(f"{EMPTY}\n{OLD}", "0.2.0", DAY, "")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "does not begin with what is unreleased"),
        (HEAD + OLD, "does not begin with what is unreleased"),
        (f"{HEAD}{OLD}\n## [Unreleased]\n", "does not begin with what is unreleased"),
        (f"{EMPTY}\n{EMPTY}", "Unreleased more than once"),
        (f"{EMPTY}\n{OLD}\n{OLD}", "0.1.0 more than once"),
        (f"{HEAD}## Unreleased\n", "line 5 of CHANGELOG.md is no heading"),
        (f"{EMPTY}\n## [0.1.0]\n", "line 7 of CHANGELOG.md is no heading"),
        (f"{EMPTY}\n## 0.1.0 - 2026-01-02\n", "line 7 of CHANGELOG.md is no heading"),
        (f"{EMPTY}\nWords.\n", "is no bullet of a section: Words."),
        (f"{EMPTY}\n- A bullet.\n", "is no bullet of a section: - A bullet."),
        (f"{EMPTY}\n### New\n", "is no section: ### New"),
    ],
)
def test_what_is_no_changelog_is_refused(text: str, what: str) -> None:
    for change in (with_api_changes, lambda text, entry: add_changelog_entry(text, "0.2.0", DAY, entry)):
        with pytest.raises(Refused) as refusal:
            change(text, ENTRY)
        assert what in str(refusal.value)


def test_an_entry_a_day_or_a_version_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match="line 1 of the entry is no bullet of a section: - Words"):
        with_api_changes(EMPTY, "- Words")
    with pytest.raises(Refused, match="is no date"):
        add_changelog_entry(EMPTY, "0.2.0", "2026-13-01", ENTRY)
    with pytest.raises(Refused, match="is no version"):
        add_changelog_entry(EMPTY, "0.2.0]\n", DAY, ENTRY)


def test_ours_is_in_the_form() -> None:
    ours = (PROJECT.root / "CHANGELOG.md").read_text("utf-8")
    assert with_api_changes(with_api_changes(ours, ENTRY), "").partition(MARK)[0] in ours
    assert f"## [99.0.0] - {DAY}\n" in add_changelog_entry(ours, "99.0.0", DAY, ENTRY)


# --- any changelog ---

BULLETS = st.lists(st.sampled_from([f"- Entry {n}." for n in range(6)] + ["- Long\n  entry."]), max_size=3, unique=True)
CONTENTS = st.dictionaries(st.sampled_from(SECTIONS), BULLETS.filter(bool), max_size=4)


def write(contents: dict[str, list[str]]) -> str:
    order = sorted(contents, key=SECTIONS.index)
    return "".join(f"\n### {section}\n\n" + "".join(f"{bullet}\n" for bullet in contents[section]) for section in order)


CHANGELOGS = st.builds(
    lambda now, before: f"{EMPTY}{write(now)}" + "".join(f"\n{text}" for text in before),
    CONTENTS,
    st.sampled_from([[], [OLD], [OLD.replace("0.1.0", "0.1.1"), OLD]]),
)


@STEADY
@given(CONTENTS, CONTENTS.filter(bool))
def test_an_entry_is_written_as_if_it_had_been_there(there: dict[str, list[str]], entry: dict[str, list[str]]) -> None:
    merged = {
        section: list(dict.fromkeys([*there.get(section, []), *entry.get(section, [])]))
        for section in {**there, **entry}
    }
    assert unreleased(EMPTY + write(there), write(entry)) == EMPTY + write(merged)


@STEADY
@given(CHANGELOGS, st.lists(CONTENTS, max_size=3))
def test_only_the_last_of_several_changes_of_the_api_is_there(text: str, entries: list[dict[str, list[str]]]) -> None:
    several = text
    for entry in entries:
        several = with_api_changes(several, write(entry))
    assert several == (with_api_changes(text, write(entries[-1])) if entries else text)
    assert with_api_changes(several, "") == text


@pytest.mark.slow
@STEADY
@given(CHANGELOGS, CONTENTS.filter(bool))
def test_a_release_keeps_the_rest_byte_for_byte(text: str, entry: dict[str, list[str]]) -> None:
    released = add_changelog_entry(text, "0.2.0", DAY, write(entry))
    head, _, rest = text.partition("## [Unreleased]\n")
    older = rest[rest.index("\n## [") :] if "\n## [" in rest else ""
    assert released.startswith(f"{head}## [Unreleased]\n\n## [0.2.0] - {DAY}\n\n### ")
    assert released.endswith(older)
    assert add_changelog_entry(released, "0.2.0", DAY, write(entry)) == released
