"""Add any number of leads, or import the rows of a table, and go on after a failure where it stopped."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Protocol, TypeAlias, TypeVar

from ..call.arguments import explained, in_methods
from ..models.given import AsGiven
from ..models.unset import UNSET, Unset
from .bulk_add import MAX_LEADS, BulkAdd, BulkAddProgress, DataFrame
from .bulk_result import BulkAddResult
from .row_import import ImportReport, RowImport, rows_of, rows_of_async

Lead = TypeVar("Lead")
Lead_contra = TypeVar("Lead_contra", contravariant=True)
Created = TypeVar("Created")
Created_co = TypeVar("Created_co", covariant=True)

_Leads: TypeAlias = Iterable[Lead | Mapping[str, Any]] | Annotated[DataFrame, AsGiven]
_Rows: TypeAlias = Iterable[Mapping[Any, Any]] | Annotated[DataFrame, AsGiven]
_AsyncRows: TypeAlias = _Rows | Annotated[AsyncIterable[Mapping[Any, Any]], AsGiven]
_AsyncLeads: TypeAlias = _Leads[Lead] | Annotated[AsyncIterable[Lead | Mapping[str, Any]], AsGiven]


class _Result(Protocol[Created_co]):
    @property
    def created_leads(self) -> Sequence[Created_co]: ...


class _Adds(Protocol[Lead_contra, Created_co]):
    _client: Any

    def bulk_add(self, *, leads: Sequence[Lead_contra]) -> _Result[Created_co]: ...


class _AsyncAdds(Protocol[Lead_contra, Created_co]):
    _client: Any

    async def bulk_add(self, *, leads: Sequence[Lead_contra]) -> _Result[Created_co]: ...


class _Imports(Protocol):
    @property
    def bulk_add(self) -> Any: ...

    @property
    def add_many(self) -> Any: ...


class LeadHelpers:
    """Helpers of the resource `leads`."""

    __slots__ = ()

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
        chunk_size: int = MAX_LEADS,
        progress: BulkAddProgress[Created] | None = None,
        skip_confirmed: bool = True,
        collect: bool = True,
        on_progress: Callable[[BulkAddProgress[Created]], Any] | None = None,
    ) -> BulkAddResult[Created]:
        """Add any number of leads to a campaign or list.

        They are read as they are needed and sent by `bulk_add`, at most 1,000 in a request, one request after the
        other. What the service refuses as too large is sent in halves; no other request is repeated here. After a
        failure, `error.progress` goes on where it stopped:

            try:
                result = client.leads.add_many(leads, campaign_id=id)
            except BulkAddError as error:
                ...  # look at error.progress and error.__cause__
                result = client.leads.add_many(leads, campaign_id=id, progress=error.progress)

        The request that failed may have been carried out, for instance if its answer never came. Then
        `error.progress.in_doubt` is true, and `error.progress.settle(carried_out=...)` has to decide first whether
        its leads are sent again.

        Args:
            leads: The leads, as models or mappings, in any iterable; the async client takes async iterables too. A
                data frame of pandas or polars is taken as its rows. Empty cells (NaN, NaT, NA) are not sent.
            campaign_id: Id of the campaign that receives the leads. Give either this or `list_id`. A UUID.
            list_id: Id of the list that receives the leads. Give either this or `campaign_id`. A UUID.
            blocklist_id: Id of the blocklist to check the leads against; the workspace's default one if left out.
                A UUID.
            assigned_to: Id of the user who gets the leads. A UUID.
            verify_leads_on_import: True to start a background job that verifies the email addresses.
            skip_if_in_workspace: True to skip leads that are already in any campaign or list of the workspace.
            skip_if_in_campaign: True to skip leads that are already in any campaign of the workspace.
            skip_if_in_list: True to skip leads that are already in any list of the workspace.
            chunk_size: Leads in a request. Between 1 and 1000.
            progress: That of an earlier call, to go on from there. `leads` are then the same as before, in the same
                order from the first one on, and those that are confirmed are skipped. An iterator that the earlier
                call has partly read goes on from its position; nothing of it is lost. A new `BulkAddProgress()`
                serves to go on after an interruption that is no failure, such as KeyboardInterrupt: it is kept up
                to date.
            skip_confirmed: False if `leads` are only those that remain after the confirmed ones.
            collect: False keeps no list of the created leads, so that memory stays the same however many there are;
                `on_progress` finds those of each request in `progress.latest`.
            on_progress: Called with the progress after each request that succeeded. Whatever it raises is logged and
                ignored. The async client awaits it if it is `async def`.

        Returns:
            The results of all requests, added up; those before `progress` included.

        Raises:
            BulkAddError: A request failed, or the leads could not be read; `progress` says how far it came, and
                `__cause__` why it stopped.
            DryRun: The client has `dry_run=True`: all requests were checked and logged, none was sent, and `progress`
                stays as it was. It has the first of them.
            ValueError: `chunk_size` cannot be, the chunk in doubt is not settled, or there are fewer leads than are
                confirmed.
        """
        run = BulkAdd(leads, chunk_size, progress, skip_confirmed, collect)
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
        observers = self._client._observers
        source = run.source(leads)
        run.skip(source)
        while run.read(source):
            with run.sending() as chunk:
                run.confirm(self.bulk_add(leads=chunk, **options))
            run.report(observers, on_progress)
            observers.settle()
        return run.finish()

    def import_rows(
        self: _Imports,
        rows: _Rows,
        /,
        *,
        campaign_id: str | Unset = UNSET,
        list_id: str | Unset = UNSET,
        mapping: Mapping[str, str | None] | None = None,
        report: ImportReport | None = None,
        blocklist_id: str | Unset | None = UNSET,
        assigned_to: str | Unset = UNSET,
        verify_leads_on_import: bool | Unset = UNSET,
        skip_if_in_workspace: bool | Unset = UNSET,
        skip_if_in_campaign: bool | Unset = UNSET,
        skip_if_in_list: bool | Unset = UNSET,
        chunk_size: int = MAX_LEADS,
        on_progress: Callable[[ImportReport], Any] | None = None,
    ) -> ImportReport:
        """Import the rows of a table as leads, and report what became of each.

        Columns become fields of a lead where they are called so, or nearly so ("E-mail", "First Name"), and custom
        variables of their name otherwise. Empty cells (None, "", NaN, NaT, NA) are not given. Of rows with the same
        address, whatever its case, the first is sent; rows without a valid one are not. All rows are read before any is
        sent, in requests of `add_many`.

            with open("leads.csv", encoding="utf-8-sig", newline="") as file:
                report = client.leads.import_rows(csv.DictReader(file), campaign_id=id)
            report.to_csv("report.csv")

        After a failure, the same call with `report=error.report` goes on where it stopped. Rows that are in doubt have
        to be settled first: see `ImportReport.settle`. It does no harm to import a file twice: a campaign or list gets
        no address a second time.

        Args:
            rows: The rows, as mappings of columns: a csv.DictReader, a list of dicts, or a data frame of pandas or
                polars; the async client takes async iterables too.
            campaign_id: Id of the campaign that receives the leads. Give either this or `list_id`. A UUID.
            list_id: Id of the list that receives the leads. Give either this or `campaign_id`. A UUID.
            mapping: What columns become, where that is not clear from their name: a field of a lead, such as
                "first_name"; "custom_variables.NAME"; or None to leave the column out.
            report: That of an earlier call with the same rows, to go on from there; or a new `ImportReport()`, which
                is kept up to date, also if the call is interrupted, or is a dry run.
            blocklist_id: Id of the blocklist to check the leads against; the workspace's default one if left out.
                A UUID.
            assigned_to: Id of the user who gets the leads. A UUID.
            verify_leads_on_import: True to start a background job that verifies the email addresses.
            skip_if_in_workspace: True to skip leads that are already in any campaign or list of the workspace.
            skip_if_in_campaign: True to skip leads that are already in any campaign of the workspace.
            skip_if_in_list: True to skip leads that are already in any list of the workspace.
            chunk_size: Leads in a request. Between 1 and 1000. The fewer, the more exact are the reasons of refusals.
            on_progress: Called with the report after each request that succeeded. Whatever it raises is logged and
                ignored. The async client awaits it if it is `async def`.

        Returns:
            The report: `report.counts`, `report.rows`, `report.mapping`, `report.to_csv(path)`.

        Raises:
            RowImportError: A request failed; `report` says what became of the rows, and `__cause__` why it stopped.
            DryRun: The client has `dry_run=True`: all requests were checked and logged, and none was sent.
            ValueError: The mapping names what is not there, no column has the addresses, rows are in doubt, or they are
                not those of the report.
            TypeError: A row is no mapping.
        """
        table = rows_of(rows)
        run = RowImport(table, self.bulk_add, mapping, report, bool(campaign_id), bool(list_id))
        with run.sending():
            self.add_many(
                run.leads,
                campaign_id=campaign_id,
                list_id=list_id,
                blocklist_id=blocklist_id,
                assigned_to=assigned_to,
                verify_leads_on_import=verify_leads_on_import,
                skip_if_in_workspace=skip_if_in_workspace,
                skip_if_in_campaign=skip_if_in_campaign,
                skip_if_in_list=skip_if_in_list,
                chunk_size=chunk_size,
                progress=run.progress,
                collect=False,
                on_progress=run.noting(on_progress),
            )
        return run.report


class AsyncLeadHelpers:
    """Helpers of the resource `leads`."""

    __slots__ = ()

    async def add_many(
        self: _AsyncAdds[Lead, Created],
        leads: _AsyncLeads[Lead],
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
        chunk_size: int = MAX_LEADS,
        progress: BulkAddProgress[Created] | None = None,
        skip_confirmed: bool = True,
        collect: bool = True,
        on_progress: Callable[[BulkAddProgress[Created]], Any] | None = None,
    ) -> BulkAddResult[Created]:
        """Add any number of leads to a campaign or list.

        They are read as they are needed and sent by `bulk_add`, at most 1,000 in a request, one request after the
        other. What the service refuses as too large is sent in halves; no other request is repeated here. After a
        failure, `error.progress` goes on where it stopped:

            try:
                result = await client.leads.add_many(leads, campaign_id=id)
            except BulkAddError as error:
                ...  # look at error.progress and error.__cause__
                result = await client.leads.add_many(leads, campaign_id=id, progress=error.progress)

        The request that failed may have been carried out, for instance if its answer never came. Then
        `error.progress.in_doubt` is true, and `error.progress.settle(carried_out=...)` has to decide first whether
        its leads are sent again.

        Args:
            leads: The leads, as models or mappings, in any iterable; the async client takes async iterables too. A
                data frame of pandas or polars is taken as its rows. Empty cells (NaN, NaT, NA) are not sent.
            campaign_id: Id of the campaign that receives the leads. Give either this or `list_id`. A UUID.
            list_id: Id of the list that receives the leads. Give either this or `campaign_id`. A UUID.
            blocklist_id: Id of the blocklist to check the leads against; the workspace's default one if left out.
                A UUID.
            assigned_to: Id of the user who gets the leads. A UUID.
            verify_leads_on_import: True to start a background job that verifies the email addresses.
            skip_if_in_workspace: True to skip leads that are already in any campaign or list of the workspace.
            skip_if_in_campaign: True to skip leads that are already in any campaign of the workspace.
            skip_if_in_list: True to skip leads that are already in any list of the workspace.
            chunk_size: Leads in a request. Between 1 and 1000.
            progress: That of an earlier call, to go on from there. `leads` are then the same as before, in the same
                order from the first one on, and those that are confirmed are skipped. An iterator that the earlier
                call has partly read goes on from its position; nothing of it is lost. A new `BulkAddProgress()`
                serves to go on after an interruption that is no failure, such as KeyboardInterrupt: it is kept up
                to date.
            skip_confirmed: False if `leads` are only those that remain after the confirmed ones.
            collect: False keeps no list of the created leads, so that memory stays the same however many there are;
                `on_progress` finds those of each request in `progress.latest`.
            on_progress: Called with the progress after each request that succeeded. Whatever it raises is logged and
                ignored. The async client awaits it if it is `async def`.

        Returns:
            The results of all requests, added up; those before `progress` included.

        Raises:
            BulkAddError: A request failed, or the leads could not be read; `progress` says how far it came, and
                `__cause__` why it stopped.
            DryRun: The client has `dry_run=True`: all requests were checked and logged, none was sent, and `progress`
                stays as it was. It has the first of them.
            ValueError: `chunk_size` cannot be, the chunk in doubt is not settled, or there are fewer leads than are
                confirmed.
        """
        run = BulkAdd(leads, chunk_size, progress, skip_confirmed, collect)
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
        observers = self._client._observers
        source = run.source_async(leads)
        await run.skip_async(source)
        while await run.read_async(source):
            with run.sending() as chunk:
                run.confirm(await self.bulk_add(leads=chunk, **options))
            run.report(observers, on_progress)
            await observers.settle_async()
        return run.finish()

    async def import_rows(
        self: _Imports,
        rows: _AsyncRows,
        /,
        *,
        campaign_id: str | Unset = UNSET,
        list_id: str | Unset = UNSET,
        mapping: Mapping[str, str | None] | None = None,
        report: ImportReport | None = None,
        blocklist_id: str | Unset | None = UNSET,
        assigned_to: str | Unset = UNSET,
        verify_leads_on_import: bool | Unset = UNSET,
        skip_if_in_workspace: bool | Unset = UNSET,
        skip_if_in_campaign: bool | Unset = UNSET,
        skip_if_in_list: bool | Unset = UNSET,
        chunk_size: int = MAX_LEADS,
        on_progress: Callable[[ImportReport], Any] | None = None,
    ) -> ImportReport:
        """Import the rows of a table as leads, and report what became of each.

        Columns become fields of a lead where they are called so, or nearly so ("E-mail", "First Name"), and custom
        variables of their name otherwise. Empty cells (None, "", NaN, NaT, NA) are not given. Of rows with the same
        address, whatever its case, the first is sent; rows without a valid one are not. All rows are read before any is
        sent, in requests of `add_many`.

            with open("leads.csv", encoding="utf-8-sig", newline="") as file:
                report = await client.leads.import_rows(csv.DictReader(file), campaign_id=id)
            report.to_csv("report.csv")

        After a failure, the same call with `report=error.report` goes on where it stopped. Rows that are in doubt have
        to be settled first: see `ImportReport.settle`. It does no harm to import a file twice: a campaign or list gets
        no address a second time.

        Args:
            rows: The rows, as mappings of columns: a csv.DictReader, a list of dicts, or a data frame of pandas or
                polars; the async client takes async iterables too.
            campaign_id: Id of the campaign that receives the leads. Give either this or `list_id`. A UUID.
            list_id: Id of the list that receives the leads. Give either this or `campaign_id`. A UUID.
            mapping: What columns become, where that is not clear from their name: a field of a lead, such as
                "first_name"; "custom_variables.NAME"; or None to leave the column out.
            report: That of an earlier call with the same rows, to go on from there; or a new `ImportReport()`, which
                is kept up to date, also if the call is interrupted, or is a dry run.
            blocklist_id: Id of the blocklist to check the leads against; the workspace's default one if left out.
                A UUID.
            assigned_to: Id of the user who gets the leads. A UUID.
            verify_leads_on_import: True to start a background job that verifies the email addresses.
            skip_if_in_workspace: True to skip leads that are already in any campaign or list of the workspace.
            skip_if_in_campaign: True to skip leads that are already in any campaign of the workspace.
            skip_if_in_list: True to skip leads that are already in any list of the workspace.
            chunk_size: Leads in a request. Between 1 and 1000. The fewer, the more exact are the reasons of refusals.
            on_progress: Called with the report after each request that succeeded. Whatever it raises is logged and
                ignored. The async client awaits it if it is `async def`.

        Returns:
            The report: `report.counts`, `report.rows`, `report.mapping`, `report.to_csv(path)`.

        Raises:
            RowImportError: A request failed; `report` says what became of the rows, and `__cause__` why it stopped.
            DryRun: The client has `dry_run=True`: all requests were checked and logged, and none was sent.
            ValueError: The mapping names what is not there, no column has the addresses, rows are in doubt, or they are
                not those of the report.
            TypeError: A row is no mapping.
        """
        table = await rows_of_async(rows)
        run = RowImport(table, self.bulk_add, mapping, report, bool(campaign_id), bool(list_id))
        with run.sending():
            await self.add_many(
                run.leads,
                campaign_id=campaign_id,
                list_id=list_id,
                blocklist_id=blocklist_id,
                assigned_to=assigned_to,
                verify_leads_on_import=verify_leads_on_import,
                skip_if_in_workspace=skip_if_in_workspace,
                skip_if_in_campaign=skip_if_in_campaign,
                skip_if_in_list=skip_if_in_list,
                chunk_size=chunk_size,
                progress=run.progress,
                collect=False,
                on_progress=run.noting(on_progress),
            )
        return run.report


in_methods(LeadHelpers, explained)
in_methods(AsyncLeadHelpers, explained)
