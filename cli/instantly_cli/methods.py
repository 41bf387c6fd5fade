"""Methods of the installed client, as their signatures, docstrings and operations describe them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from inspect import Parameter, getdoc, signature, unwrap
from typing import Any, NamedTuple

from instantly_cli.docstrings import Doc, read
from instantly_cli.values import Form, form_of
from instantly_client import Instantly
from instantly_core import UNSET, Operation
from instantly_core.call.resource import resource_property

MAX_ITEMS = "max_items"
PAGE_SIZE = "limit"


class Argument(NamedTuple):
    """An argument of a method that a command line can give."""

    name: str
    form: Form
    is_positional: bool
    is_required: bool
    default: Any
    help: str


class Method:
    """A method of a resource."""

    def __init__(self, resource: str, name: str) -> None:
        self.resource = resource
        self.name = name
        self.function: Callable[..., Any] = getattr(getattr(Instantly, resource), name)

    @cached_property
    def doc(self) -> Doc:
        return read(getdoc(self.function))

    @cached_property
    def operation(self) -> Operation[Any] | None:
        """What the engine knows of its operation; None of a helper, which makes calls of several."""
        function = unwrap(self.function)
        named = (function.__globals__.get(name) for name in function.__code__.co_names)
        return next((each for each in named if isinstance(each, Operation)), None)

    @cached_property
    def arguments(self) -> list[Argument]:
        """Its arguments, without those that no text can be, such as functions."""
        function = unwrap(self.function)
        found = []
        for parameter in [*signature(function).parameters.values()][1:]:
            form = form_of(eval(parameter.annotation, function.__globals__))
            if form.is_readable:
                found.append(
                    Argument(
                        parameter.name,
                        form,
                        parameter.kind is Parameter.POSITIONAL_ONLY,
                        parameter.default is Parameter.empty,
                        parameter.default,
                        self.doc.arguments.get(parameter.name, ""),
                    )
                )
        return found

    @cached_property
    def is_walk(self) -> bool:
        """Whether it returns a page, which leads to all items of a list."""
        return MAX_ITEMS in signature(self.function).parameters

    def nullable(self) -> list[str]:
        """The arguments for which null is another thing than nothing."""
        return [each.name for each in self.arguments if each.form.nullable and each.default in (UNSET, Parameter.empty)]

    def __call__(self, client: Instantly, positional: list[Any], keywords: Mapping[str, Any]) -> Any:
        return getattr(getattr(client, self.resource), self.name)(*positional, **keywords)


def resources() -> dict[str, str]:
    """The resources of the client, each with what it is about."""
    return {
        name: (member.__doc__ or "").partition("\n")[0]
        for name, member in vars(Instantly).items()
        if isinstance(member, resource_property)
    }


def methods(resource: str) -> list[str]:
    """The names of the methods of a resource, in the order of its class, those of helpers last."""
    found: dict[str, None] = {}
    for base in getattr(Instantly, resource).__mro__:
        found |= {name: None for name, member in vars(base).items() if name[0] != "_" and callable(member)}
    return [*found]
