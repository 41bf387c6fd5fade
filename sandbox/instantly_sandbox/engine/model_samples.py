"""Samples of models, for the tests of programs: valid by the document, and the same for the same seed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache, cached_property
from inspect import isclass
from random import Random
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from instantly_client import SPEC_DATE, UNSET, jsonable, models
from instantly_core import Model
from instantly_core.models.decode import Drift, Report
from instantly_core.models.fields import fields_by_name, fields_of

from ..state.identity import uuid7
from .document import Document, Schema, pinned
from .samples import Sampler

M = TypeVar("M", bound=Model)

_TRIES = 10
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def sample(model: type[M], /, *, seed: int = 0, **fields: Any) -> M:
    """Make an object of the API: required fields are filled, most others too, each with a value that fits the document.

    Args:
        model: the class, of `instantly_client.models`.
        seed: decides all random choices.
        fields: the fields that matter, by attribute; nested objects are models or mappings. UNSET leaves a field out.

    Raises:
        TypeError: it is no model, or the model has no such field.
        ValueError: a value does not fit its field; or no method of the client returns or takes such an object.
    """
    given: Any = model
    if not isclass(given) or not issubclass(given, Model):
        raise TypeError(f"sample() takes a class of instantly_client.models with fields, not {given!r}")
    known = fields_by_name(model)
    for name in fields:
        if name not in known:
            raise TypeError(f"{model.__name__} has no field {name!r}; it has: {', '.join(model.FIELDS.values())}")
    data = dict(_drawn(model, seed))
    for name, value in fields.items():
        if value is UNSET:
            data.pop(known[name].json_name, None)
        else:
            data[known[name].json_name] = jsonable(value)
    for problem in _problems(model, data):
        raise ValueError(f"{model.__name__}{problem.pointer} must be: {problem.expected}")
    return model.from_dict(data)


def _drawn(model: type[Any], seed: int) -> dict[str, Any]:
    """A value of a schema of the model that the model has no objection to."""
    now = datetime.fromisoformat(SPEC_DATE).replace(tzinfo=UTC)
    random = Random(f"{model.__name__} {seed}")
    sampler = Sampler(pinned(), random, now)
    for schema in _schemas().get(model, []) * _TRIES:
        data: Any = sampler.fitting(schema)
        if isinstance(data, dict) and isinstance(data.get("id"), str) and _UUID.fullmatch(data["id"]):
            data["id"] = uuid7(now.timestamp(), random)  # The document's example would be the id of all.
        if isinstance(data, dict) and not _problems(model, data):
            return data
    raise ValueError(f"no method of the client returns or takes a {model.__name__} that can be made up")


def _problems(model: type[Any], data: dict[str, Any]) -> list[Report]:
    drift = Drift()
    model.from_dict(data, drift)
    return [report for report in drift.reports(data) if report.violation]


@cache
def _schemas() -> dict[type[Any], list[Schema]]:
    """The schemas of each model, found at the places where methods of the client return or take it."""
    document = pinned()
    found: dict[type[Any], list[Schema]] = {}
    todo = [*_places(document)]
    while todo:
        form, schema = todo.pop()
        for model, inner in _objects(document, form, schema):
            known = found.setdefault(model, [])
            if inner not in known:
                known.append(inner)
                fields = document.fields(inner)
                todo += [(each.form, fields[each.json_name]) for each in fields_of(model) if each.json_name in fields]
    return found


def _places(document: Document) -> Iterator[tuple[Any, Schema]]:
    """The types of results and arguments of all methods, with their schemas."""
    from instantly_client import Instantly  # It takes longer than a sandbox, which does without it.

    resources = {name: getattr(Instantly, name) for name, value in vars(Instantly).items() if _is_resource(value)}
    for operation in document:
        resource, _, method = document.raw["paths"][operation.path][operation.method.lower()]["x-method"].partition(".")
        hints = get_type_hints(getattr(resources[resource], method))
        if operation.success[2]:
            yield hints["return"], operation.success[2]
        given = {parameter["name"]: parameter["schema"] for parameter in operation.parameters}
        if "body" in hints and operation.body:
            yield hints["body"], operation.body
        for name, schema in {**given, **document.fields(operation.body)}.items():
            argument = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
            for written in (argument, f"{argument}_"):  # A name that Python has itself gets a line behind it.
                if written in hints:
                    yield hints[written], schema
    for name in models.__all__:
        if document.component(name):
            yield getattr(models, name), document.component(name)


def _alternatives(document: Document, schema: Schema) -> list[Schema]:
    """A schema, and those that it is any of."""
    return [schema, *(document.resolve(each) for key in ("anyOf", "oneOf") for each in schema.get(key, ()))]


def _is_resource(value: object) -> bool:
    return isinstance(value, cached_property)


def _objects(document: Document, form: Any, schema: Schema) -> Iterator[tuple[type[Any], Schema]]:
    """The models in a type, with the parts of the schema that they are described by."""
    schema = document.resolve(schema)
    if isclass(form) and issubclass(form, Model):
        known = form.FIELDS.keys()
        fitting = [each for each in _alternatives(document, schema) if known & document.fields(each).keys()]
        for each in sorted(fitting, key=lambda each: len(known & document.fields(each).keys()), reverse=True):
            yield form, each
        return
    from instantly_client import Page

    inner = _alternatives(document, schema)
    if getattr(form, "__origin__", None) is Page:
        inner = [each for each in [schema, *document.fields(schema).values()] if "items" in each]
    for each in inner:
        for argument in get_args(form):
            for key in ("items", "additionalProperties"):
                if isinstance(each.get(key), dict):
                    yield from _objects(document, argument, each[key])
            if get_origin(form) in (Union, UnionType):
                yield from _objects(document, argument, each)
