"""Results on the standard output: JSON, JSON lines, CSV, a table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from itertools import chain, islice
from tempfile import SpooledTemporaryFile
from typing import Any, Self

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
_IN_MEMORY = 1 << 20
_CSV = ("csv", "spreadsheet")
_ACTING = (*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20")
"""What the formulas of spreadsheets begin with; the last four are the wide forms of the first."""
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")


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
        elif self._layout in _CSV or not _is_object(result):
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
        elif self._layout in _CSV:
            self._write_csv(rest)
        elif first:
            self._write_rows(self._fields or default_columns(first[0]), rest)

    def _write_array(self, items: Iterable[Any]) -> None:
        before = "["
        for item in items:
            # A wrong field is refused before anything is written.
            selected = self._selected(item)
            print(before)
            self._print_json(selected, 2, end="")
            before = ","
        print("[]" if before == "[" else "\n]")

    def _write_csv(self, items: Iterable[Any]) -> None:
        write = csv.writer(sys.stdout, lineterminator="\n").writerow
        shown: Callable[[str], str] = printable if self._on_terminal else str
        if self._layout == "spreadsheet":
            shown = _inert
            if isinstance(sys.stdout, TextIOWrapper):
                sys.stdout.reconfigure(encoding="utf-8")
            # Without it, spreadsheets take UTF-8 for something else.
            print(end="\ufeff")
        if self._fields:
            header: Sequence[str] | None = self._fields
            for chunk in self._chunks(self._fields, items):
                # A wrong field is refused before anything is written.
                if header:
                    write(map(shown, header))
                    header = None
                for row in chunk:
                    write(shown(_cell(value)) for value in row.values())
            if header:
                write(map(shown, header))
            return
        with _Kept() as kept:
            for chunk in _batches(items):
                kept.add(flat_rows(chunk))
            if columns := kept.columns():
                write(map(shown, columns))
            for cells in kept.rows():
                write(shown(cells.get(name, "")) for name in columns)

    def _write_rows(self, columns: Sequence[str], items: Iterable[Any]) -> None:
        write: Callable[[list[list[str]]], None] = _print_rows
        if self._layout == "table":
            from instantly_cli.terminal import TableWriter

            write = TableWriter(columns).write
        for chunk in self._chunks(columns, items):
            write([[printable(_cell(value)) for value in row.values()] for row in chunk])

    def _chunks(self, columns: Sequence[str], items: Iterable[Any]) -> Iterator[list[dict[str, Any]]]:
        for chunk in _batches(items):
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
                top = sorted(each for each in known if "." not in each)
                meant = nearest(name, sorted(known)) or f"; there are: {', '.join(top)}"
                raise click.UsageError(f"no field {name!r} in --fields{meant}")

    def _print(self, text: str, *, lines: bool = False) -> None:
        if self._on_terminal:
            text = "\n".join(map(printable, text.splitlines())) if lines else printable(text)
        print(text)

    def _print_json(self, value: Any, indent: int | None, end: str = "\n") -> None:
        text = json.dumps(value, ensure_ascii=False, indent=indent)
        # JSON has its own way of writing what a terminal would obey.
        print(
            re.sub(UNSHOWN, lambda found: found[0] if found[0] == "\n" else json.dumps(found[0])[1:-1], text), end=end
        )

    @contextmanager
    def _counted(self, items: Iterable[Any], what: str) -> Generator[Iterable[Any]]:
        """The items; where somebody waits for them without seeing them, with a count on the standard error."""
        if not sys.stderr.isatty() or (self._on_terminal and self._layout not in _CSV):
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


class _Kept:
    """Rows in a temporary file, until it is known which columns there are: any row may have some that the others lack,
    such as the variables of a lead."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8")  # noqa: SIM115, closed by __exit__
        self._filled: dict[str, bool] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        for row in rows:
            for name, value in row.items():
                self._filled[name] = self._filled.get(name, False) or value is not None
            cells = {name: _cell(value) for name, value in row.items() if value is not None}
            self._file.write(json.dumps(cells) + "\n")

    def columns(self) -> list[str]:
        """The columns; without those of objects that some rows lack, whose fields have columns."""
        heads = {name[:place] for name in self._filled for place, sign in enumerate(name) if sign == "."}
        return [name for name, filled in self._filled.items() if filled or name not in heads]

    def rows(self) -> Iterator[dict[str, str]]:
        self._file.seek(0)
        yield from map(json.loads, self._file)


def default_columns(item: Any) -> list[str]:
    """The fields that a table shows: the id, those that identify an object to a person, and others if these are few."""
    if not isinstance(item, Model):
        return [*flat_rows([item])[0]][:_MAX_COLUMNS]
    plain = [
        field.json_name
        for field in fields_of(type(item))
        if not re.fullmatch(SECRETS, field.json_name) and not _is_nested(field.form)
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


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    walk = iter(items)
    while chunk := list(islice(walk, _CHUNK)):
        yield chunk


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


def _inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: texts of others may be one, such as the subject of a reply."""
    return f"'{cell}" if cell.startswith(_ACTING) and not _NUMBER.fullmatch(cell) else cell


def _print_rows(rows: list[list[str]]) -> None:
    for row in rows:
        print(*row, sep="\t")
