"""Values on a command line: what each type takes, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instantly_cli.commands.method import MethodCommand
from instantly_cli.dotted import dotted_options, merged
from instantly_cli.methods import Method, methods, resources
from instantly_cli.settings import Settings
from instantly_cli.values import Value, form_of, names_of
from instantly_client import models
from instantly_core import Flag, IntEnumeration, StrEnumeration, Unset

FORMS = [
    argument.form
    for resource in resources()
    for name in methods(resource)
    for argument in Method(resource, name).arguments
    if argument.form.enumerations
]


class Colour(StrEnumeration):
    RED = "col-red"
    DARK_BLUE = "dark blue"


class Level(IntEnumeration):
    LOW = 1
    HIGH = 2


def read(annotation: Any, text: str) -> Any:
    return Value(form_of(annotation)).convert(text, None, None)


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (str, "null", "null"),
        (str, "@home", "@home"),
        (str, "{curly}", "{curly}"),
        (int | Unset, "-5", -5),
        (float | None, "1e3", 1000.0),
        (bool, "Yes", True),
        (Flag, "0", False),
        (date | str, "2026-01-31", date(2026, 1, 31)),
        (datetime | str, "2026-01-31T10:00:00Z", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        (Level | int, "HIGH", Level.HIGH),
        (Level | int, "high", Level.HIGH),
        (Level | int, "2", Level.HIGH),
        (Level | int, "99", 99),
        (Colour | str, "dark-blue", Colour.DARK_BLUE),
        (Colour | str, "Dark_Blue", Colour.DARK_BLUE),
        (Colour | str, "col-red", Colour.RED),
        (dict[str, Any], '{"a": null}', {"a": None}),
        (list[str], '["a", "b"]', ["a", "b"]),
        (list[str], "a,b", "a,b"),
        (Any, "1", 1),
        (Any, "one", "one"),
    ],
)
def test_a_text_is_read_as_the_type_that_it_is_for(annotation: Any, text: str, value: object) -> None:
    found = read(annotation, text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("annotation", "text", "problem"),
    [
        (int, "five", "'five' is not a whole number"),
        (bool, "maybe", "'maybe' is not yes or no"),
        (date | str, "31.1.2026", "'31.1.2026' is not a day such as 2026-01-31"),
        (datetime | str, "yesterday", "'yesterday' is not a timestamp such as"),
        (datetime | str, "2026-01-31T10:00", "has no time zone: write 2026-01-31T10:00:00Z"),
        (Level | int, "hihg", "one of low, high or a whole number; did you mean 'high'?"),
        (Colour | str, "green", "'green' is not one of red, dark_blue"),
        (dict[str, Any], "{a: 1}", "the value is no JSON: "),
        (dict[str, Any], "a", "'a' is not JSON, @ and the name of a file with it, or @- for the standard input"),
        (dict[str, Any], "@nowhere.json", "cannot read nowhere.json: No such file or directory"),
    ],
)
def test_a_text_that_is_no_such_value_is_refused_in_words(annotation: Any, text: str, problem: str) -> None:
    with pytest.raises(click.BadParameter) as refused:
        read(annotation, text)
    assert problem in refused.value.format_message()


def test_every_member_of_an_enumeration_is_read_by_its_name_and_by_its_value() -> None:
    for form in {*FORMS}:
        for enumeration in form.enumerations:
            for name, member in zip(names_of(enumeration), enumeration, strict=True):
                for text in (name, name.upper(), name.replace("_", "-"), str(member.value)):
                    assert Value(form).convert(text, None, None) is member


def test_json_is_read_from_a_file_and_from_the_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "given.json"
    file.write_bytes(b'\xef\xbb\xbf{"a": [1]}')
    assert read(dict[str, Any], f"@{file}") == {"a": [1]}
    monkeypatch.setattr("sys.stdin", StringIO('{"a": 2}'))
    assert read(dict[str, Any], "@-") == {"a": 2}
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(click.BadParameter, match="it is no text in UTF-8"):
        read(dict[str, Any], f"@{file}")


# --- dotted options ---


def parts(annotation: Any, *written: str) -> list[list[str | int]]:
    return [each.path for each in dotted_options(written, {"--value": ("value", form_of(annotation))})]


def test_a_dotted_option_is_a_part_of_the_model_by_its_names_in_json() -> None:
    schedule = models.CampaignSchedule
    assert parts(schedule, "--value.start-date", "--value.end_date") == [["start_date"], ["end_date"]]
    assert parts(schedule, "--value.schedules.0.timing.from", "x", "--value.schedules.1.days.6=true") == [
        ["schedules", 0, "timing", "from"],
        ["schedules", 1, "days", "6"],
    ]
    assert parts(dict[str, Any], "--value.any.thing") == [["any", "thing"]]


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ("--value.stard_date", "there is no field 'stard_date'; did you mean 'start_date'?"),
        ("--value.schedules.first", "'first' must be a position in a list"),
        ("--value.start_date.year", "there is no field 'year'"),
    ],
)
def test_a_dotted_option_for_no_part_is_refused(option: str, problem: str) -> None:
    with pytest.raises(click.UsageError) as refused:
        parts(models.CampaignSchedule, option)
    assert problem in refused.value.message


def test_what_is_no_dotted_option_stays_what_it_is() -> None:
    assert parts(models.CampaignSchedule, "--value", "--other.thing", "value.start_date", "-v.x") == []


NAMES = st.sampled_from(["a", "b", "0", "1", "a.b", ""])
JSON = st.recursive(
    st.sampled_from([None, False, 0, "", "{}"]),
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(NAMES, inner, min_size=1),
    max_leaves=8,
)


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    """The parts of a value that are neither lists nor objects, each with its place."""
    if isinstance(value, list):
        return [leaf for number, item in enumerate(value) for leaf in leaves(item, (*path, number))]
    if isinstance(value, dict):
        return [leaf for name, item in value.items() for leaf in leaves(item, (*path, name))]
    return [(path, value)]


@pytest.mark.slow
@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.dictionaries(NAMES, JSON, min_size=1), st.data())
def test_a_value_is_put_together_from_its_parts_in_any_order(value: dict[str, Any], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(leaves(value)))
    assert merged(None, shuffled) == value
    assert merged(value, shuffled) == value


def test_parts_change_the_whole_and_leave_it_as_it_was_given() -> None:
    whole = {"a": {"b": 1}, "c": [1]}
    assert merged(whole, [(["a", "d"], 2), (["c", 1], 3)]) == {"a": {"b": 1, "d": 2}, "c": [1, 3]}
    assert whole == {"a": {"b": 1}, "c": [1]}


@pytest.mark.parametrize("path", [["a", "b"], ["a", "b", "c"]])
def test_a_part_of_what_is_no_object_is_refused(path: list[str | int]) -> None:
    with pytest.raises(click.UsageError, match="no object"):
        merged({"a": 1}, [(path, 2)])


def test_a_list_with_a_gap_is_refused() -> None:
    with pytest.raises(click.UsageError, match="without a gap"):
        merged(None, [(["a", 1], "x")])


# --- in commands ---


def given_by(command: str, *arguments: str) -> dict[str, Any]:
    resource, _, name = command.partition(".")
    made = MethodCommand(name, Method(resource, name))
    return made.given(made.make_context(name, [*arguments], obj=Settings()))


def test_only_what_is_given_is_sent() -> None:
    assert given_by("campaigns.list") == {}
    assert given_by("leads.update", "an-id") == {"id": "an-id"}


def test_null_is_another_thing_than_nothing_and_than_the_word() -> None:
    assert given_by("leads.update", "x", "--website", "null", "--null", "phone", "--null", "--job_title") == {
        "id": "x",
        "website": "null",
        "phone": None,
        "job_title": None,
    }
    with pytest.raises(click.BadParameter, match=r"'phoen' cannot be null; did you mean 'phone'\?"):
        given_by("leads.update", "x", "--null", "phoen")


def test_a_list_is_given_one_by_one_or_at_once() -> None:
    one_by_one = given_by("leads.list", "--ids", "a", "--ids", "b,c")
    assert one_by_one == given_by("leads.list", "--ids", '["a", "b,c"]') == {"ids": ["a", "b,c"]}


def test_flags_have_an_opposite_and_are_not_sent_without_either() -> None:
    assert given_by("emails.list", "--is-unread") == {"is_unread": True}
    assert given_by("emails.list", "--no-is-unread") == {"is_unread": False}


def test_the_limit_of_a_list_is_that_of_its_items() -> None:
    assert given_by("campaigns.list", "--limit", "20", "--page-size", "5") == {"max_items": 20, "limit": 5}
    assert given_by("leads.bulk_delete", "--limit", "20") == {"limit": 20}


def test_an_empty_array_is_a_list() -> None:
    given = given_by("campaigns.update", "x", "--email-list", "[]", "--campaign-schedule", '{"schedules": []}')
    assert given == {"id": "x", "email_list": [], "campaign_schedule": {"schedules": []}}


def test_an_id_of_something_else_needs_no_suffix() -> None:
    assert given_by("emails.list", "--campaign", "x") == given_by("emails.list", "--campaign-id", "x")


def test_an_object_is_given_by_its_parts_or_whole_or_both() -> None:
    whole = json.dumps({"start_date": "2026-01-01"})
    by_parts = ["--name", "N", "--campaign-schedule.start-date", "2026-01-01"]
    assert given_by("campaigns.create", *by_parts)["campaign_schedule"] == {"start_date": date(2026, 1, 1)}
    both = given_by(
        *("campaigns.create", "--name", "N", "--campaign-schedule", whole),
        *("--campaign-schedule.schedules.0.timezone", "Etc/GMT+12"),
    )
    assert both["campaign_schedule"] == {
        "start_date": "2026-01-01",
        "schedules": [{"timezone": models.Timezone.ETC_GMT_PLUS_12}],
    }


def test_a_required_option_that_is_missing_is_named() -> None:
    with pytest.raises(click.MissingParameter) as missing:
        given_by("campaigns.create", "--name", "N")
    assert "--campaign-schedule" in missing.value.format_message()


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (bytes | tuple[str, bytes], ("a.pdf", b"%PDF\xff")),
        (Sequence[bytes | tuple[str, bytes]] | Unset, ("a.pdf", b"%PDF\xff")),
        (bytes, b"%PDF\xff"),
    ],
)
def test_a_file_is_given_by_its_name(annotation: Any, value: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF\xff")
    assert read(annotation, str(file)) == value
    with pytest.raises(click.BadParameter, match=r"cannot read .*b\.pdf: No such file"):
        read(annotation, str(tmp_path / "b.pdf"))


def test_a_file_may_come_from_the_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b"%PDF\xff")))
    assert read(bytes | tuple[str, bytes], "-") == b"%PDF\xff"
