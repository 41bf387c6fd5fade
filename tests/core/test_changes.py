"""`changes` gives what an edited copy of an object has otherwise, as arguments of the method that updates it."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from instantly_client import UNSET, Instantly, changes, models
from instantly_contract.calls import located
from instantly_core import Model
from instantly_core.models.fields import fields_of
from instantly_sandbox import Sandbox, sample

SLOT = {"name": "A", "timing": {"from": "09:00", "to": "12:00"}, "days": {"1": True}, "timezone": "America/Chicago"}
READ = {
    "id": "a",
    "name": "Spring",
    "daily_limit": 5,
    "email_list": ["a", "b"],
    "campaign_schedule": {"schedules": [SLOT]},
}


def pair(data: dict[str, Any] = READ) -> tuple[models.Campaign, models.Campaign]:
    before = models.Campaign.from_dict(data)
    return before, copy.deepcopy(before)


def test_nothing_changed() -> None:
    assert changes(*pair()) == {}


def test_only_what_changed_is_named() -> None:
    before, after = pair()
    after.name = "Summer"
    after.daily_limit = None
    after.text_only = True
    assert changes(before, after) == {"name": "Summer", "daily_limit": None, "text_only": True}


def test_a_list_or_an_object_in_which_something_changed_is_whole() -> None:
    before, after = pair()
    after.email_list.append("c")  # type: ignore[union-attr]
    after.campaign_schedule.schedules[0].timing.to = "17:00"
    found = changes(before, after)
    assert found.keys() == {"email_list", "campaign_schedule"}
    assert found["email_list"] == ["a", "b", "c"]
    slot = {**SLOT, "timing": {"from": "09:00", "to": "17:00"}}
    assert found["campaign_schedule"].to_dict() == {"schedules": [slot]}


def test_what_is_only_read_is_never_sent() -> None:
    before, after = pair()
    after.status = models.CampaignStatus.PAUSED
    after.timestamp_updated = datetime(2026, 1, 2, tzinfo=UTC)
    after.id = "b"
    assert changes(before, after) == {}


class Inner(Model):
    """Part of an object."""

    READ_ONLY = "seen"

    seen: int = 0
    kept: int = 0


class Outer(Model):
    """An object with a part that is only read."""

    inners: list[Inner]


def test_nor_is_it_sent_within_what_is_sent() -> None:
    before, after = (Outer.from_dict({"inners": [{"seen": number, "kept": 1, "new": 2}]}) for number in (1, 2))
    assert changes(before, after) == {}
    after.inners[0].kept = 2
    assert changes(before, after)["inners"][0].to_dict() == {"kept": 2, "new": 2}
    assert after.inners[0].seen == 2


def test_an_update_cannot_make_a_field_absent() -> None:
    before, after = pair()
    after.daily_limit = UNSET
    with pytest.raises(ValueError, match=r"^daily_limit is UNSET in the copy, .*: None resets it$"):
        changes(before, after)


def test_both_are_objects_of_one_class() -> None:
    before: Any = pair()[0]
    others: list[Any] = [models.Lead.from_dict({}), {}, None]
    for other in others:
        with pytest.raises(TypeError, match=f"two objects of one class, not Campaign and {type(other).__name__}"):
            changes(before, other)
    with pytest.raises(TypeError, match="not dict and dict"):
        changes({}, {})  # type: ignore[type-var]


def test_fields_of_a_newer_api_are_compared_too() -> None:
    before, after = pair({**READ, "new": 1})
    after.additional_properties["new"] = 2
    assert changes(before, after) == {"new": 2}


def updates() -> Iterator[tuple[str, type[Model], inspect.Signature]]:
    """Each PATCH that answers with the object, and the signature of its method."""
    for resource, method, operation in located().values():
        found = operation.response() if operation.method == "PATCH" and operation.response else None
        if isinstance(found, type) and issubclass(found, Model):
            call = getattr(getattr(Instantly(api_key="k"), resource), method)
            yield f"{resource}.{method}", found, inspect.signature(call)


@pytest.mark.parametrize(("model", "signature"), [pytest.param(*rest, id=name) for name, *rest in updates()])
def test_a_method_that_updates_calls_its_arguments_as_the_object_calls_its_fields(
    model: type[Model], signature: inspect.Signature
) -> None:
    fields = {field.argument: field for field in fields_of(model)} | {f.json_name: f for f in fields_of(model)}
    for name in signature.parameters:
        field = fields.get(name) or fields.get(name.rstrip("_"))
        assert field is None or field.argument == name or field.read_only


def test_an_edited_campaign_is_updated() -> None:
    with Sandbox(world="demo") as sandbox, sandbox.client(strict=True) as client:
        before = client.campaigns.list().items[0]
        after = copy.deepcopy(before)
        after.name = "Another"
        after.campaign_schedule.schedules[0].timing.to = "23:00"
        updated = client.campaigns.update(before.id, **changes(before, after))
        assert sandbox.requests[-1].json.keys() == {"name", "campaign_schedule"}
        assert (updated.name, updated.campaign_schedule) == (after.name, after.campaign_schedule)


@pytest.mark.parametrize("model", [models.Account, models.Campaign, models.Lead, models.Webhook])
def test_a_copy_of_an_object_has_no_changes(model: type[Model]) -> None:
    made = sample(model)
    assert changes(made, copy.deepcopy(made)) == changes(made, copy.copy(made)) == {}
