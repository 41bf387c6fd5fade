"""Dotted options, such as `--campaign-schedule.name`: each is a part of an argument that takes an object or a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from instantly_cli.values import Form, Value


class DottedOption(click.Option):
    """The option for one part of an argument, made when the command line names it."""

    def __init__(self, number: int, option: str, name: str, path: Sequence[str | int], form: Form) -> None:
        super().__init__(
            [f"dotted_{number}", option], type=Value(form._replace(many=False)), multiple=form.many, hidden=True
        )
        self.argument = name
        self.path = [*path]


def dotted_options(args: Sequence[str], forms: Mapping[str, tuple[str, Form]]) -> list[DottedOption]:
    """The options for the dotted names on a command line; `forms` has the arguments by their options.

    Raises:
        UsageError: an argument has no such part.
    """
    written = [token.partition("=")[0] for token in args if token.startswith("--")]
    found: list[DottedOption] = []
    for option in dict.fromkeys(written):
        head, *parts = option.split(".")
        if not parts or head.replace("_", "-") not in forms:
            continue
        name, form = forms[head.replace("_", "-")]
        path: list[str | int] = []
        for part in parts:
            try:
                key, form = form.inner(part)
            except ValueError as error:
                raise click.UsageError(f"{option}: {error}") from None
            path.append(key)
        found.append(DottedOption(len(found), option, name, path, form))
    return found


def merged(whole: Any, parts: Sequence[tuple[Sequence[str | int], Any]]) -> Any:
    """The value of an argument: the whole that was given, if one was, with its parts put in.

    Raises:
        UsageError: the parts of a list are not its first ones, or a part contradicts the whole.
    """
    tree = _as_tree(whole) if whole is not None else None
    for path, value in parts:
        tree = tree if tree is not None else {}
        place = tree
        for key in path[:-1]:
            place = _below(place, key)
        if not isinstance(place, dict):
            raise click.UsageError("a dotted option leads into a value that is no object")
        place[path[-1]] = value
    return _as_value(tree)


def _below(place: Any, key: str | int) -> Any:
    if not isinstance(place, dict):
        raise click.UsageError("a dotted option leads into a value that is no object")
    return place.setdefault(key, {})


def _as_tree(value: Any) -> Any:
    """A value with dicts for its lists, by position."""
    if isinstance(value, list) and value:  # An empty one stays: no position says that it is a list.
        return {position: _as_tree(item) for position, item in enumerate(value)}
    return {name: _as_tree(item) for name, item in value.items()} if isinstance(value, dict) else value


def _as_value(tree: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    if any(isinstance(key, int) for key in tree):
        if sorted(tree) != [*range(len(tree))]:
            raise click.UsageError("the positions of a list in dotted options must be 0, 1, ... without a gap")
        return [_as_value(tree[position]) for position in range(len(tree))]
    return {name: _as_value(value) for name, value in tree.items()}
