"""Progress of adding any number of leads, so that a call can go on after a failure."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar, cast, runtime_checkable

from attrs import define, field

from ..call.dry_run import DryRun
from ..call.observers import Observers
from ..call.retry import Failure, of_status
from ..error_tree import (
    APIConnectionError,
    ClientClosedError,
    ConfigurationError,
    InstantlyError,
    PayloadTooLargeError,
    StatusError,
)
from ..models.encode import PLAIN, UnsendableError, is_missing, is_model
from ..models.given import AsGiven
from ..models.unset import UNSET
from .bulk_result import BulkAddResult

Created = TypeVar("Created")

MAX_LEADS = 1000


@runtime_checkable
class DataFrame(Protocol):
    """A table of pandas or polars."""

    @property
    def columns(self) -> Any: ...

    @property
    def to_dict(self) -> Any: ...


_END = object()


@define(kw_only=True)
class BulkAddProgress(AsGiven, Generic[Created]):
    """How far `add_many` has come. It is kept up to date by the call that it was given to.

    It can be pickled, to go on in another process; `BulkAddProgress(confirmed=5000)` is enough to go on after the
    first 5,000 leads.
    """

    confirmed: int = 0
    """How many leads, from the first one on, the service has answered for."""
    result: BulkAddResult[Created] = field(factory=BulkAddResult[Created])
    """What became of them."""
    in_doubt: bool = False
    """Whether `chunk` was sent without an answer that says whether its leads were added. It has to be settled before
    the call can go on: see `settle`.
    """
    chunk: list[Any] = field(factory=list, repr=False)
    """The leads that come next: those of the request that failed. Empty after a success."""
    latest: Any = field(init=False, default=None, repr=False, eq=False)
    """The answer to the latest request, also where the result collects no leads."""
    _source: Any = field(init=False, default=None, repr=False, eq=False)
    _source_broken: bool = field(init=False, default=False, repr=False, eq=False)
    _read_ahead: list[Any] = field(init=False, factory=list, repr=False, eq=False)

    def settle(self, *, carried_out: bool) -> None:
        """Decide about a chunk that is in doubt; where none is, this does nothing.

        Args:
            carried_out: True takes its leads as added, and they are not sent again; the counters of `result` leave
                them out. False sends them again: the service counts those that the campaign or list already has
                as `duplicated_leads`.
        """
        if not self.in_doubt:
            return
        self.in_doubt = False
        if carried_out:
            self.confirmed += len(self.chunk)
            self.chunk = []

    def __getstate__(self) -> tuple[None, dict[str, Any]]:
        # An iterator that is partly read cannot go along, nor what was read from it.
        return None, {
            "confirmed": self.confirmed,
            "result": self.result,
            "in_doubt": self.in_doubt,
            "chunk": self.chunk,
            "latest": None,
            "_source": None,
            "_source_broken": False,
            "_read_ahead": [],
        }


class BulkAddError(InstantlyError):
    """Adding many leads stopped before the last one; `__cause__` says why. The same call with `progress=error.progress`
    goes on from there.

    Attributes:
        progress: how far it came, for the call that goes on from there.
    """

    def __init__(self, message: str, *, progress: BulkAddProgress[Any] | None = None) -> None:
        super().__init__(message)
        # None only while a pickle is read.
        self.progress: BulkAddProgress[Any] = cast("BulkAddProgress[Any]", progress)


class BulkAdd(Generic[Created]):
    """State of one call of `add_many`. The helpers read and send; this decides."""

    __slots__ = (
        "_answered",
        "_collect",
        "_not_sent",
        "_progress",
        "_size",
        "_to_skip",
        "_unsent_leads",
        "_unsent_requests",
    )

    def __init__(
        self,
        leads: object,
        chunk_size: int,
        progress: BulkAddProgress[Created] | None,
        skip_confirmed: bool,
        collect: bool,
    ) -> None:
        if not 1 <= chunk_size <= MAX_LEADS:
            raise ValueError(f"chunk_size must be between 1 and {MAX_LEADS}, not {chunk_size}")
        if isinstance(leads, str | bytes | Mapping):
            raise TypeError(f"leads must be an iterable of leads, not one {type(leads).__name__}")
        if progress is None:
            progress = BulkAddProgress()
        # An iterator goes on from its position, with the leads that were read from it and not sent.
        once = isinstance(leads, Iterator | AsyncIterator)
        goes_on = once and leads is progress._source
        if goes_on and progress._source_broken:
            raise ValueError("this iterator has failed: give the leads from the first one on, in a new one")
        if progress.in_doubt and (goes_on or skip_confirmed):
            raise ValueError("the last chunk may have been carried out: say so, or not, with progress.settle()")
        progress._read_ahead = [*progress.chunk, *progress._read_ahead] if goes_on else []
        progress._source = leads if once else None
        progress._source_broken = False
        progress.chunk = []
        progress.in_doubt = False
        self._progress = progress
        self._size = chunk_size
        self._collect = collect
        self._answered = False
        self._not_sent: DryRun | None = None
        self._unsent_requests = self._unsent_leads = 0
        self._to_skip = progress.confirmed if skip_confirmed and not goes_on else 0

    def source(self, leads: Iterable[Any] | DataFrame) -> Iterator[Any]:
        """Return what `skip` and `read` take the leads from."""
        return iter(records(leads))

    def source_async(self, leads: Iterable[Any] | AsyncIterable[Any] | DataFrame) -> AsyncIterator[Any]:
        """Return what `skip_async` and `read_async` take the leads from."""
        return aiter(leads) if isinstance(leads, AsyncIterable) else _Stepwise(self.source(leads))

    def skip(self, source: Iterator[Any]) -> None:
        """Pass over the leads that are confirmed."""
        with self._reading():
            skipped = sum(1 for _ in islice(source, self._to_skip))
        self._check_skipped(skipped)

    async def skip_async(self, source: AsyncIterator[Any]) -> None:
        """Pass over the leads that are confirmed."""
        skipped = 0
        with self._reading():
            while skipped < self._to_skip and await anext(source, _END) is not _END:
                skipped += 1
        self._check_skipped(skipped)

    def read(self, source: Iterator[Any]) -> list[Any]:
        """Return the leads of the next chunk, none at the end."""
        chunk = self._begin_chunk()
        with self._reading():
            chunk.extend(islice(source, self._size - len(chunk)))
        return chunk

    async def read_async(self, source: AsyncIterator[Any]) -> list[Any]:
        """Return the leads of the next chunk, none at the end."""
        chunk = self._begin_chunk()
        with self._reading():
            while len(chunk) < self._size and (lead := await anext(source, _END)) is not _END:
                chunk.append(lead)
        return chunk

    def _begin_chunk(self) -> list[Any]:
        # The chunk is the progress's own from the beginning, so that nothing is lost that was read.
        progress, size = self._progress, self._size
        progress.chunk = progress._read_ahead[:size]
        del progress._read_ahead[:size]
        return progress.chunk

    @contextmanager
    def _reading(self) -> Generator[None, None, None]:
        progress = self._progress
        progress._source_broken = True
        try:
            yield
        except Exception as error:
            raise self._stopped(error, "the leads could not be read") from error
        progress._source_broken = False

    def _check_skipped(self, skipped: int) -> None:
        if skipped < self._to_skip:
            self._progress._source = None
            raise ValueError(
                f"{self._to_skip} leads are confirmed, but there are only {skipped}: give all leads from the first "
                "one on, or skip_confirmed=False with those that remain"
            )

    @contextmanager
    def sending(self) -> Generator[list[Any], None, None]:
        """Return the chunk as it is sent, and note what an exception says about it; one that is too large is read
        anew, half of it first.
        """
        progress = self._progress
        progress.in_doubt = True  # Until it is known, and for good if we are interrupted.
        self._answered = False
        try:
            yield [_without_missing(lead) for lead in progress.chunk]
        except DryRun as not_sent:
            self._not_sent = self._not_sent or not_sent
            self._unsent_requests += 1
            self._unsent_leads += len(progress.chunk)
            progress.chunk = []
            progress.in_doubt = False
        except Exception as error:
            if isinstance(error, PayloadTooLargeError) and len(progress.chunk) > 1:
                self._size = len(progress.chunk) // 2
                progress._read_ahead = [*progress.chunk, *progress._read_ahead]
                progress.chunk = []
                progress.in_doubt = False
                return
            progress.in_doubt = may_have_arrived(error)
            if isinstance(error, UnsendableError) and isinstance(error.steps[-2:][0], int):
                error.steps[-2] += progress.confirmed  # Counted from the first lead of all, not of the request.
            what = f"the next {len(progress.chunk)} {'may' if progress.in_doubt else 'cannot'} have been added"
            raise self._stopped(error, what) from error

    def confirm(self, result: object) -> None:
        """Note the answer to the chunk."""
        progress = self._progress
        progress.result.add(result, progress.confirmed, collect=self._collect)
        progress.confirmed += len(progress.chunk)
        progress.chunk = []
        progress.latest = result
        progress.in_doubt = False
        self._answered = True

    def report(self, observers: Observers, on_progress: Callable[[BulkAddProgress[Created]], Any] | None) -> None:
        """Call the hook after a request that succeeded."""
        if on_progress is not None and self._answered:
            observers.notify("on_progress", on_progress, self._progress)

    def _stopped(self, error: Exception, what: str) -> BulkAddError:
        # The message of a foreign exception may contain data of people.
        reason = str(error) if isinstance(error, InstantlyError | UnsendableError) else type(error).__name__
        confirmed = self._progress.confirmed
        return BulkAddError(f"Stopped after {confirmed} leads, {what}: {reason}", progress=self._progress)

    def finish(self) -> BulkAddResult[Created]:
        """Return what became of all leads.

        Raises:
            DryRun: none of them was sent; it has the first request.
        """
        first = self._not_sent
        if first is not None:
            requests = f"{self._unsent_requests} request{'s' * (self._unsent_requests > 1)}"
            raise DryRun(
                f"would {first.method} {first.path} in {requests}, with {self._unsent_leads} leads",
                operation=first.operation,
                method=first.method,
                path=first.path,
                query=first.query,
                body=first.body,
            )
        return self._progress.result


class _Stepwise:
    """An iterator as an async one."""

    __slots__ = ("_iterator",)

    def __init__(self, iterator: Iterator[Any]) -> None:
        self._iterator = iterator

    def __aiter__(self) -> _Stepwise:
        return self

    async def __anext__(self) -> Any:
        for item in self._iterator:
            return item
        raise StopAsyncIteration


def records(leads: Any) -> Any:
    """The rows of a data frame; anything else as it is."""
    if isinstance(leads, DataFrame):
        return leads.to_dicts() if hasattr(leads, "to_dicts") else leads.to_dict("records")
    return leads


def _without_missing(lead: Any) -> Any:
    """A row without its empty cells: NaN, NaT and NA are how libraries of tables say that nothing is there."""
    if not isinstance(lead, Mapping) or is_model(type(lead)):
        return lead
    return {
        name: _without_missing(value)
        for name, value in lead.items()
        if value.__class__ in PLAIN or not (value is UNSET or is_missing(value))
    }


def may_have_arrived(error: Exception) -> bool:
    if isinstance(error, APIConnectionError | ClientClosedError):
        return error.sent
    if isinstance(error, StatusError):
        return error.status_code is not None and of_status(error.status_code) is Failure.UNCLEAR
    return not isinstance(error, ConfigurationError | UnsendableError)
