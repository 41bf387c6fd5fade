"""Results on the standard output: JSON, JSON lines, CSV, a table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

import click

from instantly_cli.settings import Settings
from instantly_cli.suggestions import nearest
from instantly_cli.values import form_of
from instantly_core import DryRun, Model, Page
from instantly_core.models.display import SECRETS, rank
from instantly_core.models.encode import jsonable
from instantly_core.models.fields import fields_of
from instantly_core.models.tables import rows as flat_rows
from instantly_core.secret import UNSHOWN, printable

_CHUNK = 100
_MAX_IDENTIFYING = 6
_MAX_COLUMNS = 7
_ENOUGH = 3


class Output:
    """Writes the results of one command."""

    def __init__(self, settings: Settings) -> None:
        self._fields = settings.fields
        self._on_terminal = sys.stdout.isatty()
        self._layout = settings.layout or ("table" if self._on_terminal else "plain")

    def write(self, result: Any, what: str = "items") -> None:
        """Write what a method returned; `what` names the items of a list."""
        if result is None:
            return
        if isinstance(result, bytes):
            self._write_bytes(result)
        elif isinstance(result, str) and self._layout not in ("json", "jsonl"):
            self._print(result.removesuffix("\n"), lines=True)
        elif isinstance(result, Page | list):
            with self._counted(result, what) as items:
                self._write_items(items)
        else:
            self._write_one(result)

    def write_plan(self, plan: DryRun) -> None:
        """Write the request that a dry run has not sent."""
        request = {"method": plan.method, "path": plan.path, "query": plan.query, "body": plan.body}
        if self._layout in ("json", "jsonl"):
            self._print_json(request, 2 if self._layout == "json" else None)
            return
        query = "&".join(f"{name}={value}" for name, value in plan.query.items())
        self._print(f"would {plan.method} {plan.path}{'?' if query else ''}{query}")
        if plan.body is not None:
            self._print_json(plan.body, 2)

    def _write_bytes(self, result: bytes) -> None:
        if self._on_terminal:
            raise click.UsageError("the answer is no text; send the output into a file: > FILE")
        sys.stdout.buffer.write(result)

    def _write_one(self, result: Any) -> None:
        if self._layout in ("json", "jsonl"):
            self._print_json(self._selected(result), None if self._layout == "jsonl" else 2)
        elif self._layout == "csv" or not _is_object(result):
            self._write_items([result])
        else:
            row = flat_rows([result])[0]
            self._check_fields(row)
            fields = [(name, _cell(row[name])) for name in self._fields or row if row.get(name) is not None]
            if self._layout == "plain":
                for name, value in fields:
                    print(printable(name), printable(value), sep="\t")
            else:
                from instantly_cli.terminal import write_fields

                write_fields([(printable(name), printable(value)) for name, value in fields])

    def _write_items(self, items: Iterable[Any]) -> None:
        first, rest = _first(items)
        if self._layout == "json":
            self._write_array(rest)
        elif self._layout == "jsonl":
            for item in rest:
                self._print_json(self._selected(item), None)
        elif first and not _is_object(first[0]):
            for item in rest:
                self._print(item if isinstance(item, str) else json.dumps(jsonable(item)))
        elif self._layout == "csv":
            self._write_csv(first, rest)
        elif first:
            self._write_rows(self._fields or default_columns(first[0]), rest)

    def _write_array(self, items: Iterable[Any]) -> None:
        before = "["
        for item in items:
            print(before)
            self._print_json(self._selected(item), 2, end="")
            before = ","
        print("[]" if before == "[" else "\n]")

    def _write_csv(self, first: Sequence[Any], items: Iterable[Any]) -> None:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        shown: Callable[[str], str] = printable if self._on_terminal else str
        if self._fields:
            columns: Sequence[str] = self._fields
            chunks: Iterable[list[dict[str, Any]]] = self._chunks(self._fields, items)
        else:
            # Any row may have columns that the others lack, such as the variables of a lead.
            found = flat_rows(items)
            chunks = [found]
            columns = [*found[0]] if found else []
        writer.writerow(map(shown, columns))
        for chunk in chunks:
            writer.writerows([shown(_cell(value)) for value in row.values()] for row in chunk)

    def _write_rows(self, columns: Sequence[str], items: Iterable[Any]) -> None:
        write: Callable[[list[list[str]]], None] = _print_rows
        if self._layout == "table":
            from instantly_cli.terminal import TableWriter

            write = TableWriter(columns).write
        for chunk in self._chunks(columns, items):
            write([[printable(_cell(value)) for value in row.values()] for row in chunk])

    def _chunks(self, columns: Sequence[str], items: Iterable[Any]) -> Iterator[list[dict[str, Any]]]:
        walk = iter(items)
        while chunk := list(islice(walk, _CHUNK)):
            found = flat_rows(chunk)
            if self._fields:
                self._check_fields({name: None for row in found for name in row}, chunk[0])
            yield [{name: row.get(name) for name in columns} for row in found]

    def _selected(self, item: Any) -> Any:
        """An item as JSON, with the chosen fields only."""
        value = jsonable(item)
        if not self._fields or not isinstance(value, Mapping):
            return value
        found = {name: _at(value, name) for name in self._fields}
        self._check_fields({name: None for name in found if found[name] is not None}, item)
        return found

    def _check_fields(self, row: Mapping[str, Any], item: Any = None) -> None:
        """Refuse a field that the objects cannot have."""
        known = {*row, *(type(item).FIELDS if isinstance(item, Model) else ())}
        for name in self._fields:
            if name not in known and name.partition(".")[0] not in known and _is_closed(item):
                raise click.UsageError(f"no field {name!r} in --fields{nearest(name, sorted(known))}")

    def _print(self, text: str, *, lines: bool = False) -> None:
        if self._on_terminal:
            text = "\n".join(map(printable, text.splitlines())) if lines else printable(text)
        print(text)

    def _print_json(self, value: Any, indent: int | None, end: str = "\n") -> None:
        text = json.dumps(value, ensure_ascii=False, indent=indent)
        # JSON has its own way of writing what a terminal would obey.
        print(UNSHOWN.sub(lambda found: found[0] if found[0] == "\n" else json.dumps(found[0])[1:-1], text), end=end)

    @contextmanager
    def _counted(self, items: Iterable[Any], what: str) -> Generator[Iterable[Any]]:
        """The items; where somebody waits for them without seeing them, with a count on the standard error."""
        if not sys.stderr.isatty() or (self._on_terminal and self._layout != "csv"):
            yield items
            return
        from instantly_cli.terminal import progress

        with progress(what) as say:

            def counted() -> Iterator[Any]:
                for number, item in enumerate(items, 1):
                    if number % _CHUNK == 0:
                        say(f"{number:,}")
                    yield item

            yield counted()


def default_columns(item: Any) -> list[str]:
    """The fields that a table shows: the id, those that identify an object to a person, and others if these are few."""
    if not isinstance(item, Model):
        return [*flat_rows([item])[0]][:_MAX_COLUMNS]
    plain = [
        field.json_name
        for field in fields_of(type(item))
        if not SECRETS.fullmatch(field.json_name) and not _is_nested(field.form)
    ]
    identifying = sorted((name for name in plain if rank(name)), key=rank)[:_MAX_IDENTIFYING]
    found = [*(name for name in ("id",) if name in plain), *identifying]
    others = [name for name in plain if name not in found]
    return found if len(found) >= _ENOUGH else [*found, *others][:_MAX_COLUMNS]


def _is_nested(form: Any) -> bool:
    found = form_of(form)
    return found.many or found.is_structured


def _is_object(item: Any) -> bool:
    return isinstance(item, Model | Mapping)


def _is_closed(item: Any) -> bool:
    """Whether the fields of an object are known."""
    return isinstance(item, Model) and item.FURTHER != "open"


def _first(items: Iterable[Any]) -> tuple[list[Any], Iterable[Any]]:
    """The first of the items, if there is one, and all of them."""
    walk = iter(items)
    first = list(islice(walk, 1))
    return first, chain(first, walk)


def _at(value: Mapping[str, Any], name: str) -> Any:
    """What a name leads to, where a dot leads into an object."""
    if name in value:
        return value[name]
    head, dot, rest = name.partition(".")
    inner = value.get(head)
    return _at(inner, rest) if dot and isinstance(inner, Mapping) else None


def _cell(value: Any) -> str:
    """The text of a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(jsonable(value))


def _print_rows(rows: list[list[str]]) -> None:
    for row in rows:
        print(*row, sep="\t")
