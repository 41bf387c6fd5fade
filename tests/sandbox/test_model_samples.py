"""`sample` makes objects for the tests of programs: valid, and the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import product
from typing import Any, get_args, get_type_hints

import pytest

from instantly_client import UNSET, Instantly, models
from instantly_client.models import Lead, LeadStatus
from instantly_core import Model
from instantly_core.models.decode import Drift
from instantly_core.models.fields import fields_of
from instantly_sandbox import sample


def models_in(form: Any) -> set[type[Model]]:
    """The models in a type."""
    own = {form} if isinstance(form, type) and issubclass(form, Model) else set()
    return own.union(*map(models_in, get_args(form)))


def annotated() -> Iterator[dict[str, Any]]:
    """The types of the arguments and results of the methods of the client."""
    for name, value in vars(Instantly).items():
        if isinstance(value, cached_property):
            for method in vars(getattr(Instantly, name)).values():
                if callable(method) and hasattr(method, "__wrapped__"):
                    yield get_type_hints(method)


def returned() -> list[type[Model]]:
    """The models that methods of the client return, whole or in lists and pages."""
    found = {model for hints in annotated() for model in models_in(hints["return"])}
    return sorted(found, key=lambda model: model.__name__)


def test_every_model_that_a_method_returns_has_valid_samples() -> None:
    for model, seed in product(returned(), range(3)):
        found = sample(model, seed=seed)
        assert type(found) is model
        assert all(getattr(found, field.attribute) is not UNSET for field in fields_of(model) if not field.optional)
        drift = Drift()
        assert model.from_dict(found.to_dict(), drift) == found
        assert not [report for report in drift.reports(found.to_dict()) if report.violation]
        assert sample(model, seed=seed) == found


def test_every_model_that_a_method_takes_has_a_sample() -> None:
    arguments = [hint for hints in annotated() for name, hint in hints.items() if name != "return"]
    taken = {model for hint in arguments for model in models_in(hint)}
    there = [model for model in taken if "removed from the API" not in (model.__doc__ or "")]
    assert len(there) > len(taken) / 2
    for model in there:
        assert type(sample(model)) is model


@pytest.mark.parametrize("wrong", [models.CampaignStatus, UNSET, 5, Model | None])
def test_what_is_no_model_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"^sample\(\) takes a class of instantly_client.models with fields, not "):
        sample(wrong)


def test_other_seeds_give_other_samples() -> None:
    assert len({sample(Lead, seed=seed).id for seed in range(20)}) == 20


def test_the_fields_that_matter_are_given() -> None:
    lead = sample(Lead, email="ann@a.example", status=LeadStatus.PAUSED, payload={"city": "Bern"}, phone=UNSET)
    assert (lead.email, lead.status, lead.phone) == ("ann@a.example", LeadStatus.PAUSED, UNSET)
    assert lead.payload
    assert lead.payload["city"] == "Bern"
    assert lead.id == sample(Lead).id


def test_nested_objects_are_given_as_models_too() -> None:
    payload = sample(models.LeadPayload, first_name="Ann")
    assert sample(Lead, payload=payload).payload == payload


def test_a_field_that_the_model_does_not_have_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^Lead has no field 'e_mail'; it has: id, "):
        sample(Lead, e_mail="ann@a.example")


def test_a_value_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^Lead/email must be: string"):
        sample(Lead, email=5)
    with pytest.raises(ValueError, match=r"^Lead/id must be: string"):
        sample(Lead, id=UNSET)


def test_an_object_that_the_api_never_gives_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^no method of the client returns or takes a Model that can be made up$"):
        sample(Model)
