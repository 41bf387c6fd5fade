"""Rows of a table as leads: columns mapped, repeated addresses left out, and what became of each row."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import AsyncIterable, Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from inspect import unwrap
from os import PathLike
from typing import Any, Literal, NamedTuple, TypeAlias, cast, get_args

from attrs import define, field

from ..call.arguments import annotation_of
from ..error_tree import InstantlyError
from ..models.encode import UnsendableError, is_missing, is_model, opened
from ..models.fields import Field, fields_of, is_enumeration, members_of
from ..models.given import AsGiven
from ..models.nearest import hint
from ..models.unset import UNSET
from .addresses import is_address, normal
from .bulk_add import BulkAddError, BulkAddProgress, records

VARIABLES = "custom_variables"
_NAMES = ["email", "first_name", "last_name"]
_NAMELESS = re.compile(r"\s*(Unnamed: \d+)?")

SYNONYMS = {
    "email": "emailaddress mail mailaddress workemail businessemail",
    "first_name": "givenname forename",
    "last_name": "surname familyname",
    "company_name": "company organization organisation account accountname",
    "job_title": "title position jobposition role",
    "phone": "phonenumber telephone mobile mobilephone",
    "website": "url web homepage companywebsite",
    "personalization": "personalisation icebreaker",
}
"""Field of a lead -> what tables call it, in letters and digits alone."""

REASONS = {
    "duplicated_leads": "it is in the campaign or list already",
    "in_blocklist": "it is on the blocklist",
    "skipped_count": "it is elsewhere in the workspace, and skip_if_in_... is set",
    "invalid_email_count": "the service takes its address as invalid",
    "incomplete_count": "it has neither an address nor a name",
    "duplicate_email_count": "its address occurs twice",
}
"""Counter of an answer -> why a lead was not added."""


RowOutcome: TypeAlias = Literal["added", "duplicate", "invalid", "refused", "in doubt", "not sent"]


class ImportedRow(NamedTuple):
    """A row, and what became of it.

    Attributes:
        number: its number, from 1 on.
        email: its address, as it was sent; "" where it has none.
        outcome: what became of it: "added"; "duplicate" if it has the address of an earlier row, and "invalid" if it
            has no address or a cell of the wrong form, which were not sent; "refused" by the service; "in doubt" if
            it was sent, and no answer says whether it was added; or "not sent".
        reason: why it was not added. The service counts reasons for a whole request; where it counts several, they
            are joined by "or".
        lead_id: id of the lead that was created.
    """

    number: int
    email: str
    outcome: RowOutcome = "not sent"
    reason: str = ""
    lead_id: str | None = None

    def __repr__(self) -> str:
        return f"<ImportedRow {self.number}: {self.outcome}{self.reason and f', {self.reason}'}>"


_FINAL = frozenset({"added", "refused"})


@define(repr=False)
class ImportReport(AsGiven):
    """What became of the rows of an import. It is kept up to date by the call that it was given to."""

    rows: list[ImportedRow] = field(factory=list)
    """The rows, in their order."""
    mapping: dict[str, str | None] = field(factory=dict)
    """Each column, with the field or custom variable that its cells became; None for one that was left out."""

    @property
    def counts(self) -> dict[str, int]:
        """How many rows there are of each outcome."""
        return dict(Counter[str](row.outcome for row in self.rows))

    @property
    def done(self) -> int:
        """How many rows have an outcome."""
        return sum(row.outcome != "not sent" for row in self.rows)

    @property
    def total(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    def settle(self, *, carried_out: bool) -> None:
        """Decide about the rows that are in doubt.

        Args:
            carried_out: True takes them as added. False has them sent again by the call that goes on: the service adds
                no address twice to a campaign or list.
        """
        outcome: RowOutcome = "added" if carried_out else "not sent"
        self.rows[:] = [
            row._replace(outcome=outcome, reason="") if row.outcome == "in doubt" else row for row in self.rows
        ]

    def to_csv(self, path: str | PathLike[str], /) -> None:
        """Write the rows to a CSV file, with the columns `number`, `email`, `outcome`, `reason` and `lead_id`."""
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(ImportedRow._fields)
            writer.writerows(self.rows)

    @classmethod
    def from_csv(cls, path: str | PathLike[str], /) -> ImportReport:
        """Read a report that `to_csv` wrote, to go on with an import in another process."""
        with open(path, encoding="utf-8", newline="") as file:
            return cls(
                [
                    ImportedRow(int(row[0]), row[1], cast("RowOutcome", row[2]), row[3], row[4] or None)
                    for row in list(csv.reader(file))[1:]
                ]
            )

    def __str__(self) -> str:
        reasons = Counter(row.reason for row in self.rows if row.reason and row.outcome != "duplicate")
        often = f"; most often because: {max(reasons, key=reasons.__getitem__)}" if reasons else ""
        return self._in_numbers() + often

    def __repr__(self) -> str:
        return f"<ImportReport {self._in_numbers()}>"

    def _in_numbers(self) -> str:
        return ", ".join(f"{count:,} {outcome}" for outcome, count in self.counts.items()) or "no rows"


class RowImportError(InstantlyError):
    """An import stopped before its last row; `__cause__` says why.

    Attributes:
        report: what became of the rows, for the call that goes on from there.
    """

    def __init__(self, message: str, *, report: ImportReport | None = None) -> None:
        super().__init__(message)
        # None only while a pickle is read.
        self.report: ImportReport = cast("ImportReport", report)


def rows_of(rows: Any) -> list[Any]:
    """All rows; those of a data frame, if it is one."""
    return list(records(rows))


async def rows_of_async(rows: Any) -> list[Any]:
    """All rows, of an async iterable too."""
    return [row async for row in rows] if isinstance(rows, AsyncIterable) else rows_of(rows)


class RowImport:
    """State of one call of `import_rows`. `add_many` sends; this decides.

    Attributes:
        leads: what is to be sent.
        progress: that of `add_many`.
    """

    def __init__(
        self,
        rows: list[Any],
        bulk_add: Callable[..., Any],
        mapping: Mapping[str, str | None] | None,
        report: ImportReport | None,
        for_campaign: bool,
        for_list: bool,
    ) -> None:
        if for_campaign is for_list:
            raise ValueError("the leads go to one campaign or list: give campaign_id or list_id")
        for number, row in enumerate(rows, 1):
            if not isinstance(row, Mapping) or is_model(type(row)):
                what = f"row {number} must be a mapping of columns, not {type(row).__name__}"
                raise TypeError(f"{what}; csv.DictReader has such rows")
        self.report = ImportReport() if report is None else report
        before = {row.number: row for row in self.report.rows}
        if any(row.outcome == "in doubt" for row in self.report.rows):
            raise ValueError("some rows may have been added: say so, or not, with report.settle()")
        self._for_campaign = for_campaign
        self._fields = {each.argument: each for each in fields_of(_model_of(annotation_of(unwrap(bulk_add), "leads")))}
        given = mapping or {}
        columns = dict.fromkeys(column for row in rows for column in row if column is not None)
        for column in [each for each in columns if _is_nameless(each) and each not in given]:
            # A comma at the end of each line makes a column without name and cells.
            if all(_is_empty(row.get(column)) for row in rows):
                del columns[column]
        self._targets = _targets(columns, self._fields, given, ["email"] if for_campaign else _NAMES)
        self.leads: list[dict[str, Any]] = []
        self._places: list[int] = []
        self._seen: dict[str, int] = {}
        planned = [self._plan(number, row, before.get(number)) for number, row in enumerate(rows, 1)]
        if before and [row.email for row in planned] != [row.email for row in self.report.rows]:
            raise ValueError("the rows are not those of the report: give all of them, in the same order")
        self.report.rows[:] = planned
        self.report.mapping = {str(column): target for column, target in self._targets.items()}
        self.progress: BulkAddProgress[Any] = BulkAddProgress()
        self._noted = 0

    def _plan(self, number: int, row: Mapping[Any, Any], before: ImportedRow | None) -> ImportedRow:
        """Decide about a row, and put it among the leads that are to be sent."""
        lead, problem = self._lead(row)
        email = str(lead.get("email", ""))
        if problem := problem or self._missing(lead):
            return ImportedRow(number, email, "invalid", problem)
        first = self._seen.setdefault(normal(email), number) if email else number
        if first != number:
            return ImportedRow(number, email, "duplicate", f"the same address as row {first}")
        if before is not None and before.email == email and before.outcome in _FINAL:
            return before
        self.leads.append(lead)
        self._places.append(number - 1)
        return ImportedRow(number, email)

    def _lead(self, row: Mapping[Any, Any]) -> tuple[dict[str, Any], str]:
        """The lead of a row, and what is wrong with it."""
        lead: dict[str, Any] = {}
        variables: dict[str, Any] = {}
        problem = ""
        for column, cell in row.items():
            if _is_empty(cell):
                continue
            if isinstance(cell, str):
                cell = cell.strip()
            target = self._targets.get(column, "")
            if target is None:
                continue
            try:
                if column is None:
                    problem = "it has more cells than there are columns"
                elif target == VARIABLES and isinstance(cell, Mapping):
                    variables |= {str(name): _plain(value) for name, value in cell.items() if not is_missing(value)}
                elif target in self._fields:
                    lead[target] = _of_form(cell, self._fields[target].form)
                else:
                    variables[target.removeprefix(f"{VARIABLES}.")] = _plain(cell)
            except (UnsendableError, ValueError) as error:
                problem = f"column {column!r}: {error}"
        return ({**lead, VARIABLES: variables} if variables else lead), problem

    def _missing(self, lead: Mapping[str, Any]) -> str:
        email = lead.get("email")
        if email is not None:
            return "" if is_address(email) else "its address is invalid"
        if self._for_campaign:
            return "it has no address"
        return "" if any(name in lead for name in _NAMES) else "it has neither an address nor a name"

    @contextmanager
    def sending(self) -> Generator[None, None, None]:
        """Note what exceptions say about the rows.

        Raises:
            RowImportError: a request failed.
        """
        try:
            yield
        except BulkAddError as error:
            raise RowImportError(str(error), report=self.report) from error.__cause__
        finally:
            self._note_doubt()

    def _note_doubt(self) -> None:
        progress = self.progress
        if progress.in_doubt:
            reason = "no answer says whether it was added"
            for place in self._places[progress.confirmed : progress.confirmed + len(progress.chunk)]:
                self._set(place, "in doubt", reason)

    def noting(self, on_progress: Callable[[ImportReport], Any] | None) -> Callable[[BulkAddProgress[Any]], Any]:
        """Return a hook for `add_many` that notes each answer, and calls the hook of the caller."""

        def note(progress: BulkAddProgress[Any]) -> Any:
            self._note(progress)
            return on_progress(self.report) if on_progress is not None else None

        return note

    def _note(self, progress: BulkAddProgress[Any]) -> None:
        answer = progress.latest
        created: Any = getattr(answer, "created_leads", None)
        known = isinstance(created, list)
        ids = {getattr(lead, "index", None): getattr(lead, "id", None) for lead in (created if known else [])}
        reason = _reason(answer)
        for position in range(self._noted, progress.confirmed):
            place = self._places[position]
            if position in ids:
                self._set(place, "added", lead_id=ids[position])
            elif known:
                self._set(place, "refused", reason)
            else:
                self._set(place, "in doubt", "the service does not say which leads it added")
        self._noted = progress.confirmed

    def _set(self, place: int, outcome: RowOutcome, reason: str = "", lead_id: Any = None) -> None:
        rows = self.report.rows
        rows[place] = rows[place]._replace(
            outcome=outcome, reason=reason, lead_id=lead_id if isinstance(lead_id, str) else None
        )


def _model_of(annotation: Any) -> Any:
    """The model that the items of an argument are."""
    items = [item for member in members_of(annotation)[0] for item in get_args(member)]
    return next(each for item in items for each in members_of(item)[0] if isinstance(each, type) and is_model(each))


def _targets(
    columns: Iterable[Any], fields: Mapping[str, Field], given: Mapping[str, str | None], needed: list[str]
) -> dict[Any, str | None]:
    """Each column, with the field or custom variable that its cells become."""
    columns = list(columns)
    if not columns:
        return {}
    for column, target in given.items():
        if column not in columns:
            raise ValueError(
                f"mapping: no row has the column {column!r}; {hint(column, [str(each) for each in columns])}"
            )
        if target is not None and target not in fields and target.removeprefix(f"{VARIABLES}.") in ("", target):
            raise ValueError(
                f"mapping: a lead has no field {target!r}; {hint(target, fields)} A custom variable is "
                f"'{VARIABLES}.{target}'"
            )
    targets: dict[Any, str | None] = dict(given)
    for column, target in _suggested([column for column in columns if column not in given], fields):
        if target not in targets.values():
            targets.setdefault(column, target)
    for number, column in enumerate(columns, 1):
        if column not in targets and _is_nameless(column):
            raise ValueError(f"column {number} has no name; give it one, or leave it out: mapping={{{column!r}: None}}")
    targets = {column: targets.get(column, f"{VARIABLES}.{str(column).strip()}") for column in columns}
    twice = [target for target, count in Counter(targets.values()).items() if target and count > 1]
    if twice:
        both = " and ".join(repr(column) for column, target in targets.items() if target == twice[0])
        raise ValueError(f"mapping: the columns {both} are both {twice[0]!r}; leave one out with None")
    if not any(name in targets.values() for name in needed):
        listed = ", ".join(map(str, columns))
        raise ValueError(f"no column is the {needed[0]!r} of a lead; name it with mapping={{...}}; there are: {listed}")
    return targets


def _is_empty(cell: Any) -> bool:
    return cell is None or cell is UNSET or is_missing(cell) or (isinstance(cell, str) and not cell.strip())


def _is_nameless(column: object) -> bool:
    """Whether a table gives a column no name; pandas numbers such columns."""
    return _NAMELESS.fullmatch(str(column)) is not None


def _suggested(columns: list[Any], fields: Mapping[str, Field]) -> Iterator[tuple[Any, str]]:
    """The fields that columns probably are; those of the same name first."""
    yield from ((column, column) for column in columns if column in fields)
    exact = {_letters(name): name for name in SYNONYMS}
    alike = {word: name for name, words in SYNONYMS.items() for word in words.split()}
    for names in (exact, alike):
        yield from ((column, name) for column in columns if (name := names.get(_letters(column), "")) in fields)


def _letters(name: object) -> str:
    return "".join(filter(str.isalnum, str(name).casefold()))


def _of_form(cell: Any, form: Any) -> Any:
    """A cell as a field of a lead has it: tables have numbers where it has texts, and texts where it has numbers."""
    members = members_of(form)[0]
    plain = _plain(cell)
    if str in members:
        return str(plain)
    for member in members:
        if is_enumeration(member):
            named = member.__members__.get(str(plain).upper().replace(" ", "_"))
            plain = plain if named is None else named.value
        if isinstance(member, type) and issubclass(member, int) and not str(plain).lstrip("-").isdecimal():
            raise ValueError(f"it takes a number, not {plain!r}")
    return int(plain) if isinstance(plain, str) else plain


def _plain(cell: Any) -> Any:
    """A cell as JSON has it: a text, a number, or true or false."""
    if hasattr(cell, "isoformat"):
        return cell.isoformat()
    value = opened(cell)
    if isinstance(value, dict | list):
        raise ValueError(f"it takes a text or a number, not a {type(cell).__name__}")
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _reason(answer: object) -> str:
    """Why leads of a request were not added, by its counters."""
    counted = [reason for name, reason in REASONS.items() if _is_positive(getattr(answer, name, None))]
    if not counted and getattr(answer, "remaining_in_plan", None) == 0:
        return "the plan has no uploads left"
    return " or ".join(counted) or "the service does not say why"


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and value > 0
