"""Add any number of leads, a thousand a request, and go on after a failure where it stopped."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from attrs import define, field

from ..arguments import check_in
from ..codec import dumps
from ..encode import jsonable
from ..errors import (
    APIConnectionError,
    BulkAddError,
    ClientClosedError,
    ConfigurationError,
    InstantlyError,
    StatusError,
)
from ..model import Model
from ..retry import Failure, of_status
from ..unset import UNSET, Unset

Lead = TypeVar("Lead")
Lead_contra = TypeVar("Lead_contra", contravariant=True)
Created = TypeVar("Created")
Created_co = TypeVar("Created_co", covariant=True)

MOST_LEADS = 1000
_END = object()


@define(kw_only=True, repr=False)
class BulkAddResult(Model, Generic[Created]):
    """What became of all the leads that were sent: the results of the requests, added up.

    Counters that the service has beyond these are in `additional_properties`, added up as well.
    """

    status: str = ""
    """Outcome of the latest request as a whole."""
    total_sent: int = 0
    """How many leads the requests contained."""
    leads_uploaded: int = 0
    """How many leads were created."""
    in_blocklist: int = 0
    """How many leads were skipped because the blocklist contains their email address."""
    blocklist_used: str | None = None
    """Id of the blocklist the leads were checked against."""
    duplicated_leads: int = 0
    """How many leads were not added again because this particular campaign or list already had them."""
    skipped_count: int = 0
    """How many leads the enabled `skip_if_in_...` flags caused to be skipped."""
    invalid_email_count: int = 0
    """How many leads were skipped for a missing or malformed email address."""
    incomplete_count: int = 0
    """How many leads were skipped for having neither an email address nor names. Calculated for lists only."""
    duplicate_email_count: int = 0
    """How many leads were skipped because the same email address occurred more than once in a request."""
    remaining_in_plan: int | None = None
    """Lead uploads left in the current billing plan after the latest request. None without a `campaign_id`."""
    created_leads: list[Created] = field(factory=list)
    """Short records of the leads that were created. Their `index` counts from the first of all leads."""
    additional_properties: dict[str, Any] = field(factory=dict)

    def add(self, result: object, offset: int) -> None:
        """Add the result of a request whose first lead is at `offset` of all leads."""
        if not isinstance(result, Model):
            return  # The service said yes, but not what to.
        for name, attribute in result.FIELDS.items():
            self._add_field(name, getattr(result, attribute), offset)
        for name, value in result.additional_properties.items():
            self._add_field(name, value, offset)

    def _add_field(self, name: str, value: Any, offset: int) -> None:
        if value is UNSET or value is None:
            return
        if name == "created_leads" and isinstance(value, list):
            for lead in value:
                if type(getattr(lead, "index", None)) is int:
                    lead.index += offset
        attribute = self.FIELDS.get(name)
        if attribute is not None:
            setattr(self, attribute, _sum(name, getattr(self, attribute), value))
        else:
            self.additional_properties[name] = _sum(name, self.additional_properties.get(name), value)


def _sum(name: str, old: Any, new: Any) -> Any:
    """Add two values of a field: numbers and lists; of anything else the new one counts."""
    if name == "remaining_in_plan":  # A level, no counter.
        return new if _is_number(new) else old
    if isinstance(old, list):
        if isinstance(new, list):
            old.extend(new)
        return old
    if _is_number(old):
        return old + new if _is_number(new) else old
    return new


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@define(kw_only=True)
class BulkAddProgress(Generic[Created]):
    """How far `add_many` has come. It is kept up to date by the call that it was given to.

    It can be pickled, to go on in another process; `BulkAddProgress(confirmed=5000)` is enough to go on after the
    first 5,000 leads.
    """

    confirmed: int = 0
    """How many leads, from the first one on, the service has answered for."""
    result: BulkAddResult[Created] = field(factory=BulkAddResult)
    """What became of them."""
    in_doubt: bool = False
    """Whether `chunk` was sent without an answer that tells whether its leads were added. It has to be settled before
    the call can go on: see `settle`.
    """
    chunk: list[Any] = field(factory=list, repr=False)
    """The leads that come next: those of the request that failed. Empty after a success."""
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
            "_source": None,
            "_source_broken": False,
            "_read_ahead": [],
        }


class _Run(Generic[Created]):
    """One call of `add_many`, but for the waiting."""

    __slots__ = ("_progress", "_size", "_to_skip")

    def __init__(
        self, leads: object, chunk_size: int, progress: BulkAddProgress[Created] | None, skip_confirmed: bool
    ) -> None:
        if not 1 <= chunk_size <= MOST_LEADS:
            raise ValueError(f"chunk_size must be between 1 and {MOST_LEADS}, not {chunk_size}")
        if isinstance(leads, str | bytes | Mapping):
            raise TypeError(f"leads must be an iterable of leads, not one {type(leads).__name__}")
        if progress is None:
            progress = BulkAddProgress()
        # What can be read only once goes on where it stands, with what was read from it and not sent.
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
        self._to_skip = progress.confirmed if skip_confirmed and not goes_on else 0

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
    def sending(self, options: Mapping[str, Any]) -> Generator[None, None, None]:
        """Note what an exception says about the chunk."""
        progress = self._progress
        progress.in_doubt = True  # Until it is known, and for good if we are interrupted.
        try:
            yield
        except Exception as error:
            progress.in_doubt = _may_have_arrived(error, [progress.chunk, options])
            what = f"the next {len(progress.chunk)} {'may' if progress.in_doubt else 'cannot'} have been added"
            raise self._stopped(error, what) from error

    def confirm(self, result: object) -> BulkAddProgress[Created]:
        """Note the answer to the chunk."""
        progress = self._progress
        progress.result.add(result, progress.confirmed)
        progress.confirmed += len(progress.chunk)
        progress.chunk = []
        progress.in_doubt = False
        return progress

    def _stopped(self, error: Exception, what: str) -> BulkAddError:
        # The words of a stranger's exception may tell about people.
        reason = str(error) if isinstance(error, InstantlyError) else type(error).__name__
        confirmed = self._progress.confirmed
        return BulkAddError(f"Stopped after {confirmed} leads, {what}: {reason}", progress=self._progress)

    @property
    def result(self) -> BulkAddResult[Created]:
        """What became of all leads up to now."""
        return self._progress.result


def _may_have_arrived(error: Exception, content: Any) -> bool:
    if isinstance(error, APIConnectionError):
        return error.sent
    if isinstance(error, StatusError):
        return error.status_code is not None and of_status(error.status_code) is Failure.UNCLEAR
    if isinstance(error, ClientClosedError | ConfigurationError):
        return False
    if isinstance(error, TypeError | ValueError):
        return _can_be_sent(content)
    return True


def _can_be_sent(content: Any) -> bool:
    try:
        dumps(jsonable(content))
    except (TypeError, ValueError):
        return False
    return True


class _Result(Protocol[Created_co]):
    @property
    def created_leads(self) -> Sequence[Created_co]: ...


class _Adds(Protocol[Lead_contra, Created_co]):
    def bulk_add(
        self,
        *,
        campaign_id: str | Unset = ...,
        list_id: str | Unset = ...,
        leads: Sequence[Lead_contra | Mapping[str, Any]],
        blocklist_id: str | Unset | None = ...,
        assigned_to: str | Unset = ...,
        verify_leads_on_import: bool | Unset = ...,
        skip_if_in_workspace: bool | Unset = ...,
        skip_if_in_campaign: bool | Unset = ...,
        skip_if_in_list: bool | Unset = ...,
    ) -> _Result[Created_co]: ...


class _AsyncAdds(Protocol[Lead_contra, Created_co]):
    async def bulk_add(
        self,
        *,
        campaign_id: str | Unset = ...,
        list_id: str | Unset = ...,
        leads: Sequence[Lead_contra | Mapping[str, Any]],
        blocklist_id: str | Unset | None = ...,
        assigned_to: str | Unset = ...,
        verify_leads_on_import: bool | Unset = ...,
        skip_if_in_workspace: bool | Unset = ...,
        skip_if_in_campaign: bool | Unset = ...,
        skip_if_in_list: bool | Unset = ...,
    ) -> _Result[Created_co]: ...


class LeadHelpers:
    """What leads can do beside their operations."""

    __slots__ = ()

    # Of the same name in both classes, so that their methods are spelled alike.
    _Leads: TypeAlias = Iterable[Lead | Mapping[str, Any]]

    def add_many(
        self: _Adds[Lead, Created],
        leads: _Leads[Lead],
        /,
        *,
        campaign_id: str | Unset = UNSET,
        list_id: str | Unset = UNSET,
        blocklist_id: str | Unset | None = UNSET,
        assigned_to: str | Unset = UNSET,
        verify_leads_on_import: bool | Unset = UNSET,
        skip_if_in_workspace: bool | Unset = UNSET,
        skip_if_in_campaign: bool | Unset = UNSET,
        skip_if_in_list: bool | Unset = UNSET,
        chunk_size: int = MOST_LEADS,
        progress: BulkAddProgress[Created] | None = None,
        skip_confirmed: bool = True,
        on_progress: Callable[[BulkAddProgress[Created]], None] | None = None,
    ) -> BulkAddResult[Created]:
        """Add any number of leads to a campaign or list.

        They are read as they are needed and sent by `bulk_add`, at most 1,000 in a request, one request after the
        other. No request is repeated here. After a failure, `error.progress` goes on where it stopped:

            try:
                result = client.leads.add_many(leads, campaign_id=id)
            except BulkAddError as error:
                ...  # look at error.progress and error.__cause__
                result = client.leads.add_many(leads, campaign_id=id, progress=error.progress)

        The request that failed may have been carried out, for instance if its answer never came. Then
        `error.progress.in_doubt` is true, and `error.progress.settle(carried_out=...)` has to decide first whether
        its leads are sent again.

        Args:
            leads: The leads, as models or mappings, in any iterable; the async client takes async iterables too.
            campaign_id: Id of the campaign that receives the leads. Give either this or `list_id`. A UUID.
            list_id: Id of the list that receives the leads. Give either this or `campaign_id`. A UUID.
            blocklist_id: Id of the blocklist to check the leads against; the workspace's default one if left out.
                A UUID.
            assigned_to: Id of the user who gets the leads. A UUID.
            verify_leads_on_import: True to start a background job that verifies the email addresses.
            skip_if_in_workspace: True to skip leads the workspace already holds in whichever campaign or list.
            skip_if_in_campaign: True to skip leads that are already in any campaign of the workspace.
            skip_if_in_list: True to skip leads that are already in any list of the workspace.
            chunk_size: Leads in a request. Between 1 and 1000.
            progress: That of an earlier call, to go on from there. `leads` are then the same as before, in the same
                order from the first one on, and those that are confirmed are skipped. An iterator that the earlier
                call has partly read goes on where it stands; nothing of it is lost. A new `BulkAddProgress()`
                serves to go on after an interruption that is no failure, such as KeyboardInterrupt: it is kept up
                to date.
            skip_confirmed: False if `leads` are only those that remain after the confirmed ones.
            on_progress: Called with the progress after each request that succeeded.

        Returns:
            The results of all requests, added up; those before `progress` included.

        Raises:
            BulkAddError: A request failed, or the leads could not be read; `progress` tells how far it came, and
                `__cause__` why it stopped.
            ValueError: `chunk_size` cannot be, the chunk in doubt is not settled, or there are fewer leads than are
                confirmed.
        """
        run = _Run(leads, chunk_size, progress, skip_confirmed)
        options: dict[str, Any] = {
            "campaign_id": campaign_id,
            "list_id": list_id,
            "blocklist_id": blocklist_id,
            "assigned_to": assigned_to,
            "verify_leads_on_import": verify_leads_on_import,
            "skip_if_in_workspace": skip_if_in_workspace,
            "skip_if_in_campaign": skip_if_in_campaign,
            "skip_if_in_list": skip_if_in_list,
        }
        source = iter(leads)
        run.skip(source)
        while chunk := run.read(source):
            with run.sending(options):
                result = self.bulk_add(leads=chunk, **options)
            current = run.confirm(result)
            if on_progress is not None:
                on_progress(current)
        return run.result


class AsyncLeadHelpers:
    """What leads can do beside their operations."""

    __slots__ = ()

    _Leads: TypeAlias = Iterable[Lead | Mapping[str, Any]] | AsyncIterable[Lead | Mapping[str, Any]]

    async def add_many(
        self: _AsyncAdds[Lead, Created],
        leads: _Leads[Lead],
        /,
        *,
        campaign_id: str | Unset = UNSET,
        list_id: str | Unset = UNSET,
        blocklist_id: str | Unset | None = UNSET,
        assigned_to: str | Unset = UNSET,
        verify_leads_on_import: bool | Unset = UNSET,
        skip_if_in_workspace: bool | Unset = UNSET,
        skip_if_in_campaign: bool | Unset = UNSET,
        skip_if_in_list: bool | Unset = UNSET,
        chunk_size: int = MOST_LEADS,
        progress: BulkAddProgress[Created] | None = None,
        skip_confirmed: bool = True,
        on_progress: Callable[[BulkAddProgress[Created]], None] | None = None,
    ) -> BulkAddResult[Created]:
        """Add any number of leads to a campaign or list.

        They are read as they are needed and sent by `bulk_add`, at most 1,000 in a request, one request after the
        other. No request is repeated here. After a failure, `error.progress` goes on where it stopped:

            try:
                result = client.leads.add_many(leads, campaign_id=id)
            except BulkAddError as error:
                ...  # look at error.progress and error.__cause__
                result = client.leads.add_many(leads, campaign_id=id, progress=error.progress)

        The request that failed may have been carried out, for instance if its answer never came. Then
        `error.progress.in_doubt` is true, and `error.progress.settle(carried_out=...)` has to decide first whether
        its leads are sent again.

        Args:
            leads: The leads, as models or mappings, in any iterable; the async client takes async iterables too.
            campaign_id: Id of the campaign that receives the leads. Give either this or `list_id`. A UUID.
            list_id: Id of the list that receives the leads. Give either this or `campaign_id`. A UUID.
            blocklist_id: Id of the blocklist to check the leads against; the workspace's default one if left out.
                A UUID.
            assigned_to: Id of the user who gets the leads. A UUID.
            verify_leads_on_import: True to start a background job that verifies the email addresses.
            skip_if_in_workspace: True to skip leads the workspace already holds in whichever campaign or list.
            skip_if_in_campaign: True to skip leads that are already in any campaign of the workspace.
            skip_if_in_list: True to skip leads that are already in any list of the workspace.
            chunk_size: Leads in a request. Between 1 and 1000.
            progress: That of an earlier call, to go on from there. `leads` are then the same as before, in the same
                order from the first one on, and those that are confirmed are skipped. An iterator that the earlier
                call has partly read goes on where it stands; nothing of it is lost. A new `BulkAddProgress()`
                serves to go on after an interruption that is no failure, such as KeyboardInterrupt: it is kept up
                to date.
            skip_confirmed: False if `leads` are only those that remain after the confirmed ones.
            on_progress: Called with the progress after each request that succeeded.

        Returns:
            The results of all requests, added up; those before `progress` included.

        Raises:
            BulkAddError: A request failed, or the leads could not be read; `progress` tells how far it came, and
                `__cause__` why it stopped.
            ValueError: `chunk_size` cannot be, the chunk in doubt is not settled, or there are fewer leads than are
                confirmed.
        """
        run = _Run(leads, chunk_size, progress, skip_confirmed)
        options: dict[str, Any] = {
            "campaign_id": campaign_id,
            "list_id": list_id,
            "blocklist_id": blocklist_id,
            "assigned_to": assigned_to,
            "verify_leads_on_import": verify_leads_on_import,
            "skip_if_in_workspace": skip_if_in_workspace,
            "skip_if_in_campaign": skip_if_in_campaign,
            "skip_if_in_list": skip_if_in_list,
        }
        source = aiter(leads) if isinstance(leads, AsyncIterable) else _Stepwise(iter(leads))
        await run.skip_async(source)
        while chunk := await run.read_async(source):
            with run.sending(options):
                result = await self.bulk_add(leads=chunk, **options)
            current = run.confirm(result)
            if on_progress is not None:
                on_progress(current)
        return run.result


class _Stepwise(Generic[Lead]):
    """An iterator as an async one."""

    __slots__ = ("_iterator",)

    def __init__(self, iterator: Iterator[Lead]) -> None:
        self._iterator = iterator

    def __aiter__(self) -> _Stepwise[Lead]:
        return self

    async def __anext__(self) -> Lead:
        for item in self._iterator:
            return item
        raise StopAsyncIteration


check_in(LeadHelpers)
check_in(AsyncLeadHelpers)
